"""查看未脱敏的登记表: on record with operator and reason before anything is shown."""

import pytest

from gateway.adapters.ledger.store import open_ledger
from gateway.domain.case import Step
from gateway.domain.operator_acts import ActResult
from gateway.flows.failpoints import Failpoint
from tests.builders.extended import registration_json
from tests.builders.ledger import a_sealer
from tests.integration.flows.desk import LOCAL, NUMBER, Desk, an_item
from tests.integration.flows.operator import OPERATOR, REASON, disclose
from tests.support.clock import SettableClock
from tests.support.failpoints import DISCLOSING
from tests.support.killed import run_until_killed

SUBJECT = "tests.integration.flows.act_subject"


async def test_what_is_shown_is_on_record_with_operator_and_reason(desk: Desk) -> None:
    await desk.pull(an_item(NUMBER))
    before = await desk.case()
    (shown,) = await disclose(desk, NUMBER)
    assert (shown.act.result, shown.content) == (ActResult.DONE, an_item(NUMBER))
    entry = (await desk.history())[-1]
    assert (entry.step, entry.actor, entry.note) == (
        *(Step.NOTE, f"operator:{OPERATOR}", "case.disclosed"),
    )
    assert (await desk.texts())[entry.seq] == REASON
    assert (await desk.case()).state is before.state


async def test_every_time_is_on_record(desk: Desk) -> None:
    await desk.pull(an_item(NUMBER))
    await disclose(desk, NUMBER, NUMBER)
    assert [one.note for one in await desk.history()].count("case.disclosed") == 2
    assert list((await desk.texts()).values()) == [REASON, REASON]


async def test_a_local_registration_is_shown_as_it_came(desk: Desk) -> None:
    desk.clock.forward(days=2)
    await desk.register(registration_json())
    (shown,) = await disclose(desk, LOCAL)
    assert shown.content == registration_json()


async def test_of_a_case_that_is_not_there_nothing_is_shown(desk: Desk) -> None:
    (shown,) = await disclose(desk, "SY404")
    assert (shown.act.result, shown.content) == (ActResult.UNKNOWN, None)


@pytest.mark.parametrize("at", DISCLOSING)
async def test_a_death_before_the_commit_leaves_no_trace_and_after_it_the_record(
    at: Failpoint, url: str, clock: SettableClock
) -> None:
    desk = Desk(open_ledger(url, sealer=a_sealer(), now=clock), clock)
    await desk.pull(an_item(NUMBER))
    await desk.store.close()

    await run_until_killed(SUBJECT, url, at, "disclose", NUMBER)

    desk.store = open_ledger(url, sealer=a_sealer(), now=clock)
    recorded = int(at is Failpoint.DISCLOSE_STORED)
    assert len(await desk.texts()) == recorded
    (shown,) = await disclose(desk, NUMBER)
    assert shown.content == an_item(NUMBER)
    assert len(await desk.texts()) == recorded + 1
    await desk.store.close()
