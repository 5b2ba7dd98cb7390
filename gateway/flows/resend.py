"""重发: refused messages that wait for a person are sent again, by command.

One transaction: killed before its commit it never happened, and a second command finds nothing
parked. The message keeps its number, so a peer that has it recognises it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from gateway.domain.case import Case
from gateway.domain.operator_acts import OPERATOR
from gateway.domain.outbox_rules import OUTBOX_RULES, Sending
from gateway.domain.retry_policy import LONGEST_WAIT
from gateway.flows.failpoints import Failpoint, FailpointHook, no_hook
from gateway.ports.ledger import Ledger
from gateway.ports.outbox import ParkedMessage
from gateway.ports.store import Store
from gateway.ports.views import Views
from schemas.reference.clock import Now

MOST: Final = 1000
"""Messages that one command sends again."""
_MINUTE: Final = timedelta(minutes=1)
_MOST_MINUTES: Final = LONGEST_WAIT // _MINUTE
"""No message is ever put off for longer: the rest waits, parked, for another command."""


@dataclass(frozen=True, slots=True)
class ResentMessage:
    """A message that was parked; `sent_again` is false where nobody wants it any more."""

    message: ParkedMessage
    sent_again: bool


@dataclass(frozen=True, slots=True)
class ResendRequest:
    """Which parked messages go again: those of `keys`, or all for `peer`, so many a minute."""

    keys: tuple[str, ...] = ()
    peer: str | None = None
    per_minute: int | None = None  # None: all at once

    @property
    def limit(self) -> int:
        """How many messages one command takes."""
        return MOST if self.per_minute is None else min(MOST, self.per_minute * _MOST_MINUTES)

    def slices(self, messages: Sequence[ParkedMessage]) -> Iterator[Sequence[ParkedMessage]]:
        """Yield what goes in each minute."""
        size = self.per_minute or MOST
        yield from (messages[start : start + size] for start in range(0, len(messages), size))


async def resend(
    request: ResendRequest,
    *,
    operator: str,
    store: Store,
    now: Now,
    hook: FailpointHook = no_hook,
) -> tuple[ResentMessage, ...]:
    """Send the parked messages that are asked for again, those of the first minute at once.

    `operator` is the person sending them; the history of a case that goes on by it says so.

    Raises:
        StoreUnavailable: Nothing was changed.
    """
    at, actor = now(), f"{OPERATOR}{operator}"

    def work(ledger: Ledger) -> tuple[ResentMessage, ...]:
        parked = ledger.outbox.parked(request.keys, peer=request.peer, limit=request.limit)
        cases = ledger.cases.read(sorted({message.key for message in parked}))
        wanted = [message for message in parked if _is_wanted(message, cases, at)]
        resent = (OUTBOX_RULES[one.kind].resent(cases[one.key], actor, at) for one in wanted)
        for minute, messages in enumerate(request.slices(wanted)):
            ledger.outbox.unpark(messages, at + minute * _MINUTE)
        ledger.cases.save([moved for moved in resent if moved is not None])
        hook(Failpoint.RESEND_WRITTEN)
        return _results(parked, wanted)

    done = await store.transact(work)
    hook(Failpoint.RESEND_STORED)
    return done


def preview_resend(
    views: Views, request: ResendRequest, *, at: datetime
) -> tuple[ResentMessage, ...]:
    """Return what `resend` would send again at `at`, and change nothing."""
    parked = views.parked(request.keys, peer=request.peer, limit=request.limit)
    cases = views.cases(sorted({message.key for message in parked}))
    return _results(parked, [one for one in parked if _is_wanted(one, cases, at)])


def _is_wanted(message: ParkedMessage, cases: Mapping[str, Case], at: datetime) -> bool:
    case = cases.get(message.key)
    sending = Sending(message.number, message.revision, message.peer, at)
    return case is not None and OUTBOX_RULES[message.kind].may_be_resent(case, sending)


def _results(
    parked: Sequence[ParkedMessage], wanted: Sequence[ParkedMessage]
) -> tuple[ResentMessage, ...]:
    again = {message.id for message in wanted}
    return tuple(ResentMessage(message, message.id in again) for message in parked)
