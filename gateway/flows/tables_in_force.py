"""生效的表: the rules under the editions that operators put in force, read from the ledger.

Each process reads them for itself and exchanges what it works by as a whole: a page asks for no
table, and its cases are judged under one state of them.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from gateway.domain.dated_rules import RulesByDay
from gateway.domain.intake_rules import Rules
from gateway.domain.table_decisions import Adoption, edition_on
from gateway.domain.table_editions import SHIPPED, Edition, EditionRef, TableKind
from gateway.domain.table_overlay import code_tables_under, division_tree_under
from gateway.errors import EditionUnreadable, TablesUnfit
from gateway.ports.store import Reader
from gateway.ports.table_views import TableStanding
from gateway.ports.views import Views

Standings = Mapping[TableKind, TableStanding]


@dataclass(frozen=True, slots=True)
class TablesInForce:
    """The editions that are in force or planned, from which days, and the rules under them."""

    planned: tuple[Adoption, ...]
    rules: RulesByDay
    under: Mapping[tuple[EditionRef, EditionRef], Rules]
    """By the edition of the code tables and that of the divisions."""

    @classmethod
    def shipped(cls, rules: Rules) -> "TablesInForce":
        """Return what is in force where nobody has decided anything."""
        refs = tuple(EditionRef(kind, SHIPPED) for kind in TableKind)
        return cls((), RulesByDay(rules), {(refs[0], refs[1]): rules})

    def edition_on(self, kind: TableKind, day: date) -> EditionRef:
        """Return the edition of a kind that is in force on a Beijing date."""
        return edition_on(self.planned, kind, day)


async def read_standings(ledger: Reader, *, since: date) -> Standings:
    """Return how the tables of each kind stand on a Beijing date and later.

    Raises:
        StoreUnavailable: The ledger cannot be read.
    """

    def view(views: Views) -> Standings:
        return {kind: views.table_standing(kind, since) for kind in TableKind}

    return await ledger.read(view)


async def take_up(
    before: TablesInForce, standings: Standings, *, ledger: Reader, base: Rules
) -> TablesInForce:
    """Return what is in force by what was decided; `before` itself where that is so already.

    Args:
        before: What is in force by what was read the last time.
        standings: What was decided, of each kind.
        ledger: Where the editions are.
        base: The rules with the tables as shipped.

    Raises:
        EditionUnreadable: An edition that was put in force cannot be read, or not be used.
        StoreUnavailable: The ledger cannot be read.
    """
    planned = tuple(one for kind in TableKind for one in standings[kind].planned)
    if planned == before.planned:
        return before
    days = (date.min, *sorted({one.from_day for one in planned}))
    pairs = [
        (edition_on(planned, TableKind.CODES, day), edition_on(planned, TableKind.DIVISIONS, day))
        for day in days
    ]
    under = {}
    for pair in dict.fromkeys(pairs):
        known = before.under.get(pair)
        under[pair] = known or await _rules_under(pair, ledger=ledger, base=base)
    later = [(day, under[pair]) for day, pair in zip(days[1:], pairs[1:], strict=True)]
    return TablesInForce(planned, RulesByDay(under[pairs[0]], later), under)


async def _rules_under(
    pair: tuple[EditionRef, EditionRef], *, ledger: Reader, base: Rules
) -> Rules:
    codes, divisions = [await _edition(ref, ledger) for ref in pair]

    def make() -> Rules:  # a tenth of a second: the loop goes on meanwhile
        tree = base.tree if divisions is None else division_tree_under(divisions)
        return replace(base, tree=tree, tables=code_tables_under(codes))

    try:
        return await asyncio.to_thread(make)
    except (TablesUnfit, ValueError) as exc:
        names = ", ".join(ref.name for ref in pair if ref.digest != SHIPPED)
        raise EditionUnreadable(names) from exc


async def _edition(ref: EditionRef, ledger: Reader) -> Edition | None:
    """Return an edition, None for the shipped one."""
    if ref.digest == SHIPPED:
        return None
    found = await ledger.read(lambda views: views.table_edition(ref))
    if found is None:
        raise EditionUnreadable(ref.name)
    return found
