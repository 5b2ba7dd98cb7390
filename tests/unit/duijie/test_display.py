from collections.abc import Sequence
from io import StringIO

import pytest
from rich.cells import cell_len
from rich.console import Console

from duijie.demo.plain_lines import PlainLines
from duijie.demo.plan import PlanOptions, make_plan
from duijie.demo.progress import ApplicationProgress, Stage, add_up
from duijie.demo.screen import render_screen, render_track, rows_shown
from duijie.demo.summary import stuck_lines, summary_json
from duijie.demo.watch import Snapshot
from tests.unit.duijie.test_progress import an_application, an_application_back


def drawn(
    applications: Sequence[ApplicationProgress], *, width: int = 160, height: int = 40
) -> str:
    console = Console(width=width, height=height, record=True, file=StringIO())
    console.print(
        render_screen(Snapshot(tuple(applications)), expected=3, width=width, height=height)
    )
    return console.export_text()


def test_the_track_fills_up_stage_by_stage() -> None:
    stages = [render_track(an_application(stage=stage), 1).plain for stage in Stage]
    assert stages == ["◉┄○┄○┄○┄○", "●━◉┄○┄○┄○", "●━●━◉┄○┄○", "●━●━●━◉┄○", "●━●━●━●━◉"]
    assert render_track(an_application_back(), 1).plain == "●━●━●━●━✔"


def test_a_wide_screen_names_every_column_and_every_stage() -> None:
    text = drawn([an_application_back(agency="济源市公共就业服务中心", due_on="2026-03-03")])
    for heading in ("申请编号", "登记失业地", "经办机构", "部端  网关", "办结时限", "用时"):
        assert heading in text
    assert "济源市公共就业服务中心" in text
    assert "2026-03-03" in text
    assert "40 ms" in text


def test_a_narrow_screen_shortens_the_number_and_breaks_no_row() -> None:
    applications = [
        an_application_back(number=f"SYDJ202603024190010000{at:04d}") for at in range(5)
    ]
    lines = drawn(applications, width=80).splitlines()
    assert max(cell_len(line.rstrip()) for line in lines) <= 80
    assert [line.split()[0] for line in lines[1:6]] == [f"…0000{at:04d}" for at in range(5)]


@pytest.mark.parametrize("width", [80, 100, 124, 140, 200])
def test_number_date_and_time_are_never_cut_for_a_long_name(width: int) -> None:
    number, agency = "SYDJ2026112241010561529000010", "金水区经八路街道社区卫生与就业服务中心"
    text = drawn(
        [an_application_back(number=number, agency=agency, due_on="2026-11-23")], width=width
    )
    row = text.splitlines()[1]
    assert number[-8:] in row
    assert row.rstrip().endswith("2026-11-23     40 ms")
    assert cell_len(row.rstrip()) <= width


def test_rows_under_way_come_before_those_that_are_back() -> None:
    applications = [
        an_application("A-0"),
        *(an_application_back(number=f"A-{at}") for at in range(1, 9)),
    ]
    assert [one.number for one in rows_shown(applications, 3)] == [
        "A-0",
        "A-7",
        "A-8",
    ]


def test_plain_lines_tell_each_return_once() -> None:
    lines = PlainLines(expected=2)
    first = list(lines.new_lines([an_application_back(number="A-1"), an_application("A-2")]))
    again = list(
        lines.new_lines([an_application_back(number="A-1"), an_application_back(number="A-2")])
    )
    assert [line.split()[0] for line in first] == ["A-1"]
    assert [line.split()[0] for line in again] == ["A-2"]


def test_of_many_applications_plain_lines_tell_every_tenth_part() -> None:
    lines = PlainLines(expected=100)
    applications = [an_application_back(number=f"A-{at}") for at in range(100)]
    assert len(list(lines.new_lines(applications[:9]))) == 0
    assert len(list(lines.new_lines(applications[:10]))) == 1
    assert len(list(lines.new_lines(applications[:15]))) == 0
    assert len(list(lines.new_lines(applications))) == 1


def test_what_is_stuck_is_told_with_the_reasons_of_both_sides() -> None:
    plan = make_plan(None, PlanOptions())
    stuck = [
        an_application("A-1", stage=Stage.ACCEPTED),
        an_application("A-2", stage=Stage.DISPATCHED, answer="outcome.wrong-agency"),
        an_application_back(number="A-3", effects=2),
    ]
    text = "\n".join(stuck_lines(Snapshot(tuple(stuck), {"place.no-agency": 1}), plan))
    for fact in ("A-1", "A-2", "A-3", "outcome.wrong-agency", "place.no-agency", "生效 2 次"):
        assert fact in text


def test_nothing_is_called_stuck_when_all_are_back() -> None:
    assert (
        list(stuck_lines(Snapshot((an_application_back(),)), make_plan(None, PlanOptions()))) == []
    )


def test_the_last_line_for_machines_has_the_agreed_members() -> None:
    assert summary_json(
        add_up([an_application_back(duration_ms=40), an_application("A-2")]), 1.2345
    ) == (
        '{"count": 2, "back": 1, "held": 0, "lost": 1, "doubled": 0, '
        '"p50_ms": 40.0, "p99_ms": 40.0, "seconds": 1.234}'
    )
