"""Settings (配置) of the simulator: one TOML file, checked as a whole, paths relative to it."""

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from schemas.reasons.reason import Unfit
from schemas.reasons.settings_file_reasons import Location, toml_reason, validation_reasons
from schemas.records.base import AgencyCode, DivisionCode
from schemas.signing import Direction, Link, TagForm, Tags
from schemas.signing.peer_urls import check_peer_url, check_plain_http
from simulator.errors import SettingsRefused
from simulator.key_files import read_keys
from simulator.setting_reasons import SimulatorReason
from transport.connection_limiter import PER_ADDRESS
from transport.listen_address import read_tcp_address
from transport.tls_settings import LinkTls, ListenTls, Pins


def _check_address(text: str) -> str:
    read_tcp_address(text)
    return text


Listen = Annotated[str, AfterValidator(_check_address)]
"""`host:port`; port 0 takes a free one."""
GatewayUrl = Annotated[str, AfterValidator(check_peer_url)]
HostName = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$")]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
"""0 to 1 of those that come."""
Seconds = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class NationalSettings(_Settings):
    """Where the national side listens; its control interface stays on loopback by default.

    `names` are the host names by which its pages, and a control interface beyond loopback, may be
    called beside addresses and `localhost`; signed calls may use any. With `listen_tls` interface
    and pages are served over TLS.
    """

    listen: Listen = "127.0.0.1:8600"
    control: Listen = "127.0.0.1:8601"
    control_beyond_loopback: bool = False
    listen_tls: ListenTls | None = None
    names: tuple[HostName, ...] = ()


class PushSettings(_Settings):
    """主动推送: where an area takes pushes, and `key_file`, which signs them and nothing else.

    `on` says whether the simulator pushes from the start; the control interface switches it.
    `allow_plain_http` and `tls` are as for a stand-in agency.
    """

    gateway: GatewayUrl
    key_file: Path
    on: bool = True
    allow_plain_http: bool = False
    tls: LinkTls | None = None

    @model_validator(mode="after")
    def _transport_fits(self) -> Self:
        _check_gateway(self.gateway, allow_plain_http=self.allow_plain_http, tls=self.tls)
        return self

    def below(self, folder: Path) -> Self:
        """Return the settings with every relative path taken from `folder`."""
        tls = self.tls and self.tls.below(folder)
        return self.model_copy(update={"key_file": folder / self.key_file, "tls": tls})


class ProvinceSettings(_Settings):
    """One area that docks: `key_file` verifies it, `answer_key_file` signs what it gets back.

    `client_pins` are the public keys of the certificates that it connects with (双向 TLS). With
    `push` what is forwarded to it may be pushed as well.
    """

    division: DivisionCode
    key_file: Path
    answer_key_file: Path
    client_pins: Pins = ()
    tag: TagForm = TagForm.PLAIN
    push: PushSettings | None = None

    def link(self) -> Link:
        """Return the keys of the connection, read now."""
        return self._link(self.answer_key_file, "answer_key_file")

    def push_link(self) -> Link | None:
        """Return the keys of pushes, read now; None where nothing is pushed."""
        return None if self.push is None else self._link(self.push.key_file, "push.key_file")

    def _link(self, ours: Path, setting: str) -> Link:
        tags = Tags.of(Direction.NATIONAL_TO_PROVINCE, self.tag)
        name = f"province {self.division}"
        theirs = read_keys(self.key_file, f"{name} key_file")
        return Link(read_keys(ours, f"{name} {setting}"), theirs, tags)


class Delivery(StrEnum):
    """How dispatches reach an agency (送达方式)."""

    PUSH = "push"
    FETCH = "fetch"
    EXCHANGE_TABLE = "exchange_table"


class AgencySettings(_Settings):
    """One stand-in agency; it takes pushes at `listen`, or has exchange tables in a file `tables`.

    `allow_plain_http` lets it call a gateway on another machine without TLS; `tls` is how it knows
    the gateway and shows itself. `listen_tls` serves TLS at `listen`, `client_pins` are the public
    keys of the certificates that the gateway connects with there (双向 TLS).
    """

    code: AgencyCode
    name: Annotated[str, Field(min_length=1, max_length=100)]
    division: DivisionCode
    delivery: Delivery
    gateway: GatewayUrl
    allow_plain_http: bool = False
    key_file: Path
    gateway_key_file: Path
    tls: LinkTls | None = None
    listen_tls: ListenTls | None = None
    client_pins: Pins = ()
    tag: TagForm = TagForm.PLAIN
    listen: Listen | None = None
    tables: Path | None = None
    decide_after_s: Seconds = 0.0
    refuse_share: Share = 0.1
    return_share: Share = 0.0

    @model_validator(mode="after")
    def _push_needs_listen(self) -> Self:
        if (self.delivery is Delivery.PUSH) != (self.listen is not None):
            raise Unfit(SimulatorReason.PUSH_AND_LISTEN.at())
        if (self.delivery is Delivery.EXCHANGE_TABLE) != (self.tables is not None):
            raise Unfit(SimulatorReason.TABLES_AND_DELIVERY.at())
        return self

    @model_validator(mode="after")
    def _tls_fits(self) -> Self:
        _check_gateway(self.gateway, allow_plain_http=self.allow_plain_http, tls=self.tls)
        if self.listen_tls is not None and self.listen is None:
            raise Unfit(SimulatorReason.TLS_WITHOUT_LISTEN.at("listen_tls"))
        _bind(self.client_pins, self.listen_tls)
        return self

    def link(self) -> Link:
        """Return the keys of the connection, read now."""
        tags = Tags.of(Direction.AGENCY_TO_PROVINCE, self.tag)
        name = f"agency {self.code}"
        ours = read_keys(self.key_file, f"{name} key_file")
        return Link(ours, read_keys(self.gateway_key_file, f"{name} gateway_key_file"), tags)


