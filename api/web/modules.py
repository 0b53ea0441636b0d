"""The pages' scripts as they hang together: what a page loads, and several in one file.

Scripts are ES modules without a build step. A page names all that its first one imports,
so that a browser asks for them at once and not one after the other; and the offline page
carries its modules inside itself, each in a function of its own:

    const module_3 = (() => { const { a, b: c } = module_1; …; return { x, y }; })();

What is understood is what our modules do: imports by name at the start of a line, and
exports of declarations. Anything else stops the start of the service.
"""

import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Final

from ledger.errors import FatalError

FOLDER: Final = "/static/"
_IMPORT: Final = re.compile(
    r'^import \{([^}]*)\} from "(\.{1,2}/[^"]+\.js)";\n', re.MULTILINE
)
_EXPORT: Final = re.compile(
    r"^export (async function|function|class|const|let) ([A-Za-z0-9_$]+)", re.MULTILINE
)
_OTHER: Final = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)
# The one import at run time: a rare witness's algorithm. Inside one file it is there.
LAZY: Final = "/static/verify/lazy.js"
LAZY_LOADS: Final = "/static/verify/mldsa44.js"
_LAZY_BODY: Final = (
    'import { verifyMldsa44 } from "./mldsa44.js";\n'
    "export async function loadMldsa44() { return verifyMldsa44; }\n"
)


def read_module(path: str) -> str:
    """The text of a script, by the path under which it is served."""
    found = files("api") / "web" / "static"
    for name in path.removeprefix(FOLDER).split("/"):
        found /= name
    return found.read_text(encoding="utf-8")


def _resolve(importer: str, name: str) -> str:
    parts = importer.split("/")[:-1]
    for step in name.split("/"):
        if step == "..":
            parts.pop()
        elif step != ".":
            parts.append(step)
    return "/".join(parts)


def module_order(first: str, *, inside: bool = False) -> dict[str, str]:
    """`first` and all that it imports, each after what it needs: path to text.

    Args:
        first: the path of a module.
        inside: for one file: what is loaded at run time comes along.

    Raises:
        FatalError: modules that import each other in a ring.
    """
    texts: dict[str, str] = {}
    _visit(first, texts, (), inside=inside)
    return texts


def _visit(
    path: str, texts: dict[str, str], above: tuple[str, ...], *, inside: bool
) -> None:
    if path in texts:
        return
    if path in above:
        raise FatalError(f"{path} imports itself, by way of {above[-1]}")
    text = _LAZY_BODY if inside and path == LAZY else read_module(path)
    for found in _IMPORT.finditer(text):
        _visit(_resolve(path, found[2]), texts, (*above, path), inside=inside)
    texts[path] = text


def bundle(first: str) -> str:
    """One script, for a page that loads nothing, of `first` and all that it imports.

    Raises:
        FatalError: a module says something that is not understood here.
    """
    texts = module_order(first, inside=True)
    names = {path: f"module_{at}" for at, path in enumerate(texts)}
    return "".join(_wrapped(path, text, names) for path, text in texts.items())


def _wrapped(path: str, text: str, names: Mapping[str, str]) -> str:
    def taken(found: re.Match[str]) -> str:
        wanted = ", ".join(_destructured(found[1]))
        return f"const {{ {wanted} }} = {names[_resolve(path, found[2])]};\n"

    body = _IMPORT.sub(taken, text)
    given = [found[2] for found in _EXPORT.finditer(body)]
    body = _EXPORT.sub(r"\1 \2", body)
    if strange := _OTHER.search(body):
        raise FatalError(f"{path} has a line that one file cannot hold: {strange[0]}")
    # `await` at the top of a module is the first one's only: nothing imports it.
    if path == list(names)[-1]:
        return f"(async () => {{\n{body}}})();\n"
    return f"const {names[path]} = (() => {{\n{body}return {{ {', '.join(given)} }};\n}})();\n"


def _destructured(wanted: str) -> Iterator[str]:
    for one in wanted.split(","):
        name, _, alias = one.strip().partition(" as ")
        if name:
            yield f"{name}: {alias}" if alias else name
