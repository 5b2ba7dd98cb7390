"""未获确认: the intake acknowledges again what the portal does not confirm, and says why."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest

from gateway.adapters.ledger.store import open_ledger
from gateway.domain.receipts import ExpectedConfirmation
from gateway.errors import PeerUnavailable
from gateway.flows.failpoints import no_hook
from gateway.flows.page_result import Acknowledged, StoredItem, UnconfirmedItem
from gateway.jobs.intake import IntakeLoop, IntakeTerms
from gateway.jobs.unconfirmed import UnconfirmedItems
from gateway.metrics import Metrics
from gateway.ports.store import Store
from schemas.records.receipts import Acknowledgement, ItemResult
from storage import sealing_keys
from storage.sealing import Sealer
from tests.builders.records import MORNING, application_json, rules
from tests.support.clock import SettableClock
from tests.support.peers import ScriptedPortal

NUMBERS: Final = ("SY-1", "SY-2")


def of_another(result: ItemResult) -> ItemResult:
    assert result.receipt is not None
    receipt = result.receipt.model_copy(update={"digest": "0" * 64})
    return result.model_copy(update={"receipt": receipt})


class Intake:
    """An intake before a portal that gives the receipt of another for `SY-1`."""

    def __init__(self, store: Store) -> None:
        self.portal = ScriptedPortal(feed=[application_json(application_no=n) for n in NUMBERS])
        self.portal.acknowledgement_answers = {"SY-1": of_another}
        self.metrics, self.clock = Metrics(version="0", contract="0"), SettableClock()
        terms = IntakeTerms(rules(), self.clock, lambda: 0.999, no_hook, 3600, 0)
        self.loop = IntakeLoop(self.portal, store=store, terms=terms, metrics=self.metrics)

    async def turns(self, count: int, *, every_s: float) -> None:
        """Take so many turns, with so much time between them."""
        for _ in range(count):
            await self.loop.turn()
            self.clock.forward(seconds=every_s)

    def figure(self, name: str, **labels: str) -> float | None:
        """Return a metric."""
        return self.metrics.registry.get_sample_value(f"duijie_{name}", labels)


@pytest.fixture
async def intake(tmp_path: Path) -> AsyncIterator[Intake]:
    sealer = Sealer(sealing_keys.create(tmp_path / "ledger.json"))
    opened = open_ledger(f"sqlite:///{tmp_path}/gateway.db", sealer=sealer, now=lambda: MORNING)
    yield Intake(opened)
    await opened.close()


async def test_what_is_not_confirmed_is_acknowledged_again_more_and_more_rarely(
    intake: Intake,
) -> None:
    # Given a portal that takes note of everything, but gives the receipt of another for one item
    await intake.turns(1, every_s=0)
    assert intake.portal.numbers == [*NUMBERS]
    assert intake.figure("unconfirmed") == 1

    # When time passes, then that item alone is acknowledged again, and the feed goes on
    await intake.turns(120, every_s=1)
    again = intake.portal.numbers[2:]
    assert {*again} == {"SY-1"}
    assert 4 <= len(again) <= 8
    assert len(intake.portal.asked) == 121

    # And once its receipt is right, no more
    intake.portal.acknowledgement_answers.clear()
    intake.clock.forward(hours=1)
    await intake.turns(2, every_s=3600)
    assert intake.portal.numbers[-2:] == [again[-1], "SY-1"]
    assert intake.figure("unconfirmed") == 0
    said = len(intake.portal.numbers)
    await intake.turns(2, every_s=3600)
    assert len(intake.portal.numbers) == said


async def test_an_acknowledgement_that_is_repeated_in_vain_does_not_hold_up_the_feed(
    intake: Intake,
) -> None:
    await intake.turns(1, every_s=60)
    intake.portal.acknowledgement_failures = [PeerUnavailable("portal")]
    await intake.turns(1, every_s=60)
    assert len(intake.portal.asked) == 1
    intake.portal.feed.append(application_json(application_no="SY-3"))
    await intake.turns(1, every_s=60)
    assert "SY-3" in intake.portal.numbers


async def test_it_is_counted_each_time_and_logged_once_a_try_without_what_the_portal_said(
    intake: Intake, caplog: pytest.LogCaptureFixture
) -> None:
    await intake.turns(1, every_s=0.1)
    for _ in range(3):  # it comes again, though it was acknowledged
        intake.portal.offer_again()
        await intake.turns(1, every_s=0.1)
    labels = {"kind": "acknowledgement", "reason": "digest"}
    assert intake.figure("receipts_not_believed_total", **labels) == 4
    reason = "acknowledgement.not-believed"
    assert intake.figure("acknowledgements_unconfirmed_total", reason=reason) == 4
    (said,) = [one for one in caplog.records if one.getMessage() == "acknowledgement.unconfirmed"]
    assert said.levelno == logging.WARNING
    assert vars(said)["facts"] == {"application_no": "SY-1", "code": reason, "reason": "digest"}


def test_no_more_than_a_thousand_wait_and_no_more_than_a_batch_is_due() -> None:
    clock = SettableClock()
    items = UnconfirmedItems(clock, lambda: 0.999)
    for n in range(1200):
        said = Acknowledgement(application_no=f"SY{n}", kind="application", stored_at=MORNING)
        expected = ExpectedConfirmation("application", said.application_no, frozenset())
        items.note(Acknowledged((), (UnconfirmedItem(StoredItem(said, expected), "x"),)))
    assert items.count() == 1000
    clock.forward(minutes=1)
    assert [len(items.due()), len(items.due())] == [100, 100]
