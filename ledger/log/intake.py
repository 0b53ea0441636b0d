"""The pool of one process: requests wait here, bounded, until they are sealed.

Reading, admission and sealing are done for all that wait, each in one tight loop: that
costs half of doing them one by one between other work.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from ledger.clock import Clock
from ledger.entries.act import Act
from ledger.entries.decision import Entropy, seal
from ledger.entries.sealing import SealedRequest
from ledger.errors import (
    CounterfoilError,
    FatalError,
    MalformedError,
    RejectedError,
    RuleRefusedError,
    UnavailableError,
    VerificationError,
)
from ledger.governance.admit import Admitted, admit_sealed
from ledger.ids import DecisionId
from ledger.limits import POOL_BYTES_MAX, POOL_DECISIONS_MAX
from ledger.log.entropy import fresh
from ledger.log.pending import (
    DecisionRequest,
    Outcome,
    Pending,
    PendingAct,
    PendingDecision,
    PendingErasure,
    PendingReissue,
    Validated,
    Waiter,
)
from ledger.log.projection import Projected, Projection
from ledger.log.vault import Vault

SEAL_CHUNK: Final = 24  # decisions sealed before other requests get a turn; ~3 ms
ENTRY_BYTES: Final = 4_000  # bytes counted for a pending decision beyond its body


Request = Validated | SealedRequest
_Unread = tuple[Waiter, int, DecisionRequest]


class Intake:
    """Takes requests in, seals them, and hands them to the writer.

    Attributes:
        sealed: what is ready; the writer takes from its left.
        ready: set when something is.
        refusal: why the ledger does not sign; nothing is taken in meanwhile.
        pooled: decisions and acts that wait.
    """

    def __init__(
        self, genesis: str, *, vault: Vault, projection: Projection, clock: Clock
    ) -> None:
        """`genesis`: the ledger that statements name."""
        self._genesis = genesis
        self._vault = vault
        self._projection = projection
        self._clock = clock
        self._unread: deque[_Unread] = deque()  # owner: record, then the sealer
        self._arrived = asyncio.Event()
        self._pooled_bytes = 0
        # Owner: the sealer and `act`, then the writer.
        self.sealed: deque[Pending] = deque()
        self.ready = asyncio.Event()
        self.pooled = 0
        self.refusal: FatalError | None = None
        self.closing = False

    @property
    def empty(self) -> bool:
        """Whether nothing waits."""
        return not self._unread and not self.sealed

    def close(self) -> None:
        """Take nothing more in; what waits is still sealed."""
        self.closing = True
        self._arrived.set()
        self.ready.set()

    # ---- what callers ask -----------------------------------------------------------

    async def record(self, requests: Sequence[DecisionRequest]) -> list[Outcome]:
        """Wait until every decision is recorded or refused.

        Raises:
            UnavailableError: the pool is full or the service is closing; none recorded.
        """
        if not requests:
            return []
        body_bytes = sum([request.body_bytes for request in requests])
        waiter = self._waiter(len(requests), body_bytes)
        for place, request in enumerate(requests):
            self._unread.append((waiter, place, request))
        return await self._wait(waiter)

    async def act(self, act: Act, *, seen_holds: bool) -> Outcome:
        """Wait until an act is recorded or refused.

        Raises:
            UnavailableError: as `record`.
        """
        return await self._one(
            lambda waiter: PendingAct(
                waiter=waiter, place=0, act=act, seen_holds=seen_holds
            )
        )

    async def erase(self) -> Outcome:
        """Wait until what is due is erased, an entry's worth of it, or nothing is.

        Raises:
            UnavailableError: as `record`.
        """
        return await self._one(lambda waiter: PendingErasure(waiter=waiter, place=0))

    async def note_reissue(
        self, decisions: Sequence[DecisionId], requests: Sequence[str]
    ) -> Outcome:
        """Wait until it is recorded that these receipts were asked for again.

        Raises:
            UnavailableError: as `record`.
        """
        return await self._one(
            lambda waiter: PendingReissue(
                waiter=waiter,
                place=0,
                decisions=tuple(decisions),
                requests=tuple(requests),
            )
        )

    async def _one(self, make: Callable[[Waiter], Pending]) -> Outcome:
        waiter = self._waiter(1, 0)
        self.sealed.append(make(waiter))
        self.ready.set()
        return (await self._wait(waiter))[0]

    # ---- the pool's bound -------------------------------------------------------------

    def _waiter(self, count: int, body_bytes: int) -> Waiter:
        if self.refusal is not None:
            raise self.refusal
        if self.closing:
            raise UnavailableError("the service is stopping")
        held = body_bytes + count * ENTRY_BYTES
        if (
            self.pooled + count > POOL_DECISIONS_MAX
            or self._pooled_bytes + held > POOL_BYTES_MAX
        ):
            raise UnavailableError("too many decisions wait to be written")
        self.pooled += count
        self._pooled_bytes += held
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        return Waiter([None] * count, count, done, self._leave, count, held)

    def _leave(self, count: int, held: int) -> None:
        self.pooled -= count
        self._pooled_bytes -= held

    async def _wait(self, waiter: Waiter) -> list[Outcome]:
        self._arrived.set()
        # A client that hangs up cancels this wait alone: what was taken in is written.
        await waiter.done
        return [outcome for outcome in waiter.outcomes if outcome is not None]

    # ---- read, admit, seal ------------------------------------------------------------

    async def seal_forever(self) -> None:
        """Seal what arrives until `close`; the sealer task's body."""
        unread = self._unread
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            # One turn of the loop: whoever is about to join this batch does.
            await asyncio.sleep(0)
            while unread:
                chunk = [unread.popleft() for _ in range(min(len(unread), SEAL_CHUNK))]
                await self._seal_all(chunk)
                self.ready.set()
                await asyncio.sleep(0)
            if self.closing:
                self.ready.set()
                return

    async def _seal_all(self, chunk: Sequence[_Unread]) -> None:
        """Seal a chunk; a defect that one decision meets is that one's alone."""
        try:
            self.sealed.extend(await self._seal(chunk))
        except Exception as error:  # noqa: BLE001 -- no waiter may hang on a mistake of ours
            if len(chunk) > 1:
                for one in chunk:
                    await self._seal_all([one])
                return
            waiter, place, _ = chunk[0]
            name = type(error).__name__
            waiter.put(place, FatalError(f"a decision could not be sealed ({name})"))

    async def _seal(self, chunk: Sequence[_Unread]) -> list[Pending]:
        """Each kind of work for all of them before the next kind."""
        read: list[tuple[_Unread, Request]] = []
        for unread in chunk:
            waiter, place, request = unread
            try:
                read.append((unread, request.read()))
            except (RejectedError, MalformedError, VerificationError) as error:
                waiter.put(place, error)
        projected, now_ms = self._projection.current, self._clock.now_ms()
        drawn = fresh(len(read))
        admitted: list[Admitted | RejectedError] = []
        for (_, decision), (new_id, _) in zip(read, drawn, strict=True):
            try:
                admitted.append(self._admit_now(decision, new_id, now_ms))
            except RejectedError as error:
                refusal = await self._admit_again(decision, new_id, now_ms, error)
                admitted.append(refusal)
        found = zip(read, admitted, drawn, strict=True)
        made = [
            self._pending(*one, result, projected, entropy)
            for one, result, (_, entropy) in found
        ]
        return [pending for pending in made if pending is not None]

    async def _admit_again(
        self,
        decision: Request,
        new_id: DecisionId,
        now_ms: int,
        refusal: RejectedError,
    ) -> Admitted | RejectedError:
        """Once more, if another process registered what this one did not know yet."""
        if isinstance(refusal, RuleRefusedError):
            return refusal  # the writer asks again if the rules moved
        try:
            if await self._projection.refresh():
                return self._admit_now(decision, new_id, now_ms)
        except RejectedError as error:
            return error
        except CounterfoilError:
            pass
        return refusal

    def _pending(
        self,
        unread: _Unread,
        decision: Request,
        admitted: Admitted | RejectedError,
        projected: Projected,
        entropy: Entropy,
    ) -> PendingDecision | None:
        waiter, place, request = unread
        fields, key = decision.fields, request.idempotency_key
        system, given_id = fields["system"], fields.get("id")
        retryable = given_id is not None or key is not None
        refusal = admitted if isinstance(admitted, RejectedError) else None
        counts = isinstance(refusal, RuleRefusedError)
        if refusal is not None and not retryable and not counts:
            waiter.put(place, refusal)
            return None
        handle, sealed, submission, verdict = b"", None, None, None
        if isinstance(admitted, Admitted):
            submission, verdict = admitted.submission, admitted.verdict
            operator = self._projection.operator(submission.system)
            if isinstance(decision, SealedRequest):
                handle, sealed = self._handle(operator, decision), decision.decision
            else:
                handle = self._vault.handle(operator, fields["subject"]["ref"])
                sealed = seal(self._genesis, submission, entropy)
        return PendingDecision(
            waiter=waiter,
            place=place,
            system=system,
            submission=submission,
            admitted_at=projected.last_record,
            handle=handle,
            given_id=given_id,
            retry_key=None if key is None else self._vault.retry_key(system, key),
            fingerprint=self._vault.fingerprint(fields) if retryable else None,
            sealed=sealed,
            refusal=refusal,
            fields=None if isinstance(decision, SealedRequest) else fields,
            verdict=verdict,
            rules=self._projection.current.state.safeguards.rule_set.hash
            if verdict is None
            else verdict.rules,
        )

    def _admit_now(
        self, decision: Request, new_id: DecisionId, now_ms: int
    ) -> Admitted:
        if isinstance(decision, SealedRequest):
            state = self._projection.current.state
            return admit_sealed(state, decision, now_ms=now_ms)
        return self._projection.admit(decision, new_id, now_ms)

    def _handle(self, operator: str, request: SealedRequest) -> bytes:
        """The client's own handle, hashed apart from the references that others send."""
        given = request.handle
        return (
            b"" if given is None else self._vault.handle(f"{operator}\0sealed", given)
        )
