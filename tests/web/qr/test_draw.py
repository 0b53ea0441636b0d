"""Our own QR encoder, read by somebody else's decoder: every version, letters of all kinds."""

import json
import subprocess

import zxingcpp

from tests.web.verify.node import VERIFIER, node

ENCODER = VERIFIER.parent / "qr" / "draw.js"
QUIET, SCALE = 4, 4
SCRIPT = """
const {{ qrCode }} = await import({module});
const drawn = JSON.parse({texts}).map((text) => {{
  const {{ size, dark }} = qrCode(text);
  return [...Array(size)].map((_, y) => [...Array(size)].map((_, x) => (dark(x, y) ? 1 : 0)).join(""));
}});
console.log(JSON.stringify(drawn));
"""


def drawn(texts: list[str]) -> list[list[str]]:
    """The modules of each text's code, rows of 0 and 1."""
    script = SCRIPT.format(
        module=json.dumps(ENCODER.as_uri()), texts=json.dumps(json.dumps(texts))
    )
    command = [node(), "--input-type=module", "--eval", script]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: list[list[str]] = json.loads(done.stdout)
    return found


def read(rows: list[str]) -> list[str]:
    """What a reader finds in a picture of these modules."""
    size = len(rows) + 2 * QUIET
    padded = ["0" * size] * QUIET
    padded += ["0" * QUIET + row + "0" * QUIET for row in rows]
    padded += ["0" * size] * QUIET
    pixels = b"".join(
        b"".join((b"\0" if one == "1" else b"\xff") * SCALE for one in row) * SCALE
        for row in padded
    )
    picture = memoryview(pixels).cast("B", (size * SCALE, size * SCALE))
    return [found.text for found in zxingcpp.read_barcodes(picture)]


def test_a_decoder_reads_every_version_that_we_draw() -> None:
    # One text for each of the 40 versions at level M, by the bytes that fill it.
    room = [14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331, 362, 412]
    room += [450, 504, 560, 624, 666, 711, 779, 857, 911, 997, 1059, 1125, 1190, 1264]
    room += [1370, 1452, 1538, 1628, 1722, 1809, 1911, 1989, 2099, 2213, 2331]
    texts = ["n" * length for length in room]
    codes = drawn(texts)

    assert [len(rows) for rows in codes] == [17 + 4 * v for v in range(1, 41)]
    assert [read(rows) for rows in codes] == [[text] for text in texts]


def test_a_decoder_reads_links_and_letters_of_all_kinds() -> None:
    link = "https://ledger.example/commons/r#7e57ab1e-0000-4000-8000-000000000000."
    texts = [
        link + "Aa0-_" * 8 + "xyz",
        "Bäckerei Müller, 12 €",
        "إيصالك",
        "0",
    ]
    codes = drawn(texts)

    assert [read(rows) for rows in codes] == [[text] for text in texts]
