"""待办清单: who waits, division by division, as Henan's screen has it; read back cell by cell."""

import csv
import io
import tracemalloc
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

import orjson
import pytest
from python_calamine import CalamineWorkbook

from duijie.pending_lists import (
    COLUMNS,
    ExportTarget,
    PendingFilter,
    RowTerms,
    collect_pending,
    write_pending,
)
from duijie.report_files import CsvEncoding
from duijie.responsible import responsibility_register
from gateway.adapters.ledger.store import LedgerStore
from gateway.config import Settings
from gateway.domain.areas import AreaLevel, Areas
from gateway.domain.case import State
from gateway.flows.report_pages import Coverage
from gateway.ports.cases import Opening
from schemas.reference.divisions import DivisionTree
from tests.builders.ledger import AT, a_beginning
from tests.builders.records import application_json, citizen_number
from tests.support.stack import make_stack

JINSHUI, ERQI, JIYUAN, KAIFENG = "410105", "410103", "419001", "410200"
AGENCY: Final = "4190010001"
FULL = (citizen_number(), "张伟", "13800000000", "2026-02-10")
MASKED = ("41" + "*" * 16, "张*", "*" * 11, "2026-02-10")
TODAY: Final = date(2026, 3, 2)


def a_case(
    key: str, place: str, *, at: datetime = AT, form: bytes = b"", **changes: object
) -> Opening:
    """Return a case of a place to open, submitted at `at`, with its application."""
    known: dict[str, object] = {"place_division": place, "agency": AGENCY, "submitted_at": at}
    change = a_beginning(key, **{**known, **changes})
    content = form or application_json(application_no=key, place_division=place)
    return Opening(change, content, citizen_number())


def areas(level: AreaLevel = AreaLevel.COUNTY) -> Areas:
    return Areas(DivisionTree.load(), province="410000", level=level, on=TODAY)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return the settings of a gateway of Henan; its ledger is not used."""
    return make_stack(tmp_path / "here").gateway_settings()


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Return a folder for what is exported."""
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


class Exporter:
    """Exports what waits in a ledger, and reads it back."""

    def __init__(self, store: LedgerStore, settings: Settings, folder: Path) -> None:
        self._store, self.settings, self.folder = store, settings, folder
        self.coverage = Coverage()
        self.progress: list[int] = []

    async def export(
        self,
        name: str = "待办.xlsx",
        wanted: PendingFilter | None = None,
        *,
        level: AreaLevel = AreaLevel.COUNTY,
        encoding: CsvEncoding = CsvEncoding.UTF_8,
        in_full: bool = False,
    ) -> dict[str, list[list[str]]]:
        """Export, and return the rows under their heading, by the name of sheet or file."""
        target = ExportTarget(self.folder / name, encoding, force=False)
        shown = areas(level)
        lists = await collect_pending(self._store, wanted or PendingFilter(), shown, self.coverage)
        register = await responsibility_register(self._store)
        terms = RowTerms(self.settings, register, in_full, self.progress.append)
        files = await write_pending(self._store, lists, target, shown, terms)
        assert sorted(files) == sorted(self.folder.iterdir())
        tables: dict[str, list[list[str]]] = {}
        for file in files:
            tables |= read_tables(file, encoding)
            file.unlink()
        assert all(tuple(rows.pop(0)) == COLUMNS for rows in tables.values())
        return tables


def read_tables(file: Path, encoding: CsvEncoding) -> dict[str, list[list[str]]]:
    if file.suffix == ".csv":
        text = file.read_bytes().decode("utf-8-sig" if encoding == "utf-8" else encoding)
        return {file.stem: list(csv.reader(io.StringIO(text, newline="")))}
    book = CalamineWorkbook.from_path(file)
    found = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    assert all(isinstance(cell, str) for rows in found.values() for row in rows for cell in row)
    return {name: [[str(cell) for cell in row] for row in rows] for name, rows in found.items()}


@pytest.fixture
def exporter(store: LedgerStore, settings: Settings, out: Path) -> Exporter:
    """Return an exporter of the ledger."""
    return Exporter(store, settings, out)


