"""The modules can be put into one file by concatenation, as an offline page does."""

import json
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from ledger.entries.receipt import format_receipt
from tests.entries.receipts import VKEY_TEXT, WHOLE
from tests.web.verify.node import VERIFIER, node

MODULES = sorted(VERIFIER.glob("*.js"))
LINES_MAX = 250
_IMPORT = re.compile(
    r'import \{ ([A-Za-z0-9_]+(?:, [A-Za-z0-9_]+)*) \} from "\./(\w+)\.js";'
)
_EXPORT = re.compile(r"export (?:async function|function|class|const) (\w+)")
_TOP = re.compile(
    r"(?:export )?(?:async function|function|class|const|let) (?:(\w+)|[\[{]([^\]}]*))"
)


@cache
def imports(module: str) -> list[tuple[list[str], str]]:
    lines = (VERIFIER / f"{module}.js").read_text("utf-8").splitlines()
    found = [_IMPORT.fullmatch(line) for line in lines if line.startswith("import")]
    assert all(found), f"{module}.js: an import of another form"
    return [(match[1].split(", "), match[2]) for match in found if match]


def exports(module: str) -> set[str]:
    text = (VERIFIER / f"{module}.js").read_text("utf-8")
    return {
        match[1]
        for line in text.splitlines()
        if line.startswith("export") and (match := _EXPORT.match(line))
    }


def in_order() -> list[str]:
    """Every module after those that it imports."""
    order: list[str] = []

    def visit(module: str, above: tuple[str, ...]) -> None:
        assert module not in above, f"a cycle: {' → '.join((*above, module))}"
        for _, source in imports(module):
            visit(source, (*above, module))
        if module not in order:
            order.append(module)

    for path in MODULES:
        visit(path.stem, ())
    return order


def one_file() -> str:
    lines = [
        line.removeprefix("export ")
        for module in in_order()
        if module != "lazy"
        for line in (VERIFIER / f"{module}.js").read_text("utf-8").splitlines()
        if not line.startswith("import ")
    ]
    return "\n".join([*lines, "async function loadMldsa44() { return verifyMldsa44; }"])


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_keeps_the_rules_of_its_readme(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= LINES_MAX
    assert "export default" not in text
    assert "export {" not in text
    for line in text.splitlines():
        assert not line.startswith("export") or _EXPORT.match(line), line
    assert path.stem == "lazy" or "import(" not in text
    for names, source in imports(path.stem):
        assert set(names) <= exports(source)
        body = re.sub(r"^import .*$", "", text, flags=re.MULTILINE)
        for name in names:
            assert re.search(rf"\b{name}\b", body), f"{name} is imported for nothing"


def test_no_two_modules_have_one_top_level_name() -> None:
    owners: dict[str, str] = {}
    for path in MODULES:
        for line in path.read_text("utf-8").splitlines():
            match = _TOP.match(line)
            if match is None:
                continue
            for name in re.split(r", *", match[1] or match[2]):
                assert name not in owners, f"{name}: {owners[name]} and {path.stem}"
                owners[name] = path.stem
    assert {"verifyReceipt", "SLOTS", "RIGHT", "LEFT", "SPLIT"} <= owners.keys()


def test_nothing_reaches_out() -> None:
    for path in MODULES:
        text = path.read_text("utf-8")
        for word in (
            "fetch(",
            "XMLHttpRequest",
            "localStorage",
            "document.cookie",
            "eval(",
        ):
            assert word not in text, f"{path.stem} has {word}"


def test_one_file_of_them_all_verifies_a_receipt(tmp_path: Path) -> None:
    file = tmp_path / "all.mjs"
    receipt = json.dumps(format_receipt(WHOLE))
    call = f"await verifyReceipt({receipt}, {{ vkeys: [{json.dumps(VKEY_TEXT)}] }})"
    file.write_text(
        f"{one_file()}\nconst told = {call};\n"
        "console.log(JSON.stringify([told.holds, told.checks.length]));\n",
        "utf-8",
    )
    done = subprocess.run(
        [node(), str(file)], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == [True, 9]
