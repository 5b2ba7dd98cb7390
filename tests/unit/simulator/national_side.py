"""The national side without HTTP, and a clock that stands still until it is told."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from schemas.records.receipts import Acknowledgement
from simulator.national.applicants import fill_in
from simulator.national.entry import NationalEntry
from simulator.national.filing_request import FilingRequest
from tests.support.clock import SettableClock

HENAN, HUNAN = "410000", "430000"
START: Final = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def an_entry(
    clock: SettableClock | None = None, areas: Sequence[str] = (HENAN, HUNAN)
) -> NationalEntry:
    """Return a national side where `areas` dock."""
    docked = {f"portal-{area}": area for area in areas}
    return NationalEntry(areas=docked, seed=7, now=clock or SettableClock(START))


def a_filing_request(entry: NationalEntry, number: int = 0, place: str = HENAN) -> FilingRequest:
    """Return the form of an invented person."""
    return fill_in(entry.population(7, [place]).person(number))


def an_acknowledgement(number: str) -> Acknowledgement:
    """Return the acknowledgement of an application."""
    return Acknowledgement(application_no=number, kind="application", stored_at=START)
