"""性能表: measures the figures one after another and prints them as one table."""

import json
import platform
import sqlite3
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from os import cpu_count
from typing import Final

from rich.console import Console
from rich.table import Table

from bench import end_to_end, growth, intake, outcomes, there_and_back
from bench.figure import Figure
from bench.peer.sandbox import peer_python
from portable.event_loop import run_loop

Measure = Callable[[], Coroutine[None, None, list[Figure]]]
_VERDICTS: Final = {True: "[green]达到[/green]", False: "[red]未达到[/red]"}


def main(as_json: bool, only: tuple[str, ...], sizes: tuple[int, ...], server: str | None) -> int:
    """Measure `only` (all without), print, and return 0 unless a target is missed, else 1.

    B5 measures ledgers of `sizes` past cases, on the PostgreSQL `server` where there is one.
    """
    console = Console(stderr=as_json)
    figures: list[Figure] = []
    with console.status("") as status:
        show = status.update
        measures = _measures(partial(growth.measure, sizes or growth.SIZES, server, show))
        if unknown := [name for name in only if name not in measures]:
            console.print(f"没有指标 {'、'.join(unknown)}；可用的有 {'、'.join(measures)}")
            return 2
        for name in only or measures:
            show(f"正在测量 {name} …")
            figures += run_loop(measures[name]())
    if as_json:
        sys.stdout.write(json.dumps(_as_record(figures), ensure_ascii=False) + "\n")
    else:
        console.print(_as_table(figures))
    if "B3" in (only or measures) and peer_python() is None:
        console.print(there_and_back.NOT_MEASURED, soft_wrap=True)
    return 1 if any(figure.reached is False for figure in figures) else 0


def _measures(growth_at_sizes: Measure) -> Mapping[str, Measure]:
    return {
        "B1": intake.measure,
        "B2": outcomes.measure,
        "B3": there_and_back.measure,
        "B4": end_to_end.measure_idle,
        "B5": growth_at_sizes,
        "B9": end_to_end.measure_flushes,
    }


def verdict(figure: Figure) -> str:
    """Return whether a figure reaches its target, in a word; without a target there is none."""
    return "–" if figure.reached is None else _VERDICTS[figure.reached]


def _as_table(figures: Sequence[Figure]) -> Table:
    table = Table(title=f"性能 · {_machine()}", title_justify="left", caption_justify="left")
    table.caption = "五轮中位数（最小–最大）；比值为同轮之比；绝对值仅供参考"
    for heading in ("指标", "测什么", "本项目", "上限", "比值", "目标", "结论"):
        table.add_column(heading, justify="left" if heading in {"指标", "测什么"} else "right")
    for figure in figures:
        table.add_row(
            figure.name,
            figure.what,
            f"{_number(figure.value)} {figure.unit}\n[dim]{_spread(figure.runs)}[/dim]",
            f"{_number(figure.limit)}\n[dim]{_spread(figure.limits)}[/dim]"
            if figure.limit is not None
            else "–",
            "–" if figure.ratio is None else f"{figure.ratio:.2f}×",
            figure.target,
            verdict(figure),
        )
    return table


def _as_record(figures: Sequence[Figure]) -> dict[str, object]:
    return {
        "machine": _machine(),
        "figures": [
            {
                "name": figure.name,
                "what": figure.what,
                "unit": figure.unit,
                "value": figure.value,
                "runs": figure.runs,
                "limit": figure.limit,
                "limits": figure.limits,
                "ratio": figure.ratio,
                "target": figure.target,
                "reached": figure.reached,
            }
            for figure in figures
        ],
    }


def _machine() -> str:
    return (
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"{cpu_count()} cores, {platform.machine()}"
    )


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _spread(values: Sequence[float]) -> str:
    return f"{_number(min(values))}–{_number(max(values))}" if values else ""
