"""The log as C2SP tlog-tiles says, and its keys."""

from typing import Final

from schemas.operation import Operation
from schemas.operations.parts import (
    BINARY,
    BYTES,
    LEDGER,
    STRING,
    TEXT,
    TILE,
    ok,
    path_parameter,
)

LOG: Final = (
    Operation(
        name="checkpoint",
        method="GET",
        path="/{ledger}/checkpoint",
        tag="Prove",
        summary="The newest signed checkpoint",
        description="A C2SP tlog-checkpoint: origin, size, root and signatures.",
        parameters=(LEDGER,),
        replies={200: ok("a signed note", STRING, TEXT)},
        curl="curl $BASE/$LEDGER/checkpoint",
    ),
    Operation(
        name="entries_tile",
        method="GET",
        path="/{ledger}/tile/entries/{index}",
        tag="Prove",
        summary="A bundle of up to 256 leaves",
        description="C2SP tlog-tiles. Full bundles never change.",
        parameters=(LEDGER, TILE),
        replies={200: ok("leaves, each after its length", BINARY, BYTES)},
        problems=("not-found",),
        wild=True,
        curl="curl $BASE/$LEDGER/tile/entries/000.p/1 --output -",
    ),
    Operation(
        name="tile",
        method="GET",
        path="/{ledger}/tile/{level}/{index}",
        tag="Prove",
        summary="A tile of up to 256 hashes",
        description="C2SP tlog-tiles. Full tiles never change.",
        parameters=(
            LEDGER,
            path_parameter(
                "level",
                {"type": "integer", "minimum": 0, "maximum": 63, "examples": [0]},
                "0 holds the leaves' hashes",
            ),
            TILE,
        ),
        replies={200: ok("hashes of 32 bytes", BINARY, BYTES)},
        problems=("not-found",),
        wild=True,
        curl="curl $BASE/$LEDGER/tile/0/000.p/1 --output -",
    ),
    Operation(
        name="keys",
        method="GET",
        path="/{ledger}/v1/keys",
        tag="Prove",
        summary="Keys and policy to verify this ledger with",
        parameters=(LEDGER,),
        replies={200: ok("origin, genesis, keys, policy", "Keys")},
        curl="curl $BASE/$LEDGER/v1/keys",
    ),
)
