"""How a row of a CSV becomes a decision: `mapping.json` says it, this module does it.

Each name is a path into the decision (`outcome.code`), each value one of:

    {"value": V}                            V itself, whatever the row holds
    {"now": true}                           when the import was begun
    {"text": "applicant-{row}"}             text with {row} or {column name} filled in
    {"column": C}                           the row's own text
    {"column": C, "as": "integer"}          the row's number
    {"column": C, "codes": {"A91": V, …}}   a table; a value outside it is an error
    {"column": C, "bands": [[18, "18-25"], …]}   the last band that begins at or below

`"only_if": {"column": C, "is": V}` leaves the field out of other rows.
"""

from typing import Any


class MappingError(Exception):
    """The mapping and the CSV do not fit; names the field and the column."""


def decision(
    mapping: dict[str, Any], row: dict[str, str], *, number: int, now: str
) -> Any:
    """The decision of one row; `{row}` in texts is its `number`, from 1."""
    known = {"row": str(number), "now": now}
    made: dict[str, Any] = {}
    for path, rule in mapping.items():
        if not _applies(path, rule, row):
            continue
        *folders, name = path.split(".")
        place = made
        for folder in folders:
            place = place.setdefault(folder, {})
        place[name] = _value(path, rule, row, known)
    return made


def _applies(path: str, rule: dict[str, Any], row: dict[str, str]) -> bool:
    condition = rule.get("only_if")
    if condition is None:
        return True
    return _cell(path, row, condition["column"]) == str(condition["is"])


def _value(
    path: str, rule: dict[str, Any], row: dict[str, str], known: dict[str, str]
) -> Any:
    if "value" in rule:
        return rule["value"]
    if "now" in rule:
        return known["now"]
    if "text" in rule:
        try:
            return str(rule["text"]).format_map({**row, **known})
        except KeyError as missing:
            raise MappingError(f"{path}: the CSV has no column {missing}") from None
    if "column" not in rule:
        raise MappingError(f"{path}: none of value, now, text, column")
    return _converted(path, rule, _cell(path, row, rule["column"]))


def _converted(path: str, rule: dict[str, Any], cell: str) -> Any:
    try:
        if "codes" in rule:
            return rule["codes"][cell]
        if "bands" in rule:
            return [name for begins, name in rule["bands"] if begins <= int(cell)][-1]
        return int(cell) if rule.get("as") == "integer" else cell
    except (KeyError, IndexError, ValueError):
        # The value itself may be private: name the column only.
        raise MappingError(
            f"{path}: a value in column {rule['column']!r} is not in the mapping"
        ) from None


def _cell(path: str, row: dict[str, str], column: str) -> str:
    if column not in row:
        raise MappingError(f"{path}: the CSV has no column {column!r}")
    return row[column]
