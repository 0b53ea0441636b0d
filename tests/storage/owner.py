"""A process that owns an embedded PostgreSQL until it is told, or made, to stop.

python owner.py FOLDER      prints the server's pid and how it came by it, then waits
                            for the end of its standard input
"""

import asyncio
import sys
from pathlib import Path

from ledger.storage.embedded import EmbeddedPostgres


async def main(folder: Path) -> None:
    async with EmbeddedPostgres(folder) as server:
        sys.stdout.write(f"{server.server_pid} {server.adopted}\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
