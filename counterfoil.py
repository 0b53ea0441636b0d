"""The console script: checks that our packages are the ones found, then starts.

`api`, `schemas` and `ledger` are plain names. Another distribution in the same
environment may carry one of them; then the command would fail in a way that nobody
could read. Install Counterfoil in an environment of its own.
"""

import importlib.util
import sys
from pathlib import Path


def _hidden() -> str | None:
    """The sentence to print when another package hides one of ours, else None."""
    home = Path(__file__).resolve().parent
    for name in ("ledger", "schemas", "api"):
        spec = importlib.util.find_spec(name)
        origin = spec.origin if spec is not None else None
        if origin is None or Path(origin).resolve().parent.parent != home:
            return (
                f"counterfoil: the package {name!r} was found at {origin}, not beside "
                f"{home.name}/counterfoil.py: another package hides ours. "
                "Install counterfoil in an environment of its own (python3 -m venv)."
            )
    return None


def main() -> None:
    """Run the command line; exits with its status."""
    if (sentence := _hidden()) is not None:
        print(sentence, file=sys.stderr)
        sys.exit(2)
    from api.cli.main import main as run  # noqa: PLC0415 -- only after the check

    sys.exit(run())


if __name__ == "__main__":
    main()
