"""重发 and refusals after silence: nothing that was refused is lost, and nothing is sent twice."""

import asyncio
from datetime import timedelta
from functools import partial

import pytest

from gateway.adapters.ledger.store import open_ledger
from gateway.domain.case import State, Step
from gateway.domain.dispatch import UNCONFIRMED, dispatch_number
from gateway.domain.outbox_rules import REFUSED_AFTER_SILENCE, MessageKind
from gateway.errors import PeerRefused, PeerUnavailable
from gateway.flows.failpoints import Failpoint
from gateway.flows.resend import ResendRequest, ResentMessage, preview_resend, resend
from gateway.ports import PORTAL
from tests.builders.ledger import a_sealer
from tests.builders.records import JINSHUI
from tests.integration.flows.desk import Desk, an_item
from tests.support.clock import SettableClock
from tests.support.failpoints import RESENDING
from tests.support.killed import run_until_killed

SUBJECT = "tests.integration.flows.resend_subject"
FOREIGN = "already-exists"
RESENT = "case.released reason=dispatch.refused"


async def resent(
    desk: Desk, *keys: str, peer: str | None = None, per_minute: int | None = None
) -> tuple[ResentMessage, ...]:
    request = ResendRequest(keys, peer, per_minute)
    return await resend(request, operator="李敏", store=desk.store, now=desk.clock)


async def with_refused_dispatches(desk: Desk, *keys: str) -> None:
    """Have an agency refuse everything for a moment."""
    await desk.pull(*(an_item(key) for key in keys))
    desk.agency.inbox.refusals = {dispatch_number(key, 1): "message.invalid" for key in keys}
    desk.clock.forward(minutes=1)
    await desk.push()
    desk.agency.inbox.refusals.clear()


async def with_refused_report(desk: Desk, code: str = "message.invalid") -> None:
    """Have the portal refuse the report of SY1."""
    await desk.pull(an_item("SY1"))
    await desk.decide(await desk.outcome("SY1"))
    desk.portal.reports.refusals["SY1"] = code
    await desk.report()
    desk.portal.reports.refusals.clear()


async def test_refused_dispatches_are_sent_again_under_their_numbers(desk: Desk) -> None:
    await with_refused_dispatches(desk, "SY1", "SY2")
    assert {(await desk.case(key)).state for key in ("SY1", "SY2")} == {State.HELD}
    desk.clock.forward(minutes=1)

    found = await resent(desk, peer=JINSHUI)

    assert [(one.message.key, one.sent_again) for one in found] == [("SY1", True), ("SY2", True)]
    case = await desk.case("SY1")
    assert (case.state, case.hold_reason, case.dispatches) == (State.ACCEPTED, None, 1)
    last = (await desk.history("SY1"))[-1]
    assert (last.step, last.actor, last.note) == (Step.ASSIGN, "operator:李敏", RESENT)
    assert (await desk.push()).settled == 2
    assert (await desk.case("SY2")).state is State.DISPATCHED
    assert desk.agency.inbox.batches[0] == desk.agency.inbox.batches[-1]


async def test_so_many_go_a_minute_as_are_asked_for(desk: Desk) -> None:
    numbers = [f"SY{ordinal}" for ordinal in range(5)]
    await with_refused_dispatches(desk, *numbers)

    found = await resent(desk, peer=JINSHUI, per_minute=2)

    assert [one.sent_again for one in found] == [True] * 5
    sent = []
    for _ in range(4):
        sent.append((await desk.push()).settled)
        desk.clock.forward(minutes=1)
    assert sent == [2, 2, 1, 0]
    assert {(await desk.case(number)).state for number in numbers} == {State.DISPATCHED}


async def test_what_does_not_fit_into_an_hour_waits_for_another_command(desk: Desk) -> None:
    await with_refused_dispatches(desk, *(f"SY{ordinal:02}" for ordinal in range(62)))
    assert len(await resent(desk, peer=JINSHUI, per_minute=1)) == 60
    assert await desk.outbox_depth(JINSHUI) == (60, 2)
    (last,) = {message.due_at for message in await desk.messages("SY59")}
    assert last == desk.clock() + timedelta(minutes=59)


async def test_a_preview_says_what_would_go_and_changes_nothing(desk: Desk) -> None:
    await with_refused_dispatches(desk, "SY1", "SY2")
    await desk.end_as_returned("SY1")
    before = await desk.outbox_depth(JINSHUI), await desk.history("SY2")
    for request in (ResendRequest(peer=JINSHUI), ResendRequest(("SY1", "SY2"))):
        previewed = await desk.store.read(partial(preview_resend, request=request, at=desk.clock()))
        assert [one.sent_again for one in previewed] == [False, True]
    assert before == (await desk.outbox_depth(JINSHUI), await desk.history("SY2"))
    assert previewed == await resent(desk, "SY1", "SY2")


async def test_a_refused_report_is_sent_again(desk: Desk) -> None:
    await with_refused_report(desk)
    assert await desk.outbox_depth(PORTAL) == (0, 1)

    (found,) = await resent(desk, "SY1")

    assert (found.message.kind, found.message.error) == (MessageKind.REPORT, "message.invalid")
    assert (await desk.report()).settled == 1
    assert (await desk.case("SY1")).state is State.REPORTED


async def test_a_second_command_finds_nothing_and_changes_nothing(desk: Desk) -> None:
    await with_refused_dispatches(desk, "SY1")
    await resent(desk, "SY1")
    history = await desk.history("SY1")

    assert await resent(desk, "SY1") == ()
    assert await desk.history("SY1") == history
    assert (await desk.push()).settled == 1


