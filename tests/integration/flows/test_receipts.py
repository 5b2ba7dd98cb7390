"""对方的回执: only a receipt for the very message that was sent is believed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import pytest

from gateway.domain.case import State
from gateway.domain.dispatch import dispatch_number
from gateway.flows.relay import RECEIPT_NOT_BELIEVED
from gateway.ports import PORTAL
from schemas.records.canonical_form import bytes_digest, content_digest
from schemas.records.dispatches import Dispatch
from schemas.records.receipts import ItemResult, Receipt
from tests.integration.flows.desk import AT_JIYUAN, NUMBER, Desk, an_item
from tests.support.peers import ScriptedAgency, ScriptedPortal, Taker

WRONG: Final[dict[str, dict[str, object]]] = {
    "kind": {"kind": "return"},
    "key": {"key": "SY9"},
    "revision": {"revision": 2},
    "digest": {"digest": "0" * 64},
}


@dataclass(slots=True)
class OtherReceipts(Taker):
    """Takes everything, and gives the receipts of `spoiled` numbers with other members."""

    members: dict[str, object] = field(default_factory=dict)
    spoiled: set[str] = field(default_factory=set)

    def take(self, bodies: Sequence[bytes]) -> tuple[ItemResult, ...]:
        """Answer one batch."""
        results = Taker.take(self, bodies)
        numbers = [number for number, _ in self.batches[-1]]
        return tuple(
            self._other(one) if number in self.spoiled else one
            for number, one in zip(numbers, results, strict=True)
        )

    def _other(self, result: ItemResult) -> ItemResult:
        assert result.receipt is not None
        receipt = result.receipt.model_copy(update=self.members)
        return result.model_copy(update={"receipt": receipt})


@pytest.mark.parametrize("member", WRONG)
async def test_a_report_with_the_receipt_of_another_stays_unknown_and_goes_again(
    desk: Desk, member: str
) -> None:
    # Given two decisions, and a portal whose receipt for one of them is for something else
    await desk.pull(an_item("SY1"), an_item("SY2"))
    await desk.decide(await desk.outcome("SY1"), await desk.outcome("SY2"))
    spoiling = OtherReceipts("outcome", members=WRONG[member], spoiled={"SY1"})
    desk.portal = ScriptedPortal(reports=spoiling)

    # When they are reported, then that one is postponed and the other is settled
    relayed = await desk.report()
    assert [(one.key, str(fault)) for one, fault in relayed.unbelieved] == [("SY1", member)]
    assert (relayed.settled, relayed.postponed, relayed.parked) == (1, 1, 0)
    assert (await desk.case("SY1")).state is State.DECIDED
    assert (await desk.case("SY2")).state is State.REPORTED
    (message,) = [one for one in await desk.messages("SY1") if one.peer == PORTAL]
    assert message.error == RECEIPT_NOT_BELIEVED

    # And once the receipt is right, it is settled too
    spoiling.spoiled.clear()
    desk.clock.forward(minutes=1)
    assert (await desk.report()).settled == 1
    assert (await desk.case("SY1")).state is State.REPORTED


@pytest.mark.parametrize("member", WRONG)
async def test_a_dispatch_with_the_receipt_of_another_is_not_delivered(
    desk: Desk, member: str
) -> None:
    await desk.pull(an_item(NUMBER))
    number = dispatch_number(NUMBER, 1)
    taker = OtherReceipts("dispatch", members=WRONG[member], spoiled={number})
    desk.agency = ScriptedAgency(taker)
    relayed = await desk.push()
    assert [str(fault) for _, fault in relayed.unbelieved] == [member]
    assert (await desk.case()).state is State.ACCEPTED


@pytest.mark.parametrize("by_number", [True, False])
async def test_a_receipt_as_earlier_peers_give_it_is_believed(
    desk: Desk, *, by_number: bool
) -> None:
    """Its digest is over the bytes as sent; a dispatch could be named by its application."""
    await desk.pull(an_item(NUMBER))
    number = dispatch_number(NUMBER, 1)
    taker = OtherReceipts("dispatch", spoiled={number})
    desk.agency = ScriptedAgency(taker)
    taker.lost_replies.append(ConnectionError())
    with pytest.raises(ConnectionError):
        await desk.push()
    (sent,) = taker.taken.values()
    taker.members = {"key": number if by_number else NUMBER, "digest": bytes_digest(sent)}
    desk.clock.forward(minutes=2)
    assert (await desk.push()).settled == 1


async def test_the_receipt_of_an_acknowledged_dispatch_is_for_the_dispatch_as_it_was_offered(
    desk: Desk,
) -> None:
    await desk.pull(an_item(NUMBER, **AT_JIYUAN))
    (offered,), _ = await desk.pending_dispatches()
    dispatch = Dispatch.read(offered)
    (answer,) = await desk.acknowledge(dispatch.dispatch_no)
    given = Receipt.read(answer.receipt or b"")
    assert (given.kind, given.key, given.revision) == ("dispatch", dispatch.dispatch_no, 1)
    assert given.digest == content_digest(dispatch)
    (again,) = await desk.acknowledge(dispatch.dispatch_no)
    assert again.receipt == answer.receipt
