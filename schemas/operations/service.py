"""The process itself: health, metrics, this interface."""

from typing import Final

from schemas.operation import Operation, Reply
from schemas.operations.parts import HTML, STRING, TEXT, ok, path_parameter

SERVICE: Final = (
    Operation(
        name="live",
        method="GET",
        path="/health/live",
        tag="Run",
        summary="Whether the process lives",
        replies={200: ok("it lives", "Health")},
        curl="curl $BASE/health/live",
    ),
    Operation(
        name="ready",
        method="GET",
        path="/health/ready",
        tag="Run",
        summary="Whether the service can answer",
        description="503 while the database is away or the ledger refuses to sign.",
        replies={200: ok("it can", "Health")},
        problems=("not-signing",),
        curl="curl $BASE/health/ready",
    ),
    Operation(
        name="metrics",
        method="GET",
        path="/metrics",
        tag="Run",
        summary="Figures of the process, for Prometheus",
        replies={200: ok("Prometheus text format", STRING, TEXT)},
        curl="curl $BASE/metrics",
    ),
    Operation(
        name="openapi",
        method="GET",
        path="/openapi.json",
        tag="Run",
        summary="This interface as OpenAPI 3.1",
        replies={200: ok("the document", {"type": "object"})},
        curl="curl $BASE/openapi.json",
    ),
    Operation(
        name="docs",
        method="GET",
        path="/docs",
        tag="Run",
        summary="This interface, to read",
        replies={200: ok("a page", STRING, HTML)},
    ),
    Operation(
        name="static",
        method="GET",
        path="/static/{name}",
        tag="Run",
        summary="A style sheet, script, picture or catalogue of the pages",
        parameters=(
            path_parameter(
                "name",
                {
                    "type": "string",
                    "pattern": r"^[a-z0-9-]+(/[a-z0-9-]+)*\.(css|html|js|json|svg)$",
                    "examples": ["site.css"],
                },
                "the file; its slashes are not escaped",
            ),
        ),
        replies={
            200: Reply(
                description="the file; 304 when it is the one you have",
                media={
                    "text/css": STRING,
                    "text/html": STRING,
                    "text/javascript": STRING,
                    "application/json": {"type": "object"},
                    "image/svg+xml": STRING,
                },
            )
        },
        problems=("not-found",),
        wild=True,
    ),
)
