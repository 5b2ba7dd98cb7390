"""The settings file: one TOML file, single values overridden by the environment, read as a whole.

Paths in it are relative to its folder. Everything wrong is reported at once, and no value is shown.
"""

import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, TypeVar

from pydantic import BaseModel, ValidationError

from gateway.config import NESTING, PREFIX, AgencySettings, PortalSettings, Settings
from gateway.errors import Misconfigured
from gateway.table_settings import TableSettings
from schemas.reasons.reason import Reason
from schemas.reasons.settings_file_reasons import (
    Location,
    toml_reason,
    unknown_variable,
    validation_reasons,
)
from storage.urls import sqlite_path, sqlite_url
from transport.listen_address import TcpAddress, UnixAddress, read_listen_address
from transport.tls_settings import LinkTls, ListenTls

M = TypeVar("M", bound=BaseModel)
_TABLES: Final[Mapping[str, type[BaseModel]]] = {
    "portal": PortalSettings,
    "portal.tls": LinkTls,
    "agency": AgencySettings,
    "agency.tls": LinkTls,
    "agency.tables": TableSettings,
    "listen_tls": ListenTls,
}


def load_settings(path: Path) -> Settings:
    """Return the settings of the TOML file `path` and the environment.

    Raises:
        Misconfigured: What is missing, unknown (with the nearest name there is) or unfit: all of
            it in one message, no value shown.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise Misconfigured(toml_reason(exc).within(path)) from exc
    try:
        settings = Settings(**tables)
    except ValidationError as exc:
        found = validation_reasons(exc, _names_beside)
        raise Misconfigured(*(reason.within(path) for reason in found)) from None
    unknown = list(_unknown_variables(os.environ))
    if unknown:
        raise Misconfigured(*unknown)
    return locate(settings, path.resolve().parent)


def locate(settings: Settings, folder: Path) -> Settings:
    """Return the settings with every relative path taken from `folder`."""
    located = _located(settings, folder)
    return located.model_copy(
        update={
            "store": _locate_store(settings.store, folder),
            "console": _locate_console(settings.console, folder),
        }
    )


def _located(table: M, folder: Path) -> M:
    """Return a table of settings with the paths in it, and in the tables below it, located."""
    if isinstance(table, TableSettings):
        table = table.model_copy(update={"url": _locate_store(table.url, folder)})
    return table.model_copy(
        update={name: _locate(getattr(table, name), folder) for name in type(table).model_fields}
    )


def _locate(value: object, folder: Path) -> object:
    match value:
        case Path():
            return folder / value
        case BaseModel():
            return _located(value, folder)
        case tuple():
            return tuple(_locate(one, folder) for one in value)
        case _:
            return value


def _locate_store(url: str, folder: Path) -> str:
    path = sqlite_path(url)
    return url if path is None else sqlite_url(folder / path)


def _locate_console(address: str, folder: Path) -> str:
    match read_listen_address(address):
        case UnixAddress(path):
            return str(UnixAddress(folder / path))
        case TcpAddress():
            return address


def _unknown_variables(environment: Mapping[str, str]) -> Iterator[Reason]:
    for variable in sorted(environment):
        if not variable.upper().startswith(PREFIX):
            continue
        location = tuple(variable[len(PREFIX) :].lower().split(NESTING))
        if location[0] not in Settings.model_fields:
            yield unknown_variable(variable, location[-1], _names_beside(location))


def _names_beside(location: Location) -> list[str]:
    tables = ".".join(part for part in location[:-1] if isinstance(part, str))
    return list(_TABLES.get(tables, Settings).model_fields)
