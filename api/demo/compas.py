"""The decisions of the demo: COMPAS risk scores, real, without names.

    entity_id,score,label_value,race,sex,age_cat
    5,1.0,0,African-American,Male,Less than 25

`score` is 1.0 where the program said "medium" or "high" (not low), 0.0 where it said
"low". `label_value`, an arrest within the two years after, stays in the file: nobody
knew it when the score was given, so it is no part of the decision. Dates are not in the
file either: `decided_at` is the time of recording. NOTICE says whose data this is.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

SYSTEM: Final = "risk-score"
REGISTRATION: Final[dict[str, Any]] = {
    "system": SYSTEM,
    "name": "COMPAS risk score",
    "operator": "Demo deployer",
    "impact_level": "IV",
    "domain": "justice",
    "jurisdiction": "US-FL",
    "profile": "sealed",
    "outcomes": ["low", "not-low"],
    "versions": ["2016"],
    "keys": [],
}
# Sex and age band in the words of the contract's example; race as the file has it.
_AGE_BANDS: Final = {
    "Less than 25": "under 25",
    "25 - 45": "25 to 45",
    "Greater than 45": "over 45",
}
_REASON: Final[dict[str, Any]] = {
    "code": "SCORE",
    "text": "The program scored you as not low risk. The data gives no other reason: "
    "the score itself is all there is.",
    "factor": "risk score",
    "direction": "against",
    "rank": 1,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One row of the file.

    Attributes:
        entity_id: the file's own number of a person.
        adverse: whether the score is 1, which is not low.
        arrested_again: `label_value`, known two years later only.
        race, sex, age_cat: in the file's words.
    """

    entity_id: str
    adverse: bool
    arrested_again: bool
    race: str
    sex: str
    age_cat: str


def read_scores() -> list[Score]:
    """Every row of the file that ships in this package, in order."""
    text = (files("api.demo") / "data" / "compas.csv").read_text(encoding="utf-8")
    return list(_rows(text))


def _rows(text: str) -> Iterator[Score]:
    for row in csv.DictReader(text.splitlines()):
        yield Score(
            entity_id=row["entity_id"],
            adverse={"1.0": True, "0.0": False}[row["score"]],
            arrested_again={"1": True, "0": False}[row["label_value"]],
            race=row["race"],
            sex=row["sex"],
            age_cat=row["age_cat"],
        )


def decision_of(score: Score, decided_at: str) -> dict[str, Any]:
    """The decision as its deployer would send it; a judge was free to ignore it."""
    decision: dict[str, Any] = {
        "system": SYSTEM,
        "decided_at": decided_at,
        "automation": "advisory",
        "outcome": {
            "code": "not-low" if score.adverse else "low",
            "favourable": not score.adverse,
        },
        "score": "1" if score.adverse else "0",
        "subject": {"ref": score.entity_id},
        "protected": {
            "sex": score.sex.lower(),
            "race_ethnicity": score.race,
            "age_band": _AGE_BANDS[score.age_cat],
            "source": "dataset",
        },
    }
    if score.adverse:
        decision["reasons"] = [_REASON]
    return decision
