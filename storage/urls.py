"""Store URLs: `sqlite:///path/to/file` or `postgresql://…`; a SQLite path is decoded here only."""

import re
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, quote, unquote

from schemas.reasons.reason import Unfit
from storage.reasons import StoreReason

_SQLITE: Final = "sqlite:///"
_POSTGRES: Final = ("postgresql://", "postgres://")
_BAD_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_HOST: Final = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.%~-]*)(?::([0-9]*))?", re.ASCII)


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


def _has_control_character(text: str) -> bool:
    """Return whether a text holds a character that no path and no name should hold."""
    return any(ord(character) < 0x20 or ord(character) == 0x7F for character in text)


def check_store_url(url: str) -> str:
    """Return `url` where a store can be at it: `sqlite:///path` or `postgresql://…`.

    Raises:
        Unfit: The rule that it breaks and the cure; no part of the URL is repeated, for it
            may hold a password.
    """
    if _has_control_character(unquote(url)):
        raise Unfit(StoreReason.URL_CONTROL.at())
    if url.startswith(_SQLITE):
        _check_sqlite(url.removeprefix(_SQLITE))
    elif is_postgres(url):
        _check_postgres(url.partition("://")[2])
    else:
        raise Unfit(StoreReason.URL_SCHEME.at())
    return url


def has_password(url: str) -> bool:
    """Return whether a PostgreSQL URL holds a password, which belongs into a file of its own."""
    if not is_postgres(url):
        return False
    authority = re.split(r"[/?]", url.partition("://")[2], maxsplit=1)[0]
    user, at, _ = authority.rpartition("@")
    return (bool(at) and ":" in user) or "password" in dict(_parameters(url.partition("?")[2]))


def _check_sqlite(path: str) -> None:
    if _BAD_ESCAPE.search(path):
        raise Unfit(StoreReason.URL_ESCAPE.at())
    if "?" in path or "#" in path:
        raise Unfit(StoreReason.URL_QUERY.at())
    if path in {"", "/", ":memory:"} or path.endswith("/"):
        raise Unfit(StoreReason.URL_NO_FILE.at())


def _check_postgres(rest: str) -> None:
    if _BAD_ESCAPE.search(rest) or " " in rest or "#" in rest:
        raise Unfit(StoreReason.URL_SIGN.at())
    location, _, query = rest.partition("?")
    authority, _, name = location.partition("/")
    user, _, hosts = authority.rpartition("@")
    if "@" in user or "/" in name:
        raise Unfit(StoreReason.URL_AT_OR_SLASH.at())
    given = [_HOST.fullmatch(host) for host in hosts.split(",")]
    parameters = _parameters(query)
    ports = [port for key, value in parameters if key == "port" for port in value.split(",")]
    if any(found is None for found in given):
        raise Unfit(StoreReason.URL_HOST.at())
    if not all(map(_is_port, (*(found[1] for found in given if found), *ports))):
        raise Unfit(StoreReason.URL_PORT.at())
    if not name and not {"dbname", "service"} & {key for key, _ in parameters}:
        raise Unfit(StoreReason.URL_NO_DATABASE.at())


def _parameters(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True)


def _is_port(text: str | None) -> bool:
    return text is None or (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= 65_535)