async def fill(store: LedgerStore, openings: Sequence[Opening]) -> None:
    await store.transact(lambda ledger: ledger.cases.open(openings))


APPROVER: Final = "济源市公共就业服务中心（模拟），责任人：未登记"


async def test_each_division_has_its_sheet_numbered_from_one_by_due_date(
    store: LedgerStore, exporter: Exporter
) -> None:
    later = date(2026, 3, 6)
    await fill(
        store,
        [
            a_case("SQ1", JINSHUI, due_on=later),
            a_case("SQ2", f"{JINSHUI}001", state=State.DISPATCHED),
            a_case("SQ3", JIYUAN),
            a_case(
                "SQ4", "", form=b"{", state=State.HELD, agency=None, hold_reason="place.unknown"
            ),
        ],
    )

    tables = await exporter.export()

    assert list(tables) == [
        "410105 郑州市金水区",
        "419001 济源市",
        "不在本省或无法识别",
    ]
    assert tables["410105 郑州市金水区"] == [["1", *MASKED, APPROVER], ["2", *MASKED, APPROVER]]
    assert tables["419001 济源市"] == [["1", *MASKED, APPROVER]]
    assert tables["不在本省或无法识别"] == [
        [
            *("1", "", "（内容无法读取，申请编号 SQ4）", "", ""),
            "未分派（登记失业地的行政区划代码无法识别）",
        ]
    ]
    assert sum(exporter.progress) == 4


async def test_only_what_waits_is_listed(store: LedgerStore, exporter: Exporter) -> None:
    await fill(store, [a_case(f"SQ{state}", JIYUAN, state=state) for state in State])

    (rows,) = (await exporter.export()).values()

    assert [row[0] for row in rows] == ["1", "2", "3"]


@pytest.mark.parametrize("name", ["待办.xlsx", "待办.csv"])
async def test_in_full_every_cell_is_that_of_the_form(
    store: LedgerStore, exporter: Exporter, name: str
) -> None:
    await fill(store, [a_case("SQ1", JIYUAN)])

    (rows,) = (await exporter.export(name, in_full=True)).values()

    number, person, mobile, since = FULL
    assert number.endswith("X")  # so that no spreadsheet takes it for a number
    text = "\t" if name.endswith(".csv") else ""
    assert rows == [["1", number, person, text + mobile, since, APPROVER]]


async def test_csv_has_a_file_a_division(store: LedgerStore, exporter: Exporter) -> None:
    await fill(store, [a_case("SQ1", JIYUAN), a_case("SQ2", ERQI), a_case("SQ3", "999999")])

    tables = await exporter.export("当日.csv", encoding=CsvEncoding.GB18030)

    assert sorted(tables) == ["当日-410103", "当日-419001", "当日-未识别区划"]


async def test_a_city_has_its_counties_in_one_list_where_that_is_asked_for(
    store: LedgerStore, exporter: Exporter
) -> None:
    places = (JIYUAN, ERQI, JINSHUI, KAIFENG, "410202")
    await fill(store, [a_case(f"SQ{place}", place) for place in places])

    tables = await exporter.export(level=AreaLevel.CITY)

    assert {name: len(rows) for name, rows in tables.items()} == {
        "410100 郑州市": 2,
        "410200 开封市": 2,
        "419001 济源市": 1,
    }


