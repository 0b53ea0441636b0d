"""What rules can read of a decision and its system, and in what form.

    name              from                        form
    outcome           the decision; public with   {"code", "favourable"}
                      profile `open`, else sealed
    score, threshold  sealed                      whole number of 10⁻⁹; null if absent
    reasons, counterfactuals, parents   sealed    a list; empty if absent
    human, recourse, protected          sealed    an object; empty if absent
    footprint         sealed                      likewise; energy_wh, carbon_g, water_ml
                                                  whole numbers of 10⁻⁹
    inputs, extension sealed                      any JSON; null if absent
    legal_basis       sealed                      a text; null if absent
    automation, version                 public    a text; version null while there is none
    system            public                      {"id", "impact_level", "domain",
                                                  "jurisdiction", "operator", "profile"}

`has(x)` is whether x is there and not null: `has(score)`, `has(human.involved)`. To read
a member that is not there is an error. `subject` is no name: a rule cannot single out a
person; nor is a time, since only log time would be the same for everybody. A number with
a fraction inside `inputs` or `extension` cannot be compared; send it as a text and read
it by `decimal`.

A rule that reads public names only is *public*: anybody can run it again from the leaf.
Any other is *sealed* for that system: only who holds the disclosures can.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from ledger.errors import RejectedError

DECIMALS: Final = 9  # digits after the point; DESIGN section 7
DECIMAL: Final = re.compile(
    r"(-?)(0|[1-9][0-9]{0,8})(?:\.([0-9]{1,9}))?", re.ASCII
)  # CONTRACT's decimal

SYSTEM: Final = (
    "id",
    "impact_level",
    "domain",
    "jurisdiction",
    "operator",
    "profile",
)
MEMBERS: Final[dict[str, tuple[str, ...]]] = {  # of objects, and of the lists' items
    "outcome": ("code", "favourable"),
    "human": ("involved", "could_override", "override"),
    "recourse": ("how", "deadline_days", "authority"),
    "protected": ("sex", "race_ethnicity", "age_band", "source"),
    "footprint": ("energy_wh", "carbon_g", "water_ml", "region", "method"),
    "system": SYSTEM,
    "reasons": ("code", "text", "factor", "direction", "rank"),
    "counterfactuals": ("factor", "from", "to", "outcome"),
}
LISTS: Final = frozenset({"reasons", "counterfactuals", "parents"})
OBJECTS: Final = frozenset(MEMBERS) - LISTS
ANY: Final = frozenset({"inputs", "extension"})
SCALARS: Final = frozenset(
    {"score", "threshold", "legal_basis", "automation", "version"}
)
NAMES: Final = LISTS | OBJECTS | ANY | SCALARS
PUBLIC: Final = frozenset({"system", "automation", "version"})
PUBLIC_OPEN: Final = PUBLIC | {"outcome"}
_AMOUNTS: Final = ("energy_wh", "carbon_g", "water_ml")
_NONE: Final[dict[str, Any]] = {}  # never written to


def scaled(text: object) -> int:
    """A decimal as a whole number of 10⁻⁹.

    Raises:
        ValueError: not a text in CONTRACT's form.
    """
    found = DECIMAL.fullmatch(text) if type(text) is str else None
    if found is None:
        raise ValueError("a decimal is a text as 0.5")
    sign, whole, part = found.groups()
    value = int(whole + (part or "").ljust(DECIMALS, "0"))
    return -value if sign else value


def _decimal(value: object) -> object:
    return None if value is None else scaled(value)


def _list(value: object) -> object:
    return [] if value is None else value


def _object(value: object) -> object:
    return _NONE if value is None else value


def _footprint(value: object) -> object:
    if type(value) is not dict:
        return _object(value)
    return {
        name: scaled(item) if name in _AMOUNTS and item is not None else item
        for name, item in value.items()
    }


def _as_sent(value: object) -> object:
    return value


_FORMS: Final[dict[str, Callable[[object], object]]] = {
    **dict.fromkeys(LISTS, _list),
    **dict.fromkeys(OBJECTS - {"system"}, _object),
    **dict.fromkeys(ANY | {"legal_basis"}, _as_sent),
    "score": _decimal,
    "threshold": _decimal,
    "footprint": _footprint,
}

Reader = tuple[str, Callable[[object], object]]


def readers(names: Iterable[str]) -> tuple[Reader, ...]:
    """How to read each of the decision's own fields among `names`."""
    return tuple((name, _FORMS[name]) for name in sorted(names) if name in _FORMS)


def read_fields(
    base: Mapping[str, Any], fields: Mapping[str, Any], reads: tuple[Reader, ...]
) -> dict[str, Any]:
    """The values that rules run on: `base` (system, automation, version) and fields.

    A field of a form that no validated decision has (only a sealing client can commit to
    one) is left out: to read it is an error, and so a failed `require`.
    """
    record = dict(base)
    get = fields.get
    for name, form in reads:
        try:
            record[name] = form(get(name))
        except ValueError:
            continue
    return record


def check_named(known: Mapping[str, Any], names: Iterable[str], what: str) -> None:
    """That a test case names only what there is.

    Raises:
        RejectedError: `invalid-rule`.
    """
    if not known.keys() <= set(names):
        raise RejectedError(
            "invalid-rule", f"{what} has no other members than {', '.join(names)}"
        )
