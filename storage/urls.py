"""Store URLs: `sqlite:///path/to/file` or `postgresql://…`; a SQLite path is decoded here only."""

from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote

_SQLITE: Final = "sqlite:///"
_POSTGRES: Final = ("postgresql://", "postgres://")


def sqlite_path(url: str) -> Path | None:
    """Return the file that a SQLite URL names, percent-decoded; None for any other URL.

    `sqlite:///var/ledger.db` is relative, `sqlite:////var/lib/ledger.db` absolute.
    """
    if not url.startswith(_SQLITE):
        return None
    return Path(unquote(url.removeprefix(_SQLITE)))


def sqlite_url(path: Path) -> str:
    """Return the URL of a SQLite file: `sqlite_path` gives the same path back."""
    return _SQLITE + quote(str(path))


def is_postgres(url: str) -> bool:
    """Return whether a URL names a PostgreSQL database."""
    return url.startswith(_POSTGRES)
