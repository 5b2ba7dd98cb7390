"""代码表: the dated, versioned code tables that the records' codes are checked against."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

from schemas.reference.code_rows import Code, CodeRows, read_folder

SHIPPED: Final = Path(__file__).parent.parent / "data" / "codes"


class UnknownCodeTable(LookupError):
    """A table, or a generation of one, was asked for that does not exist."""

    code: Final = "code-table.unknown"

    def __init__(self, table: str, generation: str | None = None) -> None:
        super().__init__(f"no code table {table}" + (f"@{generation}" if generation else ""))
        self.table, self.generation = table, generation


class CodeTables:
    """Every code table of the contract; immutable.

    Where a table has several generations (AJC093 失业原因: 2010, 2016) the newest one answers
    unless another is named, so the generation must travel with every stored code.
    """

    __slots__ = ("_tables",)

    def __init__(self, tables: CodeRows) -> None:
        self._tables: Final = tables

    @staticmethod
    def load(folder: Path | None = None) -> "CodeTables":
        """Return the shipped tables, read once, or those of a folder laid out in the same way.

        Raises:
            TableUnreadable: A file is damaged, a row stands twice, or a reference leads nowhere.
        """
        return _shipped() if folder is None else CodeTables(read_folder(folder))

    def tables(self) -> tuple[str, ...]:
        """Return the names of the tables, in order: `aac004`, `aac005` and so on."""
        return tuple(sorted(self._tables.editions))

    def generations(self, table: str) -> tuple[str, ...]:
        """Return the generations of a table, oldest first; one empty text if it has none.

        Raises:
            UnknownCodeTable: There is no such table.
        """
        editions = self._tables.editions.get(table)
        if editions is None:
            raise UnknownCodeTable(table)
        return tuple(sorted(editions))

    def has(self, table: str, generation: str | None = None) -> bool:
        """Tell whether there is such a table, and such a generation of it where one is named."""
        editions = self._tables.editions.get(table)
        return editions is not None and (generation is None or generation in editions)

    def with_editions(self, editions: Mapping[tuple[str, str], Mapping[str, Code]]) -> "CodeTables":
        """Return these tables with whole generations put in their place, or added.

        What becomes of a code in another generation, and which grounds demand notice, stays as the
        notices say.

        Args:
            editions: Rows by code, by table and generation; an empty text where a table has none.
        """
        merged = {table: dict(known) for table, known in self._tables.editions.items()}
        for (table, generation), rows in editions.items():
            merged.setdefault(table, {})[generation] = rows
        return CodeTables(replace(self._tables, editions=merged))

    def codes(self, table: str, generation: str | None = None) -> tuple[str, ...]:
        """Return the codes of one generation in the table's own order.

        Raises:
            UnknownCodeTable: There is no such table or generation.
        """
        return tuple(self._edition(table, generation))

    def get(self, table: str, code: str, generation: str | None = None) -> Code | None:
        """Return the row of a code, in force or not; None when the generation lacks it.

        Raises:
            UnknownCodeTable: There is no such table or generation.
        """
        return self._edition(table, generation).get(code)

    def known(
        self, table: str, code: str, *, on: date | None = None, generation: str | None = None
    ) -> bool:
        """Tell whether a code exists and, with a Beijing date, whether it was in force then.

        Raises:
            UnknownCodeTable: There is no such table or generation.
        """
        row = self._edition(table, generation).get(code)
        return row is not None and (on is None or row.in_force_on(on))

    def name(self, table: str, code: str, generation: str | None = None) -> str | None:
        """Return the Chinese label of a code; None when the generation lacks it.

        Raises:
            UnknownCodeTable: There is no such table or generation.
        """
        row = self._edition(table, generation).get(code)
        return None if row is None else row.name

    def becomes(
        self, table: str, code: str, *, from_generation: str, to_generation: str
    ) -> str | None:
        """Return what a code of one generation is in another; None where the map is silent."""
        if from_generation == to_generation:
            return code
        return self._tables.becomes.get((table, code, from_generation, to_generation))

    def notice_required(self, ground: str, generation: str = "2016") -> bool | None:
        """Tell whether a person must be told before being deregistered on an ACC025 ground.

        None for a ground that the notice does not know any more.

        Source: 人社厅发〔2020〕3号 art. 5.
        """
        return self._tables.notice_required.get((ground, generation))

    def _edition(self, table: str, generation: str | None) -> Mapping[str, Code]:
        editions = self._tables.editions.get(table)
        if editions is None:
            raise UnknownCodeTable(table)
        if generation is None:
            return editions[max(editions)]
        edition = editions.get(generation)
        if edition is None:
            raise UnknownCodeTable(table, generation)
        return edition


@cache
def _shipped() -> CodeTables:
    return CodeTables(read_folder(SHIPPED))