class SimulatorSettings(_Settings):
    """All settings of the simulator; keys come from files and are never shown.

    `folder` is where it keeps what must survive a restart, the nonces; without one they are in
    memory only. `connections_per_address` is how many connections one address may hold at each of
    its listening addresses, as the gateway's.
    """

    seed: Annotated[int, Field(ge=0, lt=1 << 63)] = 7
    folder: Path | None = None
    connections_per_address: Annotated[int, Field(ge=1, le=1000)] = PER_ADDRESS
    national: NationalSettings = NationalSettings()
    province: tuple[ProvinceSettings, ...] = ()
    agency: tuple[AgencySettings, ...] = ()

    @model_validator(mode="after")
    def _certificates_are_bound_to_keys(self) -> Self:
        for province in self.province:
            _bind(province.client_pins, self.national.listen_tls)
        pins = [pin for province in self.province for pin in set(province.client_pins)]
        if len(set(pins)) != len(pins):
            raise Unfit(SimulatorReason.PINS_SHARED.at("client_pins"))
        return self

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        for reason, values in (
            (SimulatorReason.DIVISION_TWICE, [province.division for province in self.province]),
            (SimulatorReason.CODE_TWICE, [agency.code for agency in self.agency]),
        ):
            if len(set(values)) != len(values):
                raise Unfit(reason.at())
        return self

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the settings in a TOML file.

        Raises:
            SettingsRefused: The file cannot be read, or a setting is missing, unknown or wrong.
        """
        try:
            written = tomllib.loads(path.read_text("utf-8"))
            settings = cls.model_validate(written)
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
            raise SettingsRefused(toml_reason(exc).within(path)) from None
        except ValidationError as exc:
            found = validation_reasons(exc, _names_beside)
            raise SettingsRefused(*(reason.within(path) for reason in found)) from None
        return settings.below(path.resolve().parent)

    def below(self, folder: Path) -> Self:
        """Return the settings with every relative path taken from `folder`."""
        provinces = tuple(
            one.model_copy(
                update={
                    "key_file": folder / one.key_file,
                    "answer_key_file": folder / one.answer_key_file,
                    "push": one.push and one.push.below(folder),
                }
            )
            for one in self.province
        )
        agencies = tuple(
            one.model_copy(
                update={
                    "key_file": folder / one.key_file,
                    "gateway_key_file": folder / one.gateway_key_file,
                    "tables": one.tables and folder / one.tables,
                    "tls": one.tls and one.tls.below(folder),
                    "listen_tls": one.listen_tls and one.listen_tls.below(folder),
                }
            )
            for one in self.agency
        )
        kept = None if self.folder is None else folder / self.folder
        served = self.national.listen_tls and self.national.listen_tls.below(folder)
        national = self.national.model_copy(update={"listen_tls": served})
        located = {"folder": kept, "national": national, "province": provinces, "agency": agencies}
        return self.model_copy(update=located)


def _check_gateway(gateway: str, *, allow_plain_http: bool, tls: LinkTls | None) -> None:
    """Let TLS be set exactly for https, and plain http beyond this machine only where it is meant.

    Raises:
        Unfit: By which setting and rule.
    """
    if tls is not None and not gateway.startswith("https://"):
        raise Unfit(SimulatorReason.TLS_WITHOUT_HTTPS.at("tls"))
    try:
        check_plain_http(gateway, allowed=allow_plain_http)
    except Unfit as exc:
        raise Unfit(*exc.reasons_within("gateway")) from exc


def _bind(pins: Pins, listening: ListenTls | None) -> None:
    """Let certificates be bound to keys exactly where they are asked for.

    Raises:
        Unfit: One is set without the other.
    """
    asked = listening is not None and listening.client_ca_file is not None
    if asked != bool(pins):
        raise Unfit(SimulatorReason.PINS_AND_CA.at())


def _names_beside(location: Location) -> list[str]:
    tables = ".".join(part for part in location[:-1] if isinstance(part, str))
    return list(_TABLES.get(tables, SimulatorSettings).model_fields)


_TABLES: Final[Mapping[str, type[BaseModel]]] = {
    "national": NationalSettings,
    "national.listen_tls": ListenTls,
    "province": ProvinceSettings,
    "province.push": PushSettings,
    "province.push.tls": LinkTls,
    "agency": AgencySettings,
    "agency.tls": LinkTls,
    "agency.listen_tls": ListenTls,
}
