"""前置库的设置: where the exchange tables of an agency are, and how they are reached."""

from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, model_validator

from gateway.adapters.exchange_table.addresses import (
    DatabaseAddress,
    DatabaseKind,
    read_database_url,
)
from gateway.adapters.exchange_table.dialect import DatabaseLogin
from gateway.errors import Misconfigured
from gateway.setting_reasons import SettingReason
from gateway.setting_types import Number
from schemas.reasons.quotations import quote_system
from schemas.reasons.reason import Unfit
from schemas.records.exchange_tables import PREFIX
from schemas.signing import KeyRejected
from schemas.signing.key_reasons import KeyReason
from schemas.signing.private_files import read_private_file, require_unreadable_to_others
from transport.tls_settings import FilePath, Table

_LONGEST_PASSWORD: Final = 1024
_SHORTEST_POLL_S, _LONGEST_POLL_S = 1, 30


def _check_url(url: str) -> str:
    read_database_url(url)
    return url


DatabaseUrl = Annotated[str, AfterValidator(_check_url)]
"""`postgresql://user@host/db`, `mysql://user@host/db` or `sqlite:///path`; without a password."""


class TableSettings(Table):
    """前置库: the database of an agency, its tables there, and how often results are looked for.

    Over TLS with the authority `ca_file`, unless the database is on this machine; `allow_plain` is
    for networks that are encrypted themselves. `schema_name` is that of the tables (of MariaDB a
    database), where it is not the user's own; `prefix` is what their names begin with.
    """

    url: DatabaseUrl
    password_file: FilePath | None = None
    ca_file: FilePath | None = None
    allow_plain: bool = False
    schema_name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{0,63}$")] = ""
    prefix: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,30}$")] = PREFIX
    poll_every_s: Annotated[Number, Field(ge=_SHORTEST_POLL_S, le=_LONGEST_POLL_S)] = 5

    @model_validator(mode="after")
    def _what_is_set_fits_the_database(self) -> Self:
        address = self.address
        is_plain = self.ca_file is None and not address.is_on_this_machine
        if is_plain and not self.allow_plain:
            raise Unfit(SettingReason.TABLES_PLAIN.at("url"))
        if address.kind is DatabaseKind.SQLITE and (self.schema_name or self.password_file):
            raise Unfit(SettingReason.TABLES_OF_A_FILE.at())
        return self

    @property
    def address(self) -> DatabaseAddress:
        """Where the database is."""
        return read_database_url(self.url)

    @property
    def place(self) -> tuple[str, str, str]:
        """What no two agencies may share: each would take the other's rows for its own."""
        return self.url, self.schema_name, self.prefix


def read_login(tables: TableSettings, name: str) -> DatabaseLogin:
    """Return how the database is reached; `name` is that of the agency's settings.

    Raises:
        Misconfigured: The file of the password is missing, empty or open to others.
    """
    return DatabaseLogin(
        tables.address,
        _password(tables, f"{name}: tables.password_file"),
        tables.ca_file,
        tables.schema_name,
        tables.prefix,
    )


def _password(tables: TableSettings, setting: str) -> str:
    path = tables.password_file
    if path is None:
        return ""
    try:
        content = read_private_file(path, max_bytes=_LONGEST_PASSWORD)
        require_unreadable_to_others(path, content.mode)
        password = content.data.decode().rstrip("\r\n")
    except KeyRejected as exc:
        raise Misconfigured(*exc.reasons_within(setting)) from None
    except OSError as exc:
        reason = KeyReason.UNREADABLE.at(setting, path, said=quote_system(exc))
        raise Misconfigured(reason) from None
    except UnicodeDecodeError:
        raise Misconfigured(SettingReason.TABLES_NO_PASSWORD.at(setting)) from None
    if not password:
        raise Misconfigured(SettingReason.TABLES_NO_PASSWORD.at(setting))
    return password
