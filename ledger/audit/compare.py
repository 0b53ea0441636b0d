"""The published state, held against the one that the entries give."""

from ledger.audit.opening import Published
from ledger.audit.report import number
from ledger.governance.state import State


def difference(state: State, published: Published) -> str | None:
    """What a finding says of it; None where the two are the same."""
    sections = state.section_hashes()
    if (state.root(), sections) == (published.root, published.sections):
        return None
    differ = sorted(
        name
        for name in sections.keys() | published.sections.keys()
        if sections.get(name) != published.sections.get(name)
    )
    told = f" in {', '.join(differ[:10])}" if differ else " in its root"
    return (
        f"the published state after {number(published.size)} entries is not what "
        f"they give: it differs{told}, so what its pages show is not what was decided"
    )
