"""A frozen value with some fields changed: `dataclasses.replace`, ten times faster.

For the few places that every recorded act passes: a replay spent a third of its time on
this. A copy is made as an open twin, a class of the same slots that nothing freezes, by
one assignment a field; then it is given the frozen class. Only for slotted dataclasses
whose fields are all set by what is passed to them: no `__post_init__` is run, because
none of ours has one (a test looks).
"""

from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")


@cache
def _copier(kind: type) -> Callable[[Any, Mapping[str, Any]], Any]:
    """Made as `dataclasses` makes an `__init__`: a line a field, compiled once."""
    twin = type(f"Open{kind.__name__}", (), {"__slots__": kind.__slots__})  # type: ignore[attr-defined]
    lines = [
        "def copied(value, changes):",
        "  made = new(twin)",
        *(f"  made.{field.name} = value.{field.name}" for field in fields(kind)),
        "  for name in changes:",
        "    setattr(made, name, changes[name])",
        "  made.__class__ = kind",
        "  return made",
    ]
    names: dict[str, Any] = {"new": object.__new__, "twin": twin, "kind": kind}
    exec("\n".join(lines), names)  # noqa: S102 -- of our own field names
    copied: Callable[[Any, Mapping[str, Any]], Any] = names["copied"]
    return copied


def changed(value: T, **changes: Any) -> T:
    """A copy of `value` with these fields instead.

    Raises:
        AttributeError: no such field; a mistake of ours.
    """
    kind: Any = type(value)
    made: T = _copier(kind)(value, changes)
    return made
