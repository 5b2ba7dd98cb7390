"""What stands still or fails by itself is measured: the head of the feed, one message of many."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.adapters.ledger.store import open_ledger
from gateway.errors import PeerFailure, PeerUnavailable
from gateway.flows.relay import Relayed
from gateway.jobs.relay import RelayLoop
from gateway.metrics import Metrics
from gateway.ports.store import Store
from tests.builders.ledger import a_claimed_message, a_sealer
from tests.builders.records import MORNING, application_json
from tests.integration.gateway.test_loops import PlannedSends, an_intake
from tests.support.clock import SettableClock
from tests.support.peers import ScriptedPortal


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(version="0", contract="0")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    url = f"sqlite:///{tmp_path}/standing.db"
    opened = open_ledger(url, sealer=a_sealer(), now=lambda: MORNING)
    yield opened
    await opened.close()


async def test_how_long_nothing_was_downloaded_is_measured_while_a_backlog_is_read(
    store: Store, metrics: Metrics
) -> None:
    portal, clock = ScriptedPortal(feed=[application_json()]), SettableClock()
    intake = an_intake(portal, store, metrics, now=clock)

    def unread() -> float | None:
        return metrics.registry.get_sample_value("duijie_feed_unread_seconds")

    assert unread() == 0
    clock.forward(minutes=90)
    assert unread() == 5400
    await intake.turn()
    assert unread() == 0

    # When the portal cannot be reached
    portal.plan.append(PeerUnavailable("portal", PeerFailure.NO_ANSWER))
    clock.forward(minutes=10)
    await intake.turn()
    assert unread() == 600


async def test_a_feed_that_stands_is_measured_until_it_moves(
    store: Store, metrics: Metrics
) -> None:
    # Given items without a number, which nobody can acknowledge
    feed = [b'{"kind":"application","a":NaN,"n":%d}' % n for n in range(2)]
    portal, clock = ScriptedPortal(feed=feed), SettableClock()
    intake = an_intake(portal, store, metrics, now=clock)

    def standing() -> float | None:
        return metrics.registry.get_sample_value("duijie_feed_standing_seconds")

    await intake.turn()
    clock.forward(minutes=20)
    await intake.turn()
    assert standing() == 1200

    # When something new comes behind them, then it moves; another encoding lets it stand again
    portal.feed.append(application_json())
    await intake.turn()
    assert standing() == 0
    portal.feed = [
        application_json(application_no=f"SY-{n}").decode().encode("gb18030") for n in range(10)
    ]
    await intake.turn()
    clock.forward(seconds=30)
    assert standing() == 30
    portal.feed.clear()
    await intake.turn()
    assert standing() == 0


async def test_what_fails_alone_is_counted_until_it_is_received(metrics: Metrics) -> None:
    clock = SettableClock()
    alone, failure = a_claimed_message(), PeerUnavailable("portal", PeerFailure.STATUS, status=403)
    sends = PlannedSends(
        Relayed(2, settled=1, postponed=1, failure=failure, unanswered=(alone,)),
        Relayed(1, postponed=1, failure=failure, unanswered=(alone,)),
        Relayed(1, settled=1, settled_messages=(alone,)),
        Relayed(1, postponed=1, failure=failure, unanswered=(alone,)),
    )
    relay = RelayLoop("portal", sends, now=clock, jitter=lambda: 0.0, metrics=metrics)

    def counted() -> float | None:
        labels = {"peer": "portal", "kind": "report"}
        return metrics.registry.get_sample_value("duijie_failing_alone", labels)

    counts = []
    for _ in range(4):
        await relay.turn()
        counts.append(counted())
        clock.forward(minutes=5)
    assert counts == [1, 1, 0, 1]

    # one that is tried no more, parked or withdrawn, is forgotten
    clock.forward(hours=1, minutes=5)
    assert counted() == 0
