"""版本比较: an edition of the tables beside what is in force, for operators before they decide."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from typing import Final

from duijie.errors import USAGE, CliError
from duijie.ledger_reader import LedgerReader
from duijie.ledger_rules import directory_at
from gateway.config import Settings
from gateway.domain.division_changes import (
    Consequences,
    DivisionChange,
    consequences,
    division_changes,
)
from gateway.domain.routing import stands
from gateway.domain.table_changes import CodeChange, code_changes
from gateway.domain.table_decisions import edition_on
from gateway.domain.table_editions import SHIPPED, Edition, EditionRef, TableKind, code_tables_in
from gateway.domain.table_overlay import code_tables_under, division_tree_under
from gateway.table_words import KINDS, describe_code_change, describe_division_change
from schemas.records.table_records import code_table_records
from schemas.reference.clock import utc_now
from schemas.reference.codes import CodeTables

MOST_CASES: Final = 20_000
"""Of each state: how many open cases a review looks at, those that are due first."""
SHOWN: Final = 40
"""How many differences are shown where nobody asks for all."""


@dataclass(frozen=True, slots=True)
class EditionReview:
    """What an edition changes of what is in force on a Beijing date, and what follows from that.

    `last_no` is the number of the last decision of the kind that was seen.
    """

    edition: EditionRef
    in_force: EditionRef
    on: date
    last_no: int
    changes: tuple[CodeChange, ...] | tuple[DivisionChange, ...]
    consequences: Consequences | None = None

    def record(self) -> dict[str, object]:
        """Return the review as it is printed in JSON."""
        return {
            "edition": self.edition.name,
            "digest": self.edition.digest,
            "in_force": self.in_force.name,
            "on": self.on.isoformat(),
            "changes": [_plain(asdict(one)) for one in self.changes],
            "consequences": None
            if self.consequences is None
            else {
                name: [_plain(one) for one in found]
                for name, found in asdict(self.consequences).items()
            },
        }


async def find_edition(ledger: LedgerReader, name: str) -> EditionRef:
    """Return the edition that an operator names.

    Raises:
        CliError: There is none of that name, or the name can mean two.
    """
    named = EditionRef.read(name)
    if named is None:
        raise _no_edition(name, "版本名称的写法：codes- 或 divisions-，后接摘要或 shipped")
    if named.digest == SHIPPED:
        return named
    found = await ledger.read(lambda views: views.editions_named(named))
    if len(found) != 1:
        raise _no_edition(name, "可能指两个版本" if found else "台账中没有此版本")
    return found[0]


async def review(
    settings: Settings, ledger: LedgerReader, edition: EditionRef, *, on: date
) -> EditionReview:
    """Return what an edition changes of what is in force on a Beijing date.

    Raises:
        CliError: The edition cannot be read, or the province would have ended in it.
        TablesUnfit: It cannot be put in force.
    """
    kind = edition.kind
    standing = await ledger.read(lambda views: views.table_standing(kind, on))
    in_force = edition_on(standing.planned, kind, on)
    now, then = [await _read(ledger, one) for one in (in_force, edition)]
    if kind is TableKind.CODES:
        rows = code_table_records(CodeTables.load()) if then is None else code_tables_in(then)
        changes = code_changes(code_tables_under(now), rows)
        return EditionReview(edition, in_force, on, standing.last_no, changes)
    before, after = division_tree_under(now), division_tree_under(then)
    if not stands(after, settings.province, on):
        cause = f"其中本省 {settings.province} 已撤销"
        raise CliError(f"版本 {edition.name} 不能启用", cause, "请与部端核对", USAGE)
    places = await ledger.read(lambda views: views.open_places(limit=MOST_CASES))
    directory = await directory_at(settings, ledger, utc_now())
    return EditionReview(
        edition,
        in_force,
        on,
        standing.last_no,
        division_changes(before, after),
        consequences(before, after, directory=directory, places=places),
    )


def describe_review(found: EditionReview, *, whole: bool) -> Iterator[str]:
    """Yield a review in lines that an operator reads; without `whole` the first differences."""
    title = KINDS[found.edition.kind]
    day = found.on.isoformat()
    yield f"{title} {found.edition.name}，与 {day} 生效的 {found.in_force.name} 比较"
    lines = [
        describe_code_change(one) if isinstance(one, CodeChange) else describe_division_change(one)
        for one in found.changes
    ]
    shown = lines if whole else lines[:SHOWN]
    yield from (f"  {line}" for line in shown)
    if len(shown) < len(lines):
        yield f"  ……另有 {len(lines) - len(shown)} 处，加 --all 全部列出"
    yield f"共 {len(lines)} 处差异。"
    if found.consequences is not None:
        yield from _describe_consequences(found.consequences)


def _describe_consequences(found: Consequences) -> Iterator[str]:
    for one in found.agencies:
        day = "不在任何表中" if one.on is None else f"自 {one.on.isoformat()} 起撤销"
        successor = f"，并入 {one.successor}" if one.successor else ""
        yield f"经办机构 {one.agency}：所在区划 {one.division} {day}{successor}"
    ending = sum(one.count for one in found.ending)
    known = sum(one.count for one in found.becoming_known)
    yield f"未办结办件中，登记失业地将撤销的 {ending} 件；"
    yield f"因区划无法识别而挂起、此后可以识别的 {known} 件。"


async def _read(ledger: LedgerReader, ref: EditionRef) -> Edition | None:
    """Return an edition, None for that of the program."""
    if ref.digest == SHIPPED:
        return None
    found = await ledger.read(lambda views: views.table_edition(ref))
    if found is None:
        raise _no_edition(ref.name, "台账中的内容已损坏")
    return found


def _no_edition(name: str, cause: str) -> CliError:
    cure = "请查看 duijie gateway tables show 列出的版本"
    return CliError(f"没有可用的版本 {name}", cause, cure, USAGE)


def _plain(record: dict[str, object]) -> dict[str, object]:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in record.items()
    }
