"""撤回: a person takes an application back, in whatever order the messages come."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import pytest

from gateway.domain.case import State, Step
from gateway.domain.dispatch import dispatch_number
from gateway.domain.item_answer import ItemAnswer
from gateway.flows.fetch import case_view, superseded_dispatches
from gateway.flows.hold import hold_cases
from gateway.flows.relay import relay_dispatches
from gateway.page_notes import IntakeWay
from gateway.ports import PORTAL
from schemas.records.dispatches import CaseView
from schemas.records.receipts import ItemResult
from tests.builders.records import JINSHUI, JIYUAN, application_json, withdrawal_json
from tests.integration.flows.desk import AT_JIYUAN, NUMBER, Desk, an_item


def said(answers: Sequence[ItemAnswer]) -> list[str]:
    """Return each answer's status, or the code of its refusal."""
    return [one.refused.code if one.refused else one.status.value for one in answers]


async def test_a_withdrawal_ends_a_case_that_is_not_decided(desk: Desk) -> None:
    await desk.pull(application_json())
    result = await desk.pull(withdrawal_json())
    assert [(row.key, row.agency) for row in result.rows] == [(NUMBER, JINSHUI)]
    assert (await desk.case()).state is State.WITHDRAWN
    assert await desk.outbox_depth(JINSHUI) == (0, 0)
    assert [one.kind for one in desk.portal.acknowledged] == ["application", "withdrawal"]


async def test_a_withdrawal_after_the_dispatch_reached_the_agency_ends_the_case(desk: Desk) -> None:
    await desk.pull(application_json())
    await desk.push()
    await desk.pull(withdrawal_json())
    assert (await desk.case()).state is State.WITHDRAWN


async def test_a_withdrawal_that_came_first_waits_for_its_application(desk: Desk) -> None:
    await desk.pull(withdrawal_json())
    assert desk.portal.numbers == [NUMBER]
    assert await desk.no_case(NUMBER)
    await desk.pull(application_json())
    assert (await desk.case()).state is State.WITHDRAWN
    assert await desk.outbox_depth(JINSHUI) == (0, 0)
    assert [entry.step for entry in await desk.history()] == [Step.ACCEPT, Step.WITHDRAW]


@pytest.mark.parametrize("withdrawal_first", [True, False])
async def test_an_application_and_its_withdrawal_may_share_a_page(
    desk: Desk, *, withdrawal_first: bool
) -> None:
    page = [application_json(), withdrawal_json()]
    await desk.pull(*(reversed(page) if withdrawal_first else page))
    assert (await desk.case()).state is State.WITHDRAWN
    assert await desk.outbox_depth(JINSHUI) == (0, 0)
    assert desk.portal.numbers == [NUMBER, NUMBER]


async def test_after_the_decision_a_withdrawal_changes_nothing(desk: Desk) -> None:
    await desk.pull(application_json())
    await desk.decide(await desk.outcome())
    await desk.pull(withdrawal_json())
    assert (await desk.case()).state is State.DECIDED
    assert await desk.outbox_depth(PORTAL) == (1, 0)
    await desk.report()
    assert (await desk.case()).state is State.REPORTED


async def test_a_withdrawal_that_comes_twice_is_noted_once(desk: Desk) -> None:
    await desk.pull(application_json(), withdrawal_json())
    desk.portal.offer_again()
    await desk.pull()
    assert [entry.step for entry in await desk.history()] == [Step.ACCEPT, Step.WITHDRAW]
    assert await desk.quarantined() == []


async def withdraw(desk: Desk, way: IntakeWay) -> None:
    """Have the withdrawal come, and again by the other way."""
    if way is IntakeWay.PULL:
        await desk.pull(withdrawal_json())
        assert said((await desk.take_push(withdrawal_json())).answers) == ["duplicate"]
    else:
        assert said((await desk.take_push(withdrawal_json())).answers) == ["accepted"]
        await desk.pull(withdrawal_json())
    assert "withdrawal" in [one.kind for one in desk.portal.acknowledged]


