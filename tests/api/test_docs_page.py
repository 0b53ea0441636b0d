"""The page is whole, escaped, and needs nothing that its CSP refuses."""

import copy
import re
import subprocess
import time
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from api.docs_page import docs_page
from schemas.decision import parse_decision
from schemas.kinds import KINDS
from schemas.openapi import openapi_document
from schemas.operations import OPERATIONS
from schemas.problems import problem_of

DOCUMENT: dict[str, Any] = openapi_document(version="1.2.3", base_url="http://h:1")
PAGE = docs_page(DOCUMENT, stylesheet="/static/docs.css")
CSS = Path(__file__).parents[2] / "api" / "web" / "static" / "docs.css"
VOID = {"meta", "link"}


class Outline(HTMLParser):
    """Ids, links and tags; refuses elements that are not closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.feed(page)
        self.close()

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes.add(name)
            if name == "id":
                self.ids.append(value or "")
            if name in {"href", "src"}:
                self.links.append(value or "")
        if tag not in VOID:
            self.open.append(tag)

    @override
    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


OUTLINE = Outline(PAGE)


def test_every_element_is_closed_and_every_id_is_one_of_a_kind() -> None:
    assert OUTLINE.open == []
    assert len(OUTLINE.ids) == len(set(OUTLINE.ids))


def test_every_link_leads_somewhere_on_this_host() -> None:
    for link in OUTLINE.links:
        if link.startswith("#"):
            assert link[1:] in OUTLINE.ids, link
        else:
            assert link in {"/static/docs.css", "/static/icon.svg", "/openapi.json"}


def test_every_operation_and_every_problem_has_its_anchor() -> None:
    for one in OPERATIONS:
        assert f"operation-{one.name}" in OUTLINE.ids
    for name in KINDS:
        body = problem_of(name).body.decode()
        anchor = re.search(r'"type":"/docs#([^"]+)"', body)
        assert anchor is not None
        assert anchor[1] in OUTLINE.ids


def test_nothing_the_csp_refuses() -> None:
    assert not OUTLINE.tags & {"script", "style", "iframe", "form", "img"}
    assert "style" not in OUTLINE.attributes
    assert not any(name.startswith("on") for name in OUTLINE.attributes)
    css = CSS.read_text()
    assert "url(" not in css
    assert "@import" not in css


@pytest.mark.parametrize(
    "hostile", ['"><script>x</script>', "<img src=x onerror=y>", "&"]
)
def test_the_document_is_escaped(hostile: str) -> None:
    document = copy.deepcopy(DOCUMENT)
    document["info"]["title"] = hostile
    document["info"]["description"] = hostile
    post = document["paths"]["/{ledger}/v1/decisions"]["post"]
    post["summary"] = post["description"] = hostile
    post["x-codeSamples"][0]["source"] = hostile
    post["parameters"][1]["name"] = hostile
    outline = Outline(docs_page(document, stylesheet=hostile))
    assert not outline.tags & {"script", "img"}
    assert hostile in outline.links


def test_the_commands_are_there_to_paste() -> None:
    assert "curl http://h:1/commons/checkpoint" in PAGE
    assert "--json @decision.json http://h:1/commons/v1/decisions" in PAGE


def test_the_first_command_writes_a_decision_of_now(tmp_path: Path) -> None:
    block = re.search(r"<code>(cat &gt; decision\.json.*?)</code>", PAGE, re.DOTALL)
    assert block is not None
    subprocess.run(
        ["sh", "-c", unescape(block[1])], cwd=tmp_path, check=True, timeout=60
    )
    parsed = parse_decision((tmp_path / "decision.json").read_bytes())
    assert abs(parsed.decided_at_ms - time.time() * 1000) < 60_000
