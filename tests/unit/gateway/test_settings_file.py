"""The settings file: read as a whole, every refusal with its cure."""

from pathlib import Path

import pytest

from gateway.errors import Misconfigured
from gateway.settings_file import load_settings
from tests.unit.gateway.settings_files import NATIONAL, WHOLE, written

PROVINCE = 'province = "410000"'
FETCHING = """
[[agency]]
code = "{code}"
name = "济源市公共就业服务中心"
division = "{division}"
delivery = "fetch"
key_file = "keys/other.json"
our_key_file = "keys/other.json"
"""


def test_paths_are_taken_from_the_folder_of_the_file(tmp_path: Path) -> None:
    settings = load_settings(written(tmp_path))

    assert settings.ledger_keys == tmp_path / "keys/ledger.json"
    assert settings.portal.key_file == tmp_path / "keys/portal.json"
    assert settings.portal.answer_key_file == Path("/etc/duijie/portal.json")
    assert settings.agency[0].our_key_file == tmp_path / "keys/gateway.json"
    assert settings.store == f"sqlite:///{tmp_path}/gateway.db"


def test_the_socket_of_the_console_is_taken_from_the_folder_too(tmp_path: Path) -> None:
    settings = load_settings(written(tmp_path, f'console = "unix:console.sock"\n{WHOLE}'))

    assert settings.console == f"unix:{tmp_path}/console.sock"


def test_what_is_not_said_has_the_documented_value(tmp_path: Path) -> None:
    settings = load_settings(written(tmp_path))

    assert (settings.listen, settings.health) == ("127.0.0.1:8080", "127.0.0.1:8081")
    assert settings.console == "127.0.0.1:8082"
    assert (settings.poll_every_s, settings.long_poll_s, settings.window_s) == (300, 25, 300)


def test_the_environment_goes_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUIJIE_GATEWAY_STORE", "postgresql://127.0.0.1/duijie")
    monkeypatch.setenv("DUIJIE_GATEWAY_PORTAL__URL", "https://portal.example:8443/entry")
    monkeypatch.setenv("DUIJIE_GATEWAY_LONG_POLL_S", "0")

    settings = load_settings(written(tmp_path))

    assert settings.store == "postgresql://127.0.0.1/duijie"
    assert settings.portal.url == "https://portal.example:8443/entry"
    assert settings.long_poll_s == 0
    assert settings.portal.key_file == tmp_path / "keys/portal.json"


def test_everything_that_is_missing_is_named_at_once(tmp_path: Path) -> None:
    text = WHOLE.replace('store = "sqlite:///gateway.db"\n', "").replace(
        'url = "http://127.0.0.1:8600"\nkey_file = "keys/portal.json"\n', ""
    )

    with pytest.raises(
        Misconfigured, match=r"3 settings are missing: store, portal\.url, portal\.key_file"
    ):
        load_settings(written(tmp_path, text))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("provnce = 1\n", "unknown setting provnce; did you mean province"),
        ("[portal2]\n", "unknown setting portal2; did you mean portal"),
        ("zzzzzz = 1\n", "unknown setting zzzzzz; known are agency, calendar"),
    ],
)
def test_an_unknown_setting_is_refused_with_the_nearest_name(
    tmp_path: Path, wrong: str, message: str
) -> None:
    text = f"{WHOLE}{wrong}" if wrong.startswith("[") else f"{wrong}{WHOLE}"

    with pytest.raises(Misconfigured, match=message):
        load_settings(written(tmp_path, text))


def test_an_unknown_setting_of_an_agency_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"unknown setting agency\.0\.fax; known are"):
        load_settings(written(tmp_path, WHOLE + 'fax = "x"\n'))


def test_an_unknown_variable_is_refused_with_the_nearest_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUIJIE_GATEWAY_LISTN", "127.0.0.1:1")

    with pytest.raises(Misconfigured, match=r"DUIJIE_GATEWAY_LISTN .*; did you mean listen\?"):
        load_settings(written(tmp_path))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('province = "410000"', 'province = "4100"', "province: "),
        ('province = "410000"', 'province = "410000"\npoll_every_s = 3601', "poll_every_s: "),
        ('province = "410000"', 'province = "410000"\nlong_poll_s = 31', "long_poll_s: "),
        ('province = "410000"', 'province = "410000"\nwindow_s = 59', "window_s: "),
        ('province = "410000"', 'province = "410000"\nlisten = "8080"', "listen: "),
        (PROVINCE, f'{PROVINCE}\nhealth = "127.0.0.1:99999"', "health: the port is above 65535"),
        (PROVINCE, f'{PROVINCE}\nlisten = "256.0.0.1:80"', "listen: the host is neither an IP"),
        (PROVINCE, f'{PROVINCE}\nconsole = "0.0.0.0:8082"', "console: must be a loopback address"),
        (PROVINCE, f'{PROVINCE}\npublic_authorities = ["http://a"]', "public_authorities.0: "),
        (PROVINCE, f'{PROVINCE}\npublic_authorities = ["0.0.0.0:80"]', "as callers write them"),
        (PROVINCE, f'{PROVINCE}\npublic_scheme = "ftp"', "public_scheme: "),
        (PROVINCE, f"{PROVINCE}\nconnections_per_address = 0", "connections_per_address: "),
        (PROVINCE, f'{PROVINCE}\nconsole = "unix:"', "console: unix: needs the path of a socket"),
        (PROVINCE, f'{PROVINCE}\nhealth = "127.0.0.1:8080"', "listen and health name the same p"),
        (PROVINCE, f'{PROVINCE}\nlisten = "0.0.0.0:8082"', "listen and console name the same po"),
        ("http://127.0.0.1:8600", "ftp://127.0.0.1", "portal.url: "),
        ("http://127.0.0.1:8600", "http://127.0.0.1:8600/", "portal.url: "),
        ('delivery = "push"', 'delivery = "post"', "agency.0.delivery: "),
        ('delivery = "push"', 'delivery = "fetch"', "url is given exactly when delivery is push"),
        ('url = "http://127.0.0.1:8701"\n', "", "url is given exactly when delivery is push"),
    ],
)
def test_a_value_that_does_not_fit_is_named_and_not_shown(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    with pytest.raises(Misconfigured, match=message) as refused:
        load_settings(written(tmp_path, WHOLE.replace(old, new)))

    assert "input_value" not in str(refused.value)


@pytest.mark.parametrize(
    ("code", "division", "message"),
    [
        ("4101000001", "419001", "agency code 4101000001 stands twice"),
        ("4190010001", "410100", "agency division 410100 stands twice"),
    ],
)
def test_agencies_are_distinct(tmp_path: Path, code: str, division: str, message: str) -> None:
    text = WHOLE + FETCHING.format(code=code, division=division)

    with pytest.raises(Misconfigured, match=message):
        load_settings(written(tmp_path, text))


def test_a_missing_file_and_a_torn_file_say_so(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="no such file"):
        load_settings(tmp_path / "absent.toml")
    with pytest.raises(Misconfigured, match="cannot be read as TOML"):
        load_settings(written(tmp_path, "province = "))


def test_a_profile_that_does_not_exist_is_refused_with_the_two_that_do(tmp_path: Path) -> None:
    text = NATIONAL.replace('"national"', '"guomi"')

    with pytest.raises(Misconfigured, match=r"crypto_profile: .*'international' or 'national'"):
        load_settings(written(tmp_path, text))
