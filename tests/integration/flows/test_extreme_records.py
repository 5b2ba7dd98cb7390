"""Whatever the schema allows is ingested, read back as it came, listed, sent on and decided."""

import os
from random import Random
from typing import Final

from gateway.domain.case import State
from gateway.flows import fetch
from gateway.ports.views import WorkFilter
from schemas.records.dispatches import CaseView, Dispatch
from schemas.records.outcomes import Outcome
from tests.builders.extreme_records import a_number, an_extreme_application, an_extreme_outcome
from tests.builders.records import JINSHUI, JIYUAN
from tests.integration.flows.desk import Desk

RECORDS: Final = int(os.environ.get("DUIJIE_FUZZ_RECORDS", "20"))
SEED: Final = int(os.environ.get("DUIJIE_FUZZ_SEED", "7"))
_PAGE: Final = 100


async def test_extreme_but_lawful_records_go_the_whole_way(desk: Desk) -> None:
    chance = Random(SEED)  # noqa: S311 -- a seed that repeats the run
    for begun in range(0, RECORDS, _PAGE):
        numbers = [a_number(n, chance) for n in range(begun, min(begun + _PAGE, RECORDS))]
        sent = {
            number: an_extreme_application(
                number, chance, place_division=chance.choice(("410105", "419001"))
            )
            for number in numbers
        }
        desk.portal.feed[:] = []
        result = await desk.pull(*sent.values())
        assert {row.key: row.held for row in result.rows} == dict.fromkeys(numbers)
        await check_dispatches(desk, sent)
        await check_outcomes(desk, sent, chance)
    await check_lists(desk)
    assert await desk.quarantined() == []


async def check_dispatches(desk: Desk, sent: dict[str, bytes]) -> None:
    """Every dispatch is lawful and bears the very bytes that came."""
    await desk.push()
    bodies, _ = await desk.pending_dispatches(limit=200)
    read = {Dispatch.read(body).application.application_no: body for body in bodies}
    await desk.acknowledge(*(Dispatch.read(body).dispatch_no for body in bodies))
    read |= {
        Dispatch.read(body).application.application_no: body
        for body in desk.agency.inbox.taken.values()
    }
    assert all(b'"application":' + content in read[number] for number, content in sent.items())


async def check_outcomes(desk: Desk, sent: dict[str, bytes], chance: Random) -> None:
    """Every case takes an outcome, reports it as it came, and can be read by its agency."""
    for number, application in sent.items():
        case = await desk.case(number)
        given = {"application_no": number, "dispatch_no": case.dispatch_no, "aae017": case.agency}
        outcome = an_extreme_outcome(chance, application, **given)
        (answer,) = await desk.decide(outcome, sender=case.agency or "")
        assert answer.refused is None, Outcome.read(outcome)
        await desk.report()
        assert desk.portal.reports.taken[number, 1] == outcome
        body = await fetch.case_view(number, agency=case.agency or "", store=desk.store)
        assert CaseView.read(body or b"").state == State.REPORTED
        assert len(await desk.history(number)) >= 4


async def check_lists(desk: Desk) -> None:
    """Every case stands in the list of its agency."""
    listed = [await listed_of(desk, agency) for agency in (JINSHUI, JIYUAN)]
    assert sum(listed) == RECORDS


async def listed_of(desk: Desk, agency: str) -> int:
    """Return how many cases stand in the list of an agency."""
    chosen = WorkFilter(agency=agency)
    rows = await desk.store.read(lambda views: views.worklist(chosen, after=None, limit=RECORDS))
    return len(rows)
