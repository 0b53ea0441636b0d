# ruff: noqa: T201 -- a command that reports
"""Coverage-guided fuzzing of one parser, by atheris (not a dependency of the project).

python -m tests.fuzz.atheris_parsers note -max_total_time=300
"""

import importlib
import sys
import tempfile
from pathlib import Path

from tests.fuzz.parsers import PARSERS
from tests.fuzz.test_parsers import check


def main() -> int:
    """Fuzz the parser named first; the rest are libFuzzer's own arguments."""
    if len(sys.argv) < 2 or sys.argv[1] not in PARSERS:
        print(f"usage: python -m tests.fuzz.atheris_parsers {{{','.join(PARSERS)}}} …")
        return 2
    try:
        atheris = importlib.import_module("atheris")
    except ImportError:
        print("atheris is not installed: pip install atheris (CPython 3.11 on Linux)")
        return 2
    parser = PARSERS[sys.argv[1]]
    corpus = Path(tempfile.mkdtemp(prefix="cf-fuzz-"))
    (corpus / "sound").write_bytes(parser.sound)
    atheris.instrument_all()
    atheris.Setup(
        [sys.argv[0], str(corpus), *sys.argv[2:]], lambda data: check(parser, data)
    )
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
