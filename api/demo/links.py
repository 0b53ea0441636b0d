"""What to try next: lines that work when they are pasted where the demo was started."""

import shlex
import shutil
import sys
from pathlib import Path
from urllib.parse import urlsplit

from api.demo.screen import Screen
from api.demo.tour import Shown
from ledger.merkle.note import format_vkey


def show_links(screen: Screen, folder: Path, seen: Shown) -> None:
    """Links, checks, and a first decision of one's own."""
    url, vkey = seen.found.url, format_vkey(seen.found.vkey)
    root = url.rpartition("/")[0]
    us = program()
    screen.say()
    screen.verbatim("Open", f"a person's receipt   {seen.link}")
    screen.verbatim("", f"the community        {url}/")
    screen.verbatim("", f"the interface        {root}/docs")
    screen.verbatim(
        "Check",
        f"{us} audit {url} --vkey {vkey}",
        f"{us} audit {_quote(folder / 'altered-copy')}",
        f"{us} verify {_quote(folder / 'receipt.counterfoil.json')}",
    )
    screen.verbatim(
        "Vote",
        f"{us} proposal {seen.proposal} --url {url}",
        f"{us} recount {seen.proposal} {url} --vkey {vkey}",
    )
    token = _quote(folder / "example.token")
    screen.verbatim(
        "Yours",
        f'curl -H "Authorization: Bearer $(cat {token})" \\',
        f"     --json @{_quote(folder / 'decision.json')} {url}/v1/decisions",
    )
    screen.say()


def show_again(screen: Screen, folder: Path, seen: Shown) -> None:
    """How to serve on, after `--once`."""
    address = urlsplit(seen.found.url).netloc
    screen.say("Nothing is left running. To make the lines above work, serve it again:")
    screen.verbatim("", f"{program()} serve --data {_quote(folder)} --listen {address}")


def program() -> str:
    """Ourselves, as one types it in this place."""
    started = Path(sys.argv[0])
    if started.name != "counterfoil":
        return f"{shlex.quote(sys.executable)} {_quote(started)}"
    found = shutil.which("counterfoil")
    if found is not None and Path(found).samefile(started):
        return "counterfoil"
    return _quote(started)


def _quote(path: Path) -> str:
    return shlex.quote(str(path))
