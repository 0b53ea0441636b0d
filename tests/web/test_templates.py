"""Every text a page asks for exists, and every word of a closed list has one."""

from collections.abc import Iterator
from importlib.resources import files
from typing import Final

import pytest
from jinja2 import nodes

from api.timeline import steps
from api.web.catalogue import SITE, Catalogues
from api.web.contests import FILTERS
from api.web.mishap import WORDED
from api.web.rendering import Rendering
from ledger.governance.actions import ACTIONS
from ledger.governance.assembly import phases
from ledger.governance.assembly.classes import CLASSES
from ledger.governance.ballots import yesno
from ledger.governance.cases import states
from ledger.governance.cases.bodies import LOOKED_AT
from ledger.governance.people import member
from ledger.governance.people.bodies import ROLES
from ledger.governance.safeguards import rule
from ledger.governance.tables import ACTS

CATALOGUES: Final = Catalogues()
RENDERING: Final = Rendering(CATALOGUES)
CALLS: Final = {"t", "plain", "named", "known"}
KEYS: Final = {
    key for area in CATALOGUES.areas for key in CATALOGUES.messages("en", area)
}
SITE_KEYS: Final = set(CATALOGUES.messages("en", SITE))
PHASES: Final = set(phases.TRANSITIONS) - {phases.OBJECTED, phases.SUCCEEDED}
RESULTS: Final = {
    *(phases.NO_QUORUM, phases.DEFEATED, phases.OBJECTED, phases.SUCCEEDED),
    phases.UNOPENED,
}


def asked(template: str) -> Iterator[tuple[str, nodes.Expr]]:
    """(function, first argument) of every call for a text."""
    environment = RENDERING._templates
    source = (files("api") / "web" / "templates" / template).read_text()
    for call in environment.parse(source).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in CALLS:
            yield call.node.name, call.args[0]


def beginning(argument: nodes.Expr) -> str:
    """What a key put together begins with; "" where the page's module names it whole."""
    first = argument.nodes[0] if isinstance(argument, nodes.Concat) else argument
    return str(first.value) if isinstance(first, nodes.Const) else ""


@pytest.mark.parametrize("template", RENDERING._templates.list_templates())
def test_a_template_asks_for_texts_that_exist(template: str) -> None:
    for function, argument in asked(template):
        if isinstance(argument, nodes.Const):
            key = str(argument.value)
            found = key in KEYS
            if function == "named":
                found = any(one.startswith(f"{key}.") for one in KEYS)
        else:
            key = beginning(argument)
            found = any(one.startswith(key) for one in KEYS)
        assert found, (template, key)


def test_no_text_of_the_site_stands_unused() -> None:
    used: set[str] = {"time.at", "not-named", "action.other"}
    begun: set[str] = {"action.", "chart.all.", "chart.busiest."}
    for template in RENDERING._templates.list_templates():
        for function, argument in asked(template):
            if not isinstance(argument, nodes.Const):
                begun |= {beginning(argument)} - {""}
            elif function == "named":
                begun.add(f"{argument.value}.")
            else:
                used.add(str(argument.value))

    unused = {
        key for key in SITE_KEYS - used if not any(key.startswith(one) for one in begun)
    }
    assert unused == set()


@pytest.mark.parametrize(
    ("group", "names"),
    [
        ("act", set(ACTS)),
        ("action", set(ACTIONS)),
        ("state", PHASES),
        ("state.long", PHASES),
        ("result", RESULTS),
        ("step", {f"counted-{one}" for one in RESULTS}),
        ("step", {one.lower() for one in phases.TERMINAL - RESULTS}),
        ("class", set(CLASSES)),
        ("choice", set(yesno.WORDS)),
        ("contest", set(states.ALLOWED)),
        ("contest.long", set(states.ALLOWED)),
        ("docket", set(FILTERS)),
        ("looked", set(LOOKED_AT)),
        ("effect", set(rule.EFFECTS)),
        ("expect", set(rule.EXPECTED)),
        ("outcome", {"pass", "hold", "flag"}),
        ("sealed", set(rule.IN_SEALED_MODE)),
        ("role", set(ROLES)),
        ("left", {member.EXITED, member.REMOVED}),
        ("automation", {"full", "partial", "advisory"}),
        ("impact", {"I", "II", "III", "IV"}),
        ("profile", {"open", "sealed"}),
        ("status", {"suspended", "retired"}),
        ("status.long", {"suspended", "retired"}),
        ("mishap", {str(one) for one in WORDED} | {"400", "500"}),
        ("chart.unit", {"hour", "day", "week", "month", "year"}),
        ("chart.all", {"hour", "day", "week", "month", "year"}),
        ("chart.busiest", {"hour", "day", "week", "month", "year"}),
    ],
)
def test_every_word_of_a_closed_list_is_translated(group: str, names: set[str]) -> None:
    assert names
    assert {f"{group}.{name}" for name in names} <= SITE_KEYS


def test_every_step_of_a_timeline_is_translated() -> None:
    """Those that `steps` names itself stand in its source as they stand on a page."""
    source = (files("api") / "timeline.py").read_text()
    named = [key.removeprefix("step.") for key in SITE_KEYS if key.startswith("step.")]

    assert steps.__module__ == "api.timeline"
    for name in (
        *("opened", "submitted", "frozen", "pending", "voting", "voting-ends"),
        *("opening-ends", "timelock", "ready", "expires", "execution-failed"),
    ):
        assert f'"{name}"' in source
        assert name in named
