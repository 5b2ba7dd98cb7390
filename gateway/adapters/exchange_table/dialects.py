"""The dialect of a database; its driver is loaded where it is needed, and may not be installed."""

from importlib import import_module
from types import MappingProxyType
from typing import Final, NamedTuple

from gateway.adapters.exchange_table.addresses import DatabaseKind
from gateway.adapters.exchange_table.dialect import Dialect
from gateway.errors import Misconfigured
from gateway.setting_reasons import SettingReason

_HERE: Final = __name__.rpartition(".")[0]


class _Driver(NamedTuple):
    module: str
    name: str
    extra: str


_DRIVERS: Final = MappingProxyType(
    {
        DatabaseKind.SQLITE: _Driver("sqlite", "SqliteDialect", ""),
        DatabaseKind.POSTGRES: _Driver("postgres", "PostgresDialect", "pg"),
        DatabaseKind.MARIADB: _Driver("mariadb", "MariadbDialect", "mysql"),
    }
)


def dialect_of(kind: DatabaseKind, setting: str) -> Dialect:
    """Return the dialect of a kind of database; `setting` is where the settings name it.

    Raises:
        Misconfigured: Its driver is not installed.
    """
    driver = _DRIVERS[kind]
    try:
        found: Dialect = getattr(import_module(f"{_HERE}.{driver.module}"), driver.name)()
    except ImportError:
        raise Misconfigured(
            SettingReason.TABLES_NO_DRIVER.at(setting, extra=driver.extra)
        ) from None
    return found