async def test_two_commands_at_the_same_moment_send_a_message_once(desk: Desk) -> None:
    await with_refused_dispatches(desk, "SY1")
    found = await asyncio.gather(resent(desk, "SY1"), resent(desk, peer=JINSHUI))

    assert sum(len(one) for one in found) == 1
    notes = [entry.note for entry in await desk.history("SY1")]
    assert notes.count(RESENT) == 1
    await desk.push()
    assert len(desk.agency.inbox.batches) == 2


@pytest.mark.parametrize("at", RESENDING)
async def test_a_command_that_is_killed_did_all_or_nothing_and_can_be_repeated(
    url: str, at: Failpoint
) -> None:
    # Given two refused dispatches
    clock, numbers = SettableClock(), ("SY1", "SY2")
    desk = Desk(open_ledger(url, sealer=a_sealer(), now=clock), clock)
    await with_refused_dispatches(desk, *numbers)
    await desk.store.close()

    # When the process that sends them again is killed at this failpoint
    await run_until_killed(SUBJECT, url, at, *numbers)

    # Then before the commit nothing has happened, after it everything, and a repeat makes it whole
    desk.store = open_ledger(url, sealer=a_sealer(), now=clock)
    whole = at is Failpoint.RESEND_STORED
    assert (await desk.figures()).states == {"ACCEPTED" if whole else "HELD": 2}
    found = await resent(desk, *numbers)
    assert [one.sent_again for one in found] == ([] if whole else [True, True])
    assert (await desk.push()).settled == 2
    assert [len(await desk.history(number)) for number in numbers] == [4, 4]
    await desk.store.close()


async def test_a_dispatch_that_nobody_waits_for_any_more_stays_parked(desk: Desk) -> None:
    await with_refused_dispatches(desk, "SY1", "SY2")
    await desk.end_as_returned("SY1")
    await desk.reassign("SY2")
    found = await resent(desk, "SY1", "SY2")
    assert not any(one.sent_again for one in found)
    assert (await desk.case("SY1")).state is State.RETURNED


async def test_a_case_held_for_another_reason_is_not_released(desk: Desk) -> None:
    await with_refused_dispatches(desk, "SY1")
    assert await resent(desk, "SY-OTHER") == ()
    assert await resent(desk, peer="419001-01") == ()
    assert (await desk.case("SY1")).state is State.HELD


# Refusals after silence


@pytest.mark.parametrize("code", [FOREIGN, "outcome.conflict"])
async def test_already_there_in_foreign_words_after_a_lost_reply_is_no_plain_refusal(
    desk: Desk, code: str
) -> None:
    await desk.pull(an_item("SY1"))
    desk.agency.inbox.lost_replies.append(PeerUnavailable("agency"))
    await desk.push()
    desk.clock.forward(minutes=1)
    desk.agency.inbox.refusals[dispatch_number("SY1", 1)] = code
    await desk.push()

    case = await desk.case("SY1")
    assert (case.state, case.hold_reason) == (State.HELD, UNCONFIRMED)
    assert (await desk.history("SY1"))[-1].note == REFUSED_AFTER_SILENCE
    (message,) = await desk.messages("SY1")
    assert (message.error, message.attempts) == (REFUSED_AFTER_SILENCE, 2)

    # and the agency had it all along: its outcome goes through
    await desk.decide(await desk.outcome("SY1"))
    assert (await desk.case("SY1")).state is State.DECIDED


async def test_a_report_refused_whole_after_a_lost_reply_waits_under_its_own_code(
    desk: Desk,
) -> None:
    await desk.pull(an_item("SY1"))
    await desk.decide(await desk.outcome("SY1"))
    desk.portal.reports.lost_replies.append(PeerUnavailable("portal"))
    await desk.report()
    desk.clock.forward(minutes=1)
    desk.portal.reports.failures.append(PeerRefused("portal", status=409))
    await desk.report()

    (found,) = await resent(desk, "SY1")
    assert found.message.error == REFUSED_AFTER_SILENCE
    assert (await desk.report()).settled == 1  # known by its number there: `duplicate`
    assert len(desk.portal.reports.taken) == 1
    assert (await desk.case("SY1")).state is State.REPORTED


@pytest.mark.parametrize(("silent", "code"), [(True, "message.invalid"), (False, FOREIGN)])
async def test_a_refusal_in_known_words_or_of_the_first_attempt_is_one(
    desk: Desk, *, silent: bool, code: str
) -> None:
    await desk.pull(an_item("SY1"))
    if silent:
        desk.agency.inbox.lost_replies.append(PeerUnavailable("agency"))
        await desk.push()
        desk.clock.forward(minutes=1)
    desk.agency.inbox.refusals[dispatch_number("SY1", 1)] = code
    await desk.push()
    assert (await desk.case("SY1")).hold_reason == "dispatch.refused"


async def test_a_resent_message_that_is_refused_again_is_a_plain_refusal_again(
    desk: Desk,
) -> None:
    await with_refused_dispatches(desk, "SY1")
    await resent(desk, "SY1")
    desk.agency.inbox.refusals[dispatch_number("SY1", 1)] = FOREIGN
    await desk.push()
    assert (await desk.case("SY1")).hold_reason == "dispatch.refused"


async def test_the_attempts_of_sending_are_to_be_read(desk: Desk) -> None:
    await desk.pull(an_item("SY1"))
    for attempt in range(1, 4):
        desk.agency.inbox.failures.append(PeerUnavailable("agency"))
        await desk.push()
        (message,) = await desk.messages("SY1")
        assert (message.attempts, message.error) == (attempt, "connection.failed")
        desk.clock.forward(minutes=1)
    await desk.push()
    (message,) = await desk.messages("SY1")
    assert (message.attempts, message.error, message.ended_as) == (4, None, "settled")
