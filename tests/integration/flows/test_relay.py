"""推送与上传: at least once, in order, never lost, one culprit never in the way of the others."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from gateway.domain.case import State, Step
from gateway.domain.dispatch import dispatch_number
from gateway.domain.outbox_rules import MessageKind
from gateway.domain.retry_policy import LEASE, LONGEST_WAIT
from gateway.errors import PeerRefused, PeerUnavailable
from gateway.flows.failpoints import Failpoint
from gateway.flows.relay import relay_reports
from gateway.ports import PORTAL
from gateway.ports.peers import Portal
from schemas.records.dispatches import Dispatch
from schemas.records.outcomes import Outcome
from schemas.records.receipts import ItemResult
from tests.builders.records import JINSHUI, JIYUAN, an_application, application_json, citizen_number
from tests.integration.flows.desk import NUMBER, Desk, an_item
from tests.support.clock import SettableClock
from tests.support.peers import ScriptedPortal

FOUR = ("SY1", "SY2", "SY3", "SY4")


def number_of(key: str) -> str:
    return dispatch_number(key, 1)


async def with_cases(desk: Desk, *keys: str) -> Desk:
    await desk.pull(*(an_item(key) for key in keys))
    return desk


async def with_decisions(desk: Desk, *keys: str) -> Desk:
    await with_cases(desk, *keys)
    await desk.decide(*[await desk.outcome(key) for key in keys])
    return desk


# Dispatches


async def test_a_dispatch_is_complete_and_moves_its_case(desk: Desk) -> None:
    await with_cases(desk, NUMBER)
    desk.clock.forward(minutes=1)
    relayed = await desk.push()
    assert (relayed.claimed, relayed.settled, relayed.postponed, relayed.parked) == (1, 1, 0, 0)
    (body,) = desk.agency.inbox.taken.values()
    dispatch, case = Dispatch.read(body), await desk.case()
    assert dispatch.application == an_application()
    assert (dispatch.dispatch_no, dispatch.due_on) == (case.dispatch_no, case.due_on)
    assert case.state is State.DISPATCHED
    assert await desk.outbox_depth(JINSHUI) == (0, 0)
    assert (await desk.push()).claimed == 0


@pytest.mark.parametrize("number", ["H12345678", citizen_number("18990307"), "41010519900307000"])
async def test_whatever_was_found_doubtful_can_still_be_dispatched(desk: Desk, number: str) -> None:
    await desk.pull(an_item("SY1", aac147=number))
    await desk.push()
    (body,) = desk.agency.inbox.taken.values()
    assert Dispatch.read(body).findings == (await desk.case("SY1")).findings != ()


async def test_only_what_is_due_to_an_agency_goes_there(desk: Desk) -> None:
    await desk.pull(an_item("SY1"), an_item("SY2", place_division="419001"))
    await desk.push()
    assert desk.agency.inbox.batches == [[(number_of("SY1"), 1)]]


async def test_a_lost_reply_brings_the_same_message_again_under_the_same_number(
    desk: Desk,
) -> None:
    await with_cases(desk, "SY1")
    desk.agency.inbox.lost_replies.append(PeerUnavailable("agency"))
    assert (await desk.push()).postponed == 1
    assert (await desk.case("SY1")).state is State.ACCEPTED
    desk.clock.forward(seconds=3)
    assert (await desk.push()).settled == 1
    first, second = desk.agency.inbox.batches
    assert first == second == [(number_of("SY1"), 1)]
    assert len(desk.agency.inbox.taken) == 1
    assert (await desk.case("SY1")).state is State.DISPATCHED


async def test_without_an_answer_each_wait_is_longer_up_to_an_hour(desk: Desk) -> None:
    await with_cases(desk, "SY1")
    for attempt in range(1, 16):
        desk.agency.inbox.failures.append(PeerUnavailable("agency"))
        assert (await desk.push()).postponed == 1
        wait = min(timedelta(seconds=2**attempt), LONGEST_WAIT) * desk.jitter()
        desk.clock.forward(seconds=wait.total_seconds() - 0.01)
        assert (await desk.push()).claimed == 0
        desk.clock.forward(seconds=0.01)
    assert (await desk.push()).settled == 1


@pytest.mark.parametrize(("asked_s", "granted_s"), [(120.0, 120), (0.0, 1), (1e9, 3600)])
async def test_a_peer_is_not_called_for_as_long_as_it_asks(
    desk: Desk, asked_s: float, granted_s: int
) -> None:
    await with_cases(desk, "SY1")
    desk.agency.inbox.failures.append(PeerUnavailable("agency", retry_after_s=asked_s))
    await desk.push()
    desk.clock.forward(seconds=granted_s - 0.5)
    assert (await desk.push()).claimed == 0
    desk.clock.forward(seconds=0.5)
    assert (await desk.push()).settled == 1


async def test_a_claim_that_was_never_settled_is_made_again_after_its_lease(desk: Desk) -> None:
    await with_decisions(desk, "SY1")

    class Killed(Exception):
        pass

    def die(failpoint: Failpoint) -> None:
        if failpoint is Failpoint.REPORT_SENT:
            raise Killed

    with pytest.raises(Killed):
        await relay_reports(
            desk.portal, store=desk.store, now=desk.clock, jitter=desk.jitter, hook=die
        )
    assert (await desk.report()).claimed == 0
    desk.clock.forward(seconds=LEASE.total_seconds())
    assert (await desk.report()).settled == 1
    assert desk.portal.reports.batches == [[("SY1", 1)], [("SY1", 1)]]
    assert (await desk.case("SY1")).state is State.REPORTED


async def test_the_culprit_of_a_batch_is_parked_alone_and_its_case_held(desk: Desk) -> None:
    await with_cases(desk, *FOUR)
    desk.agency.inbox.poison.add(number_of("SY3"))
    desk.clock.forward(minutes=1)
    relayed = await desk.push()
    assert (relayed.settled, relayed.parked, relayed.postponed) == (3, 1, 0)
    states = {key: (await desk.case(key)).state for key in FOUR}
    assert states.pop("SY3") is State.HELD
    assert set(states.values()) == {State.DISPATCHED}
    assert (await desk.case("SY3")).hold_reason == "dispatch.refused"
    assert await desk.outbox_depth(JINSHUI) == (0, 1)


async def test_a_refused_dispatch_holds_its_case_and_the_others_go_on(desk: Desk) -> None:
    await with_cases(desk, "SY1", "SY2")
    desk.agency.inbox.refusals[number_of("SY1")] = "message.invalid"
    desk.clock.forward(minutes=1)
    relayed = await desk.push()
    assert (relayed.settled, relayed.parked) == (1, 1)
    held = await desk.case("SY1")
    assert (held.state, held.hold_reason) == (State.HELD, "dispatch.refused")
    last = (await desk.history("SY1"))[-1]
    assert (last.step, last.note, last.actor) == (Step.HOLD, "message.invalid", JINSHUI)
    assert (await desk.case("SY2")).state is State.DISPATCHED
    assert (await desk.push()).claimed == 0


async def test_a_case_is_held_when_it_was_refused_not_when_it_was_accepted(desk: Desk) -> None:
    await with_cases(desk, "SY1")
    desk.agency.inbox.refusals[number_of("SY1")] = "message.invalid"
    refused_at = desk.clock.forward(hours=2)
    await desk.push()
    assert (await desk.history("SY1"))[-1].at == refused_at
    assert (await desk.case("SY1")).changed_at == refused_at


@pytest.mark.parametrize("code", ["service.busy", "service.unavailable", "signature.expired"])
async def test_an_item_refused_for_now_goes_again(desk: Desk, code: str) -> None:
    await with_cases(desk, "SY1", "SY2")
    desk.agency.inbox.refusals[number_of("SY1")] = code
    relayed = await desk.push()
    assert (relayed.settled, relayed.postponed, relayed.parked) == (1, 1, 0)
    desk.agency.inbox.refusals.clear()
    desk.clock.forward(seconds=3)
    assert (await desk.push()).settled == 1
    assert (await desk.case("SY1")).state is State.DISPATCHED


async def test_after_a_reassignment_the_old_dispatch_moves_nothing(desk: Desk) -> None:
    await with_cases(desk, "SY1")
    desk.agency.inbox.lost_replies.append(PeerUnavailable("agency"))
    await desk.push()
    await desk.reassign("SY1")
    desk.clock.forward(minutes=5)
    assert (await desk.push()).claimed == 0
    case = await desk.case("SY1")
    assert (case.state, case.agency, case.dispatches) == (State.ACCEPTED, JIYUAN, 2)


async def test_a_case_withdrawn_while_its_dispatch_is_on_the_way_stays_withdrawn(
    desk: Desk,
) -> None:
    await with_cases(desk, "SY1")
    desk.agency.inbox.lost_replies.append(PeerUnavailable("agency"))
    await desk.push()
    await desk.pull(
        b'{"kind":"withdrawal","application_no":"SY1","withdrawn_at":"2026-03-02T10:00:00+08:00"}'
    )
    desk.clock.forward(minutes=5)
    assert (await desk.push()).claimed == 0
    assert (await desk.case("SY1")).state is State.WITHDRAWN


# Reports


async def test_a_report_is_what_the_agency_sent_byte_for_byte(desk: Desk) -> None:
    await with_cases(desk, "SY1")
    sent = await desk.outcome("SY1")
    await desk.decide(sent)
    assert (await desk.report()).settled == 1
    assert list(desk.portal.reports.taken.values()) == [sent]
    assert (await desk.case("SY1")).state is State.REPORTED


async def test_a_duplicate_at_the_portal_is_as_good_as_accepted(desk: Desk) -> None:
    await with_decisions(desk, "SY1")
    desk.portal.reports.lost_replies.append(PeerUnavailable("portal"))
    assert (await desk.report()).postponed == 1
    assert (await desk.case("SY1")).state is State.DECIDED
    desk.clock.forward(seconds=3)
    assert (await desk.report()).settled == 1
    assert (await desk.case("SY1")).state is State.REPORTED
    assert await desk.outbox_depth(PORTAL) == (0, 0)


async def test_a_refused_report_is_parked_and_its_case_stays_decided(desk: Desk) -> None:
    await with_decisions(desk, "SY1", "SY2")
    desk.portal.reports.refusals["SY1"] = "outcome.conflict"
    relayed = await desk.report()
    assert (relayed.settled, relayed.parked) == (1, 1)
    assert (await desk.case("SY1")).state is State.DECIDED
    assert (await desk.case("SY2")).state is State.REPORTED
    assert await desk.outbox_depth(PORTAL) == (0, 1)
    desk.clock.forward(days=1)
    assert (await desk.report()).claimed == 0


async def test_a_report_that_overtook_its_acknowledgement_goes_again(desk: Desk) -> None:
    await with_decisions(desk, "SY1")
    desk.portal.reports.refusals["SY1"] = "outcome.not-acknowledged"
    assert (await desk.report()).postponed == 1
    desk.portal.reports.refusals.clear()
    desk.clock.forward(seconds=3)
    assert (await desk.report()).settled == 1


async def test_the_culprit_among_reports_is_parked_alone(desk: Desk) -> None:
    await with_decisions(desk, *FOUR, "SY5")
    desk.portal.reports.poison.add("SY1")
    relayed = await desk.report()
    assert (relayed.settled, relayed.parked) == (4, 1)
    assert sorted(key for key, _ in desk.portal.reports.taken) == ["SY2", "SY3", "SY4", "SY5"]
    assert await desk.outbox_depth(PORTAL) == (0, 1)


async def test_a_portal_lost_while_a_batch_is_being_halved_costs_nothing(desk: Desk) -> None:
    await with_decisions(desk, *FOUR)
    desk.portal.reports.failures += [
        PeerRefused("portal"),
        PeerUnavailable("portal"),
    ]
    assert (await desk.report()).postponed == 4
    desk.clock.forward(seconds=5)
    assert (await desk.report()).settled == 4
    assert {(await desk.case(key)).state for key in FOUR} == {State.REPORTED}


@pytest.mark.parametrize("step", [timedelta(days=1), -timedelta(days=1)])
async def test_how_long_sending_may_take_goes_by_no_wall_clock(desk: Desk, step: timedelta) -> None:
    # Given a portal that refuses a batch of four; while it is halved the wall clock steps
    await with_decisions(desk, *FOUR)
    monotonic, calls = SettableClock(), 0

    class Refusing(ScriptedPortal):
        async def upload(
            self, kind: MessageKind, records: Sequence[bytes]
        ) -> tuple[ItemResult, ...]:
            nonlocal calls
            calls += 1
            desk.clock.ahead += step
            if len(records) > 1:
                raise PeerRefused("portal")
            monotonic.forward(seconds=20)
            return await super().upload(kind, records)

    # When two messages alone have taken forty seconds of the lease
    relayed = await relay_reports(
        Refusing(), store=desk.store, now=desk.clock, monotonic=monotonic, jitter=desk.jitter
    )

    # Then nothing else was sent under it
    assert calls == 4
    assert (relayed.settled, relayed.postponed) == (2, 2)


async def test_a_batch_that_is_not_full_says_whether_another_message_is_due(desk: Desk) -> None:
    await with_decisions(desk, "SY1", "SY2")
    desk.portal.reports.failures.append(PeerUnavailable("portal", retry_after_s=600))
    assert (await desk.report()).postponed == 2
    due = desk.clock() + timedelta(seconds=600)
    await desk.pull(an_item("SY3"))
    await desk.push()
    await desk.decide(await desk.outcome("SY3"))

    relayed = await desk.report()
    assert (relayed.settled, relayed.more, relayed.next_at) == (1, False, due)

    desk.clock.forward(seconds=600)
    await desk.decide(await desk.refusal("SY2", revision=2))
    relayed = await desk.report()
    assert (relayed.settled, relayed.more) == (2, True)  # the correction waited for them
    relayed = await desk.report()
    assert (relayed.settled, relayed.more, relayed.next_at) == (1, False, None)


async def test_an_answer_with_too_few_entries_is_no_answer(desk: Desk) -> None:
    await with_decisions(desk, "SY1", "SY2")

    class Careless(ScriptedPortal):
        async def upload(self, kind: object, records: object) -> tuple[ItemResult, ...]:
            return ()

    careless: Portal = Careless()
    relayed = await relay_reports(careless, store=desk.store, now=desk.clock, jitter=desk.jitter)
    assert (relayed.settled, relayed.postponed) == (0, 2)
    desk.clock.forward(seconds=5)
    assert (await desk.report()).settled == 2


async def test_a_correction_waits_for_the_revision_before_it(desk: Desk) -> None:
    await with_decisions(desk, "SY1")
    desk.portal.reports.failures.append(PeerUnavailable("portal", retry_after_s=600))
    await desk.report()
    await desk.decide(await desk.refusal("SY1", revision=2))
    desk.clock.forward(seconds=30)
    assert (await desk.report()).claimed == 0
    desk.clock.forward(seconds=600)
    assert (await desk.report()).settled == 1
    assert (await desk.case("SY1")).state is State.DECIDED  # revision 2 is not there yet
    assert (await desk.report()).settled == 1
    assert desk.portal.reports.batches[1:] == [[("SY1", 1)], [("SY1", 2)]]
    assert (await desk.case("SY1")).state is State.REPORTED


async def test_a_correction_after_the_report_is_reported_too(desk: Desk) -> None:
    await with_decisions(desk, "SY1")
    await desk.report()
    await desk.decide(await desk.refusal("SY1", revision=2))
    assert (await desk.case("SY1")).state is State.DECIDED
    await desk.report()
    assert (await desk.case("SY1")).state is State.REPORTED
    bodies = [Outcome.read(body) for body in desk.portal.reports.taken.values()]
    assert [(one.revision, one.verdict) for one in bodies] == [(1, "1"), (2, "2")]


async def test_a_large_backlog_goes_in_batches_the_peer_can_take(desk: Desk) -> None:
    keys = [f"SY{n:03}" for n in range(130)]
    desk.portal.feed.extend(application_json(application_no=key) for key in keys)
    while (await desk.pull(limit=100)).more:
        pass
    while (await desk.push()).claimed:
        pass
    assert len(desk.agency.inbox.taken) == 130
    assert max(len(batch) for batch in desk.agency.inbox.batches) <= 100
    assert (await desk.figures()).states == {State.DISPATCHED: 130}


async def test_two_relays_at_the_same_moment_send_each_message_once(desk: Desk) -> None:
    await with_cases(desk, *FOUR)
    first, second = await asyncio.gather(desk.push(), desk.push())
    assert first.settled + second.settled == 4
    sent = [identity for batch in desk.agency.inbox.batches for identity in batch]
    assert sorted(sent) == sorted((number_of(key), 1) for key in FOUR)
