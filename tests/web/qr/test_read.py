"""Our own QR reader, held against our own drawer and somebody else's, on clean codes and on photos."""

import json
import random
import string
import subprocess
from pathlib import Path
from typing import Any, Final, NamedTuple

import segno

from tests.web.qr.test_draw import drawn
from tests.web.verify.node import VERIFIER, node

READER: Final = VERIFIER.parent / "qr"
SCRIPT: Final = Path(__file__).with_name("reading.mjs")
LINK: Final = (
    "https://ledger.example.org/commons/r#7e57ab1e-0000-4000-8000-000000000000."
    + "Aa0-_x9z" * 5
    + "xyz"
)
LEVELS: Final = ("L", "M", "Q", "H")
# What a phone does to a code, each alone, then together.
PHOTOS: Final[tuple[dict[str, float], ...]] = (
    *({"module": module} for module in (2.0, 2.7, 3.0, 8.0)),
    *({"turn": turn} for turn in (7.0, 30.0, 45.0, 90.0, 135.0, 180.0, 270.0, 341.0)),
    *(
        {"askew": askew, "turn": turn}
        for askew in (0.15, 0.3)
        for turn in (0.0, 20.0, 200.0)
    ),
    {"blur": 1},
    {"blur": 2, "module": 6},
    {"grain": 30},
    {"grain": 60},
    {"shadow": 120},
    *(
        {"module": 5, "turn": t, "askew": 0.2, "blur": 1.2, "grain": 25, "shadow": 110}
        for t in (-13, 48, 100)
    ),
)


class Reading(NamedTuple):
    """What was found in modules, in pictures, and which blocks were mended."""

    texts: list[str | None]
    found: list[str | None]
    mended: list[bool]


def read(
    modules: list[list[str]] | None = None,
    pictures: list[dict[str, Any]] | None = None,
    blocks: list[dict[str, Any]] | None = None,
) -> Reading:
    asked = {
        "modules": modules or [],
        "pictures": pictures or [],
        "blocks": blocks or [],
    }
    done = subprocess.run(
        [node(), str(SCRIPT), READER.as_uri()],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return Reading(**json.loads(done.stdout))


def rows(code: segno.QRCode) -> list[str]:
    return ["".join(str(one) for one in row) for row in code.matrix]


def letters(seed: int, length: int) -> str:
    """Text of this many bytes."""
    known = random.Random(seed)
    return "".join(known.choice(string.printable[:94]) for _ in range(length))


def test_every_version_level_and_mask_that_others_draw() -> None:
    made = [
        (letters(version, 5 + version), version, level, (version + at) % 8)
        for version in range(1, 41)
        for at, level in enumerate(LEVELS)
    ]
    codes = [
        segno.make_qr(
            text[: 5 if version == 1 else None],
            version=version,
            error=level,
            mask=mask,
            boost_error=False,
            mode="byte",
        )
        for text, version, level, mask in made
    ]

    texts = read([rows(code) for code in codes]).texts

    assert texts == [text[: 5 if v == 1 else None] for text, v, _, _ in made]


def test_every_kind_of_segment_that_a_link_may_have() -> None:
    kinds = ["0123456789012", "7", "HTTPS://EXAMPLE.ORG/R $%*+-.:", "AB", "Zoë إيصالك"]
    codes = [segno.make_qr(text, version=v) for text in kinds for v in (5, 15, 30)]

    assert read([rows(code) for code in codes]).texts == [
        t for t in kinds for _ in "123"
    ]


def test_what_we_draw_is_read_from_a_picture_whatever_its_length() -> None:
    texts = [letters(length, length) for length in (3, 40, 111, 152, 300, 700, 1500)]
    pictures = [{"rows": code, "module": 3} for code in drawn(texts)]

    assert read(pictures=pictures).found == texts


def test_photos_are_read() -> None:
    ours = drawn([LINK])[0]
    others = rows(segno.make_qr(LINK, error="q", mask=5, boost_error=False))
    # Ours and theirs in turn: a code has no memory of who drew it.
    pictures = [
        {"rows": (ours, others)[at % 2], "seed": at + 1, **how}
        for at, how in enumerate(PHOTOS)
    ]

    found = read(pictures=pictures).found

    missed = [how for how, text in zip(PHOTOS, found, strict=True) if text != LINK]
    assert missed == []


def test_a_stain_is_mended_and_a_torn_code_is_none() -> None:
    code = rows(segno.make_qr(LINK, error="h"))
    stained = [
        line[:20] + "1" * 8 + line[28:] if 20 <= y < 28 else line
        for y, line in enumerate(code)
    ]
    torn = [line if y < 25 else "0" * len(line) for y, line in enumerate(code)]
    plain = ["0" * 45] * 45

    found = read(pictures=[{"rows": one} for one in (stained, torn, plain)]).found

    assert found == [LINK, None, None]


def test_blocks_are_mended_up_to_half_their_correction() -> None:
    # A block of zeros is a code word, whatever its length.
    blocks = [
        {"bytes": [0] * length, "correction": correction, "errors": errors}
        for length, correction in ((26, 10), (44, 28), (145, 30))
        for errors in range(correction // 2 + 1)
        for _ in range(20)
    ]
    beyond = [{"bytes": [0] * 70, "correction": 26, "errors": 15} for _ in range(200)]

    assert all(read(blocks=blocks).mended)
    assert not any(read(blocks=beyond).mended)
