"""The national entry's pages, as a browser would use them."""

import re
from datetime import date

from simulator.national.applicants import fill_in
from simulator.people.population import Population
from simulator.web.form import form_values
from simulator.web.form_fields import SECTIONS
from tests.integration.simulator.docking import HENAN, Docked, a_refusal, an_outcome

FIELDS = [field for _, fields in SECTIONS for field in fields]


def filled_in(here: Docked, number: int = 0) -> dict[str, str]:
    """Return the form as an invented person of Henan fills it in."""
    entry = here.simulator.entry
    people = Population(3, [HENAN], today=date(2026, 11, 22), tree=entry.tree)
    return dict(form_values(fill_in(people.person(number)))) | {"commitment": "1"}


async def page(here: Docked, path: str) -> tuple[int, str]:
    async with here.session.get(f"{here.henan.base}{path}") as answer:
        return answer.status, await answer.text()


async def post(here: Docked, values: dict[str, str], **headers: str) -> tuple[int, str, str]:
    """Post the form and return status, text and the path it ended on."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    async with here.session.post(f"{here.henan.base}/", data=values, headers=given) as answer:
        return answer.status, await answer.text(), answer.url.path


def beside(text: str, field: str) -> str:
    """Return the error shown beside a field, or nothing."""
    found = re.search(rf'name="{field}".*?(?=<div class="field|</fieldset)', text, re.DOTALL)
    assert found is not None
    error = re.search(r'class="error">([^<]+)<', found[0])
    return error[1] if error else ""


async def test_the_form_shows_every_field_with_its_mark_and_its_codes(here: Docked) -> None:
    status, text = await page(here, "/")
    assert status == 200
    for field in FIELDS:
        assert f'name="{field.name}"' in text
        marked = f'{field.label}<b class="star">*</b>' in text
        assert marked == field.required, field.name
    assert "因企业破产、倒闭终止劳动关系" in text
    assert "河南省济源市" in text


async def test_the_form_has_the_declaration_of_the_notice_word_for_word(here: Docked) -> None:
    declared = (
        "本人承诺填报的以上内容均真实、准确、有效，如与实际情况不一致，"
        "本人愿意承担相应责任，同时纳入人社信用记录。"
    )  # 黑人社函〔2020〕87号 附件1
    assert f"<span>{declared}<b" in (await page(here, "/"))[1]


async def test_the_button_fills_in_an_invented_person_who_has_promised_nothing(
    here: Docked,
) -> None:
    _, empty = await page(here, "/")
    link = re.search(r'href="(/\?person=\d+)"', empty)
    assert link is not None
    _, text = await page(here, link[1])
    name = re.search(r'name="name" value="([^"]+)"', text)
    assert name is not None
    number = re.search(r'name="certificate_no" value="([^"]+)"', text)
    assert number is not None
    assert 'name="commitment" value="1">' in text
    assert (await page(here, link[1]))[1] == text


async def test_filing_leads_to_the_progress_which_follows_the_application(here: Docked) -> None:
    status, text, path = await post(here, filled_in(here))
    assert status == 200
    number = path.removeprefix("/progress/")
    assert 'http-equiv="refresh"' in text
    assert "<title>待审核" in text

    assert await here.henan.numbers() == [number]
    await here.henan.acknowledge(number)
    assert "<title>审核中" in (await page(here, path))[1]

    await here.henan.upload(an_outcome(number))
    _, done = await page(here, path)
    assert "<title>已审核" in done
    assert "审核通过" in done
    assert "41010020261123000001" in done
    assert 'http-equiv="refresh"' not in done
    assert number in (await page(here, "/"))[1]


async def test_a_refusal_shows_its_reason_and_where_to_turn_to(here: Docked) -> None:
    _, _, path = await post(here, filled_in(here))
    number = path.removeprefix("/progress/")
    await here.henan.numbers()
    await here.henan.acknowledge(number)
    await here.henan.upload(a_refusal(number))
    _, text = await page(here, path)
    assert "审核未通过" in text
    assert "已在其他地区登记失业" in text
    assert "郑州市公共就业服务中心" in text


async def test_errors_stand_beside_their_fields_and_what_was_typed_stays(here: Docked) -> None:
    wrong = {
        "name": "",
        "mobile": "110",
        "unemployed_since": "2026-02-30",
        "household_division": "410",
        "health": "5",
        "disability_grade": "",
        "reason": "90",
        "reason_note": " ",
        "commitment": "",
    }
    status, text, path = await post(here, filled_in(here) | wrong)
    assert (status, path) == (422, "/")
    assert beside(text, "name") == "必填"
    assert beside(text, "mobile") == "格式不正确"
    assert beside(text, "unemployed_since") == "日期不存在"
    assert beside(text, "household_division") == "格式不正确"
    assert beside(text, "disability_grade") == "健康状况为残疾时填写，其他情形不填"
    assert beside(text, "reason_note") == "失业原因为其他时必填"
    assert beside(text, "commitment") == "须由本人作出承诺"
    assert beside(text, "sex") == ""
    assert 'value="110"' in text
    assert await here.henan.numbers() == []


async def test_what_only_the_tables_know_is_told_beside_the_field_too(here: Docked) -> None:
    values = filled_in(here)
    wrong = {
        "ethnic_group": "60",
        "residence_division": "990101",
        "place_basis": "3",
        "place_division": "000000",
        "unemployed_since": "2199-12-31",
    }
    status, text, _ = await post(here, values | wrong)
    assert status == 422
    assert beside(text, "ethnic_group") == "代码不在代码表中"
    assert beside(text, "residence_division") == "行政区划代码不存在"
    assert beside(text, "place_division") == "行政区划代码不存在"
    assert beside(text, "unemployed_since") == "失业时间不能晚于今天"


async def test_one_certificate_has_at_most_one_open_application(here: Docked) -> None:
    assert (await post(here, filled_in(here)))[0] == 200
    status, text, _ = await post(here, filled_in(here))
    assert status == 422
    assert "已有一件在办的失业登记申请" in text

    (number,) = await here.henan.numbers()
    await here.henan.acknowledge(number)
    await here.henan.upload(a_refusal(number))
    assert (await post(here, filled_in(here)))[0] == 200


async def test_hostile_text_is_shown_and_not_run(here: Docked) -> None:
    hostile = '"><script>alert(1)</script>'
    _, text, _ = await post(here, filled_in(here) | {"name": hostile, "mobile": "x"})
    assert "<script" not in text
    assert "&lt;script&gt;" in text


async def test_pages_allow_no_script_no_frame_and_nothing_from_elsewhere(here: Docked) -> None:
    async with here.session.get(f"{here.henan.base}/") as answer:
        policy = answer.headers["Content-Security-Policy"]
        text = await answer.text()
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "frame-ancestors 'none'" in policy
    assert set(re.findall(r'(?:src|href)="(https?:[^"]+)"', text)) == set()
    assert (await page(here, "/assets/style.css"))[0] == 200


async def test_a_form_sent_from_another_site_is_refused(here: Docked) -> None:
    status, _, _ = await post(here, filled_in(here), Sec_Fetch_Site="cross-site")
    assert status == 403
    assert await here.henan.numbers() == []


async def test_an_application_that_does_not_exist_is_said_to_be_absent(here: Docked) -> None:
    status, text = await page(here, "/progress/SYDJ-0")
    assert (status, "没有此申请" in text) == (404, True)
