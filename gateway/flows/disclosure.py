"""脱敏解除: an operator has personal data shown in full; entered before anything is shown.

Source: 个人信息保护法 art. 51 (security measures), art. 54 (audits).
"""

from collections.abc import AsyncIterator
from functools import partial

from gateway.domain.appraisal import Period
from gateway.domain.operator_acts import OPERATOR
from gateway.flows.report_pages import PAGE, Coverage
from gateway.ports.disclosures import Disclosure, RecordedDisclosure
from gateway.ports.reports import ReportMark, ReportPage
from gateway.ports.store import Reader, Store
from gateway.ports.views import Views
from schemas.reference.clock import Now


async def record_disclosure(
    act: str, *, persons: int, reason: str, operator: str, store: Store, now: Now
) -> int:
    """Enter that `operator` is about to see `persons` in full, and why; return the number.

    Each call is an entry of its own: whoever does it again sees the data again.

    Raises:
        StoreUnavailable: Nothing was entered, so nothing may be shown.
    """
    entry = Disclosure(now(), f"{OPERATOR}{operator}", act, persons, reason)
    return await store.transact(lambda ledger: ledger.disclosures.add(entry))


async def disclosures_of(
    store: Reader, period: Period, coverage: Coverage
) -> AsyncIterator[RecordedDisclosure]:
    """Yield the disclosures of a period, by time.

    Raises:
        StoreUnavailable: The ledger cannot be read now.
    """
    after: ReportMark | None = None
    while True:
        page = await store.read(partial(_page, period=period, after=after))
        coverage.unreadable += page.unreadable
        for one in page.rows:
            yield one
        if page.last is None:
            return
        after = page.last


def _page(
    views: Views, *, period: Period, after: ReportMark | None
) -> ReportPage[RecordedDisclosure]:
    return views.reports.disclosures_between(
        since=period.since, before=period.before, after=after, limit=PAGE
    )
