"""待办清单: the day's list of pending applications as Henan's screen has it, division by division.

The screen «部级失业登记待办查询» shows one 所属行政区 at a time, in six columns: so a workbook has
a sheet a division, and CSV, which has no sheets, a file a division, each with these columns alone.
Whoever gets the list of one county then gets the persons of no other.

Source: 豫人社办〔2020〕35号 附件1第一项.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from duijie.names import agency_name
from duijie.report_files import (
    XLSX,
    CsvEncoding,
    TableWriter,
    check_target,
    csv_table,
    xlsx_book,
)
from duijie.responsible import describe_responsible
from gateway.config import Settings
from gateway.domain.areas import UNPLACED, Areas
from gateway.domain.case import UNDECIDED, Case
from gateway.domain.responsibility import ResponsibilityRegister
from gateway.flows.report_pages import Coverage, due_page, read_pages
from gateway.ports.reports import ListedPerson
from gateway.ports.store import Reader
from gateway.ports.views import Views
from gateway.words import HOLDS
from schemas.reference.clock import beijing_date

COLUMNS: Final = ("序号", "证件号码", "姓名", "手机号码", "失业时间", "审批人信息")
_PAGE: Final = 500
_NOWHERE: Final = "未识别区划"
_NOBODY: Final = ListedPerson("", "", None, None, is_readable=False)


@dataclass(frozen=True, slots=True)
class PendingFilter:
    """Which pending applications: by the Beijing date of submission, both inclusive, and place."""

    first: date | None = None
    last: date | None = None
    division: str | None = None

    def fits(self, case: Case, areas: Areas) -> bool:
        """Say whether a case is wanted."""
        asked_on = beijing_date(case.submitted_at)
        return (
            (self.first is None or asked_on >= self.first)
            and (self.last is None or asked_on <= self.last)
            and areas.holds(case.place_division, self.division)
        )


class PendingCase(NamedTuple):
    """What is kept of a case until its person is read: a day may have tens of thousands."""

    due: str
    key: str
    agency: str | None
    place: str
    hold_reason: str | None


PendingLists = Mapping[str, Sequence[PendingCase]]
"""The pending cases of each area, by due date."""


@dataclass(frozen=True, slots=True)
class ExportTarget:
    """Where the list goes: to `path` itself, or to a file a division beside it."""

    path: Path
    encoding: CsvEncoding
    force: bool

    @property
    def is_workbook(self) -> bool:
        """Whether one file holds all divisions."""
        return self.path.suffix.lower() == XLSX

    def file_of(self, area: str) -> Path:
        """Return the file that the list of an area goes to."""
        if self.is_workbook:
            return self.path
        return self.path.with_name(f"{self.path.stem}-{area or _NOWHERE}{self.path.suffix}")

    def check_early(self) -> None:
        """Raise `CliError` where it is clear, whatever waits, that nothing can be written."""
        check_target(self.path if self.is_workbook else self.file_of("-"), force=self.force)

    def check(self, areas: Sequence[str]) -> None:
        """Raise `CliError` where any of the files cannot be written."""
        for path in {self.file_of(area) for area in areas}:
            check_target(path, force=self.force)


async def collect_pending(
    store: Reader, wanted: PendingFilter, areas: Areas, coverage: Coverage
) -> PendingLists:
    """Return the pending cases that are wanted, without their persons.

    Raises:
        StoreUnavailable: The ledger cannot be read now.
    """
    found: dict[str, list[PendingCase]] = {}
    for state in UNDECIDED:
        view = partial(due_page, state=state, first=None, last=None)
        async for page in read_pages(store, view, coverage):
            for case in (one for one in page.cases.values() if wanted.fits(one, areas)):
                found.setdefault(areas.of(case.place_division), []).append(_kept(case))
    # the place that nobody knows comes last
    in_order = sorted(found, key=lambda area: (area == UNPLACED, area))
    return {area: sorted(found[area]) for area in in_order}


def _kept(case: Case) -> PendingCase:
    due = "~" if case.due_on is None else case.due_on.isoformat()
    return PendingCase(due, case.key, case.agency, case.place_division, case.hold_reason)


@dataclass(frozen=True, slots=True)
class RowTerms:
    """What a row is made with: names of agencies, who answers for them, masked or not."""

    settings: Settings
    register: ResponsibilityRegister
    in_full: bool
    progress: Callable[[int], None]


async def write_pending(
    store: Reader, lists: PendingLists, target: ExportTarget, areas: Areas, terms: RowTerms
) -> list[Path]:
    """Write the lists and return the files; each is whole or not there.

    What was decided since the lists were collected stays in them: as many persons are written as
    were counted.

    Raises:
        CliError: A file is there already, or a character cannot be written.
        StoreUnavailable: The ledger cannot be read now.
    """
    if not lists:
        return []
    if target.is_workbook:
        with xlsx_book(target.path, force=target.force) as book:
            for area, cases in lists.items():
                await _write(store, cases, book.sheet(_sheet_name(area, areas), COLUMNS), terms)
        return [target.path]
    files = []
    for area, cases in lists.items():
        file = target.file_of(area)
        with csv_table(file, COLUMNS, encoding=target.encoding, force=target.force) as table:
            await _write(store, cases, table, terms)
        files.append(file)
    return files


def _sheet_name(area: str, areas: Areas) -> str:
    return f"{area} {areas.name(area)}".strip()


async def _write(
    store: Reader, cases: Sequence[PendingCase], table: TableWriter, terms: RowTerms
) -> None:
    """Write one list, numbered from 1, with as many persons at a time as a page has."""
    for start in range(0, len(cases), _PAGE):
        page = cases[start : start + _PAGE]
        persons = await store.read(partial(_persons, page=page, in_full=terms.in_full))
        for number, case in enumerate(page, start + 1):
            table.row(_cells(number, case, persons.get(case.key, _NOBODY), terms))
        terms.progress(len(page))


def _persons(
    views: Views, *, page: Sequence[PendingCase], in_full: bool
) -> Mapping[str, ListedPerson]:
    return views.reports.persons([one.key for one in page], in_full=in_full)


def _cells(
    number: int, case: PendingCase, person: ListedPerson, terms: RowTerms
) -> tuple[str, ...]:
    """Return a row under `COLUMNS`."""
    known = person.is_readable and (person.certificate or person.name)
    name = person.name if known else f"（内容无法读取，申请编号 {case.key}）"
    return (
        str(number),
        person.certificate,
        name,
        person.mobile or "",
        person.unemployed_since or "",
        _approver(case, terms),
    )


def _approver(case: PendingCase, terms: RowTerms) -> str:
    """Return who is to decide: the agency and whoever answers for it (审批人信息).

    Assumed: that 审批人信息 names the agency that has the case, and its responsible person
    """
    held = "" if case.hold_reason is None else HOLDS.get(case.hold_reason, case.hold_reason)
    agency = agency_name(case.agency, terms.settings)
    if agency is None:
        return f"未分派（{held}）" if held else "未分派"
    responsible = describe_responsible(terms.register.of(case.place))
    return f"{agency}，责任人：{responsible}" + (f"（挂起：{held}）" if held else "")
