"""The loops: what they do after failures, what wakes them, and how they end."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from gateway.adapters.ledger.store import open_ledger
from gateway.domain.receipts import ReceiptFault
from gateway.errors import PeerUnavailable
from gateway.events import raised_in
from gateway.flows.failpoints import no_hook
from gateway.flows.page_download import LONGEST_PAGE
from gateway.flows.relay import Relayed
from gateway.jobs.intake import IntakeLoop, IntakeTerms
from gateway.jobs.relay import RelayLoop
from gateway.jobs.ticks import Ticks
from gateway.jobs.wake_event import WakeEvent
from gateway.metrics import Metrics
from gateway.ports.store import Store
from schemas.reference.clock import Now
from schemas.reference.codes import CodeTables, UnknownCodeTable
from storage import sealing_keys
from storage.sealing import Sealer
from tests.builders.ledger import a_claimed_message
from tests.builders.records import MORNING, application_json, rules
from tests.support.clock import SettableClock
from tests.support.peers import ScriptedPortal


def a_portal(*plan: Sequence[bytes] | Exception) -> ScriptedPortal:
    """Return the national side with a plan; at its end it holds the line."""
    return ScriptedPortal(plan=list(plan), holds_line=True)


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(version="0", contract="0")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    sealer = Sealer(sealing_keys.create(tmp_path / "ledger.json"))
    opened = open_ledger(f"sqlite:///{tmp_path}/gateway.db", sealer=sealer, now=lambda: MORNING)
    yield opened
    await opened.close()


def an_intake(
    portal: ScriptedPortal,
    store: Store,
    metrics: Metrics,
    *,
    long_poll_s: int = 25,
    now: Now = lambda: MORNING,
) -> IntakeLoop:
    terms = IntakeTerms(rules(), now, lambda: 0.0, no_hook, 3600, long_poll_s)
    return IntakeLoop(portal, store=store, terms=terms, metrics=metrics)


async def ended(loop: IntakeLoop | RelayLoop, running: "asyncio.Task[None]") -> None:
    loop.stop()
    await running


async def test_the_intake_asks_for_pages_as_long_as_the_contract_allows(
    store: Store, metrics: Metrics
) -> None:
    portal = a_portal([application_json()])
    await an_intake(portal, store, metrics).turn()
    assert portal.asked == [LONGEST_PAGE]


async def test_an_encoding_that_every_item_has_is_logged_and_makes_no_page_smaller(
    store: Store, metrics: Metrics, caplog: pytest.LogCaptureFixture
) -> None:
    items = [application_json(application_no=f"SY-{n}") for n in range(10)]
    portal = ScriptedPortal(feed=[item.decode().encode("gb18030") for item in items])
    clock = SettableClock()
    intake = an_intake(portal, store, metrics, now=clock)

    for _ in range(3):
        await intake.turn()
        clock.forward(seconds=30)  # a smaller page grows again after a minute

    failed = [vars(one)["facts"] for one in caplog.records if one.getMessage() == "intake.failed"]
    assert {(one["peer"], one["reason"]) for one in failed} == {("portal", "answer.not-utf-8")}
    assert len(portal.asked) == 3
    assert len(set(portal.asked)) == 1
    assert portal.acknowledged == []


async def test_page_follows_page_and_then_the_line_is_held(store: Store, metrics: Metrics) -> None:
    numbered = [application_json(application_no=f"SY-{n}") for n in range(4)]
    portal = a_portal(numbered[:2], numbered[2:])
    intake = an_intake(portal, store, metrics)
    async with asyncio.timeout(10):
        running = asyncio.create_task(intake.run())
        await portal.holding.wait()
        await ended(intake, running)

    assert len(portal.acknowledged) == 4
    assert portal.waits == [25, 25, 25]


async def test_after_a_failure_the_intake_waits_and_asks_again(
    store: Store, metrics: Metrics
) -> None:
    clock = SettableClock()
    portal = a_portal(PeerUnavailable("portal"), [application_json()])
    intake = an_intake(portal, store, metrics, now=clock)

    clock.forward(seconds=await intake.turn())
    assert await intake.turn() == 0.0

    failed = metrics.registry.get_sample_value(
        "duijie_pull_requests_total", {"result": "peer.unavailable"}
    )
    assert failed == 1
    assert len(portal.acknowledged) == 1


NAME: Final = "张伟"
UNEXPECTED: Final = (OverflowError(NAME), RecursionError(NAME), KeyError(NAME), MemoryError(NAME))


def failures_of(loop: str, metrics: Metrics) -> float | None:
    return metrics.registry.get_sample_value("duijie_turn_failures_total", {"loop": loop})


@pytest.mark.parametrize("raised", UNEXPECTED, ids=lambda one: type(one).__name__)
async def test_a_turn_of_the_intake_survives_whatever_is_raised_in_it(
    store: Store, metrics: Metrics, caplog: pytest.LogCaptureFixture, raised: Exception
) -> None:
    clock = SettableClock()
    portal = a_portal(raised, [application_json()])
    intake = an_intake(portal, store, metrics, now=clock)

    clock.forward(seconds=await intake.turn())
    assert await intake.turn() == 0.0
    assert len(portal.acknowledged) == 1
    assert failures_of("intake", metrics) == 1
    assert logged_errors(caplog) == [("turn.failed", type(raised).__name__)]
    assert NAME not in str([vars(record) for record in caplog.records])


@pytest.mark.parametrize("raised", UNEXPECTED, ids=lambda one: type(one).__name__)
async def test_a_turn_of_a_relay_survives_whatever_is_raised_in_it_and_waits(
    metrics: Metrics, caplog: pytest.LogCaptureFixture, raised: Exception
) -> None:
    clock = SettableClock()
    sends = PlannedSends(raised, Relayed(1, settled=1))
    relay = RelayLoop("portal", sends, now=clock, jitter=lambda: 0.0, metrics=metrics)

    clock.forward(seconds=await relay.turn())
    assert await relay.turn() == 0.0
    assert failures_of("relay", metrics) == 1
    assert logged_errors(caplog) == [("turn.failed", type(raised).__name__)]
    assert NAME not in str([vars(record) for record in caplog.records])


async def test_after_five_unexpected_errors_in_a_row_the_circuit_is_open(
    metrics: Metrics,
) -> None:
    clock = SettableClock()
    sends = PlannedSends(*UNEXPECTED, KeyError(NAME), Relayed(1, settled=1))
    relay = RelayLoop("portal", sends, now=clock, jitter=lambda: 0.9, metrics=metrics)

    for _ in range(5):
        assert relay.breaker.allows(clock())
        pause_s = await relay.turn()
        clock.forward(seconds=0.5 if sends.sent == 5 else pause_s)
    assert not relay.breaker.allows(clock())
    assert await relay.turn() > 0
    assert sends.sent == 5


def test_an_error_is_told_with_the_line_of_ours_that_it_came_from() -> None:
    with pytest.raises(UnknownCodeTable) as ours:
        CodeTables.load().codes("no such table")
    with pytest.raises(ValueError, match="invalid literal") as theirs:
        int("x")

    assert raised_in(ours.value).startswith("schemas.reference.codes:")
    assert raised_in(theirs.value) == ""


def logged_errors(caplog: pytest.LogCaptureFixture) -> list[tuple[str, object]]:
    """Return what was logged as an error: the event, and the class of the error."""
    errors = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert all(vars(record)["facts"]["peer"] == "portal" for record in errors)
    return [(record.getMessage(), vars(record)["facts"]["error"]) for record in errors]


async def test_without_long_poll_only_a_tick_asks_again(store: Store, metrics: Metrics) -> None:
    portal = a_portal([], [])
    intake = an_intake(portal, store, metrics, long_poll_s=0)
    ticks = Ticks()
    ticks.every(1, "poll", intake.wake_event.wake)
    async with asyncio.timeout(20):
        running = asyncio.create_task(intake.run())
        ticks.start()
        await portal.holding.wait()
        ticks.stop()
        await ended(intake, running)

    assert portal.waits == [0, 0, 0]


async def test_polling_once_ends_when_the_portal_only_repeats_itself(
    store: Store, metrics: Metrics
) -> None:
    same = [application_json()]
    portal = a_portal(same, same, same, same)

    rows = await an_intake(portal, store, metrics).ingest_waiting()

    assert [row.repeated for row in rows] == [False, True]


class PlannedSends:
    """What each batch comes to; at the end nothing is due."""

    def __init__(self, *plan: Relayed | Exception) -> None:
        self.plan = list(plan)
        self.idle = asyncio.Event()
        self.sent = 0
        self.limits: list[int] = []

    async def __call__(self, *, limit: int) -> Relayed:
        """Do what is planned next."""
        self.limits.append(limit)
        if not self.plan:
            self.idle.set()
            return Relayed()
        self.sent += 1
        planned = self.plan.pop(0)
        if isinstance(planned, Exception):
            raise planned
        return planned


async def test_full_batches_follow_one_another_without_a_pause(metrics: Metrics) -> None:
    sends = PlannedSends(*[Relayed(100, settled=100)] * 3)
    relay = RelayLoop("410105-01", sends, now=lambda: MORNING, jitter=lambda: 0.0, metrics=metrics)
    async with asyncio.timeout(10):
        running = asyncio.create_task(relay.run())
        await sends.idle.wait()
        await ended(relay, running)

    settled = metrics.registry.get_sample_value(
        "duijie_dispatch_attempts_total", {"result": "settled"}
    )
    assert settled == 300


async def test_a_receipt_that_is_not_believed_is_counted_and_logged_without_what_it_says(
    metrics: Metrics, caplog: pytest.LogCaptureFixture
) -> None:
    message = a_claimed_message()
    unbelieved = ((message, ReceiptFault.DIGEST),)
    sends = PlannedSends(Relayed(1, postponed=1, unbelieved=unbelieved))
    relay = RelayLoop("portal", sends, now=lambda: MORNING, jitter=lambda: 0.0, metrics=metrics)

    await relay.turn()

    labels = {"kind": "report", "reason": "digest"}
    counted = metrics.registry.get_sample_value("duijie_receipts_not_believed_total", labels)
    assert counted == 1
    (said,) = [one for one in caplog.records if one.getMessage() == "receipt.not-believed"]
    assert getattr(said, "facts", None) == {
        "peer": "portal",
        "application_no": message.key,
        "message_no": message.number,
        "reason": "digest",
    }


async def test_after_five_failures_in_a_row_the_circuit_is_open(metrics: Metrics) -> None:
    clock = SettableClock()
    sends = PlannedSends(*[Relayed(1, postponed=1)] * 5, Relayed(1, settled=1))
    relay = RelayLoop("410105-01", sends, now=clock, jitter=lambda: 0.9, metrics=metrics)

    for _ in range(4):
        clock.forward(seconds=await relay.turn())
    pause_s = await relay.turn()
    assert sends.sent == 5
    clock.forward(seconds=0.5)
    assert not relay.breaker.allows(clock())
    assert await relay.turn() > 0
    assert sends.sent == 5

    clock.forward(seconds=pause_s)
    assert await relay.turn() == 0.0
    assert relay.breaker.allows(clock())


@pytest.mark.parametrize(
    ("due_in", "pause_s"), [(None, 60.0), (3, 3.0), (3600, 60.0), (0, 0.01), (-5, 0.01)]
)
async def test_a_loop_with_nothing_to_send_sleeps_until_the_next_message_is_due(
    metrics: Metrics, due_in: int | None, pause_s: float
) -> None:
    next_at = None if due_in is None else MORNING + timedelta(seconds=due_in)
    sends = PlannedSends(Relayed(3, settled=2, postponed=1), Relayed(next_at=next_at))
    relay = RelayLoop("portal", sends, now=lambda: MORNING, jitter=lambda: 0.0, metrics=metrics)

    assert [await relay.turn() for _ in range(2)] == [0.0, pause_s]


async def test_a_loop_that_has_sent_all_sleeps_without_looking_again(metrics: Metrics) -> None:
    next_at = MORNING + timedelta(seconds=3)
    sends = PlannedSends(Relayed(2, settled=2, more=False, next_at=next_at))
    relay = RelayLoop("portal", sends, now=lambda: MORNING, jitter=lambda: 0.0, metrics=metrics)

    assert await relay.turn() == 3.0


async def test_a_new_message_ends_the_pause(metrics: Metrics) -> None:
    sends = PlannedSends()
    relay = RelayLoop("portal", sends, now=lambda: MORNING, jitter=lambda: 0.0, metrics=metrics)
    async with asyncio.timeout(10):
        running = asyncio.create_task(relay.run())
        await sends.idle.wait()
        sends.plan.append(Relayed(1, settled=1))
        sends.idle.clear()
        relay.wake_event.wake()
        await sends.idle.wait()
        await ended(relay, running)

    assert sends.sent == 1


async def test_a_wake_up_before_the_pause_is_not_lost_and_counts_once() -> None:
    wake_event = WakeEvent()
    wake_event.wake()
    wake_event.wake()
    async with asyncio.timeout(10):
        await wake_event.pause(3600)
    waiting = asyncio.create_task(wake_event.pause(3600))
    await asyncio.wait([waiting], timeout=0.01)
    assert not waiting.done()
    wake_event.stop()
    async with asyncio.timeout(10):
        await waiting
        await wake_event.pause(3600)
