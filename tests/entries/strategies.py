"""What hypothesis makes: submissions, entropy, JSON values."""

from typing import Any

from hypothesis import strategies as st

from ledger.entries.decision import Entropy, Submission
from ledger.entries.disclosure import SLOTS
from ledger.entries.moment import format_second
from ledger.ids import DecisionId, SystemId
from tests.entries.vectors import compact

codes = st.from_regex(r"[A-Za-z0-9._-]{1,64}", fullmatch=True)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4)
    ),
    max_leaves=8,
)


@st.composite
def submissions(draw: st.DrawFn) -> Submission:
    profile = draw(st.sampled_from(("open", "sealed")))
    step = 1_000 if profile == "open" else 3_600_000
    time_ms = draw(st.integers(0, 4_102_444_800_000 // step)) * step
    outcome: dict[str, Any] | None = None
    if profile == "open":
        outcome = {"code": draw(codes), "favourable": draw(st.booleans())}
    values = draw(st.dictionaries(st.sampled_from(SLOTS), json_values))
    return Submission(
        id=DecisionId(str(draw(st.uuids(version=4)))),
        system=SystemId(draw(codes)),
        version=draw(
            st.none() | st.from_regex(r"[A-Za-z0-9._+-]{1,64}", fullmatch=True)
        ),
        profile=profile,
        automation=draw(st.sampled_from(("full", "partial", "advisory"))),
        time=format_second(time_ms),
        outcome=outcome,
        values={slot: compact(value) for slot, value in values.items()},
    )


def entropies() -> st.SearchStrategy[Entropy]:
    return st.builds(
        Entropy,
        secret=st.binary(min_size=32, max_size=32),
        salts=st.binary(min_size=288, max_size=288),
        nonce=st.binary(min_size=12, max_size=12),
    )