async def forwarded(desk: Desk) -> None:
    await desk.pull(an_item(NUMBER))


async def delivered(desk: Desk) -> None:
    await forwarded(desk)
    await desk.push()


async def offered(desk: Desk) -> None:
    await desk.pull(an_item(NUMBER, **AT_JIYUAN))
    assert len((await desk.pending_dispatches())[0]) == 1


async def fetched(desk: Desk) -> None:
    await offered(desk)
    assert said(await desk.acknowledge(dispatch_number(NUMBER, 1))) == ["accepted"]


async def unroutable(desk: Desk) -> None:
    await desk.pull(an_item(NUMBER, place_division="999999"))


async def unreadable(desk: Desk) -> None:
    await desk.pull(b'{"kind":"application","application_no":"%b","a":1,"a":2}' % NUMBER.encode())


async def held_by_hand(desk: Desk) -> None:
    await delivered(desk)
    await hold_cases([NUMBER], reason="核对", operator="李敏", store=desk.store, now=desk.clock)


async def given_back(desk: Desk) -> None:
    await delivered(desk)
    assert said(await desk.give_back(await desk.return_of())) == ["accepted"]


async def reassigned(desk: Desk) -> None:
    await delivered(desk)
    await desk.reassign()


async def decided(desk: Desk) -> None:
    await delivered(desk)
    assert said(await desk.decide(await desk.outcome())) == ["accepted"]


async def reported(desk: Desk) -> None:
    await decided(desk)
    await desk.report()


async def returned(desk: Desk) -> None:
    await unroutable(desk)
    await desk.end_as_returned(NUMBER)


Stand = Callable[[Desk], Awaitable[None]]
UNDECIDED: Final[tuple[tuple[Stand, State, tuple[str, ...]], ...]] = (
    (forwarded, State.ACCEPTED, (JINSHUI,)),
    (delivered, State.DISPATCHED, (JINSHUI,)),
    (offered, State.ACCEPTED, (JIYUAN,)),
    (fetched, State.DISPATCHED, (JIYUAN,)),
    (unroutable, State.HELD, ()),
    (unreadable, State.HELD, ()),
    (held_by_hand, State.HELD, (JINSHUI,)),
    (given_back, State.HELD, (JINSHUI,)),
    (reassigned, State.ACCEPTED, (JINSHUI, JIYUAN)),
)
"""Where a case stands, and the agencies that have, or had, a dispatch of it."""


async def over(desk: Desk, agency: str) -> list[str]:
    """Return the dispatches of which an agency learns, where it asks, that they are over."""
    found = await superseded_dispatches(
        agency, within=timedelta(hours=1), store=desk.store, now=desk.clock, limit=10
    )
    return [one.application_no for one in found]


@pytest.mark.parametrize("way", IntakeWay)
@pytest.mark.parametrize(
    ("stand", "state", "agencies"), UNDECIDED, ids=[one.__name__ for one, *_ in UNDECIDED]
)
async def test_a_withdrawal_takes_effect_wherever_an_undecided_case_stands(
    desk: Desk, stand: Stand, state: State, agencies: tuple[str, ...], way: IntakeWay
) -> None:
    await stand(desk)
    assert (await desk.case()).state is state

    await withdraw(desk, way)

    # Then the case is over, once, and nothing of it is sent to anybody
    case = await desk.case()
    assert (case.state, case.hold_reason) == (State.WITHDRAWN, None)
    assert [entry.step for entry in await desk.history()].count(Step.WITHDRAW) == 1
    for agency in (JINSHUI, JIYUAN, PORTAL):
        assert await desk.outbox_depth(agency) == (0, 0)
    assert (await desk.push()).claimed == 0
    assert await desk.pending_dispatches() == ([], False)

    # And whoever has a dispatch of it learns that it is over, and nobody else
    for agency in (JINSHUI, JIYUAN):
        assert await over(desk, agency) == ([NUMBER] if agency in agencies else [])


