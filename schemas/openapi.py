"""The OpenAPI 3.1 document, built from the route table and pydantic's own schemas.

Two things the models cannot say are added: a null member of a decision is an absent
one, so every optional member may be null; and reasons are required when the outcome is
not favourable.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from ledger.limits import SAYING_LETTERS_MAX
from schemas import answers, answers_cases, answers_governance, answers_lost
from schemas.cloudevents import EVENT_TYPE, SPECVERSION
from schemas.decision import DECISION
from schemas.kinds import KINDS
from schemas.operation import Operation, Parameter, Reply, Schema
from schemas.operations import OPERATIONS
from schemas.problems import MEDIA_TYPE
from schemas.shapes import UUID4_PATTERN
from schemas.times import TIME_PATTERN

_REF: Final = "#/components/schemas/{model}"
_EVERYWHERE: Final = (
    "bad-request",
    "request-timeout",
    "too-many-requests",
    "internal",
    "unavailable",
)
TAGS: Final = {
    "Record": "Systems record their decisions and get receipts.",
    "Read": "Everybody reads what is public.",
    "Prove": "Everybody checks that nothing was changed, trusting no server.",
    "Act": "Members and founders sign acts.",
    "Run": "Operators look after the service.",
}
_DESCRIPTION: Final = (
    "A publicly verifiable ledger of AI decisions. Every error is an RFC 9457 problem "
    "whose `type` leads to its explanation, and says whether anything was recorded. "
    "A log proves what was logged, not that everything was."
)

_MODELS: Final[tuple[type[BaseModel], ...]] = (
    answers.Recorded,
    answers.RecordedLine,
    answers.UnknownLine,
    answers.Problem,
    answers.ActRecorded,
    answers.ReissueAsked,
    answers.Reissue,
    answers.Entry,
    answers.Entries,
    answers.DecisionView,
    answers.RulesFile,
    answers.Decisions,
    answers.InclusionProof,
    answers.ConsistencyProof,
    answers.Keys,
    answers.State,
    answers.System,
    answers.Community,
    answers.Health,
    answers_governance.Section,
    answers_governance.Members,
    answers_governance.Actor,
    answers_governance.Systems,
    answers_governance.Items,
    answers_governance.Text,
    answers_governance.Comments,
    answers_governance.Proposals,
    answers_governance.ProposalView,
    answers_cases.PartName,
    answers_cases.Contests,
    answers_cases.Contest,
    answers_cases.Grant,
    answers_cases.GrantKey,
    answers_lost.SignInAddress,
    answers_lost.LostReceipts,
)
_TEXT: Final = {"type": "string", "minLength": 1}
_BASE64: Final = {"type": "string", "contentEncoding": "base64", "minLength": 1}


def _event() -> dict[str, Any]:
    return {
        "title": "DecisionEvent",
        "description": "A CloudEvent 1.0 that carries a decision under the event's id.",
        "type": "object",
        "required": ["specversion", "id", "source", "type", "data"],
        "properties": {
            "specversion": {"const": SPECVERSION},
            "id": {"type": "string", "pattern": UUID4_PATTERN},
            "source": _TEXT,
            "type": {"const": EVENT_TYPE},
            "time": {"type": "string", "pattern": TIME_PATTERN, "format": "date-time"},
            "subject": _TEXT,
            "dataschema": _TEXT,
            "datacontenttype": {"const": "application/json"},
            "data_base64": False,
            "data": {"$ref": _REF.format(model="Decision")},
        },
        "propertyNames": {"pattern": "^[a-z0-9]{1,64}$"},
        "additionalProperties": {"type": ["string", "boolean", "integer", "null"]},
    }


def _sealed() -> dict[str, Any]:
    letters = {"type": "string", "pattern": "^[A-Za-z0-9_-]+$"}
    did = {"type": "string", "pattern": "^did:key:z6Mk"}
    return {
        "title": "SealedDecision",
        "description": "A decision that its deployer sealed and signed (sealed mode).",
        "type": "object",
        "required": ["statement", "signature", "sealed", "rules", "handle"],
        "properties": {
            "statement": {
                "type": "object",
                "description": "what the leaf will hold; see the contract's bytes",
            },
            "signature": {
                "type": "object",
                "required": ["keyid", "sig"],
                "properties": {"keyid": did, "sig": letters},
                "additionalProperties": False,
            },
            "sealed": _BASE64,
            "rules": {"type": "string", "pattern": "^[A-Za-z0-9_-]{43}$"},
            "handle": {"anyOf": [letters, {"type": "null"}]},
        },
        "additionalProperties": False,
    }


def _sent_text() -> dict[str, Any]:
    hash_ = {"type": "string", "pattern": "^[A-Za-z0-9_-]{43}$"}
    return {
        "title": "SentText",
        "description": "A text, and the act that names its digest.",
        "type": "object",
        "required": ["act", "disclosure"],
        "properties": {
            "act": hash_,
            "disclosure": {
                "type": "string",
                "maxLength": SAYING_LETTERS_MAX,
                "pattern": "^[A-Za-z0-9_-]+$",
            },
        },
        "additionalProperties": False,
    }


def _envelope() -> dict[str, Any]:
    signature = {
        "type": "object",
        "required": ["keyid", "sig"],
        "properties": {"keyid": _TEXT, "sig": _BASE64},
        "additionalProperties": False,
    }
    return {
        "title": "Envelope",
        "description": "A DSSE envelope over the canonical bytes of an act.",
        "type": "object",
        "required": ["payloadType", "payload", "signatures"],
        "properties": {
            "payloadType": {"const": "application/vnd.counterfoil.act+json"},
            "payload": _BASE64,
            "signatures": {
                "type": "array",
                "items": signature,
                "minItems": 1,
                "maxItems": 1,
            },
        },
        "additionalProperties": False,
    }


def _nullable(schema: dict[str, Any]) -> None:
    """A null member is an absent one: every optional member of an object may be null."""
    required = schema.get("required", ())
    for name, member in schema.get("properties", {}).items():
        member.pop("title", None)
        if name not in required and set(member) != set():
            schema["properties"][name] = {"anyOf": [member, {"type": "null"}]}


def _decision_schemas() -> dict[str, Any]:
    decision = DECISION.json_schema(ref_template=_REF)
    schemas = {**decision.pop("$defs"), "Decision": decision}
    for schema in schemas.values():
        _nullable(schema)
    schemas["Reason"]["anyOf"] = [
        {"required": [name], "properties": {name: {"type": "string"}}}
        for name in ("code", "text")
    ]
    unfavourable = {"properties": {"favourable": {"const": False}}}
    decision["if"] = {"properties": {"outcome": unfavourable}}
    decision["then"] = {
        "required": ["reasons"],
        "properties": {"reasons": {"type": "array", "minItems": 1}},
    }
    return schemas


def _components() -> dict[str, Any]:
    _, made = models_json_schema(
        [(model, "validation") for model in _MODELS], ref_template=_REF
    )
    schemas: dict[str, Any] = {
        **made["$defs"],
        **_decision_schemas(),
        "DecisionEvent": _event(),
        "Envelope": _envelope(),
        "SealedDecision": _sealed(),
        "SentText": _sent_text(),
    }
    return {
        "schemas": dict(sorted(schemas.items())),
        "securitySchemes": {
            "token": {
                "type": "http",
                "scheme": "bearer",
                "description": "a token of one system, shown once when it is issued",
            },
            "receipt": {
                "type": "http",
                "scheme": "receipt",
                "description": "base64url of the tag derived from the receipt's secret",
            },
            "case": {
                "type": "http",
                "scheme": "case",
                "description": "base64url of the tag derived from the case's key",
            },
            "read": {
                "type": "http",
                "scheme": "read",
                "description": "the id of a `grant.read` that was recorded",
            },
        },
    }


def _schema(schema: Schema) -> dict[str, Any]:
    if isinstance(schema, str):
        return {"$ref": _REF.format(model=schema)}
    made = dict(schema)
    if isinstance(made.get("items"), str):
        made["items"] = _schema(made["items"])
    return made


def _content(media: Mapping[str, Schema]) -> dict[str, Any]:
    return {name: {"schema": _schema(schema)} for name, schema in media.items()}


def _parameter(parameter: Parameter, ledger: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.required,
        "description": parameter.description,
        "schema": dict(parameter.schema),
    }
    if parameter.name == "ledger":
        made["example"] = ledger
    return made


def _reply(reply: Reply) -> dict[str, Any]:
    return {"description": reply.description, "content": _content(reply.media)}


def problems_of(operation: Operation) -> list[str]:
    """The kinds of problem `operation` may answer, by status, then name."""
    names = {*operation.problems, *_EVERYWHERE}
    if any(one.place == "query" for one in operation.parameters):
        names.add("invalid-parameter")
    if any(one.name == "Last-Event-ID" for one in operation.parameters):
        names.add("invalid-parameter")
    if operation.path.startswith("/{ledger}"):
        names |= {"unknown-ledger", "not-found"}
    return sorted(names, key=lambda name: (KINDS[name].status, name))


def _problem_replies(operation: Operation) -> dict[str, Any]:
    by_status: defaultdict[int, list[str]] = defaultdict(list)
    for name in problems_of(operation):
        by_status[KINDS[name].status].append(name)
    made: dict[str, Any] = {}
    for status, names in by_status.items():
        made[str(status)] = {
            "description": ", ".join(names),
            "content": _content({MEDIA_TYPE: "Problem"}),
            "x-problems": names,
        }
        if status in {429, 503}:
            made[str(status)]["headers"] = {
                "Retry-After": {
                    "description": "seconds to wait",
                    "schema": {"type": "integer", "minimum": 1},
                }
            }
    return made


def _operation(operation: Operation, base_url: str, ledger: str) -> dict[str, Any]:
    replies = {str(status): _reply(one) for status, one in operation.replies.items()}
    made: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": operation.summary,
        "parameters": [_parameter(one, ledger) for one in operation.parameters],
        "responses": {**replies, **_problem_replies(operation)},
        "security": [{operation.auth: []}] if operation.auth else [],
    }
    if operation.description:
        made["description"] = operation.description
    if operation.bodies:
        made["requestBody"] = {"required": True, "content": _content(operation.bodies)}
    if operation.curl:
        source = operation.curl.replace("$BASE", base_url).replace("$LEDGER", ledger)
        made["x-codeSamples"] = [{"lang": "Shell", "label": "curl", "source": source}]
    return made


def openapi_document(
    *, version: str, base_url: str, ledger: str = "commons"
) -> dict[str, Any]:
    """The whole document, ready to be written as JSON; built once at start.

    Args:
        version: the program's.
        base_url: where the service is reached, without a slash at the end.
        ledger: the name that stands in examples.
    """
    paths: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for one in OPERATIONS:
        paths[one.path][one.method.lower()] = _operation(one, base_url, ledger)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Counterfoil",
            "version": version,
            "summary": "A publicly verifiable ledger of AI decisions.",
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "servers": [{"url": base_url}],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": dict(paths),
        "components": _components(),
    }
