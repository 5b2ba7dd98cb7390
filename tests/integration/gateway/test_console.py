"""The console: read-only, masked, for this machine only, safe against what people are called."""

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from gateway.domain.dispatch import dispatch_number
from gateway.flows.failpoints import Failpoint
from gateway.web.console.pages import ROWS
from tests.builders.extended import return_json
from tests.builders.records import ADDRESS, JIYUAN, MOBILE, application_json, citizen_number
from tests.integration.gateway.harness import Harness, a_harness, stack_of_two
from tests.support.until import until

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[Harness]:
    """A gateway with cases at both agencies, held ones, and one item it could not read."""
    async with asyncio.timeout(60), a_harness(stack_of_two(tmp_path)) as running:
        running.portal.forward(
            application_json(application_no="SY-1", aac003="欧阳小明"),
            application_json(application_no="SY-2", aac003=HOSTILE, place_division="419001"),
            application_json(application_no="SY-3", place_division="110101"),
            application_json(application_no='SY"><b>4', place_division="999999"),
            application_json(application_no="SY-5", aac003=None),
        )
        await running.failpoints.passed(Failpoint.PAGE_ACKNOWLEDGED)
        await running.failpoints.passed(Failpoint.DISPATCH_SETTLED)
        yield running


async def page(harness: Harness, path: str = "/") -> str:
    async with harness.session.get(f"{harness.gateway.addresses.console}{path}") as answer:
        assert answer.status == 200
        return await answer.text()


def numbers_on(text: str) -> list[str]:
    return re.findall(r'<a href="/cases/[^"]+">([^<]+)</a>', text)


async def test_cases_stand_with_place_agency_state_and_due_date(harness: Harness) -> None:
    text = await page(harness)

    assert "河南省郑州市金水区" in text
    assert "济源市公共就业服务中心" in text
    assert "已分派" in text
    assert "登记失业地不在本省" in text
    assert re.search(r'<time datetime="20\d\d-\d\d-\d\d">', text)
    assert len(numbers_on(text)) == 5


async def test_nobody_is_named_in_full_anywhere(harness: Harness) -> None:
    texts = [
        await page(harness, path) for path in ("/", "/cases/SY-1", "/cases/SY-2", "/quarantine")
    ]

    for text in texts:
        for secret in ("欧阳小明", citizen_number(), citizen_number()[6:14], MOBILE, ADDRESS):
            assert secret not in text
    assert "欧***" in texts[0]


async def test_a_hostile_name_or_number_stays_text(harness: Harness) -> None:
    for path in ("/", "/cases/SY-2", "/cases/SY%22%3E%3Cb%3E4"):
        text = await page(harness, path)
        assert "<script" not in text
        assert "<b>4" not in text
    assert "SY&#34;&gt;&lt;b&gt;4" in await page(harness)


async def test_a_search_that_is_hostile_comes_back_as_text(harness: Harness) -> None:
    text = await page(harness, "/?key=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")

    assert "<script" not in text
    assert "没有符合条件的办件" in text


async def test_the_list_is_filtered_by_agency_state_and_number(harness: Harness) -> None:
    assert numbers_on(await page(harness, f"/?agency={JIYUAN}")) == ["SY-2"]
    assert "SY-1" in numbers_on(await page(harness, "/?state=DISPATCHED"))
    assert "SY-3" in numbers_on(await page(harness, "/?state=HELD"))
    assert numbers_on(await page(harness, "/?key=SY-3")) == ["SY-3"]
    assert len(numbers_on(await page(harness, "/?state=nonsense"))) == 5


async def test_a_case_tells_its_history_and_why_it_is_held(harness: Harness) -> None:
    dispatched, held = await page(harness, "/cases/SY-1"), await page(harness, "/cases/SY-3")

    assert dispatched.index("接收") < dispatched.index("送达经办机构")
    assert "挂起原因：登记失业地不在本省" in held
    assert "duijie gateway release --operator 姓名 -- SY-3" in held
    assert "duijie gateway release" not in dispatched


async def test_open_cases_of_one_person_lead_to_each_other(harness: Harness) -> None:
    second = await page(harness, "/cases/SY-2")
    assert "同一证件号码另有未办结的申请" in second
    assert '<a href="/cases/SY-1">SY-1</a>' in second
    assert '<a href="/cases/SY-2">SY-2</a>' in await page(harness, "/cases/SY-1")
    assert "同一证件号码另有 3 件未办结" in await page(harness)


