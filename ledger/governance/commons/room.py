"""What is held in common, as a value: constitution, data sets, witnesses, mirrors, keys.

    section "constitution"  {"text", "blame"}, as `constitution.py` says
    section "datasets"      {id: {"name", "datasheet", "consent_basis", "coverage",
                             "withdrawal", "licence", "status", "by", "dropped_by",
                             "reason"}}
    section "network"       {"witnesses": {name: {"vkey", "url", "by"}},
                             "mirrors": {url: by}, "log_keys": [{"vkey", "by"}]}

`by` is always the id of a proposal.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, NamedTuple

from immutables import Map

from ledger.governance.commons.constitution import Constitution, constitution_from

ADOPTED: Final = "adopted"  # statuses of a data set; never change
DROPPED: Final = "dropped"


class Share(NamedTuple):
    """One group of people in a data set, and in the population it should stand for."""

    group: str
    ppm: int
    reference_ppm: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How a data set compares with a population.

    Attributes:
        reference: which population, and whose figures.
        groups: each with its shares, in parts per million.
    """

    reference: str
    groups: tuple[Share, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSet:
    """A data set that the community adopted, or dropped since.

    Attributes:
        id: its code.
        name: for people.
        datasheet: base64url(SHA-256) of the document that describes it.
        consent_basis: the code of what makes its use lawful and consented to.
        coverage: against a population; None where nobody measured it.
        withdrawal: how a person in it is taken out.
        licence: a code, as "CC-BY-4.0".
        status: "adopted" or "dropped".
        by: the proposal that adopted it.
        dropped_by: the proposal that dropped it; "" while none did.
        reason: of dropping: a code or a digest; "" likewise.
    """

    id: str
    name: str
    datasheet: str
    consent_basis: str
    coverage: Coverage | None
    withdrawal: str
    licence: str
    status: str = ADOPTED
    by: str = ""
    dropped_by: str = ""
    reason: str = ""

    def public(self) -> dict[str, Any]:
        """As JSON, without the id, which is the name it stands under."""
        found = asdict(self)
        del found["id"]
        if self.coverage is not None:
            groups = [share._asdict() for share in self.coverage.groups]
            found["coverage"]["groups"] = groups
        return found


class NamedWitness(NamedTuple):
    """A witness that the community named; `url` is "" where none is given."""

    vkey: str
    url: str
    by: str


class NamedKey(NamedTuple):
    """A key of the log that the community named."""

    vkey: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Commons:
    """What is held in common.

    Attributes:
        constitution: the text in force.
        datasets: by id.
        witnesses: by the community's own name for them.
        mirrors: address to the proposal that named it.
        log_keys: named since founding, in order; the last is the one to sign with.
    """

    constitution: Constitution = field(default_factory=Constitution)
    datasets: Map[str, DataSet] = field(default_factory=Map)
    witnesses: Map[str, NamedWitness] = field(default_factory=Map)
    mirrors: Map[str, str] = field(default_factory=Map)
    log_keys: tuple[NamedKey, ...] = ()

    def sections(self) -> dict[str, dict[str, Any]]:
        """The sections of the root, as JSON."""
        network = {
            "witnesses": {name: w._asdict() for name, w in self.witnesses.items()},
            "mirrors": dict(self.mirrors),
            "log_keys": [key._asdict() for key in self.log_keys],
        }
        return {
            "constitution": self.constitution.public(),
            "datasets": {id_: each.public() for id_, each in self.datasets.items()},
            "network": {name: part for name, part in network.items() if part},
        }


def from_sections(sections: Mapping[str, Mapping[str, Any]]) -> Commons:
    """The commons whose `sections()` these are, among others."""
    network = sections.get("network", {})
    return Commons(
        constitution=constitution_from(sections.get("constitution", {})),
        datasets=Map(
            {
                id_: _dataset_from(id_, public)
                for id_, public in sections.get("datasets", {}).items()
            }
        ),
        witnesses=Map(
            {
                name: NamedWitness(**public)
                for name, public in network.get("witnesses", {}).items()
            }
        ),
        mirrors=Map(network.get("mirrors", {})),
        log_keys=tuple(NamedKey(**key) for key in network.get("log_keys", ())),
    )


def _dataset_from(id_: str, public: Mapping[str, Any]) -> DataSet:
    told = public["coverage"]
    coverage = None
    if told is not None:
        groups = tuple(Share(**share) for share in told["groups"])
        coverage = Coverage(reference=told["reference"], groups=groups)
    return DataSet(id=id_, **{**public, "coverage": coverage})
