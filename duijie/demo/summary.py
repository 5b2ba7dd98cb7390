"""收尾: the last lines of a run: the sum, what is stuck and why, where to look next."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from duijie.demo.plan import GATEWAY_FILE, Plan
from duijie.demo.progress import STATION_NAMES, Station, Tally, Trip, spoken_ms, tally
from duijie.demo.screen import times_line
from duijie.demo.watch import Picture

_MOST_STUCK: Final = 20
_WAITING_FOR: Final = {
    Station.FILED: "网关还没有确认下载",
    Station.TAKEN: "机构还没有收到分派单（可能在网关挂起）",
    Station.HANDED: "机构的审核结果还没有被网关接收",
    Station.DECIDED: "网关还没有把审核结果回传到国家端",
}


def summary_lines(sums: Tally, seconds: float) -> Iterator[str]:
    """Yield the sum of a run for a person."""
    yield (
        f"申报 {sums.count} 件，已回到国家端 {sums.back} 件，挂起 {sums.held}，"
        f"丢失 {sums.under_way}，重复 {sums.doubled}，共用 {spoken_ms(seconds * 1000)}"
    )
    yield times_line(sums)


def summary_json(sums: Tally, seconds: float) -> str:
    """Return the sum of a run as one line of JSON."""
    return json.dumps(
        {
            "count": sums.count,
            "back": sums.back,
            "held": sums.held,
            "lost": sums.under_way,
            "doubled": sums.doubled,
            "p50_ms": _rounded(sums.p50_ms),
            "p99_ms": _rounded(sums.p99_ms),
            "seconds": round(seconds, 3),
        }
    )


def stuck_lines(picture: Picture, plan: Plan) -> Iterator[str]:
    """Yield what is not back or came twice, each with its reason as both sides know it."""
    wrong = [trip for trip in picture.trips if not trip.is_back or trip.is_doubled]
    sums = tally(picture.trips, picture.held_count)
    if sums.is_whole:
        return
    yield f"没有全部正常返回，共 {len(wrong)} 件："
    for trip in wrong[:_MOST_STUCK]:
        yield f"  {trip.number} {trip.place}：{_reason(trip)}"
    if len(wrong) > _MOST_STUCK:
        yield f"  ……另有 {len(wrong) - _MOST_STUCK} 件"
    for reason, number in sorted(picture.held.items()):
        yield f"  网关挂起 {number} 件，原因 {reason}"
    yield f"  逐件查看：{plan.url('gateway')}/ ；国家端：{plan.url('simulator')}/"


def address_lines(plan: Plan, folder: Path) -> Iterator[str]:
    """Yield where everything is while it stays up."""
    yield ""
    yield f"国家端（申报与进度）  {plan.url('simulator')}/"
    yield f"网关（办件列表）      {plan.url('gateway')}/"
    yield f"指标 metrics          {plan.url('health')}/metrics"
    yield f"控制接口 control      {plan.url('control')}/control/v1/summary"
    yield f"设置、密钥、台账、日志 {folder}/（{GATEWAY_FILE} 等）"
    control = "" if plan.ports["control"] == 8601 else f" --control {plan.url('control')}"
    yield f"再申报几件：duijie simulator file --count 5{control}"
    yield "按 Ctrl-C 排空并停止。"


def _reason(trip: Trip) -> str:
    if trip.is_doubled:
        return (
            f"重复：国家端生效 {trip.effects} 次，机构收到 {trip.dispatches} 张分派单，"
            f"办结 {trip.decisions} 次"
        )
    where = STATION_NAMES[trip.station]
    refused = f"，网关答复 {trip.answer}" if trip.answer else ""
    return f"停在{where}，{_WAITING_FOR[trip.station]}{refused}"


def _rounded(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else round(milliseconds, 1)
