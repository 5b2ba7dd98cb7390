"""The cases that fill a ledger for figures are sound: the gateway would have left the same rows."""

from datetime import date

from bench.bulk_rows import bulk_writer
from bench.past_cases import PastCases
from duijie.demo.agencies import stand_ins
from gateway.adapters.ledger.worklist import SEAL_BROKEN
from gateway.domain.case import State
from gateway.ports.views import WorkFilter, WorkRow
from tests.builders.ledger import a_sealer
from tests.builders.records import an_application, rules
from tests.integration.ledger.conftest import StoreOpener

SOME = 12


async def test_past_cases_stand_in_every_list_and_no_audit_finds_fault(
    url: str, open_at: StoreOpener
) -> None:
    await open_at(url).close()
    agency = stand_ins("410000")[0]
    past = PastCases([an_application()], agency, SOME, rules=rules(), sealer=a_sealer())

    with bulk_writer(url) as write:
        write(past.tables(0, SOME - 5))
        write(past.tables(SOME - 5, SOME))

    store = open_at(url)
    audit = await store.read(lambda views: views.audit("", limit=SOME + 1))
    listed = await store.read(lambda views: views.worklist(WorkFilter(), after=None, limit=99))
    figures = await store.read(lambda views: views.figures(date(2026, 3, 2)))
    assert (audit.cases, audit.entries, audit.findings) == (SOME, 6 * SOME, ())
    assert [row.case.key for row in listed if isinstance(row, WorkRow)] == [
        past.number(case) for case in range(SOME)
    ]
    assert not {row.person for row in listed if isinstance(row, WorkRow)} & {SEAL_BROKEN}
    assert figures.states == {State.REPORTED: SOME}
