"""What one kind of problem is: a row of the tables that `schemas.kinds` joins."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem.

    Attributes:
        name: hyphenated, the `kind` of the error that raises it. Never changes.
        status: the HTTP status. Never changes.
        title: the same sentence each time.
        advice: what to do about it.
    """

    name: str
    status: int
    title: str
    advice: str
