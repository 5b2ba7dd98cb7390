"""Impossible settings: every one is refused at the start, by name, rule and cure, unrepeated."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest
from pydantic import BaseModel

from gateway.config import AgencySettings, OperatorSettings, PortalSettings, Settings
from gateway.errors import Misconfigured
from gateway.settings_file import load_settings
from gateway.table_settings import TableSettings
from tests.unit.gateway.settings_files import WHOLE, WITH_OPERATOR, written
from transport.tls_settings import LinkTls, ListenTls

SECRET: Final = "hunter2"
PATHS: Final = ('""', '"."', r'"keys/\u0000.json"', r'"keys/\n.json"', f'"{"x" * 5000}"', "7")
ADDRESSES: Final = (
    *('"8080"', '":8080"', '"127.0.0.1:99999"', '"127.0.0.1:65536"', '"127.0.0.1:"'),
    *('"127.0.0.300:80"', '"[::x]:80"', f'"http://u:{SECRET}@h:80"', "8080"),
)
NUMBERS: Final = ("true", '"many"', "1.5", "-1", "nan", "inf", "99999999999999999999")
URLS: Final = (
    *('"http://127.0.0.1:99999"', '"ftp://127.0.0.1"', '"http://127.0.0.1/"', '"http://"', "80"),
    *(f'"https://u:{SECRET}@h"', f'"https://h/?key={SECRET}"', f'"https://h/#{SECRET}"'),
    *('"https://h/{b}"', '"https://h/a b"', '"https://h/a/../b"', '"https://h/%e5"'),
    *('"https://127.1"', '"https://0.0.0.0"', '"https://h..example"', '"http://h.example"'),
)
STORES: Final = (
    *('"sqlite://x.db"', '"sqlite:///"', '"sqlite:///x/"', '"sqlite:///a%zz"', '"sqlite:///x?y"'),
    *('"mysql://h/x"', '"ledger.db"', '""', r'"sqlite:///a\u0000"', '"sqlite:///a%00"'),
    *(f'"postgresql://u:{SECRET}@h:99999/x"', f'"postgresql://u:{SECRET}@h"', "1"),
    *(f'"postgresql://u:{SECRET}#1@h/x"', f'"postgresql://u:{SECRET}@@h/x"'),
    *(f'"postgresql://u:{SECRET}%zz@h/x"', f'"postgresql://u:{SECRET}@h,i:0/x"'),
    *(f'"postgresql://u:{SECRET}@h/x?port=70000"', f'"postgresql://u:{SECRET}@h h/x"'),
)
LINKS: Final = ("portal", "agency.0")
PIN: Final = f"sha256/{'A' * 43}="
PINS: Final = (
    *('"sha256/AAAA"', '["sha256/AAAA"]', f'["md5/{PIN}"]', f'["{PIN[:-1]}"]', "[7]"),
    *(f'["{PIN}", "{PIN}", "{PIN}"]', f'["sha256/{"A" * 42}B="]', f'["{SECRET}"]'),
)
DATABASES: Final = (
    *('"oracle://u@h/x"', '"postgresql://h/x"', '"postgresql://u@/x"', '"postgresql://u@h"', "1"),
    *(f'"mysql://u:{SECRET}@h/x"', f'"postgresql://u@h/x?password={SECRET}"', '"mysql://u@h:0x/x"'),
    *('"mysql://u@h/x#y"', '"mysql://u@h:99999/x"', '"sqlite:///"', '"mysql://u@[::/x"'),
)
IMPOSSIBLE: Final[Mapping[str, tuple[str, ...]]] = {
    "province": ('"41"', '"410001"', '"abcdef"', "410000"),
    "listen": ADDRESSES,
    "health": ADDRESSES,
    "listen_tls.certificate_file": PATHS,
    "listen_tls.key_file": PATHS,
    "listen_tls.client_ca_file": PATHS,
    "console": (*ADDRESSES, '"192.0.2.7:8082"', '"0.0.0.0:8082"', '"unix:"', f'"unix:{"x" * 200}"'),
    "public_authorities": ('["gw.example:99999"]', '["a b"]', '["0.0.0.0:80"]', '"gw.example"'),
    "public_scheme": ('"ftp"', "1"),
    "connections_per_address": (*NUMBERS, "0", "1001"),
    "store": STORES,
    "synchronous_standby": ('"perhaps"', "7"),
    "fetch_tables": ('"perhaps"', "7"),
    "ledger_keys": PATHS,
    "reconcile_at": ('"24:00"', '"1:30"', '"soon"', "130", "true"),
    "poll_every_s": (*NUMBERS, "0", "3601"),
    "long_poll_s": (*NUMBERS, "31"),
    "window_s": (*NUMBERS, "59", "901"),
    "warn_working_days": (*NUMBERS, "11"),
    "calendar": PATHS,
    "profile": PATHS,
    "crypto_profile": ('"guomi"', "1"),
    "log_level": ('"loud"', "10"),
    "portal.url": URLS,
    "portal.allow_plain_http": ('"perhaps"', "7"),
    **{f"{link}.tls.ca_file": PATHS for link in LINKS},
    **{f"{link}.tls.pins": PINS for link in LINKS},
    **{f"{link}.tls.client_certificate_file": PATHS for link in LINKS},
    **{f"{link}.tls.client_key_file": PATHS for link in LINKS},
    "portal.key_file": PATHS,
    "portal.answer_key_file": PATHS,
    "portal.push_key_file": PATHS,
    "portal.client_pins": PINS,
    "portal.tag": ('"sideways"', "1"),
    "agency.0.code": ('"x y"', '""', "4101000001"),
    "agency.0.name": ('""', f'"{"名" * 300}"', "1"),
    "agency.0.division": ('"4101"', '"41010"', "410100"),
    "agency.0.address": ('""', f'"{"址" * 300}"', "1"),
    "agency.0.telephone": ('"abc"', '""', "1"),
    "agency.0.accounts": (*NUMBERS, "-1", "100000"),
    "agency.0.delivery": ('"post"', "1"),
    "agency.0.url": URLS,
    "agency.0.allow_plain_http": ('"perhaps"', "7"),
    "agency.0.key_file": PATHS,
    "agency.0.our_key_file": PATHS,
    "agency.0.client_pins": PINS,
    "agency.0.tag": ('"sideways"', "1"),
    "operator.0.code": ('"x y"', '""', "1"),
    "operator.0.name": ('""', f'"{"名" * 300}"', "1"),
    "operator.0.key_file": PATHS,
    "operator.0.our_key_file": PATHS,
    "operator.0.client_pins": PINS,
    "operator.0.tag": ('"sideways"', "1"),
    "agency.0.tables.url": DATABASES,
    "agency.0.tables.password_file": PATHS,
    "agency.0.tables.ca_file": PATHS,
    "agency.0.tables.allow_plain": ('"perhaps"', "7"),
    "agency.0.tables.schema_name": ('"a b"', '"a;b"', '"表"', "1"),
    "agency.0.tables.prefix": ('""', '"1x"', '"a.b"', f'"{"x" * 40}"', "1"),
    "agency.0.tables.poll_every_s": (*NUMBERS, "0", "31"),
}
CASES: Final = [(name, value) for name, values in IMPOSSIBLE.items() for value in values]


def set_to(name: str, value: str) -> str:
    """Return the text of a settings file in which one setting has the value, written as TOML."""
    table, _, member = name.rpartition(".")
    whole = WITH_OPERATOR if table == "operator.0" else WHOLE
    if table.endswith(("tls", "tables")):
        return f"{whole}\n[{table.replace('.0', '')}]\n{member} = {value}\n"
    heading = {"": "", "portal": "[portal]\n"}.get(table, f"[[{table.removesuffix('.0')}]]\n")
    start = whole.index(heading) + len(heading)
    lines = whole[start:].splitlines(keepends=True)
    kept, inside = [], True
    for line in lines:
        inside = inside and not line.startswith("[")
        if not (inside and line.startswith(f"{member} =")):
            kept.append(line)
    return f"{whole[:start]}\n{member} = {value}\n{''.join(kept)}"


@pytest.mark.parametrize(("name", "value"), CASES)
def test_an_impossible_value_is_refused_by_name_and_never_shown(
    tmp_path: Path, name: str, value: str
) -> None:
    with pytest.raises(Misconfigured) as refused:
        load_settings(written(tmp_path, set_to(name, value)))

    message = str(refused.value)
    table, _, member = name.rpartition(".")
    assert f"{name}: " in message or f"{name}.0: " in message or f"{table}: {member}: " in message
    assert SECRET not in message
    assert "input_value" not in message


def test_the_value_that_was_there_is_taken_where_it_is_possible(tmp_path: Path) -> None:
    text = set_to("portal.url", '"https://portal.example:8443/entry"')

    assert load_settings(written(tmp_path, text)).portal.url == "https://portal.example:8443/entry"


def leaves(model: type[BaseModel], prefix: str = "") -> set[str]:
    """Return the names of all settings that are no tables."""
    tables: Mapping[str, tuple[str, type[BaseModel]]] = {
        "portal": ("portal.", PortalSettings),
        "agency": ("agency.0.", AgencySettings),
        "operator": ("operator.0.", OperatorSettings),
        "listen_tls": ("listen_tls.", ListenTls),
        **{f"{link}.tls": (f"{link}.tls.", LinkTls) for link in LINKS},
        "agency.0.tables": ("agency.0.tables.", TableSettings),
    }
    names: set[str] = set()
    for field in model.model_fields:
        below = tables.get(f"{prefix}{field}")
        names |= leaves(below[1], below[0]) if below else {f"{prefix}{field}"}
    return names


def test_no_setting_is_without_an_impossible_value_here() -> None:
    assert set(IMPOSSIBLE) == leaves(Settings)


def test_two_listeners_cannot_have_one_address(tmp_path: Path) -> None:
    text = 'listen = "127.0.0.1:9000"\nhealth = "127.0.0.1:9000"\n' + WHOLE

    with pytest.raises(Misconfigured, match="give each its own"):
        load_settings(written(tmp_path, text))


@pytest.mark.parametrize("table", ["portal", "agency.0"])
def test_plain_http_to_another_machine_is_refused_unless_it_is_meant(
    tmp_path: Path, table: str
) -> None:
    text = set_to(f"{table}.url", '"http://peer.example:8600"')
    with pytest.raises(Misconfigured, match=rf"{table}: url: plain http to another machine"):
        load_settings(written(tmp_path, text))

    meant = text.replace(
        'http://peer.example:8600"', 'http://peer.example:8600"\nallow_plain_http = true'
    )
    settings = load_settings(written(tmp_path, meant))
    assert (settings.portal if table == "portal" else settings.agency[0]).allow_plain_http


@pytest.mark.parametrize("table", LINKS)
@pytest.mark.parametrize(
    ("url", "members", "message"),
    [
        ("http://127.0.0.1:8600", 'ca_file = "ca.pem"', "tls: for a url that begins with https"),
        ("https://peer.example", 'client_key_file = "a.pem"', "go together; name both"),
        ("https://peer.example", 'client_certificate_file = "a.pem"', "go together; name both"),
        ("https://peer.example", "pin = []", r"tls\.pin; did you mean pins"),
    ],
)
def test_tls_that_cannot_take_effect_is_refused(
    tmp_path: Path, table: str, url: str, members: str, message: str
) -> None:
    called = set_to(f"{table}.url", f'"{url}"')
    text = f"{called}\n[{table.replace('.0', '')}.tls]\n{members}\n"

    with pytest.raises(Misconfigured, match=message):
        load_settings(written(tmp_path, text))


def test_the_files_of_tls_are_taken_from_the_folder_of_the_settings(tmp_path: Path) -> None:
    members = f'ca_file = "ca.pem"\npins = ["{PIN}"]\n'
    called = set_to("portal.url", '"https://peer.example"')
    text = f"{called}\n[portal.tls]\n{members}"

    tls = load_settings(written(tmp_path, text)).portal.tls
    assert tls is not None
    assert (tls.ca_file, tls.pins) == (tmp_path / "ca.pem", (PIN,))


SERVED = '[listen_tls]\ncertificate_file = "tls.pem"\nkey_file = "tls.key.pem"\n'
ASKING = f'{SERVED}client_ca_file = "clients.pem"\n'
OTHER = """[[agency]]
code = "4190010001"
name = "济源市公共就业服务中心"
division = "419001"
delivery = "fetch"
key_file = "keys/other.json"
our_key_file = "keys/other.json"
"""


@pytest.mark.parametrize(
    ("added", "message"),
    [
        (ASKING, "agency 4101000001: client_pins is missing"),
        (f'client_pins = ["{PIN}"]\n', "client_pins has no effect"),
        (f'client_pins = ["{PIN}"]\n{SERVED}', "client_pins has no effect"),
        (
            f'client_pins = ["{PIN}"]\n{OTHER}client_pins = ["{PIN}"]\n{ASKING}',
            "two callers share one",
        ),
    ],
)
def test_client_certificates_are_bound_to_keys_as_a_whole(
    tmp_path: Path, added: str, message: str
) -> None:
    with pytest.raises(Misconfigured, match=message):
        load_settings(written(tmp_path, WHOLE + added))


PUSHING = 'push_key_file = "keys/push.json"\n'


@pytest.mark.parametrize(
    ("portal", "added", "message"),
    [
        (PUSHING, f'client_pins = ["{PIN}"]\n{ASKING}', "portal: client_pins is missing"),
        (f'client_pins = ["{PIN}"]\n', "", "portal: client_pins has no effect"),
        (f'{PUSHING}client_pins = ["{PIN}"]\n', "", "portal: client_pins has no effect"),
        (
            f'{PUSHING}client_pins = ["{PIN}"]\n',
            f'client_pins = ["{PIN}"]\n{ASKING}',
            "two callers share one",
        ),
    ],
)
def test_the_certificates_of_who_pushes_are_bound_to_its_key_as_well(
    tmp_path: Path, portal: str, added: str, message: str
) -> None:
    text = WHOLE.replace("[portal]\n", f"[portal]\n{portal}") + added

    with pytest.raises(Misconfigured, match=message):
        load_settings(written(tmp_path, text))


def test_an_agency_may_have_two_keys_of_certificates(tmp_path: Path) -> None:
    pins = f'client_pins = ["{PIN}", "sha256/{"B" * 42}A="]\n'

    settings = load_settings(written(tmp_path, WHOLE + pins + ASKING))
    assert len(settings.agency[0].client_pins) == 2
    assert settings.listen_tls is not None
    assert settings.listen_tls.client_ca_file == tmp_path / "clients.pem"
