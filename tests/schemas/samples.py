"""A full decision and ways to change it."""

import copy
import json
from typing import Any

MARKER = "xq7Marker7qx"  # planted in requests; must never be in an error

FULL: dict[str, Any] = {
    "id": "0b0f7d0e-3c5a-4f7e-8a59-2f4f0e8b9c11",
    "system": "example",
    "system_version": "2026-11+b.1",
    "decided_at": "2026-11-22T10:00:00Z",
    "automation": "full",
    "outcome": {"code": "rejected", "favourable": False},
    "score": "-0.31",
    "threshold": "0.5",
    "subject": {"ref": "applicant-8812"},
    "reasons": [
        {
            "code": "R1",
            "text": "Två års erfarenhet, tre krävs",
            "factor": "experience_years",
            "direction": "against",
            "rank": 1,
        }
    ],
    "counterfactuals": [
        {"factor": "experience_years", "from": "2", "to": "3", "outcome": "invited"}
    ],
    "inputs": {"experience_years": 2, "gap": None, "city": "Zürich", "ratio": 0.5},
    "protected": {
        "sex": "female",
        "race_ethnicity": "x",
        "age_band": "25-44",
        "source": "self",
    },
    "human": {"involved": False, "could_override": True, "override": False},
    "recourse": {"how": "Write to us.", "deadline_days": 30, "authority": "DO"},
    "footprint": {
        "energy_wh": "0.42",
        "carbon_g": "0",
        "water_ml": "0.9",
        "region": "SE",
        "method": "measured",
    },
    "legal_basis": "contract",
    "parents": ["5f1c1a52-6f2e-4b0e-9a53-0c6a2c1d9e77"],
    "extension": [None, {"any": True}],
}
_ABSENT = object()


def absent() -> object:
    """The change that takes a member out."""
    return _ABSENT


def changed(path: str, value: object) -> dict[str, Any]:
    """`FULL` with the member at `path` ("outcome/code") set to `value` or removed."""
    made = copy.deepcopy(FULL)
    *steps, last = path.split("/")
    place: Any = made
    for step in steps:
        place = place[int(step)] if isinstance(place, list) else place[step]
    key: Any = int(last) if isinstance(place, list) else last
    if value is _ABSENT:
        del place[key]
    else:
        place[key] = value
    return made


def encoded(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
