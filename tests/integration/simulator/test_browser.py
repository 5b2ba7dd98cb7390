"""A person files at the national entry in a real browser and sees the result arrive."""

from tests.integration.simulator.docking import Docked, an_outcome
from tests.support.browser import PageOpener


async def test_a_person_files_and_sees_the_progress_without_reloading(
    here: Docked, page_opener: PageOpener
) -> None:
    page = await page_opener(f"{here.henan.base}/")
    await page.get_by_text("填入一位虚构人员").click()
    await page.locator("[name=commitment]").check()
    await page.get_by_role("button", name="提交申请").click()
    await page.wait_for_url("**/progress/*")
    await page.get_by_text("本页每 2 秒自动更新").wait_for()
    number = page.url.rpartition("/")[2]

    assert number in [*await here.henan.numbers(), *await here.hunan.numbers()]
    docked = here.henan if number in await here.henan.numbers() else here.hunan
    await docked.acknowledge(number)
    await docked.upload(an_outcome(number))
    await page.get_by_text("审核通过，已登记失业").wait_for()
