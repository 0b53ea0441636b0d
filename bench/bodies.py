"""Distinct decisions of about 1.2 kB, as JSON bytes: what a real deployer would send."""

import uuid
from datetime import UTC, datetime, timedelta

import orjson


def decision(number: int, decided_at: str) -> bytes:
    """One valid decision without an id; `number` makes it different from the others."""
    return orjson.dumps(
        {
            "system": "example",
            "decided_at": decided_at,
            "automation": "full",
            "outcome": {"code": "rejected", "favourable": False},
            "score": f"0.{number % 1000:03d}",
            "threshold": "0.5",
            "subject": {"ref": f"applicant-{number}-{uuid.uuid4()}"},
            "reasons": [
                {
                    "code": "EXP",
                    "text": "Your experience was counted as 2 years; the job asks for 3.",
                    "factor": "experience_years",
                    "direction": "against",
                    "rank": 1,
                },
                {
                    "code": "LANG",
                    "text": "No certificate of Swedish at level B2 was found in the file.",
                    "factor": "language_level",
                    "direction": "against",
                    "rank": 2,
                },
            ],
            "counterfactuals": [
                {
                    "factor": "experience_years",
                    "from": "2",
                    "to": "3",
                    "outcome": "shortlisted",
                }
            ],
            "inputs": {
                "experience_years": 2,
                "language_level": "B1",
                "education": "upper secondary school",
                "postcode_area": f"{number % 100:02d}",
            },
            "protected": {
                "sex": "female",
                "race_ethnicity": "undisclosed",
                "age_band": "30-39",
                "source": "self",
            },
            "human": {"involved": False, "could_override": True, "override": False},
            "recourse": {
                "how": "Write to review@acme.example and ask a person to look again.",
                "deadline_days": 30,
                "authority": "Equality Ombudsman",
            },
            "footprint": {
                "energy_wh": "0.42",
                "carbon_g": "0.1",
                "region": "SE",
                "method": "metered",
            },
            "legal_basis": "steps before entering into a contract",
        }
    )


def decisions(count: int) -> list[bytes]:
    """`count` distinct decisions, decided a few seconds ago."""
    moment = datetime.now(UTC) - timedelta(seconds=5)
    decided_at = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    return [decision(number, decided_at) for number in range(count)]
