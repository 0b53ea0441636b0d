"""The first start: a ledger named `commons`, its founder, a system, a token.

So that a first POST works at once. Founding says what was made and what to keep.
"""

import secrets
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from api.auth import hash_token, new_token
from api.config import Config
from api.keyfile import read_identity, write_identity
from api.signing import signed_act
from ledger.clock import Clock
from ledger.ids import LedgerName
from ledger.keys import SigningKey
from ledger.log.book import Book
from ledger.log.founding import found
from ledger.log.keyring import Keyring, write_private
from ledger.storage.port import LogRow
from ledger.storage.postgres import PostgresStore

COMMONS: Final = LedgerName("commons")
EXAMPLE: Final = "example"
ORIGIN: Final = f"localhost/{COMMONS}"
EXAMPLE_SYSTEM: Final[dict[str, Any]] = {
    "system": EXAMPLE,
    "name": "Example system",
    "operator": "example-operator",
    "impact_level": "II",
    "domain": "example",
    "jurisdiction": "EU",
    "profile": "sealed",
    "outcomes": ["accepted", "rejected"],
    "versions": ["2026-11"],
    "keys": [],
}


async def found_commons(
    store: PostgresStore,
    config: Config,
    clock: Clock,
    log: Any,
    parameters: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """In an empty database found `commons`, register `example`, write its token.

    A crash in between is mended by the next start. `parameters` are the community's own
    numbers; none: the defaults hold.

    Raises:
        FatalError: the data or key folder cannot be written.
    """
    rows = {row.name: row for row in await store.logs()}
    # Marks a first start under way: a ledger that `init` founded is none of ours.
    marker = config.data_dir / "founding"
    if rows and not marker.exists():
        return
    marker.touch(mode=0o600)
    row = rows.get(COMMONS)
    founder_path = config.data_dir / "founder.key"
    if not founder_path.exists():
        write_identity(founder_path, SigningKey(secrets.token_bytes(32)))
    founder = read_identity(founder_path)
    if row is None:
        row = await found(
            store,
            Keyring(config.keys_dir / COMMONS),
            name=COMMONS,
            origin=ORIGIN,
            founders=[founder.did],
            parameters=dict(parameters),
            clock=clock,
        )
        log.warning(
            "ledger_founded",
            ledger=COMMONS,
            origin=ORIGIN,
            founder=founder.did,
            keep=f"copy {config.keys_dir} and {config.data_dir / 'founder.key'} to "
            "another place than the data: without them nothing can be signed or opened",
        )
    await _add_example(row, store, config, founder, clock, log)
    marker.unlink()


async def _add_example(
    row: LogRow,
    store: PostgresStore,
    config: Config,
    founder: SigningKey,
    clock: Clock,
    log: Any,
) -> None:
    token_path = config.data_dir / f"{EXAMPLE}.token"
    if token_path.exists():
        return
    book = Book.wire(
        row,
        store=store,
        keys_folder=config.keys_dir,
        tiles_folder=None,
        clock=clock,
        log=log,
    )
    await book.start()
    try:
        projected = await book.projection.refreshed()
        if EXAMPLE not in projected.state.systems:
            act = await signed_act(
                book,
                founder,
                act="system.register",
                body=EXAMPLE_SYSTEM,
                now_ms=clock.now_ms(),
            )
            await book.act(act)
    finally:
        await book.close()
    token = new_token()
    await store.add_token(row.log_id, hash_token(token), EXAMPLE)
    write_private(token_path, token.encode() + b"\n")
    log.warning("token_written", system=EXAMPLE, file=str(token_path))
