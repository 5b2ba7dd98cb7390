"""The simulator's settings: one TOML file, checked as a whole."""

from pathlib import Path

import pytest

from schemas.reference.clock import utc_now
from schemas.signing import Suite, new_key, write_key_file
from simulator.config import SimulatorSettings
from simulator.errors import SettingsRefused

PIN = f"sha256/{'A' * 43}="
COMPLETE = """
seed = 11
[national]
listen = "127.0.0.1:0"
control = "[::1]:0"
[[province]]
division = "410000"
key_file = "keys/portal.json"
answer_key_file = "keys/portal.json"
[[agency]]
code = "4101000001"
name = "郑州市公共就业服务中心"
division = "410100"
delivery = "push"
listen = "127.0.0.1:0"
gateway = "http://127.0.0.1:8080"
key_file = "keys/agency.json"
gateway_key_file = "/elsewhere/agency.json"
decide_after_s = 1
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "simulator.toml"
    path.write_text(text, "utf-8")
    return path


def test_paths_are_taken_from_the_files_own_folder(tmp_path: Path) -> None:
    settings = SimulatorSettings.read(written(tmp_path, COMPLETE))
    assert settings.seed == 11
    assert settings.province[0].key_file == tmp_path / "keys" / "portal.json"
    assert settings.agency[0].key_file == tmp_path / "keys" / "agency.json"
    assert settings.agency[0].gateway_key_file == Path("/elsewhere/agency.json")
    assert settings.national.control == "[::1]:0"


def test_keys_are_read_from_their_files(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    key = new_key("portal", Suite.ED25519)
    write_key_file(tmp_path / "keys" / "portal.json", key)
    settings = SimulatorSettings.read(written(tmp_path, COMPLETE))
    assert settings.province[0].link().theirs.verifying("portal", utc_now()) == key


def test_a_missing_key_is_told_with_its_path(tmp_path: Path) -> None:
    settings = SimulatorSettings.read(written(tmp_path, COMPLETE))
    with pytest.raises(SettingsRefused, match=r"portal\.json"):
        settings.province[0].link()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("seed = 11", "seed = -1", "seed"),
        ("seed = 11", "sed = 11", "sed"),
        ('division = "410000"', "", r"province\.0\.division"),
        ('listen = "127.0.0.1:0"\ngateway', "gateway", "listen is given exactly when"),
        ('"push"', '"fetch"', "listen is given exactly when"),
        ('"push"', '"pigeon"', r"agency\.0\.delivery"),
        ('"127.0.0.1:0"', '"127.0.0.1"', "listen"),
        ('"127.0.0.1:0"', '"127.0.0.1:99999"', "listen: .*the port is above"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/", r"agency\.0\.gateway: .*slash"),
        ("http://127.0.0.1:8080", "http://u:p@127.0.0.1:8080", r"agency\.0\.gateway: credentials"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:99999", r"agency\.0\.gateway: the port"),
        ("http://127.0.0.1:8080", "http://gw.example:8080", r"agency\.0: .*gateway: plain http"),
        ('control = "[::1]:0"', 'control = "[::1]:99999"', r"national\.control: .*the port"),
        ("decide_after_s = 1", "decide_after_s = nan", r"agency\.0\.decide_after_s"),
        ("decide_after_s = 1", "decide_after_s = inf", r"agency\.0\.decide_after_s"),
        ("decide_after_s = 1", "refuse_share = nan", r"agency\.0\.refuse_share"),
        ("seed = 11", "connections_per_address = 0", "connections_per_address"),
        ("decide_after_s = 1", "tls = {}", r"agency\.0: .*tls: for a gateway that begins with"),
        ("decide_after_s = 1", f'client_pins = ["{PIN}"]', "client_pins goes with listen_tls"),
        (
            'division = "410000"',
            f'division = "410000"\nclient_pins = ["{PIN}"]',
            "client_pins goes",
        ),
        ("seed = 11", "seed =", "simulator.toml"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in COMPLETE
    with pytest.raises(SettingsRefused, match=message):
        SimulatorSettings.read(written(tmp_path, COMPLETE.replace(old, new)))


def test_the_files_of_tls_are_taken_from_the_folder_of_the_settings(tmp_path: Path) -> None:
    tables = """
    [national.listen_tls]
    certificate_file = "national.pem"
    key_file = "/elsewhere/national.key.pem"
    """
    served = SimulatorSettings.read(written(tmp_path, COMPLETE + tables)).national.listen_tls
    assert served is not None
    assert served.certificate_file == tmp_path / "national.pem"
    assert served.key_file == Path("/elsewhere/national.key.pem")


def test_plain_http_to_a_gateway_elsewhere_can_be_meant(tmp_path: Path) -> None:
    text = COMPLETE.replace("http://127.0.0.1:8080", "http://gw.example:8080")
    meant = f"{text}allow_plain_http = true\n"
    assert SimulatorSettings.read(written(tmp_path, meant)).agency[0].allow_plain_http


def test_an_agency_cannot_be_given_twice(tmp_path: Path) -> None:
    agency = COMPLETE[COMPLETE.index("[[agency]]") :]
    with pytest.raises(SettingsRefused, match="a code is given twice"):
        SimulatorSettings.read(written(tmp_path, COMPLETE + agency))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsRefused, match="nowhere"):
        SimulatorSettings.read(tmp_path / "nowhere.toml")
