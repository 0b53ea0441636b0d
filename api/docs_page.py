"""`/docs`: the OpenAPI document as one page to read, made once at start.

A pure function, document to HTML. Everything that comes from the document is escaped;
the page holds no script and no style of its own (its CSP may refuse both), only a link
to a style sheet of the same origin. Each operation and each kind of problem is an
anchor: a problem's `type` is such a link.
"""

import json
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from schemas.kinds import KINDS

CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

# The shell puts the time of now in: a decision of last month would be refused.
_EXAMPLE = """cat > decision.json <<END
{
  "system": "example",
  "decided_at": "$(date -u +%Y-%m-%dT%H:%M:%SZ)",
  "automation": "full",
  "outcome": {"code": "rejected", "favourable": false},
  "subject": {"ref": "applicant-8812"},
  "reasons": [{"code": "R1", "text": "Two years of experience; the job asks for 3."}]
}
END"""


def _tag(name: str, inner: str, **attributes: str) -> str:
    """An element; `inner` is HTML, attributes are text."""
    named = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
    )
    return f"<{name}{named}>{inner}</{name}>"


def _code(text: str) -> str:
    return _tag("code", escape(text))


def _block(text: str) -> str:
    # A block that scrolls must be reachable by keyboard.
    return _tag("pre", _code(text), tabindex="0")


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table; cells are HTML. Each carries its column's name, for narrow screens."""
    names = list(heads)
    head = "".join(_tag("th", escape(name), scope="col") for name in names)
    body = "".join(
        _tag(
            "tr",
            "".join(
                _tag("td", cell, data_label=name)
                for name, cell in zip(names, row, strict=True)
            ),
        )
        for row in rows
    )
    return _tag("table", _tag("thead", _tag("tr", head)) + _tag("tbody", body))


def _kind_of(schema: Mapping[str, Any]) -> str:
    """A schema in a few words, as HTML."""
    if "$ref" in schema:
        name = str(schema["$ref"]).rsplit("/", 1)[-1]
        return _tag("a", escape(name), href=f"#schema-{name}")
    if "anyOf" in schema:
        parts = [_kind_of(one) for one in schema["anyOf"] if one != {"type": "null"}]
        return " or ".join(parts)
    if "enum" in schema:
        return " or ".join(_code(json.dumps(one)) for one in schema["enum"])
    if "const" in schema:
        return _code(json.dumps(schema["const"]))
    if schema.get("type") == "array":
        return f"list of {_kind_of(schema.get('items', {}))}"
    kind = schema.get("type", "any JSON")
    text = escape(" or ".join(kind) if isinstance(kind, list) else str(kind))
    bounds = _bounds(schema)
    return f"{text}, {bounds}" if bounds else text


def _bounds(schema: Mapping[str, Any]) -> str:
    found = []
    if "pattern" in schema:
        found.append(_code(str(schema["pattern"])))
    for low, high, unit in (
        ("minLength", "maxLength", " characters"),
        ("minimum", "maximum", ""),
    ):
        if low in schema and high in schema:
            found.append(f"{schema[low]:,} to {schema[high]:,}{unit}")
        elif low in schema:
            found.append(f"at least {schema[low]:,}{unit}")
        elif high in schema:
            found.append(f"at most {schema[high]:,}{unit}")
    return ", ".join(found)


def _parameters(operation: Mapping[str, Any]) -> str:
    rows = [
        (
            _code(one["name"]),
            escape(one["in"]) + (", required" if one["required"] else ""),
            escape(one["description"]) + f" ({_kind_of(one['schema'])})",
        )
        for one in operation["parameters"]
        if one["name"] != "ledger"
    ]
    return _table(("Parameter", "Where", "What"), rows) if rows else ""


def _bodies(operation: Mapping[str, Any]) -> str:
    content = operation.get("requestBody", {}).get("content", {})
    rows = [
        (
            _code(media),
            escape(one["schema"].get("description", "")) or _kind_of(one["schema"]),
        )
        for media, one in content.items()
    ]
    return _table(("Body", "Schema"), rows) if rows else ""


