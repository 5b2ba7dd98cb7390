"""重发: a refused message that waits for a person is sent again, by command.

One transaction: killed before its commit it never happened, and a second command finds nothing
parked. The message keeps its number, so a peer that has it recognises it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway.domain.operator_acts import OPERATOR
from gateway.domain.outbox_rules import OUTBOX_RULES, Sending
from gateway.flows.failpoints import Failpoint, FailpointHook, no_hook
from gateway.ports.ledger import Ledger
from gateway.ports.outbox import ParkedMessage
from gateway.ports.store import Store
from schemas.reference.clock import Now

MOST: Final = 1000
"""Messages that one command sends again."""


@dataclass(frozen=True, slots=True)
class ResentMessage:
    """A message that was parked; `sent_again` is false where nobody wants it any more."""

    message: ParkedMessage
    sent_again: bool


async def resend(
    keys: Sequence[str],
    *,
    operator: str,
    peer: str | None = None,
    store: Store,
    now: Now,
    hook: FailpointHook = no_hook,
) -> tuple[ResentMessage, ...]:
    """Send the parked messages of these cases again, or all that are parked for `peer`.

    `operator` is the person sending them; the history of a case that goes on by it says so.

    Raises:
        StoreUnavailable: Nothing was changed.
    """
    at, actor = now(), f"{OPERATOR}{operator}"

    def work(ledger: Ledger) -> tuple[ResentMessage, ...]:
        parked = ledger.outbox.parked(keys, peer=peer, limit=MOST)
        cases = ledger.cases.read(sorted({message.key for message in parked}))
        wanted: list[ParkedMessage] = []
        changes = []
        for message in parked:
            case, rule = cases.get(message.key), OUTBOX_RULES[message.kind]
            sending = Sending(message.number, message.revision, message.peer, at)
            if case is None or not rule.may_be_resent(case, sending):
                continue
            wanted.append(message)
            if (moved := rule.resent(case, actor, at)) is not None:
                changes.append(moved)
        ledger.outbox.unpark(wanted, at)
        ledger.cases.save(changes)
        hook(Failpoint.RESEND_WRITTEN)
        again = {message.id for message in wanted}
        return tuple(ResentMessage(message, message.id in again) for message in parked)

    done = await store.transact(work)
    hook(Failpoint.RESEND_STORED)
    return done
