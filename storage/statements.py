"""Named statements (具名语句), read from a folder: portable, or of one dialect."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

Dialect = Literal["sqlite", "postgres"]
_HEADING: Final = re.compile(
    r"^-- name: ([a-z_]+)(?: \[(sqlite|postgres)\])?\n-- .+\n", re.MULTILINE
)


def load_statements(folder: Path, dialect: Dialect) -> Mapping[str, str]:
    """Return every statement by name, with the placeholders of the dialect.

    The files are written with `?`; PostgreSQL's driver wants `%s`, and for arrays `%b`: in binary
    they cost a third.

    Raises:
        ValueError: A statement has no heading, or a name stands twice.
    """
    found: dict[tuple[str, str], str] = {}
    for file in sorted(folder.glob("*.sql")):
        found |= _parse(file.read_text("utf-8"), file.name)
    names = {name for name, owner in found if owner in {"", dialect}}
    chosen = {name: found.get((name, dialect)) or found[name, ""] for name in names}
    if dialect == "postgres":
        return {name: _for_postgres(text) for name, text in chosen.items()}
    return chosen


def _for_postgres(text: str) -> str:
    return text.replace("?::", "%b::").replace("?", "%s")


def _parse(text: str, file: str) -> dict[tuple[str, str], str]:
    parts = _HEADING.split(text)
    if not all(line.startswith("--") for line in parts[0].split("\n") if line):
        raise ValueError(f"{file}: a statement without its name and purpose")
    found: dict[tuple[str, str], str] = {}
    for name, owner, body in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        if (name, owner or "") in found:
            raise ValueError(f"{file}: {name} stands twice")
        found[name, owner or ""] = body.strip()
    return found
