"""The table of methods: name → how to read, count and describe. Names never change."""

from collections.abc import Mapping
from typing import Final

from ledger.governance.ballots.method import Method
from ledger.governance.ballots.yesno import YESNO

METHODS: Final[Mapping[str, Method]] = {"yesno": YESNO}
