"""Figures (指标) over the books: round-trip times, percentiles, what happened twice."""

from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import quantiles

from simulator.agencies.agency import SimulatedAgency
from simulator.exchanges.entries import Application
from simulator.national.book import Book


def round_trip_ms(application: Application) -> float | None:
    """Return the time from filing to the first result in effect, in milliseconds."""
    decided_at = application.decided_at
    if decided_at is None:
        return None
    return round((decided_at - application.submitted_at).total_seconds() * 1000, 3)


def percentile(times: Sequence[float], percent: int) -> float | None:
    """Return a percentile of sorted `times`, from 1 to 99; None of no time at all."""
    if len(times) < 2:
        return times[0] if times else None
    return round(quantiles(times, n=100, method="inclusive")[percent - 1], 3)


def count_doubled(book: Book, agencies: Iterable[SimulatedAgency]) -> int:
    """Count results in effect twice, and applications that came under two dispatch numbers."""
    results = len(book.results) - len({(one.key, one.revision) for one in book.results})
    dispatch_numbers: Counter[str] = Counter()
    for agency in agencies:
        dispatch_numbers.update(agency.book.per_application)
    return results + sum(count > 1 for count in dispatch_numbers.values())
