"""释放挂起: held cases go on by an operator's hand, once, whatever happens in between."""

import pytest

from gateway.adapters.ledger.store import open_ledger
from gateway.domain.case import State, Step
from gateway.domain.delivery import Delivery
from gateway.domain.directory import Agency
from gateway.domain.dispatch import UNCONFIRMED, dispatch_number
from gateway.domain.intake_rules import hold_unreadable
from gateway.domain.release import ReleaseResult
from gateway.errors import PeerUnavailable
from gateway.flows.failpoints import Failpoint
from gateway.flows.release import CaseRelease, preview_release, release_held
from gateway.ports import PORTAL
from gateway.ports.cases import Opening
from tests.builders.ledger import a_sealer
from tests.builders.records import JINSHUI, application_json, rules, withdrawal_json
from tests.integration.flows.desk import NUMBER, Desk, an_item
from tests.support.clock import SettableClock
from tests.support.failpoints import RELEASING
from tests.support.killed import run_until_killed

SUBJECT = "tests.integration.flows.release_subject"
KAIFENG = Agency("4102000001", "开封市公共就业服务中心", "410200", Delivery.FETCH)


async def release(desk: Desk, *keys: str, operator: str = "李敏") -> tuple[CaseRelease, ...]:
    return await release_held(
        keys, operator=operator, store=desk.store, rules=desk.rules, now=desk.clock
    )


def results(done: tuple[CaseRelease, ...]) -> list[tuple[str, ReleaseResult]]:
    return [(one.key, one.result) for one in done]


@pytest.fixture
async def refused(desk: Desk) -> Desk:
    """Give a desk whose agency has refused ten dispatches, for three seconds, and works again."""
    numbers = [f"SY{ordinal}" for ordinal in range(10)]
    await desk.pull(*map(an_item, numbers))
    refusals = {dispatch_number(number, 1): "message.invalid" for number in numbers}
    desk.agency.inbox.refusals.update(refusals)
    await desk.push()
    desk.agency.inbox.refusals.clear()
    assert (await desk.figures()).held == {"dispatch.refused": 10}
    return desk


async def test_refused_dispatches_go_again_under_their_numbers(refused: Desk) -> None:
    numbers = [f"SY{ordinal}" for ordinal in range(10)]
    done = await release(refused, *numbers)
    assert results(done) == [(number, ReleaseResult.RELEASED) for number in numbers]
    assert {one.agency for one in done} == {JINSHUI}
    assert (await refused.push()).settled == 10
    assert set(refused.agency.inbox.taken) == {(dispatch_number(n, 1), 1) for n in numbers}
    assert (await refused.figures()).states == {"DISPATCHED": 10}


async def test_the_history_says_who_released_a_case_when_and_what_held_it(refused: Desk) -> None:
    refused.clock.forward(hours=2)
    await release(refused, "SY3", operator="王芳")
    entry = (await refused.history("SY3"))[-1]
    assert (entry.step, entry.state, entry.at) == (Step.ASSIGN, State.ACCEPTED, refused.clock())
    assert entry.actor == "operator:王芳"
    assert entry.note == "case.released reason=dispatch.refused"


async def test_a_second_release_finds_nothing_held(refused: Desk) -> None:
    await release(refused, "SY3", "SY3")
    before = await refused.history("SY3")
    assert results(await release(refused, "SY3")) == [("SY3", ReleaseResult.NOT_HELD)]
    assert await refused.history("SY3") == before
    await refused.push()
    assert refused.agency.inbox.batches[-1] == [(dispatch_number("SY3", 1), 1)]


async def test_a_case_that_is_refused_again_is_held_again_and_can_be_released_again(
    refused: Desk,
) -> None:
    for _ in range(3):
        refused.agency.inbox.refusals[dispatch_number("SY3", 1)] = "message.invalid"
        await release(refused, "SY3")
        await refused.push()
        assert (await refused.case("SY3")).state is State.HELD
    refused.agency.inbox.refusals.clear()
    await release(refused, "SY3")
    await refused.push()
    assert (await refused.case("SY3")).state is State.DISPATCHED


async def test_a_release_does_not_forget_an_attempt_without_an_answer(desk: Desk) -> None:
    # Given a dispatch that may be there: an answer was lost, then it is refused in foreign words
    await desk.pull(an_item(NUMBER))
    number = dispatch_number(NUMBER, 1)
    desk.agency.inbox.failures.append(PeerUnavailable("agency"))
    await desk.push()
    desk.agency.inbox.refusals[number] = "already-exists"
    desk.clock.forward(minutes=1)
    await desk.push()
    assert (await desk.case()).hold_reason == UNCONFIRMED

    # When it is released, and the agency says the same again
    await release(desk, NUMBER)
    await desk.push()

    # Then it still may be there
    assert (await desk.case()).hold_reason == UNCONFIRMED
    (message,) = await desk.messages()
    assert (message.number, message.attempts) == (number, 3)


