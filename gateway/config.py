"""The settings of a gateway: which there are, what fits, and what applies by default.

`DUIJIE_GATEWAY_STORE=…` overrides `store`, `DUIJIE_GATEWAY_PORTAL__URL=…` the `url` of `[portal]`.
`gateway.settings_file` reads them. Keys come from files of their own, never from here.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from gateway.domain.delivery import Delivery
from gateway.domain.directory import Agency
from gateway.setting_reasons import SettingReason
from gateway.setting_types import (
    Address,
    DailyTime,
    Number,
    OutgoingLink,
    OwnAddress,
    PeerUrl,
    PublicAuthority,
    StoreUrl,
)
from gateway.table_settings import TableSettings
from gateway.web.authorities import Scheme
from schemas.reasons.reason import Unfit
from schemas.records.agencies import Accounts, Telephone
from schemas.records.base import Address as OfficeAddress
from schemas.records.base import AgencyCode, DivisionCode, MediumText
from schemas.signing import TagForm
from storage.sealing import CryptoProfile
from storage.urls import sqlite_path
from transport.connection_limiter import PER_ADDRESS
from transport.listen_address import TcpAddress, read_listen_address
from transport.tls_settings import FilePath, ListenTls, Pins, Table

PREFIX: Final = "DUIJIE_GATEWAY_"
NESTING: Final = "__"
"""What stands in a variable between the name of a table and that of its member."""


class PortalSettings(OutgoingLink):
    """部端: where the national side is, our key towards it, and the key of its answers.

    `push_key_file` is the key that it signs its pushes with, one of its own for this use; without
    it nothing is pushed here. `client_pins` are the public keys of the certificates that it pushes
    with (双向 TLS). `tag` is the form of the signatures' tag that both parties agreed on.
    """

    url: PeerUrl
    key_file: FilePath
    answer_key_file: FilePath
    push_key_file: FilePath | None = None
    client_pins: Pins = ()
    tag: TagForm = TagForm.PLAIN


class CallerSettings(Table):
    """A party that calls the gateway, by its code.

    `client_pins` are the public keys of the certificates that it connects with (双向 TLS).
    """

    code: AgencyCode
    name: MediumText
    client_pins: Pins = ()
    tag: TagForm = TagForm.PLAIN


class AgencySettings(CallerSettings, OutgoingLink):
    """经办机构: one agency, how its system is reached, its key and ours towards it.

    `name`, `division`, `address`, `telephone` and `accounts` are taken into version 1 of the agency
    directory (机构清单) at the first start; from then on the ledger says them.
    Only one that messages are exchanged with has keys; one with exchange tables has `tables`.
    """

    division: DivisionCode
    address: OfficeAddress | None = None
    telephone: Telephone | None = None
    accounts: Accounts | None = None
    delivery: Delivery
    key_file: FilePath | None = None
    our_key_file: FilePath | None = None
    tables: TableSettings | None = None

    @model_validator(mode="after")
    def _pushes_need_an_address(self) -> Self:
        if (self.delivery is Delivery.PUSH) != (self.url is not None):
            raise Unfit(SettingReason.PUSH_AND_URL.at())
        return self

    @model_validator(mode="after")
    def _what_is_exchanged_fits_the_delivery(self) -> Self:
        keys = (self.key_file, self.our_key_file)
        if self.delivery.is_signed and None in keys:
            raise Unfit(SettingReason.KEYS_MISSING.at())
        if not self.delivery.is_signed and (keys != (None, None) or self.client_pins):
            raise Unfit(SettingReason.KEYS_WITHOUT_MESSAGES.at(delivery=self.delivery))
        if (self.delivery is Delivery.EXCHANGE_TABLE) != (self.tables is not None):
            raise Unfit(SettingReason.TABLES_AND_DELIVERY.at())
        return self

    @property
    def key_files(self) -> tuple[Path, ...]:
        """The files of its key and of ours towards it, where there are any."""
        return tuple(file for file in (self.key_file, self.our_key_file) if file is not None)

    def listed(self) -> Agency:
        """Return the agency as the directory (机构清单) has it."""
        return Agency(self.code, self.name, self.division, self.delivery)


class OperatorSettings(CallerSettings):
    """分派岗的系统: a system in which the province's operators act.

    `code` names it in histories and in the log, beside the person who acts; it has a key, and we
    have one towards it.
    """

    key_file: FilePath
    our_key_file: FilePath

    @property
    def key_files(self) -> tuple[Path, ...]:
        """The files of its key and of ours towards it."""
        return self.key_file, self.our_key_file


class Settings(BaseSettings):
    """Everything that is set from outside; no secret has a default.

    `listen` is where agencies call, `health` where probes do, `console` where people of this
    machine look at cases: three addresses, since a proxy lends out all that one of them serves.
    `public_authorities` are the hosts and ports by which agencies call, `public_scheme` says https
    where TLS ends in front (with `listen_tls` it is that anyway); without them it is the address
    that is listened on. A message that was signed for another authority is refused.
    `connections_per_address` is how many connections one address may hold at each of them; where a
    balancer stands in front, all come from its address.
    With `synchronous_standby` a ledger whose commits wait for no standby is refused, at start, at
    every new connection and while one lasts: what is acknowledged is then on two machines.
    `poll_every_s` is the longest time between two looks at the portal: art. 7 wants what is
    forwarded handled promptly, annex 3 is reported to say within an hour; `long_poll_s` holds
    a download open for real time, 0 switches it off; `window_s` is how old a signed message may
    be. With `fetch_tables` code tables and divisions are fetched once a day, as a proposal for an
    operator to decide on. `warn_working_days` is how many working days ahead of its due date an
    open case is warned of (预警). `reconcile_at` is from when on, Beijing time, the day before is
    compared with the national side's statement (对账), `off` for not at all. `calendar` is a folder
    of `YYYY.csv` that adds years to the working calendar, `profile` the file of a province that is
    not shipped. `crypto_profile` says which suites the connections may use and which cipher the
    ledger has.

    Source: 人社厅发〔2020〕3号 art. 7 and annex 3; 商用密码管理条例 art. 41.
    """

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix=PREFIX,
        env_nested_delimiter=NESTING,
        hide_input_in_errors=True,
    )

    province: Annotated[str, Field(pattern=r"^[0-9]{2}0000$")]
    listen: Address = "127.0.0.1:8080"
    health: Address = "127.0.0.1:8081"
    console: OwnAddress = "127.0.0.1:8082"
    listen_tls: ListenTls | None = None
    public_authorities: tuple[PublicAuthority, ...] = ()
    public_scheme: Scheme | None = None
    connections_per_address: Annotated[Number, Field(ge=1, le=1000)] = PER_ADDRESS
    store: StoreUrl
    synchronous_standby: bool = False
    ledger_keys: FilePath
    reconcile_at: DailyTime = "01:30"
    poll_every_s: Annotated[Number, Field(ge=1, le=3600)] = 300
    long_poll_s: Annotated[Number, Field(ge=0, le=30)] = 25
    window_s: Annotated[Number, Field(ge=60, le=900)] = 300
    warn_working_days: Annotated[Number, Field(ge=0, le=10)] = 1
    calendar: FilePath | None = None
    fetch_tables: bool = True
    profile: FilePath | None = None
    crypto_profile: CryptoProfile = CryptoProfile.INTERNATIONAL
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    portal: PortalSettings
    agency: tuple[AgencySettings, ...] = ()
    operator: tuple[OperatorSettings, ...] = ()

    def callers(self) -> Sequence[AgencySettings | OperatorSettings]:
        """Return every party that calls with a key of its own, save the portal."""
        return (*self.agency, *self.operator)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment goes before the file; nothing else is looked at."""
        return env_settings, init_settings

    @model_validator(mode="after")
    def _agencies_are_distinct(self) -> Self:
        for reason, values in (
            (SettingReason.CODE_TWICE, [one.code for one in self.callers()]),
            (SettingReason.DIVISION_TWICE, [agency.division for agency in self.agency]),
        ):
            twice = {value for value in values if values.count(value) > 1}
            if twice:
                raise Unfit(reason.at(values=tuple(sorted(twice))))
        return self

    @model_validator(mode="after")
    def _tables_are_not_shared(self) -> Self:
        places = [one.tables.place for one in self.agency if one.tables is not None]
        if len(set(places)) < len(places):
            raise Unfit(SettingReason.TABLES_SHARED.at("tables"))
        return self

    @model_validator(mode="after")
    def _certificates_are_bound_to_keys(self) -> Self:
        asked = self.listen_tls is not None and self.listen_tls.client_ca_file is not None
        callers = [(_where(one), one.client_pins, bool(one.key_files)) for one in self.callers()]
        pushes = self.portal.push_key_file is not None
        for name, pins, calls in (*callers, ("portal", self.portal.client_pins, pushes)):
            if asked and calls and not pins:
                raise Unfit(SettingReason.PINS_MISSING.at(name))
            if pins and not (asked and calls):
                raise Unfit(SettingReason.PINS_WITHOUT_CA.at(name))
        named = [*(one.client_pins for one in self.callers()), self.portal.client_pins]
        shared = Counter(pin for pins in named for pin in set(pins))
        if any(count > 1 for count in shared.values()):
            raise Unfit(SettingReason.PINS_SHARED.at("client_pins"))
        return self

    @model_validator(mode="after")
    def _a_file_has_no_standby(self) -> Self:
        if self.synchronous_standby and sqlite_path(self.store) is not None:
            raise Unfit(SettingReason.FILE_WITHOUT_STANDBY.at("synchronous_standby"))
        return self

    @model_validator(mode="after")
    def _addresses_are_distinct(self) -> Self:
        written = {"listen": self.listen, "health": self.health, "console": self.console}
        named = [(name, read_listen_address(text)) for name, text in written.items()]
        tcp = [(name, one) for name, one in named if isinstance(one, TcpAddress)]
        for (one, first), (other, second) in combinations(tcp, 2):
            if first.collides_with(second):
                raise Unfit(SettingReason.SAME_PORT.at(one=one, other=other))
        return self


def _where(one: CallerSettings) -> str:
    return f"{'agency' if isinstance(one, AgencySettings) else 'operator'} {one.code}"
