"""Acknowledging: one number that the portal cannot bear does not hold up the others."""

import pytest

from gateway.errors import PeerFailure, PeerRefused, PeerUnavailable
from gateway.jobs.acknowledging import Acknowledger
from schemas.records.receipts import Acknowledgement
from tests.builders.records import MORNING
from tests.support.clock import SettableClock
from tests.support.peers import ScriptedPortal, unsigned


class Page:
    """A page of stored items before a portal; notes how long it rested between calls."""

    def __init__(self, count: int = 20) -> None:
        self.portal, self.clock, self.rests = ScriptedPortal(), SettableClock(), list[float]()
        self.numbers = [f"SY{number:02}" for number in range(count)]
        self.acknowledger = Acknowledger(
            self.portal, monotonic=self.clock, jitter=lambda: 0.999, rest=self._rest
        )

    async def acknowledge(self) -> None:
        """Acknowledge the whole page, as it comes again and again."""
        await self.acknowledger.acknowledge(
            [
                Acknowledgement(application_no=number, kind="application", stored_at=MORNING)
                for number in self.numbers
            ]
        )

    async def _rest(self, seconds: float) -> None:
        self.rests.append(seconds)
        self.clock.forward(seconds=seconds)


async def test_a_page_is_acknowledged_in_one_call() -> None:
    page = Page()
    await page.acknowledge()
    assert page.portal.numbers == page.numbers


async def test_one_failure_brings_the_page_again_and_splits_nothing() -> None:
    page = Page()
    page.portal.acknowledgement_failures = [unsigned(500)]
    with pytest.raises(PeerUnavailable):
        await page.acknowledge()
    assert not page.portal.numbers
    await page.acknowledge()
    assert page.portal.numbers == page.numbers
    assert not page.rests


async def test_a_page_that_fails_again_is_split_until_the_culprit_stands_alone() -> None:
    page = Page()
    page.portal.filtered = {"SY07"}
    with pytest.raises(PeerUnavailable):
        await page.acknowledge()
    await page.acknowledge()
    assert sorted(page.portal.numbers) == sorted(set(page.numbers) - {"SY07"})
    assert set(page.rests) == {1.0}
    assert len(page.rests) <= 6


async def test_the_culprit_is_tried_by_itself_more_and_more_rarely_until_it_is_taken() -> None:
    page = Page()
    page.portal.filtered = {"SY07"}
    with pytest.raises(PeerUnavailable):
        await page.acknowledge()
    for _ in range(50):
        await page.acknowledge()
        page.clock.forward(seconds=1)
    assert len(page.rests) <= 6
    page.portal.filtered.clear()
    page.clock.forward(hours=1)
    await page.acknowledge()
    assert "SY07" in page.portal.numbers
    page.portal.offer_again()
    await page.acknowledge()
    assert page.portal.numbers == page.numbers


async def test_a_signed_refusal_of_the_page_is_split_at_once() -> None:
    page = Page(3)
    page.portal.acknowledgement_failures = [PeerRefused("portal", status=413)]
    await page.acknowledge()
    assert page.portal.numbers == page.numbers


@pytest.mark.parametrize(
    "failure",
    [
        PeerUnavailable("portal"),
        PeerUnavailable("portal", PeerFailure.STATUS, status=503, retry_after_s=60),
    ],
)
async def test_no_answer_or_a_wait_asked_for_splits_nothing(failure: PeerUnavailable) -> None:
    page = Page()
    page.portal.acknowledgement_failures = [failure] * 3
    for _ in range(3):
        with pytest.raises(PeerUnavailable):
            await page.acknowledge()
    assert not page.rests


async def test_a_portal_that_fails_at_everything_is_not_asked_about_every_item() -> None:
    page = Page()
    page.portal.acknowledgement_failures = [unsigned(500)] * 500
    for _ in range(2):
        with pytest.raises(PeerUnavailable):
            await page.acknowledge()
    assert 500 - len(page.portal.acknowledgement_failures) <= 20
