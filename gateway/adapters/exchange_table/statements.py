"""Named statements of the exchange tables, with the marks and names of one database."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from gateway.adapters.exchange_table.addresses import DatabaseKind

_FILE: Final = Path(__file__).with_name("statements.sql")
_HEADING: Final = re.compile(r"^-- name: ([a-z_]+)(?: \[([a-z]+)\])?\n-- .+\n", re.MULTILINE)


@cache
def statements(kind: DatabaseKind) -> Mapping[str, str]:
    """Return the statements for a kind of database, by name; its own form goes before the common.

    `?` marks a value, `{dispatch}`, `{result}` and `{error}` are the tables.
    """
    parts = _HEADING.split(_FILE.read_text("utf-8"))[1:]
    common: dict[str, str] = {}
    own: dict[str, str] = {}
    for name, dialect, text in zip(*[iter(parts)] * 3, strict=True):
        if dialect is None:
            common[name] = text.strip()
        elif dialect == kind:
            own[name] = text.strip()
    return MappingProxyType({**common, **own})
