"""一个人在浏览器里: what a person and a clerk see of the whole way, in a real Chromium."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from playwright.async_api import ConsoleMessage, Page, Request, expect

from tests.builders.records import ADDRESS, MOBILE, application_json, citizen_number
from tests.support.browser import PageOpener
from tests.support.until import until
from tests.system.external_client import CITY, CITY_PLACE, NEVER_S, a_refusal, submit
from tests.system.running_set import RunningSet, a_running_set

HOSTILE = "<img src=x onerror=\"document.title='ran'\">"
HOSTILE_NUMBER = '"><img/src=x/onerror=alert(1)>'
SHOWN_S = 20_000
"""Milliseconds within which a page must have come that far."""


@dataclass
class Watched:
    """A page with all it asked for, said and ran."""

    page: Page
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    async def go(self, url: str) -> None:
        """Open a page and wait until it is there."""
        await self.page.goto(url)

    def saw(self, request: Request) -> None:
        """Note what is asked for."""
        self.requests.append(request.url)

    def said(self, message: ConsoleMessage) -> None:
        """Note a complaint; that a refused form or an unknown case is no 200 is none."""
        if message.type in {"error", "warning"} and "status of 4" not in message.text:
            self.errors.append(message.text)

    def assert_clean(self) -> None:
        """Nothing was asked of another machine, nothing went wrong, nothing ran."""
        hosts = {urlsplit(url).hostname for url in self.requests}
        assert hosts == {"127.0.0.1"}
        assert self.errors == []
        assert self.dialogs == []


async def watched(page_opener: PageOpener) -> Watched:
    """Open an empty page and listen to it."""
    one = Watched(await page_opener("about:blank"))
    one.page.on("request", one.saw)
    one.page.on("console", one.said)
    one.page.on("pageerror", lambda error: one.errors.append(str(error)))
    one.page.on("dialog", lambda dialog: one.dialogs.append(dialog.message))
    return one


@pytest.fixture
async def deciding(tmp_path: Path) -> AsyncIterator[RunningSet]:
    """Everything runs, and agencies decide after a moment that a person can see."""
    async with a_running_set(tmp_path, decide_after_s=2.5) as running:
        yield running


@pytest.fixture
async def waiting(tmp_path: Path) -> AsyncIterator[RunningSet]:
    """Everything runs, and agencies wait for what the test decides."""
    async with a_running_set(tmp_path, decide_after_s=NEVER_S) as running:
        yield running


async def fill_in(page: Page) -> str:
    """Let an invented person fill in the form; return name and certificate number."""
    await page.get_by_text("填入一位虚构人员").click()
    await page.locator("[name=commitment]").check()
    name = await page.locator("[name=name]").input_value()
    return f"{name} {await page.locator('[name=certificate_no]').input_value()}"


async def test_a_person_files_and_sees_the_result_and_where_to_turn_to(
    deciding: RunningSet, page_opener: PageOpener
) -> None:
    person, clerk = await watched(page_opener), await watched(page_opener)
    page = person.page
    await person.go(f"{deciding.national}/")
    name, certificate = (await fill_in(page)).split()
    await page.get_by_role("button", name="提交申请").click()
    await page.wait_for_url("**/progress/*")
    number = page.url.rpartition("/")[2]

    now = page.locator(".steps li.now b")
    await expect(now).to_have_text(re.compile("待审核|审核中"))
    await expect(now).to_have_text("审核中", timeout=SHOWN_S)
    await expect(now).to_have_text("已审核", timeout=SHOWN_S)
    card = page.locator(".card")
    await expect(card.get_by_role("heading")).to_have_text(re.compile("审核通过|审核未通过"))
    await expect(card).to_contain_text("（模拟）")
    await expect(card).to_contain_text("模拟路1号")
    await expect(card).to_contain_text("0000-12333")

    await clerk.go(f"{deciding.console}/cases/{number}")
    history = clerk.page.locator(".history .step")
    steps = ["接收", "送达经办机构", "审核结果到达", "上传部端"]

    async def is_announced() -> bool:
        await clerk.page.reload()
        return await history.all_inner_texts() == steps

    await until(is_announced, "the case's page announces its whole history")
    texts = [await clerk.page.content()]
    await clerk.go(f"{deciding.console}/")
    texts.append(await clerk.page.content())
    for text in texts:
        assert number in text
        assert name not in text
        assert certificate not in text
        assert certificate[6:14] not in text
    person.assert_clean()
    clerk.assert_clean()


async def test_what_is_wrong_with_a_form_stands_beside_its_fields(
    waiting: RunningSet, page_opener: PageOpener
) -> None:
    person = await watched(page_opener)
    page = person.page
    await person.go(f"{waiting.national}/")
    await fill_in(page)
    await page.locator("[name=name]").fill("")
    await page.locator("[name=mobile]").fill("12")
    await page.locator("[name=household_address]").fill(HOSTILE)
    await page.get_by_role("button", name="提交申请").click()

    await expect(page.get_by_role("alert")).to_contain_text("需要改正")
    for field_name in ("name", "mobile"):
        beside = page.locator(f".field:has([name={field_name}])")
        await expect(beside.locator(".error")).not_to_be_empty()
    await expect(page.locator(".field:has([name=certificate_no]) .error")).to_have_count(0)
    # what was filled in is still there, and a hostile text is a text
    await expect(page.locator("[name=household_address]")).to_have_value(HOSTILE)
    assert (await waiting.control.summary()).count == 0
    person.assert_clean()
    assert await page.title() != "ran"


async def test_cases_are_listed_by_due_date_with_place_agency_and_state(
    waiting: RunningSet, page_opener: PageOpener
) -> None:
    numbers = await waiting.file(6, "410102", "419001", "410105001001")
    [held] = await waiting.file(1, "410200")
    clerk = await watched(page_opener)
    await clerk.go(f"{waiting.console}/")
    rows = clerk.page.locator("tbody tr")

    async def all_listed() -> bool:
        await clerk.page.reload()
        return await rows.count() == 7 and await rows.filter(has_text="已接收").count() == 0

    await until(all_listed, "seven cases are listed, those that can be are dispatched")
    for number in numbers:
        await expect(rows.filter(has_text=number)).to_contain_text("已分派")
    for place, agency in (
        ("河南省郑州市中原区", "郑州市公共就业服务中心"),
        ("河南省济源市", "济源市公共就业服务中心"),
        ("河南省郑州市金水区经八路街道", "金水区经八路街道社区服务站"),
    ):
        found = rows.filter(has_text=place)
        await expect(found).not_to_have_count(0)
        assert all(agency in text for text in await found.all_inner_texts())
    await expect(rows.filter(has_text=held)).to_contain_text("登记失业地没有对应的经办机构")
    due = await clerk.page.locator("td.due time").all_inner_texts()
    assert len(due) == 7
    assert due == sorted(due)

    await clerk.page.get_by_role("link", name=numbers[0]).click()
    await expect(clerk.page.get_by_role("heading", level=1)).to_contain_text(numbers[0])
    assert await clerk.page.locator(".history .step").all_inner_texts() == ["接收", "送达经办机构"]
    clerk.assert_clean()


async def test_hostile_text_is_shown_as_text_and_runs_nothing(
    waiting: RunningSet, page_opener: PageOpener
) -> None:
    hostile = application_json(
        application_no="SY-HOSTILE", aac003=HOSTILE, place_division=CITY_PLACE
    )
    await waiting.inject(hostile, "SY-HOSTILE")
    other = application_json(application_no=HOSTILE_NUMBER, place_division="110101")
    await waiting.inject(other, HOSTILE_NUMBER)
    await waiting.inject(application_json(application_no="SY-BAD", aac004=[HOSTILE]), "SY-BAD")
    dispatch_no = await waiting.dispatch_no(CITY, "SY-HOSTILE")
    members = {"refusal_note": HOSTILE, "aae020": HOSTILE, "contact": {"address": HOSTILE}}
    answered = await submit(
        waiting.client(CITY), a_refusal("SY-HOSTILE", dispatch_no, CITY) | members
    )
    assert answered.results == ["accepted"]

    reader = await watched(page_opener)
    await reader.go(f"{waiting.national}/progress/SY-HOSTILE")
    card = reader.page.locator(".card")
    await expect(card).to_contain_text(HOSTILE, timeout=SHOWN_S)
    addresses = [
        f"{waiting.national}/progress/SY-HOSTILE",
        f"{waiting.console}/",
        f"{waiting.console}/?key={quote(HOSTILE_NUMBER)}",
        f"{waiting.console}/cases/SY-HOSTILE",
        f"{waiting.console}/cases/{quote(HOSTILE_NUMBER, safe='')}",
        f"{waiting.console}/quarantine",
    ]
    texts = []
    for address in addresses:
        await reader.go(address)
        assert await reader.page.locator("img").count() == 0
        assert await reader.page.title() != "ran"
        texts.append(await reader.page.locator("body").inner_text())
    assert HOSTILE_NUMBER in texts[1]
    assert HOSTILE_NUMBER in texts[4]
    assert "SY-BAD" in texts[5]
    for text in texts[1:]:
        for secret in (HOSTILE, citizen_number(), MOBILE, ADDRESS):
            assert secret not in text
    reader.assert_clean()


async def test_no_page_runs_a_script_that_found_its_way_into_it(
    waiting: RunningSet, page_opener: PageOpener
) -> None:
    for base in (waiting.national, waiting.console):
        reader = await watched(page_opener)
        await reader.go(f"{base}/")
        await reader.page.evaluate(
            """() => {
                const script = document.createElement('script');
                script.textContent = "document.title = 'ran'";
                document.body.append(script);
                document.body.insertAdjacentHTML(
                    'beforeend', '<img src="x" onerror="document.title = \\'ran\\'">');
            }"""
        )

        async def has_complained(reader: Watched = reader) -> bool:
            return sum("Content Security Policy" in text for text in reader.errors) >= 2

        await until(has_complained, "the policy forbids the script and the image")
        assert await reader.page.title() != "ran"