@pytest.mark.parametrize("way", IntakeWay)
@pytest.mark.parametrize(
    ("stand", "agency"), [(delivered, JINSHUI), (offered, JIYUAN), (fetched, JIYUAN)]
)
async def test_what_an_agency_does_with_a_withdrawn_dispatch_is_answered_by_that(
    desk: Desk, stand: Stand, agency: str, way: IntakeWay
) -> None:
    await stand(desk)
    outcome, given_back = await desk.outcome(), await desk.return_of()
    await withdraw(desk, way)

    assert said(await desk.decide(outcome, sender=agency)) == ["case.withdrawn"]
    assert said(await desk.give_back(given_back, sender=agency)) == ["case.withdrawn"]
    if stand is offered:
        late = await desk.acknowledge(dispatch_number(NUMBER, 1))
        assert said(late) == ["case.withdrawn"]
    body = await case_view(NUMBER, agency=agency, store=desk.store)
    assert CaseView.read(body or b"").state == State.WITHDRAWN
    assert (await desk.case()).state is State.WITHDRAWN


@pytest.mark.parametrize("way", IntakeWay)
@pytest.mark.parametrize(
    ("stand", "state"),
    [
        (decided, State.DECIDED),
        (reported, State.REPORTED),
        (returned, State.RETURNED),
    ],
)
async def test_a_withdrawal_that_comes_too_late_is_noted_and_the_end_stands(
    desk: Desk, stand: Stand, state: State, way: IntakeWay
) -> None:
    await stand(desk)

    await withdraw(desk, way)

    assert (await desk.case()).state is state
    assert [entry.step for entry in await desk.history()].count(Step.WITHDRAW) == 1
    await desk.report()
    assert len(desk.portal.reports.taken) == (0 if stand is returned else 1)
    assert await over(desk, JINSHUI) == []


@pytest.mark.parametrize("way", IntakeWay)
async def test_a_withdrawal_by_either_way_may_come_before_its_application_by_the_other(
    desk: Desk, way: IntakeWay
) -> None:
    await withdraw(desk, way)
    assert await desk.no_case(NUMBER)
    if way is IntakeWay.PULL:
        assert said((await desk.take_push(an_item(NUMBER))).answers) == ["accepted"]
    else:
        await desk.pull(an_item(NUMBER))
    assert (await desk.case()).state is State.WITHDRAWN
    assert await desk.outbox_depth(JINSHUI) == (0, 0)
    assert await over(desk, JINSHUI) == []  # it was offered to nobody


async def test_a_readable_copy_does_not_revive_what_was_withdrawn(desk: Desk) -> None:
    await unreadable(desk)
    await withdraw(desk, IntakeWay.PUSH)
    assert said((await desk.take_push(an_item(NUMBER))).answers) == ["accepted"]
    assert (await desk.case()).state is State.WITHDRAWN
    assert await desk.outbox_depth(JINSHUI) == (0, 0)


@dataclass(frozen=True)
class AgencyMeanwhile:
    """An agency's system to which a dispatch is on its way while the withdrawal comes."""

    desk: Desk
    way: IntakeWay

    async def deliver(self, dispatches: Sequence[bytes]) -> tuple[ItemResult, ...]:
        """Let the withdrawal come, then answer the push."""
        await withdraw(self.desk, self.way)
        return await self.desk.agency.deliver(dispatches)


@pytest.mark.parametrize("way", IntakeWay)
async def test_a_withdrawal_crosses_a_dispatch_that_is_on_its_way(
    desk: Desk, way: IntakeWay
) -> None:
    await forwarded(desk)

    relayed = await relay_dispatches(
        JINSHUI, AgencyMeanwhile(desk, way), store=desk.store, now=desk.clock, jitter=desk.jitter
    )

    # Then the agency has it and learns that it is over
    assert (relayed.claimed, relayed.settled) == (1, 0)
    assert (await desk.case()).state is State.WITHDRAWN
    (message,) = await desk.messages()
    assert message.ended_as == "cancelled"
    assert await over(desk, JINSHUI) == [NUMBER]
    assert said(await desk.decide(await desk.outcome())) == ["case.withdrawn"]
