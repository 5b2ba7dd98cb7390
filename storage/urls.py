"""Store URLs: `sqlite:///path/to/file` or `postgresql://…`; a SQLite path is decoded here only."""

import re
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, quote, unquote

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
        ValueError: The rule that it breaks and the cure; no part of the URL is repeated, for it
            may hold a password.
    """
    if _has_control_character(unquote(url)):
        raise ValueError("a control character inside; remove it")
    if url.startswith(_SQLITE):
        _check_sqlite(url.removeprefix(_SQLITE))
    elif is_postgres(url):
        _check_postgres(url.partition("://")[2])
    else:
        raise ValueError("no store; write sqlite:///path or postgresql://user@host/name")
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
        raise ValueError("a % without two hexadecimal digits; write %25 for the sign itself")
    if "?" in path or "#" in path:
        raise ValueError(
            "a query or fragment after the file; write %3F or %23 for a sign of a name"
        )
    if path in {"", "/", ":memory:"} or path.endswith("/"):
        raise ValueError("no file; write sqlite:///path, with a fourth slash for an absolute one")


def _check_postgres(rest: str) -> None:
    if _BAD_ESCAPE.search(rest) or " " in rest or "#" in rest:
        raise ValueError("a sign that stands for itself only percent-encoded; encode it")
    location, _, query = rest.partition("?")
    authority, _, name = location.partition("/")
    user, _, hosts = authority.rpartition("@")
    if "@" in user or "/" in name:
        raise ValueError("an @ or a slash too many; percent-encode those in user and password")
    given = [_HOST.fullmatch(host) for host in hosts.split(",")]
    parameters = _parameters(query)
    ports = [port for key, value in parameters if key == "port" for port in value.split(",")]
    if any(found is None for found in given):
        raise ValueError("a host that is none; write host[:port], several with commas between")
    if not all(map(_is_port, (*(found[1] for found in given if found), *ports))):
        raise ValueError("the port is not a number from 1 to 65535; correct it")
    if not name and not {"dbname", "service"} & {key for key, _ in parameters}:
        raise ValueError("no database; write postgresql://user@host/name")


def _parameters(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True)


def _is_port(text: str | None) -> bool:
    return text is None or (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= 65_535)