def _replies(operation: Mapping[str, Any]) -> str:
    rows = []
    for status, one in sorted(operation["responses"].items()):
        kinds = one.get("x-problems")
        if kinds:
            what = ", ".join(
                _tag("a", escape(kind), href=f"#problem-{kind}") for kind in kinds
            )
        else:
            schemas = "; ".join(
                f"{_code(media)} {_kind_of(inner['schema'])}"
                if inner["schema"]
                else _code(media)
                for media, inner in one["content"].items()
            )
            what = f"{escape(one['description'])}: {schemas}"
        rows.append((_code(status), what))
    return _table(("Answer", "Meaning"), rows)


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> str:
    name = operation["operationId"]
    parts = [
        _tag("h3", escape(operation["summary"])),
        _tag("p", f"{_tag('b', escape(method.upper()))} {_code(path)}", class_="path"),
    ]
    if "description" in operation:
        parts.append(_tag("p", escape(operation["description"])))
    parts += [_block(one["source"]) for one in operation.get("x-codeSamples", ())]
    parts += [_parameters(operation), _bodies(operation)]
    answers = _tag("summary", "Answers") + _replies(operation)
    parts.append(_tag("details", answers))
    return _tag("section", "".join(parts), id=f"operation-{name}")


def _chapters(document: Mapping[str, Any]) -> str:
    made = []
    for tag in document["tags"]:
        operations = [
            _operation(method, path, one)
            for path, methods in document["paths"].items()
            for method, one in methods.items()
            if tag["name"] in one["tags"]
        ]
        made.append(
            _tag("h2", escape(tag["name"]), id=f"chapter-{tag['name'].lower()}")
            + _tag("p", escape(tag["description"]))
            + "".join(operations)
        )
    return "".join(made)


def _schemas(document: Mapping[str, Any]) -> str:
    made = []
    for name, schema in document["components"]["schemas"].items():
        required = set(schema.get("required", ()))
        rows = [
            (_code(member) + (" required" if member in required else ""), _kind_of(one))
            for member, one in schema.get("properties", {}).items()
            if isinstance(one, Mapping)
        ]
        made.append(
            _tag("h3", escape(name), id=f"schema-{name}")
            + _tag("p", escape(schema.get("description", "")))
            + _table(("Member", "What"), rows)
        )
    return _tag("h2", "Schemas", id="schemas") + "".join(made)


def _problems() -> str:
    made = [
        _tag("h3", escape(kind.title), id=f"problem-{kind.name}")
        + _tag("p", f"{_code(str(kind.status))} {_code(kind.name)}", class_="path")
        + _tag("p", escape(kind.advice))
        for kind in sorted(KINDS.values(), key=lambda kind: (kind.status, kind.name))
    ]
    return (
        _tag("h2", "Problems", id="problems")
        + _tag(
            "p",
            "Every error is a JSON object with <code>type</code>, <code>status</code>, "
            "<code>title</code>, <code>detail</code> and <code>recorded</code>: true, "
            "false, or null when it is not known. Its type leads here.",
        )
        + "".join(made)
    )


def _start(document: Mapping[str, Any]) -> str:
    post = document["paths"]["/{ledger}/v1/decisions"]["post"]
    return (
        _tag("h2", "Start here", id="start")
        + _tag("p", "1. Write a decision, with the time of now:")
        + _block(_EXAMPLE)
        + _tag(
            "p", "2. Send it, from the data folder of the service: the token is there:"
        )
        + _block(post["x-codeSamples"][0]["source"])
        + _tag(
            "p",
            "3. Keep the receipt in the answer. Its link is for the person decided "
            "about; whoever has the link can read the private part.",
        )
    )


def docs_page(document: Mapping[str, Any], *, stylesheet: str) -> str:
    """The page for `document` (made by `schemas.openapi`).

    Args:
        document: an OpenAPI 3.1 document with the extensions our own has.
        stylesheet: the address of `docs.css`, of the same origin.
    """
    info = document["info"]
    chapters = [("start", "Start here")]
    chapters += [(f"chapter-{t['name'].lower()}", t["name"]) for t in document["tags"]]
    chapters += [("schemas", "Schemas"), ("problems", "Problems")]
    links = "".join(
        _tag("li", _tag("a", escape(title), href=f"#{anchor}"))
        for anchor, title in chapters
    )
    main = (
        _tag("h1", f"{escape(info['title'])}: the interface")
        + _tag("p", escape(info["description"]), class_="lead")
        + _tag(
            "p",
            f"Version {escape(info['version'])}. For programs: "
            + _tag("a", "openapi.json", href="/openapi.json"),
        )
        + _tag("nav", _tag("ul", links), aria_label="Chapters")
        + _start(document)
        + _chapters(document)
        + _schemas(document)
        + _problems()
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(info['title'])}: the interface</title>"
        '<link rel="icon" href="/static/icon.svg" type="image/svg+xml">'
        f'<link rel="stylesheet" href="{escape(stylesheet)}"></head>'
        f"<body>{_tag('main', main)}</body></html>\n"
    )
