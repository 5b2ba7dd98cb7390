"""差异列表: differences with the national side, as tables and as records."""

from collections.abc import Iterable, Sequence
from typing import Final

import click

from duijie.tables import print_table
from gateway.domain.discrepancies import Discrepancy, RecordedDiscrepancy
from gateway.reconciling_words import DISCREPANCIES, RECORDS, describe_standing

_HEADINGS: Final = ("序号", "日期", "差异", "键", "报文", "版次", "状态")


def print_discrepancies(found: Sequence[RecordedDiscrepancy]) -> None:
    """Print differences with their numbers, and below them what to do about each kind."""
    print_table(_HEADINGS, [_cells(one) for one in found])
    print_cures(one.kind for one in found if one.closed_at is None)


def print_cures(kinds: Iterable[object]) -> None:
    """Print what is to be done about each kind of difference."""
    there = set(kinds)
    for kind, words in DISCREPANCIES.items():
        if kind in there:
            click.echo(f"{words.title}：{words.cure}。")


def discrepancy_record(one: RecordedDiscrepancy) -> dict[str, object]:
    """Return a difference as a program reads it."""
    return {
        "number": one.id,
        "date": one.day.isoformat(),
        **found_record(Discrepancy(one.kind, one.line, one.remedy)),
        "state": "closed" if one.closed_at is not None else one.state.value,
        "closed_as": None if one.closed_as is None else one.closed_as.value,
    }


def found_record(one: Discrepancy) -> dict[str, object]:
    """Return a difference that was found as a program reads it."""
    return {
        "kind": one.kind.value,
        "record": one.line.kind.value,
        "key": one.line.key,
        "revision": one.line.revision,
        "remedy": one.remedy.value,
        "state": one.state.value,
    }


def _cells(one: RecordedDiscrepancy) -> list[str]:
    return [
        str(one.id),
        one.day.isoformat(),
        DISCREPANCIES[one.kind].title,
        one.line.key,
        RECORDS[one.line.kind],
        str(one.line.revision),
        describe_standing(one),
    ]
