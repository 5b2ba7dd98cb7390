"""数据库地址: `postgresql://user@host/db`, `mysql://user@host/db` or `sqlite:///path`.

A password never stands in it: what is written into an address ends up in logs and backups.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from gateway.setting_reasons import SettingReason
from schemas.reasons.reason import Unfit
from schemas.signing.peer_urls import is_loopback
from storage.urls import sqlite_path

_NAME: Final = re.compile(r"[A-Za-z0-9_.$-]{1,63}", re.ASCII)
_HOST: Final = re.compile(r"[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]+\]", re.ASCII)


class DatabaseKind(StrEnum):
    """The kinds of databases that are spoken to, each tested against a real one."""

    SQLITE = "sqlite"
    POSTGRES = "postgres"
    MARIADB = "mariadb"


_SCHEMES: Final = {
    "postgresql": (DatabaseKind.POSTGRES, 5432),
    "postgres": (DatabaseKind.POSTGRES, 5432),
    "mysql": (DatabaseKind.MARIADB, 3306),
    "mariadb": (DatabaseKind.MARIADB, 3306),
}


@dataclass(frozen=True, slots=True)
class DatabaseAddress:
    """Where a database is; a file has a `path` and nothing else."""

    kind: DatabaseKind
    host: str = ""
    port: int = 0
    user: str = ""
    database: str = ""
    path: Path | None = None

    @property
    def is_on_this_machine(self) -> bool:
        """Whether nothing that is sent to it leaves the machine."""
        return self.path is not None or is_loopback(self.host)


def read_database_url(url: str) -> DatabaseAddress:
    """Return the address that a URL names.

    Raises:
        Unfit: Which rule it breaks, with the cure; no part of it is repeated.
    """
    try:
        path = sqlite_path(url)
        parts = urlsplit(url)
        kind = _SCHEMES.get(parts.scheme)
        if path is not None and path.name:
            return DatabaseAddress(DatabaseKind.SQLITE, path=path)
        if kind is None:
            raise Unfit(SettingReason.TABLES_SCHEME.at())
        if parts.password is not None:
            raise Unfit(SettingReason.TABLES_PASSWORD_IN_URL.at())
        host, port = parts.hostname or "", parts.port or kind[1]
    except ValueError as exc:
        if isinstance(exc, Unfit):
            raise
        raise Unfit(SettingReason.TABLES_URL.at()) from None
    user, database = unquote(parts.username or ""), unquote(parts.path.removeprefix("/"))
    fits = _HOST.fullmatch(f"[{host}]" if ":" in host else host) and not parts.query
    if not fits or parts.fragment or not _NAME.fullmatch(user) or not _NAME.fullmatch(database):
        raise Unfit(SettingReason.TABLES_URL.at())
    return DatabaseAddress(kind[0], host, port, user, database)
