"""办结时限: every allowance of the three provinces applies to people who file.

The dates are literal: each is counted by hand from the notice that its rule names.
"""

from datetime import date

from gateway.adapters.profiles import load_province
from gateway.domain.delivery import Delivery
from gateway.domain.directory import Agency, AgencyDirectory
from gateway.domain.intake_rules import Rules, accept
from schemas.records.applications import ForwardedApplication
from schemas.reference.calendar import WorkingCalendar
from schemas.reference.codes import CodeTables
from schemas.reference.divisions import DivisionTree
from tests.unit.simulator.national_side import START, an_entry

MONDAY = START  # 2026-11-23, 09:00 in Beijing
PEOPLE = 40


def rules_of(division: str) -> Rules:
    return Rules(
        tree=DivisionTree.load(),
        tables=CodeTables.load(),
        calendar=WorkingCalendar.load(),
        directory=AgencyDirectory([Agency("A", "省公共就业服务中心", division, Delivery.FETCH)]),
        province=load_province(division),
    )


async def allowed(division: str) -> dict[str, set[tuple[str, date | None]]]:
    """Return the rule and the due date of those who file in a province, by the notice."""
    entry, rules = an_entry(areas=[division]), rules_of(division)
    await entry.file_people(PEOPLE)
    items, _ = entry.book.page(division, PEOPLE)
    found: dict[str, set[tuple[str, date | None]]] = {}
    for item in items:
        application = ForwardedApplication.read(item.content)
        case = accept(application, rules=rules, at=MONDAY).case
        found.setdefault(application.policy, set()).add((case.due_rule, case.due_on))
    return found


BY_79 = ("3 个工作日（人社厅发〔2020〕79号）", date(2026, 11, 26))
AT_ONCE = ("当日办结（豫人社办〔2020〕35号 第三部分、附件1第1项）", date(2026, 11, 23))


async def test_henan_decides_everything_on_the_day_of_download() -> None:
    assert await allowed("410000") == {"2020-3": {AT_ONCE}, "2020-79": {AT_ONCE}}


async def test_heilongjiang_has_its_seven_working_days_for_some() -> None:
    seven = ("7 个工作日（黑人社函〔2020〕87号 第一部分）", date(2026, 12, 2))
    assert await allowed("230000") == {"2020-3": {seven}, "2020-79": {BY_79}}


async def test_hunan_has_its_five_working_days_for_some() -> None:
    five = ("5 个工作日（湖南基层公共就业服务经办规程 第二条）", date(2026, 11, 30))
    assert await allowed("430000") == {"2020-3": {five}, "2020-79": {BY_79}}
