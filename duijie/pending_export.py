"""待办导出: one export of the pending lists; who sees persons in full is entered before."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from duijie.ledger_reader import open_ledger_reader
from duijie.ledger_writer import open_ledger_writer
from duijie.pending_lists import (
    ExportTarget,
    PendingFilter,
    PendingLists,
    RowTerms,
    collect_pending,
    write_pending,
)
from duijie.progress_line import ProgressLine
from duijie.responsible import responsibility_register
from gateway.config import Settings
from gateway.domain.areas import AreaLevel, Areas
from gateway.flows.disclosure import record_disclosure
from gateway.flows.report_pages import Coverage
from schemas.reference.clock import beijing_date, utc_now
from schemas.reference.divisions import DivisionTree

EXPORT_ACT: Final = "poll.export"


@dataclass(frozen=True, slots=True)
class Unmasking:
    """Who wants to see persons in full, and why."""

    operator: str
    reason: str


@dataclass(frozen=True, slots=True)
class PendingExport:
    """What is to be exported, and where to."""

    target: ExportTarget
    wanted: PendingFilter
    level: AreaLevel
    unmasking: Unmasking | None


@dataclass(frozen=True, slots=True)
class Exported:
    """What was exported: how many of each division, into which files, and what was not readable."""

    files: tuple[Path, ...]
    counts: dict[str, int]
    unreadable: int


async def export_pending(settings: Settings, export: PendingExport) -> Exported:
    """Write the pending applications, with persons in full only once that is entered.

    Raises:
        CliError: The gateway runs on this ledger, a file is there already, or cannot be written.
        StoreUnavailable: The ledger cannot be read, or the entry cannot be made.
    """
    areas = Areas(
        DivisionTree.load(),
        province=settings.province,
        level=export.level,
        on=beijing_date(utc_now()),
    )
    coverage = Coverage()
    async with open_ledger_reader(settings) as ledger:
        lists = await collect_pending(ledger, export.wanted, areas, coverage)
        export.target.check(list(lists))
        if export.unmasking is not None:
            await _record(settings, export.unmasking, lists)
        progress = ProgressLine("导出", sum(map(len, lists.values())))
        register = await responsibility_register(ledger)
        terms = RowTerms(settings, register, export.unmasking is not None, progress.add)
        files = await write_pending(ledger, lists, export.target, areas, terms)
        progress.end()
    counts = {areas.name(area): len(cases) for area, cases in lists.items()}
    return Exported(tuple(files), counts, coverage.unreadable)


async def _record(settings: Settings, unmasking: Unmasking, lists: PendingLists) -> None:
    """Enter who is about to see how many persons in full; nobody is shown where it fails."""
    async with open_ledger_writer(settings) as writer:
        await record_disclosure(
            EXPORT_ACT,
            persons=sum(map(len, lists.values())),
            reason=unmasking.reason,
            operator=unmasking.operator,
            store=writer.store,
            now=utc_now,
        )
