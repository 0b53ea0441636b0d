"""`counterfoil`, with the founders' power to enact safeguards; in its workers too.

Workers are started afresh and import this module again, so the power is given at import.
"""

from counterfoil import main
from tests.governance.safeguards.rules import founders_enact

_POWER = founders_enact()
_POWER.__enter__()

if __name__ == "__main__":
    main()