async def test_a_case_without_an_agency_is_routed_again_under_the_settings_of_now(
    desk: Desk,
) -> None:
    await desk.pull(an_item(NUMBER, place_division="410202"))
    held = await desk.case()
    assert (held.state, held.hold_reason) == (State.HELD, "place.no-agency")
    (still,) = await release(desk, NUMBER)
    assert (still.result, still.reason) == (ReleaseResult.STILL_HELD, "place.no-agency")
    assert len(await desk.history()) == 1  # nothing changed, so nothing is noted

    desk.rules = rules(more=[KAIFENG])
    desk.clock.forward(days=1)
    (done,) = await release(desk, NUMBER)
    case = await desk.case()
    assert (done.result, done.agency) == (ReleaseResult.RELEASED, KAIFENG.code)
    assert (case.agency, case.dispatch_no) == (KAIFENG.code, dispatch_number(NUMBER, 1))
    assert case.due_on == held.due_on  # the clock never stopped
    bodies, _ = await desk.pending_dispatches(KAIFENG.code)
    assert len(bodies) == 1
    assert b'"matched_division":"410200"' in bodies[0]


async def test_a_case_that_moves_to_another_agency_gets_a_new_dispatch_number(desk: Desk) -> None:
    desk.rules = rules(more=[KAIFENG])
    await desk.pull(an_item(NUMBER, place_division="410202"))
    desk.rules = rules()
    await desk.reassign(NUMBER, JINSHUI)
    desk.agency.inbox.refusals[dispatch_number(NUMBER, 2)] = "message.invalid"
    await desk.push()
    desk.rules = rules(more=[KAIFENG])
    await release(desk, NUMBER)
    assert (await desk.case()).dispatch_no == dispatch_number(NUMBER, 3)
    assert await desk.outbox_depth(JINSHUI) == (0, 0)  # the parked one is not to be sent any more
    bodies, _ = await desk.pending_dispatches(KAIFENG.code)
    assert [dispatch_number(NUMBER, 3).encode() in body for body in bodies] == [True]


async def test_an_application_that_can_be_read_by_now_is_read_again(desk: Desk) -> None:
    # Held when an earlier program could not take its bytes apart
    whole = application_json()
    held = hold_unreadable(NUMBER, rules=desk.rules, at=desk.clock())
    opening = Opening(held.change, whole, None)
    await desk.store.transact(lambda ledger: ledger.cases.open([opening]))
    assert (await desk.case()).hold_reason == "application.unreadable"

    (done,) = await release(desk, NUMBER)
    case = await desk.case()
    assert (done.result, case.state, case.agency) == (
        ReleaseResult.RELEASED,
        State.ACCEPTED,
        JINSHUI,
    )
    await desk.push()
    assert list(desk.agency.inbox.taken) == [(dispatch_number(NUMBER, 1), 1)]
    # and the same application is a repeat when it comes once more
    await desk.pull(whole)
    assert await desk.quarantined() == []


async def test_what_cannot_be_read_yet_stays_held(desk: Desk) -> None:
    await desk.pull(application_json(aac003=None))
    (done,) = await release(desk, NUMBER)
    assert (done.result, done.reason) == (ReleaseResult.STILL_HELD, "application.unreadable")
    assert len(await desk.history()) == 1


async def test_what_was_withdrawn_or_decided_meanwhile_or_is_unknown_is_said(
    refused: Desk,
) -> None:
    await refused.pull(withdrawal_json(application_no="SY1"))
    await refused.decide(await refused.outcome("SY2"))
    done = await release(refused, "SY1", "SY2", "SY-NONE")
    assert results(done) == [
        ("SY1", ReleaseResult.NOT_HELD),
        ("SY2", ReleaseResult.NOT_HELD),
        ("SY-NONE", ReleaseResult.UNKNOWN),
    ]
    assert await refused.outbox_depth(PORTAL) == (1, 0)


async def test_a_preview_says_the_same_and_changes_nothing(desk: Desk) -> None:
    await desk.pull(
        an_item("SY1", place_division="410202"),
        an_item("SY2", place_division="110101"),
        an_item("SY3"),
        application_json(application_no="SY4", aac003=None),
    )
    desk.rules = rules(more=[KAIFENG])
    keys = ["SY1", "SY2", "SY3", "SY4", "SY5"]
    before = [await desk.history(key) for key in keys]
    previewed = await desk.store.read(
        lambda views: preview_release(views, keys=keys, rules=desk.rules, at=desk.clock())
    )
    assert [await desk.history(key) for key in keys] == before
    assert previewed == await release(desk, *keys)


@pytest.mark.parametrize("at", RELEASING)
async def test_a_release_killed_before_its_commit_is_none_and_after_it_is_whole(
    at: Failpoint,
    url: str,
    clock: SettableClock,
) -> None:
    # Given ten cases held because their dispatches were refused
    numbers = [f"SY{ordinal}" for ordinal in range(10)]
    store = open_ledger(url, sealer=a_sealer(), now=clock)
    desk = Desk(store, clock)
    await desk.pull(*map(an_item, numbers))
    refusals = {dispatch_number(number, 1): "message.invalid" for number in numbers}
    desk.agency.inbox.refusals.update(refusals)
    await desk.push()
    desk.agency.inbox.refusals.clear()
    await store.close()

    # When the process that releases them is killed at this failpoint
    await run_until_killed(SUBJECT, url, at, *numbers)

    # Then before the commit nothing has happened, after it everything, and a repeat makes it whole
    store = open_ledger(url, sealer=a_sealer(), now=clock)
    desk.store = store
    whole = at is Failpoint.RELEASE_STORED
    assert (await desk.figures()).states == {"ACCEPTED" if whole else "HELD": 10}
    done = await release(desk, *numbers)
    expected = ReleaseResult.NOT_HELD if whole else ReleaseResult.RELEASED
    assert {one.result for one in done} == {expected}
    assert (await desk.push()).settled == 10
    assert [len(await desk.history(number)) for number in numbers] == [4] * 10
    await store.close()
