"""An application goes by the version of its day; where no system is connected, it waits."""

from dataclasses import replace
from datetime import date

import pytest

from gateway.domain.case import State
from gateway.domain.delivery import Delivery
from gateway.domain.directory import Agency
from gateway.domain.directory_version import DirectoriesInUse
from gateway.domain.release import ReleaseResult
from tests.builders.directory import a_content, a_version, an_agency, at_jiyuan
from tests.builders.records import JINSHUI, JIYUAN
from tests.integration.flows.desk import AT_JIYUAN, Desk, an_item
from tests.integration.flows.operator import release

HERE = Agency(JIYUAN, "济源市", "419001", Delivery.FETCH)
CONNECTED = (Agency(JINSHUI, "金水区", "410105", Delivery.PUSH), HERE)


@pytest.fixture
def in_use(desk: Desk) -> DirectoriesInUse:
    """Give the directories that the desk goes by; 金水区 is listed and not connected."""
    directories = DirectoriesInUse([HERE])
    directories.exchange([a_version()])
    desk.rules = replace(desk.rules, directory=directories)
    return directories


@pytest.mark.usefixtures("in_use")
async def test_a_case_waits_for_an_operator_where_the_agency_has_no_system(desk: Desk) -> None:
    await desk.pull(an_item("SY1"))
    held = await desk.case("SY1")
    assert (held.state, held.hold_reason, held.agency) == (State.HELD, "agency.not-connected", None)
    assert held.due_on is not None
    (still,) = await release(desk, "SY1")
    assert still.result is ReleaseResult.STILL_HELD


@pytest.mark.usefixtures("in_use")
async def test_it_is_dispatched_once_the_system_is_connected(desk: Desk) -> None:
    await desk.pull(an_item("SY1"))
    connected = DirectoriesInUse(CONNECTED)
    connected.exchange([a_version()])
    desk.rules = replace(desk.rules, directory=connected)
    (done,) = await release(desk, "SY1")
    assert (done.result, done.agency) == (ReleaseResult.RELEASED, JINSHUI)


async def test_a_case_goes_by_the_version_of_the_day_on_which_it_is_routed(
    desk: Desk, in_use: DirectoriesInUse
) -> None:
    tomorrow = a_content(an_agency(), at_jiyuan(registers=False))
    in_use.exchange([a_version(), a_version(tomorrow, number=2, valid_from=date(2026, 3, 3))])
    await desk.pull(an_item("SY1", **AT_JIYUAN))
    desk.clock.forward(days=1)
    await desk.pull(an_item("SY2", **AT_JIYUAN))
    assert (await desk.case("SY1")).agency == JIYUAN
    assert (await desk.case("SY2")).hold_reason == "place.no-agency"
