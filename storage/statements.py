"""Named statements (具名语句), read from a folder of `.sql` files with the facts in their headings.

    -- name: note_history
    -- Add an entry to a case's history.
    -- writes: case_history
    -- deferrable: yes
    INSERT INTO case_history …

A heading gives the name, one line of purpose, and facts: `reads` and `writes` name the tables (one
of them is required), `deferrable` says that nobody needs the result before the commit, `cache` how
a row cache may answer the statement. `[postgres]` after the name marks the text of one dialect;
`NAME_many` is the form of NAME for several rows at once. Both have the facts of NAME.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

Dialect = Literal["sqlite", "postgres"]
_MANY: Final = "_many"
_NAME: Final = re.compile(r"^-- name: ", re.MULTILINE)
_HEADING: Final = re.compile(
    r"([a-z_]+)(?: \[(sqlite|postgres)\])?\n-- .+\n((?:--.*\n)*)((?s:[^-].*))"
)
_FACT: Final = re.compile(r"-- ([a-z]+): (.+)")
_FACTS: Final = frozenset({"reads", "writes", "deferrable", "cache"})
_WRITTEN: Final = re.compile(r"(?:INSERT INTO|DELETE FROM|(?<!FOR )(?<!DO )UPDATE)\s+([a-z_]+)")
_READ: Final = re.compile(r"(?:FROM|JOIN)\s+([a-z_]+)\b(?!\s*\()")
_SUBQUERY: Final = re.compile(r"\b([a-z_]+) AS (?:MATERIALIZED )?\(")


class CacheUse(StrEnum):
    """What a row cache does with a statement of one cached table."""

    FIND = "find"  # reads the row of one key
    LOAD = "load"  # reads the rows of many keys; the cache itself reads with it
    ADD = "add"  # inserts rows whose keys are new
    REPLACE = "replace"  # updates a row over the version at which it was read


@dataclass(frozen=True, slots=True)
class SqlStatement:
    """A statement of one dialect; `many` is its form for several rows, where it has one."""

    name: str
    text: str
    many: str | None
    reads: frozenset[str]
    writes: frozenset[str]
    deferrable: bool
    cache: CacheUse | None

    @property
    def tables(self) -> frozenset[str]:
        """Every table that the statement touches."""
        return self.reads | self.writes


class BadStatement(ValueError):
    """A file of statements is not as it must be: which file, which statement, and what is wrong."""


@dataclass(frozen=True, slots=True)
class _Part:
    """One text of a file with its heading, as written; `dialect` is empty where it is portable."""

    file: str
    name: str
    dialect: str
    facts: Mapping[str, str]
    text: str

    @property
    def base(self) -> str:
        """The name of the statement that this is a form of."""
        return self.name.removesuffix(_MANY)


@cache  # the files belong to the program: they are read once in its life
def load_statements(folder: Path, dialect: Dialect) -> Mapping[str, SqlStatement]:
    """Return every statement of a dialect by name, in the order of the files and their lines.

    The files are written with `?`; PostgreSQL's driver wants `%s`, and for arrays `%b`: in binary
    they cost a third.

    Raises:
        BadStatement: A heading is missing, a fact is missing, unknown or untrue, a name is double.
    """
    parts: dict[tuple[str, str], _Part] = {}
    for file in sorted(folder.glob("*.sql")):
        for part in _parts(file.read_text("utf-8"), file.name):
            if (part.name, part.dialect) in parts:
                raise BadStatement(f"{part.file}: {part.name} stands twice")
            parts[part.name, part.dialect] = part
    names = dict.fromkeys(part.base for part in parts.values() if part.dialect in {"", dialect})
    return MappingProxyType({name: _statement(name, parts, dialect) for name in names})


def _parts(content: str, file: str) -> Iterator[_Part]:
    opening, *rest = _NAME.split(content)
    if not all(line.startswith("--") for line in opening.split("\n") if line):
        raise BadStatement(f"{file}: a statement without its name and purpose")
    for part in rest:
        heading = _HEADING.fullmatch(part)
        if heading is None:
            raise BadStatement(f"{file}: {part.split()[0]}: name, purpose and statement expected")
        name, dialect, lines, text = heading.groups()
        yield _Part(file, name, dialect or "", dict(_facts(lines, f"{file}: {name}")), text.strip())


def _facts(lines: str, where: str) -> Iterator[tuple[str, str]]:
    for line in lines.splitlines():
        fact = _FACT.fullmatch(line)
        if fact is None or fact[1] not in _FACTS:
            raise BadStatement(f"{where}: unknown fact «{line}»")
        yield fact[1], fact[2]


def _statement(name: str, parts: Mapping[tuple[str, str], _Part], dialect: Dialect) -> SqlStatement:
    portable, own = parts.get((name, "")), parts.get((name, dialect))
    many = parts.get((f"{name}{_MANY}", dialect))
    first, chosen = portable or own, own or portable
    if first is None or chosen is None:
        raise BadStatement(f"{name}{_MANY}: a form of a statement that does not exist")
    for form in (own, many):
        if form is not None and form is not first and form.facts:
            raise BadStatement(f"{form.file}: {form.name}: the facts stand at the first form only")
    statement = SqlStatement(
        name,
        _placeholders(chosen.text, dialect),
        None if many is None else _placeholders(many.text, dialect),
        _tables(first.facts.get("reads", "")),
        _tables(first.facts.get("writes", "")),
        _is_yes(first),
        _cache_use(first),
    )
    for form in (chosen, many):
        if form is not None:
            _check(statement, form)
    return statement


def _check(statement: SqlStatement, form: _Part) -> None:
    """Refuse a heading that does not say which tables its text reads and writes."""
    written = frozenset(_WRITTEN.findall(form.text))
    touched = written | (frozenset(_READ.findall(form.text)) - set(_SUBQUERY.findall(form.text)))
    for fact, said, found in (
        ("writes", statement.writes, written),
        ("reads", statement.tables, touched),
    ):
        if said != found:
            raise BadStatement(
                f"{form.file}: {form.name}: {fact} {', '.join(sorted(said)) or 'nothing'}, "
                f"but the text says {', '.join(sorted(found)) or 'nothing'}"
            )


def _tables(listed: str) -> frozenset[str]:
    return frozenset(name.strip() for name in listed.split(",") if name.strip())


def _is_yes(part: _Part) -> bool:
    said = part.facts.get("deferrable", "no")
    if said not in {"yes", "no"}:
        raise BadStatement(f"{part.file}: {part.name}: deferrable is yes or no, not {said}")
    return said == "yes"


def _cache_use(part: _Part) -> CacheUse | None:
    said = part.facts.get("cache")
    try:
        return None if said is None else CacheUse(said)
    except ValueError:
        raise BadStatement(f"{part.file}: {part.name}: unknown use of the cache {said}") from None


def _placeholders(text: str, dialect: Dialect) -> str:
    return text.replace("?::", "%b::").replace("?", "%s") if dialect == "postgres" else text
