from collections.abc import Sequence
from io import StringIO

import pytest
from rich.cells import cell_len
from rich.console import Console

from duijie.demo.lines import Lines
from duijie.demo.plan import Wishes, planned
from duijie.demo.progress import Station, Trip, tally
from duijie.demo.screen import rows_shown, screen, track
from duijie.demo.summary import stuck_lines, summary_json
from duijie.demo.watch import Picture
from tests.unit.duijie.test_progress import a_trip, a_trip_back


def drawn(trips: Sequence[Trip], *, width: int = 160, height: int = 40) -> str:
    console = Console(width=width, height=height, record=True, file=StringIO())
    console.print(screen(Picture(tuple(trips)), expected=3, width=width, height=height))
    return console.export_text()


def test_the_track_fills_up_station_by_station() -> None:
    stages = [track(a_trip(station=station), 1).plain for station in Station]
    assert stages == ["◉┄○┄○┄○┄○", "●━◉┄○┄○┄○", "●━●━◉┄○┄○", "●━●━●━◉┄○", "●━●━●━●━◉"]
    assert track(a_trip_back(), 1).plain == "●━●━●━●━✔"


def test_a_wide_screen_names_every_column_and_every_station() -> None:
    text = drawn([a_trip_back(agency="济源市公共就业服务中心", due_on="2026-03-03")])
    for heading in ("申请编号", "登记失业地", "承办机构", "国家端 网关", "办结时限", "用时"):
        assert heading in text
    assert "济源市公共就业服务中心" in text
    assert "2026-03-03" in text
    assert "40 ms" in text


def test_a_narrow_screen_shortens_the_number_and_breaks_no_row() -> None:
    trips = [a_trip_back(number=f"SYDJ202603024190010000{at:04d}") for at in range(5)]
    lines = drawn(trips, width=80).splitlines()
    assert max(cell_len(line.rstrip()) for line in lines) <= 80
    assert [line.split()[0] for line in lines[1:6]] == [f"…0000{at:04d}" for at in range(5)]


@pytest.mark.parametrize("width", [80, 100, 124, 140, 200])
def test_number_date_and_time_are_never_cut_for_a_long_name(width: int) -> None:
    number, agency = "SYDJ2026112241010561529000010", "金水区经八路街道社区卫生与就业服务中心"
    text = drawn([a_trip_back(number=number, agency=agency, due_on="2026-11-23")], width=width)
    row = text.splitlines()[1]
    assert number[-8:] in row
    assert row.rstrip().endswith("2026-11-23     40 ms")
    assert cell_len(row.rstrip()) <= width


def test_rows_under_way_come_before_those_that_are_back() -> None:
    trips = [a_trip("A-0"), *(a_trip_back(number=f"A-{at}") for at in range(1, 9))]
    assert [trip.number for trip in rows_shown(trips, 3)] == ["A-0", "A-7", "A-8"]


def test_plain_lines_tell_each_return_once() -> None:
    lines = Lines(expected=2)
    first = list(lines.news([a_trip_back(number="A-1"), a_trip("A-2")]))
    again = list(lines.news([a_trip_back(number="A-1"), a_trip_back(number="A-2")]))
    assert [line.split()[0] for line in first] == ["A-1"]
    assert [line.split()[0] for line in again] == ["A-2"]


def test_of_many_applications_plain_lines_tell_every_tenth_part() -> None:
    lines = Lines(expected=100)
    trips = [a_trip_back(number=f"A-{at}") for at in range(100)]
    assert len(list(lines.news(trips[:9]))) == 0
    assert len(list(lines.news(trips[:10]))) == 1
    assert len(list(lines.news(trips[:15]))) == 0
    assert len(list(lines.news(trips))) == 1


def test_what_is_stuck_is_told_with_the_reasons_of_both_sides() -> None:
    plan = planned(None, Wishes())
    stuck = [
        a_trip("A-1", station=Station.TAKEN),
        a_trip("A-2", station=Station.HANDED, answer="outcome.wrong-agency"),
        a_trip_back(number="A-3", effects=2),
    ]
    text = "\n".join(stuck_lines(Picture(tuple(stuck), {"place.no-agency": 1}), plan))
    for fact in ("A-1", "A-2", "A-3", "outcome.wrong-agency", "place.no-agency", "生效 2 次"):
        assert fact in text


def test_nothing_is_called_stuck_when_all_are_back() -> None:
    assert list(stuck_lines(Picture((a_trip_back(),)), planned(None, Wishes()))) == []


def test_the_last_line_for_machines_has_the_agreed_members() -> None:
    assert summary_json(tally([a_trip_back(took_ms=40), a_trip("A-2")]), 1.2345) == (
        '{"count": 2, "back": 1, "held": 0, "lost": 1, "doubled": 0, '
        '"p50_ms": 40.0, "p99_ms": 40.0, "seconds": 1.234}'
    )