@pytest.mark.parametrize(
    ("wanted", "keys"),
    [
        (PendingFilter(), "ABCD"),
        (PendingFilter(division="410100"), "AB"),
        (PendingFilter(division="419001"), "C"),
        (PendingFilter(division="410202"), ""),
        (PendingFilter(first=date(2026, 3, 3)), "BC"),
        (PendingFilter(last=date(2026, 3, 2)), "AD"),
        (PendingFilter(first=date(2026, 3, 2), last=date(2026, 3, 3)), "ABD"),
        (PendingFilter(date(2026, 3, 3), date(2026, 3, 3), "410105"), "B"),
    ],
)
async def test_it_is_filtered_by_the_day_of_application_in_beijing_and_by_division(
    store: LedgerStore, exporter: Exporter, wanted: PendingFilter, keys: str
) -> None:
    midnight = datetime.fromisoformat("2026-03-03T00:00:00+08:00")
    await fill(
        store,
        [
            a_case("A", JINSHUI, at=midnight - timedelta(microseconds=1)),
            a_case("B", JINSHUI, at=midnight),
            a_case("C", JIYUAN, at=midnight + timedelta(days=1)),
            a_case("D", "999999", at=midnight - timedelta(days=1)),
        ],
    )

    lists = await collect_pending(store, wanted, areas(), Coverage())

    assert sorted(one.key for cases in lists.values() for one in cases) == list(keys)


@pytest.mark.parametrize("encoding", list(CsvEncoding))
async def test_a_name_that_would_be_a_formula_or_is_rare_comes_back(
    store: LedgerStore, exporter: Exporter, encoding: CsvEncoding
) -> None:
    names = {"SQ1": "=HYPERLINK(1)", "SQ2": "𠮷䶮", "SQ3": "＝1", "SQ4": "a\tb"}
    forms = {
        key: application_json(application_no=key, aac003=name, aac067="+8613800000000")
        for key, name in names.items()
    }
    await fill(store, [a_case(key, JIYUAN, form=form) for key, form in forms.items()])

    (written,) = (await exporter.export("a.csv", encoding=encoding, in_full=True)).values()
    (typed,) = (await exporter.export("a.xlsx", in_full=True)).values()

    assert [row[2] for row in written] == ["'=HYPERLINK(1)", "𠮷䶮", "'＝1", "a b"]
    assert [row[2] for row in typed] == ["=HYPERLINK(1)", "𠮷䶮", "＝1", "a b"]
    assert {row[3] for row in written} == {"'+8613800000000"}


async def test_a_local_form_is_read_and_a_broken_seal_hides_nobody_else(
    store: LedgerStore, exporter: Exporter, sql: Callable[..., list[tuple[object, ...]]]
) -> None:
    form = orjson.loads(application_json())
    local = orjson.dumps({"person": form, "outcome": {}})
    await fill(store, [a_case("A", JIYUAN, form=local), a_case("B", JIYUAN), a_case("C", JIYUAN)])
    sql("UPDATE contents SET content = ? WHERE key = 'B'", b"\x00" * 60)
    sql("UPDATE cases SET accepted_at = ? WHERE key = 'C'", 2**62)

    (rows,) = (await exporter.export()).values()

    assert [row[2] for row in rows] == ["张*", "（内容无法读取，申请编号 B）"]
    assert exporter.coverage.unreadable == 1


async def test_nothing_that_waits_makes_no_file(exporter: Exporter) -> None:
    assert await exporter.export() == {}


async def test_a_day_of_many_is_written_page_by_page(
    store: LedgerStore, exporter: Exporter
) -> None:
    count = 10_000
    content = application_json(place_division=JIYUAN)
    for start in range(0, count, 2000):
        page = [
            a_case(f"SQ{number:06}", JIYUAN, form=content) for number in range(start, start + 2000)
        ]
        await fill(store, page)

    target = ExportTarget(exporter.folder / "a.xlsx", CsvEncoding.UTF_8, force=False)
    tracemalloc.start()
    try:
        lists = await collect_pending(store, PendingFilter(), areas(), Coverage())
        register = await responsibility_register(store)
        terms = RowTerms(
            exporter.settings, register, in_full=True, progress=exporter.progress.append
        )
        await write_pending(store, lists, target, areas(), terms)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    # the forms alone are more; of each case a key and a few words are kept
    assert peak < 6_000_000 < count * len(content), peak
    assert set(exporter.progress) == {500}
    (rows,) = read_tables(target.path, CsvEncoding.UTF_8).values()
    assert [row[0] for row in rows[1:]] == [str(number) for number in range(1, count + 1)]
