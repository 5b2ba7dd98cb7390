"""行政区划: the dated tree of division codes; parents come from the table, not from the digits."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from schemas.reference.division_rows import Division, DivisionLevel, DivisionRows, read_folder

__all__ = ["Division", "DivisionLevel", "DivisionTree", "UnknownDivision"]

SHIPPED: Final = Path(__file__).parent.parent / "data" / "divisions"
_LENGTHS: Final = (6, 9, 12)


class UnknownDivision(LookupError):
    """A code is of no known division, nor of a place below one."""

    code: Final = "division.unknown"

    def __init__(self, division: str) -> None:
        shown = division if _is_shaped(division) else "a text that is no division code"
        super().__init__(f"unknown division: {shown}")
        self.division = division


class DivisionTree:
    """Who belongs to whom, from the province down; immutable, every look-up a few dictionary reads.

    A code of 9 or 12 digits that the table does not know belongs to its street if that is known,
    else to its county or its city without counties: village codes are not published any more, so
    a full table is never required. A form with trailing zeros (410100000000) is what it stands for.
    A grouping code (市辖区, 省直辖县级行政区划) is the division whose parts it groups.
    """

    __slots__ = ("_aliases", "_chains", "_children", "_divisions", "_provinces", "as_of")

    def __init__(self, rows: DivisionRows) -> None:
        self.as_of: Final = rows.as_of  # date of the youngest table: later changes are not known
        self._divisions: Final = MappingProxyType(dict(rows.divisions))
        self._aliases: Final = MappingProxyType(dict(rows.aliases))
        self._chains: Final = MappingProxyType(_chains(rows.divisions))
        self._provinces: Final = tuple(
            sorted(row.code for row in rows.divisions.values() if row.parent is None)
        )
        self._children: Final = MappingProxyType(_children(rows.divisions.values()))

    @staticmethod
    def load() -> "DivisionTree":
        """Return the shipped tree; it is read once.

        Raises:
            TableUnreadable: A file is damaged, a code stands twice, or a reference leads nowhere.
        """
        return _shipped()

    def get(self, code: str) -> Division | None:
        """Return the row of `code` itself, retired or not; None when it has no row of its own."""
        return self._divisions.get(self.normalise(code))

    def normalise(self, code: str) -> str:
        """Return the shortest form of `code`: trailing zeros off, a grouping code made plain."""
        short = code
        if len(short) == 12 and short.endswith("000"):
            short = short[:9]
        if len(short) == 9 and short.endswith("000"):
            short = short[:6]
        return self._aliases.get(short, short)

    def ancestors(self, code: str, on: date | None = None) -> tuple[str, ...]:
        """Return the chain of codes from `code` itself up to its province.

        Args:
            code: 6, 9 or 12 digits.
            on: Beijing date. A code abolished by then is followed by the chain of the division
                that took it over, where that is known, and so is each one above it; without a date
                it stays where it belonged.

        Raises:
            UnknownDivision: Not even the county of `code` is known.
        """
        short = self.normalise(code)
        known = self._known_part(short)
        chain = self._chains[known] if on is None else self._chain_on(known, on)
        return chain if known == short else (short, *chain)

    def ancestors_in_force(self, code: str, on: date) -> tuple[str, ...]:
        """Return the chain of `code` on a Beijing date without what is abolished by then.

        The first is the division that has the place today: `code` itself, its successor, or where
        that is not known the nearest division above it that still exists. A code that the table
        does not have, below one that is abolished, went with it.

        Raises:
            UnknownDivision: Not even the county of `code` is known.
        """
        chain = self.ancestors(code, on)
        known = [one for one in chain if one in self._divisions]
        standing = tuple(one for one in known if not self._divisions[one].abolished_on(on))
        unlisted = known[0] != chain[0] and not self._divisions[known[0]].abolished_on(on)
        return (chain[0], *standing) if unlisted else standing

    def is_within(self, code: str, ancestor: str, on: date | None = None) -> bool:
        """Tell whether `code` is `ancestor` or lies below it.

        Raises:
            UnknownDivision: Not even the county of `code` is known.
        """
        return self.normalise(ancestor) in self.ancestors(code, on)

    def name(self, code: str) -> str:
        """Return the name of the nearest division that has one.

        Raises:
            UnknownDivision: Not even the county of `code` is known.
        """
        return self._divisions[self._known_part(self.normalise(code))].name

    def full_name(self, code: str) -> str:
        """Return the names from the province down: 河南省郑州市金水区.

        Raises:
            UnknownDivision: Not even the county of `code` is known.
        """
        chain = self._chains[self._known_part(self.normalise(code))]
        parts: list[str] = []
        for one in reversed(chain):
            name = self._divisions[one].name
            if parts and parts[-1].endswith(("市", "县")):
                # some streets repeat their county: 济源市 / 济源市沁园街道
                name = name.removeprefix(parts[-1]) or name
            parts.append(name)
        return "".join(parts)

    def children(self, code: str) -> tuple[str, ...]:
        """Return the codes in force directly below `code`, in order; none for an unknown code."""
        return self._children.get(self.normalise(code), ())

    def rows(self) -> tuple[Division, ...]:
        """Return every row, retired ones too, in the order of the codes."""
        return tuple(self._divisions[code] for code in sorted(self._divisions))

    def with_rows(self, rows: Iterable[Division], *, as_of: date) -> "DivisionTree":
        """Return the tree of another edition of the table (版本).

        A grouping code stands for what it stands for in this tree, unless the other edition has a
        row of its own for it, or does not have the division: an edition from elsewhere says nothing
        of such codes.

        Args:
            rows: Each once, with parents above it and successors that exist: see
                `schemas.reference.division_rows.broken_reference`.
            as_of: Beijing date of what they were taken from.
        """
        divisions = {row.code: row for row in rows}
        aliases = {
            code: stands_for
            for code, stands_for in self._aliases.items()
            if code not in divisions and stands_for in divisions
        }
        return DivisionTree(DivisionRows(divisions, aliases, as_of))

    def provinces(self) -> tuple[str, ...]:
        """Return the codes of the provinces, in order."""
        return self._provinces

    def _known_part(self, short: str) -> str:
        if not _is_shaped(short):
            raise UnknownDivision(short)
        if short in self._divisions:
            return short
        for length in (9, 6):
            part = self._aliases.get(short[:length], short[:length])
            if part in self._divisions and self._may_contain(part, short):
                return part
        raise UnknownDivision(short)

    def _may_contain(self, part: str, short: str) -> bool:
        """A longer code hangs below a street, a county or a city without counties only."""
        if len(short) == 6:
            return False
        if self._divisions[part].level in (DivisionLevel.STREET, DivisionLevel.COUNTY):
            return True
        below = (self._divisions[child].level for child in self.children(part))
        return self._divisions[part].level is DivisionLevel.CITY and all(
            level is DivisionLevel.STREET for level in below
        )

    def _chain_on(self, known: str, on: date) -> tuple[str, ...]:
        """Go up from `known`, at each step to the successor of what is abolished, if it is known.

        A successor that lies below what it succeeded is not entered twice.
        """
        path: dict[str, None] = {}
        code: str | None = known
        while code is not None:
            path[code] = None
            row = self._divisions[code]
            successor = row.replaced_by if row.abolished_on(on) else None
            code = row.parent if successor is None or successor in path else successor
        return tuple(path)


def _is_shaped(code: str) -> bool:
    return len(code) in _LENGTHS and code.isascii() and code.isdigit()


def _chains(rows: Mapping[str, Division]) -> dict[str, tuple[str, ...]]:
    chains: dict[str, tuple[str, ...]] = {}
    for code, row in rows.items():
        path, parent = [code], row.parent
        while parent is not None:
            path.append(parent)
            parent = rows[parent].parent
        chains[code] = tuple(path)
    return chains


def _children(rows: Iterable[Division]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for row in rows:
        if row.valid_to is None and row.parent is not None:
            found.setdefault(row.parent, []).append(row.code)
    return {parent: tuple(sorted(codes)) for parent, codes in found.items()}


@cache
def _shipped() -> DivisionTree:
    return DivisionTree(read_folder(SHIPPED))
