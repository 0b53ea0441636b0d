"""An HTML page as a tree, by the standard library's own tokenizer; strict about nesting."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

from typing_extensions import override

VOID: Final = {"meta", "link", "br", "input", "img", "hr", "path", "rect"}


@dataclass
class Element:
    """One element: its children are elements and texts."""

    name: str
    attributes: dict[str, str]
    children: list["Element | str"] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All its text, with spaces folded."""
        parts = [one if isinstance(one, str) else one.text for one in self.children]
        return " ".join("".join(parts).split())

    def all(self, name: str, **attributes: str) -> list["Element"]:
        """Every element below of this name, with these attributes."""
        found: list[Element] = []
        for one in self.children:
            if isinstance(one, str):
                continue
            if one.name == name and attributes.items() <= one.attributes.items():
                found.append(one)
            found += one.all(name, **attributes)
        return found

    def one(self, name: str, **attributes: str) -> "Element":
        """The only one."""
        (found,) = self.all(name, **attributes)
        return found

    @property
    def links(self) -> dict[str, str]:
        """Address to text of every link."""
        return {one.attributes["href"]: one.text for one in self.all("a")}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("#document", {})
        self.open = [self.root]

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"an attribute twice: {tag} {names}"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    @override
    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    @override
    def handle_endtag(self, tag: str) -> None:
        last = self.open.pop()
        assert last.name == tag, f"</{tag}> closes <{last.name}>"

    @override
    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def parse(page: str) -> Element:
    """The tree of a page; fails on elements that are not closed in order."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == [reader.root], [one.name for one in reader.open]
    return reader.root