async def test_other_content_under_a_number_is_shown_member_by_member(harness: Harness) -> None:
    async def shown() -> bool:
        return "内容不同的报文" in await page(harness, "/cases/SY-1")

    harness.portal.portal.offer_again()
    harness.portal.forward(application_json(application_no="SY-1", aac003="李小芳"))
    await until(shown, "the conflict is on the page of its case")
    text = await page(harness, "/cases/SY-1")
    assert "/aac003" in text
    assert "欧***" in text
    assert "李**" in text
    assert "李小芳" not in text


async def test_what_could_not_be_read_is_listed_without_its_content(harness: Harness) -> None:
    text = await page(harness, "/quarantine")

    assert "SY-5" in text
    assert "申请内容无法读取" in text
    assert "aac003：缺少必填项" in text


async def test_a_case_that_is_not_there_is_a_page_too(harness: Harness) -> None:
    async with harness.session.get(f"{harness.gateway.addresses.console}/cases/none") as answer:
        assert answer.status == 404
        assert "没有此办件" in await answer.text()


@pytest.mark.parametrize("path", ["/", "/cases/SY-1", "/quarantine", "/console.css"])
async def test_pages_load_nothing_from_elsewhere_and_stay_out_of_caches(
    harness: Harness, path: str
) -> None:
    async with harness.session.get(f"{harness.gateway.addresses.console}{path}") as answer:
        policy = answer.headers["Content-Security-Policy"]
        text = await answer.text()

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert not re.search(r"""(src|href|url)\s*[=(]\s*["']?(https?:)?//""", text)
    assert "style=" not in text


async def test_pages_follow_one_another_without_gap_or_repeat(tmp_path: Path) -> None:
    async with asyncio.timeout(60), a_harness(stack_of_two(tmp_path)) as harness:
        forwarded = [f"SY-{number:03}" for number in range(2 * ROWS - 10)]
        harness.portal.forward(
            *(application_json(application_no=one, place_division="110101") for one in forwarded)
        )
        await harness.failpoints.passed(Failpoint.PAGE_ACKNOWLEDGED)

        first = await page(harness)
        following = re.search(r'rel="next" href="([^"]+)"', first)
        assert following is not None
        second = await page(harness, following[1].replace("&amp;", "&"))

    assert numbers_on(first) + numbers_on(second) == forwarded
    assert 'rel="next"' not in second


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "console.example"},
        {"Host": "127.0.0.1.example:8080"},
        {"Host": ""},
        {"X-Forwarded-For": "192.0.2.7"},
        {"Forwarded": "for=192.0.2.7"},
        {"X-Real-IP": "127.0.0.1"},
        {"Via": "1.1 proxy"},
    ],
)
@pytest.mark.parametrize("path", ["/", "/cases/SY-1", "/quarantine", "/console.css"])
async def test_a_proxy_or_a_foreign_name_gets_no_page(
    harness: Harness, path: str, headers: dict[str, str]
) -> None:
    async with harness.session.get(
        f"{harness.gateway.addresses.console}{path}", headers=headers
    ) as answer:
        assert answer.status in {400, 403}
        assert "欧" not in await answer.text()


async def test_a_damaged_case_stands_on_the_pages_by_its_number_alone(
    harness: Harness, tmp_path: Path
) -> None:
    damage(tmp_path, "SY-1")
    text = await page(harness)
    assert "数据损坏，无法读取" in text
    assert len(numbers_on(text)) == 5
    assert "数据损坏，无法读取" in await page(harness, "/cases/SY-1")
    assert await harness.figure('duijie_unreadable_rows_total{code="row.damaged",table="cases"}')


def damage(folder: Path, key: str) -> None:
    """Give a case of the ledger in `folder` an instant beyond every date."""
    (file,) = folder.rglob("*.db")
    with closing(sqlite3.connect(file, isolation_level=None)) as beside:
        beside.execute("UPDATE cases SET changed_at = 1 << 62 WHERE key = ?", (key,))


async def test_a_returned_case_shows_what_its_agency_wrote_masked_and_as_text(
    harness: Harness,
) -> None:
    note = f"<b>不在本区</b>，电话 {MOBILE}\u202e"
    sent = return_json(
        application_no="SY-2", dispatch_no=dispatch_number("SY-2", 1), reason="9", note=note
    )
    await harness.jiyuan.call(
        "POST", "/agency/v1/dispatches/returns", b'{"returns":[' + sent + b"]}"
    )

    text = await page(harness, "/cases/SY-2")

    assert "退回原因：其他，应属区划 410102" in text
    assert "&lt;b&gt;不在本区&lt;/b&gt;，电话 ***********\\u{202e}" in text
    assert "duijie gateway assign --to 代码 --reason 理由 --operator 姓名 -- SY-2" in text
    assert "经办机构退回" in await page(harness, "/?state=HELD")
