"""汇总: the last lines of a run: the totals, what is stuck and why, where to look next."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from duijie.demo.plan import GATEWAY_FILE, Plan
from duijie.demo.progress import STAGE_NAMES, ApplicationProgress, Stage, Totals, add_up, format_ms
from duijie.demo.screen import times_line
from duijie.demo.watch import Snapshot

_MAX_STUCK_LINES: Final = 20
_WAITING_FOR: Final = {
    Stage.FILED: "网关尚未作下载确认",
    Stage.ACCEPTED: "经办机构尚未收到分派单（可能在网关挂起）",
    Stage.DISPATCHED: "网关尚未接收经办机构的审核结果",
    Stage.DECIDED: "网关尚未将审核结果上传至部端",
}


def summary_lines(totals: Totals, seconds: float) -> Iterator[str]:
    """Yield the totals of a run for a person."""
    yield (
        f"申报 {totals.count} 件，已回到部端 {totals.back} 件，挂起 {totals.held} 件，"
        f"丢失 {totals.under_way} 件，重复 {totals.doubled} 件，共用时 {format_ms(seconds * 1000)}"
    )
    yield times_line(totals)


def summary_json(totals: Totals, seconds: float) -> str:
    """Return the totals of a run as one line of JSON."""
    return json.dumps(
        {
            "count": totals.count,
            "back": totals.back,
            "held": totals.held,
            "lost": totals.under_way,
            "doubled": totals.doubled,
            "p50_ms": _rounded(totals.p50_ms),
            "p99_ms": _rounded(totals.p99_ms),
            "seconds": round(seconds, 3),
        }
    )


def stuck_lines(snapshot: Snapshot, plan: Plan) -> Iterator[str]:
    """Yield what is not back or came twice, each with the reason that both sides give for it."""
    wrong = [one for one in snapshot.applications if not one.is_back or one.is_doubled]
    totals = add_up(snapshot.applications, snapshot.held_count)
    if totals.is_complete:
        return
    yield f"没有全部正常返回，共 {len(wrong)} 件："
    for one in wrong[:_MAX_STUCK_LINES]:
        yield f"  {one.number} {one.place}：{_reason(one)}"
    if len(wrong) > _MAX_STUCK_LINES:
        yield f"  ……另有 {len(wrong) - _MAX_STUCK_LINES} 件"
    for reason, number in sorted(snapshot.held.items()):
        yield f"  网关挂起 {number} 件，原因 {reason}"
    yield f"  逐件查看：{plan.url('console')}/ ；部端：{plan.url('simulator')}/"


def address_lines(plan: Plan, folder: Path) -> Iterator[str]:
    """Yield the addresses of everything that stays up."""
    yield ""
    yield f"部端（申报与进度）    {plan.url('simulator')}/"
    yield f"工作台（办件列表）    {plan.url('console')}/"
    yield f"经办机构接口与文档    {plan.url('gateway')}/docs"
    yield f"指标                  {plan.url('health')}/metrics"
    yield f"控制接口              {plan.url('control')}/control/v1/summary"
    yield f"设置、密钥、台账、日志  {folder}/（{GATEWAY_FILE} 等）"
    control = "" if plan.ports["control"] == 8601 else f" --control {plan.url('control')}"
    yield f"再申报几件：duijie simulator file --count 5{control}"
    yield "按 Ctrl-C，处理完在途请求后停止。"


def _reason(one: ApplicationProgress) -> str:
    if one.is_doubled:
        return (
            f"重复：部端生效 {one.effects} 次，经办机构收到 {one.dispatches} 张分派单，"
            f"办结 {one.decisions} 次"
        )
    where = STAGE_NAMES[one.stage]
    refused = f"，网关返回 {one.answer}" if one.answer else ""
    return f"停留在{where}，{_WAITING_FOR[one.stage]}{refused}"


def _rounded(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else round(milliseconds, 1)
