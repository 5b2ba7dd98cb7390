"""The page in a real browser: it is sifted as one types, and fetches nothing."""

from pathlib import Path

from contracts.docs.page import page
from tests.support.browser import PageOpener


async def test_a_person_finds_a_member_by_any_of_its_names(
    page_opener: PageOpener, tmp_path: Path
) -> None:
    # Given the page in a file, as it is handed over
    file = tmp_path / "contract.html"
    file.write_bytes(page())
    opened = await page_opener(file.as_uri())
    rows = opened.locator("#fields-table tbody tr:visible")
    everything = await rows.count()

    # When a person types a Chinese name, then an indicator another system uses
    await opened.fill("input[aria-label=查找数据项]", "证件号码")
    by_name = await rows.count()
    await opened.fill("input[aria-label=查找数据项]", "ajc094")
    by_alias = await rows.all_inner_texts()

    # Then only the rows that are meant are left
    assert 0 < by_name < everything
    assert by_alias
    assert all("失业登记日期" in row for row in by_alias)


async def test_the_page_asks_for_nothing_and_has_no_fault(
    page_opener: PageOpener, tmp_path: Path
) -> None:
    file = tmp_path / "contract.html"
    file.write_bytes(page())
    blank = await page_opener("about:blank")
    asked: list[str] = []
    faults: list[str] = []
    blank.on("request", lambda request: asked.append(request.url))
    blank.on("console", lambda message: faults.append(message.text))
    blank.on("pageerror", lambda error: faults.append(str(error)))
    await blank.goto(file.as_uri())
    assert asked == [file.as_uri()]
    assert faults == []
