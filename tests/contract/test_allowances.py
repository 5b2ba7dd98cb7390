"""办结时限: every allowance of the three provinces applies to people who file.

The dates are literal: each is counted by hand from the notice that its rule names.
"""

from dataclasses import replace
from datetime import date

from gateway.adapters.profiles import load_province
from gateway.domain.delivery import Delivery
from gateway.domain.directory import Agency, AgencyDirectory
from gateway.domain.intake_rules import Rules, accept
from gateway.domain.province import Allowance
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


async def filed(division: str, *, people: int = PEOPLE) -> list[ForwardedApplication]:
    """Return the applications of people who file in a province."""
    entry = an_entry(areas=[division])
    await entry.file_people(people)
    items, _ = entry.book.page(division, people)
    return [ForwardedApplication.read(item.content) for item in items]


async def allowed(division: str) -> dict[str, set[tuple[str, date | None]]]:
    """Return the rule and the due date of those who file in a province, by the notice."""
    rules = rules_of(division)
    found: dict[str, set[tuple[str, date | None]]] = {}
    for application in await filed(division):
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


async def test_people_file_under_every_policy_that_there_is() -> None:
    policies = set(CodeTables.load().codes("policy"))
    assert policies == set(await allowed("430000"))


async def test_a_division_with_a_rule_of_its_own_has_that_for_those_who_file_there() -> None:
    # Given a Hunan in which 长沙市 decides at once what came under 3号
    province = load_province("430000")
    at_once = Allowance("2020-3", 0, "长沙市的规定")
    stricter = replace(province, division_allowances={"430100": {"2020-3": at_once}})
    rules = replace(rules_of("430000"), province=stricter)

    # When people file all over the province
    cases = [
        accept(application, rules=rules, at=MONDAY).case
        for application in await filed("430000", people=4 * PEOPLE)
        if application.policy == "2020-3"
    ]

    # Then they are held to it in that city alone
    inside = [one for one in cases if rules.tree.is_within(one.place_division, "430100")]
    assert {one.due_on for one in inside} == {date(2026, 11, 23)}
    assert {one.due_on for one in cases if one not in inside} == {date(2026, 11, 30)}
