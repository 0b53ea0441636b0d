"""One run of the demo: its folder, its service, its signals, and an orderly end."""

import asyncio
import contextlib
import signal
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Final

from api.demo.folder import fresh_folder
from api.demo.links import show_again, show_links
from api.demo.screen import Screen
from api.demo.service import LOG_NAME, Service, config_of
from api.demo.tour import Tour, shown
from ledger.clock import SystemClock
from ledger.errors import FatalError

INTERRUPTED: Final = 130  # as shells say it
_STOPS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


async def demo(folder: Path, screen: Screen, *, once: bool) -> int:
    """Show it; 0, or 130 when it was stopped before the end.

    Whatever happens, nothing is left running.

    Raises:
        VerificationError: something that must hold does not.
        RejectedError: the folder is somebody's.
        UnavailableError, FatalError: something does not run.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in _STOPS:
        loop.add_signal_handler(number, stop.set)
    async with fresh_folder(folder) as used:
        config = config_of(folder)
        service = Service(config)
        tour = Tour(folder=folder, config=config, screen=screen, clock=SystemClock())
        _greet(screen, folder, used=used)
        try:
            seen = await _unless(stop, tour.run(service))
            if seen is not None:
                show_links(screen, folder, seen)
                if not once:
                    await _serve_on(stop, service, folder, screen)
        finally:
            await service.stop()
    if seen is None:
        screen.end_line()
        screen.say("Stopped before the end. Nothing is left running.")
        return INTERRUPTED
    if once:
        show_again(screen, folder, seen)
    else:
        screen.say()
        screen.say("Stopped. Nothing is left running.")
    return 0


def _greet(screen: Screen, folder: Path, *, used: bool) -> None:
    screen.say("Counterfoil demo: 7,214 real risk scores (COMPAS), no names in them.")
    screen.say("The file has no dates, so each is recorded as of now.", "dim")
    if used:
        screen.say(f"This replaces the demo that was in {shown(folder)}.", "dim")
    screen.say()


async def _serve_on(
    stop: asyncio.Event, service: Service, folder: Path, screen: Screen
) -> None:
    screen.say("A log proves what was logged, not that everything was. Ctrl-C stops.")
    await _unless(stop, service.ended.wait())
    if not stop.is_set():
        raise FatalError(f"the service ended by itself: {folder / LOG_NAME} says why")


async def _unless(stop: asyncio.Event, work: Coroutine[Any, Any, Any]) -> Any:
    """What `work` gives; None if `stop` comes first, once `work` has ended."""
    working = asyncio.create_task(work)
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        return None
    finally:
        stopping.cancel()
        working.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait({working, stopping})
