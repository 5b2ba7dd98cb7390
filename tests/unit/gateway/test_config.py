"""Settings and province profiles: checked as a whole, every refusal with its cure."""

from pathlib import Path

import pytest

from gateway.adapters.link_keys import read_link
from gateway.adapters.profiles import load_province
from gateway.config import load_rules, load_settings, require_profile, split_address
from gateway.errors import Misconfigured
from schemas.signing import Suite, new_key, write_key_file
from schemas.signing.sm2.libcrypto import open_libcrypto
from schemas.signing.sm2.selection import choose_sm2
from storage import sealing_keys
from storage.errors import StoreMisconfigured
from storage.sealing import CryptoProfile
from tests.support.needs import absent

WHOLE = """
province = "410000"
store = "sqlite:///gateway.db"
ledger_keys = "keys/ledger.json"
[portal]
url = "http://127.0.0.1:8600"
key_file = "keys/portal.json"
answer_key_file = "/etc/duijie/portal.json"
[[agency]]
code = "4101000001"
name = "郑州市公共就业服务中心"
division = "410100"
delivery = "push"
url = "http://127.0.0.1:8701"
key_file = "keys/agency.json"
our_key_file = "keys/agency.json"
"""
FETCHING = """
[[agency]]
code = "{code}"
name = "济源市公共就业服务中心"
division = "{division}"
delivery = "fetch"
key_file = "keys/other.json"
our_key_file = "keys/other.json"
"""


def written(folder: Path, text: str = WHOLE) -> Path:
    path = folder / "gateway.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_paths_are_taken_from_the_folder_of_the_file(tmp_path: Path) -> None:
    settings = load_settings(written(tmp_path))

    assert settings.ledger_keys == tmp_path / "keys/ledger.json"
    assert settings.portal.key_file == tmp_path / "keys/portal.json"
    assert settings.portal.answer_key_file == Path("/etc/duijie/portal.json")
    assert settings.agency[0].our_key_file == tmp_path / "keys/agency.json"
    assert settings.store == f"sqlite:///{tmp_path}/gateway.db"


def test_what_is_not_said_has_the_documented_value(tmp_path: Path) -> None:
    settings = load_settings(written(tmp_path))

    assert (settings.listen, settings.health) == ("127.0.0.1:8080", "127.0.0.1:8081")
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
    ("wrong", "told"),
    [
        ("provnce = 1\n", "unknown setting provnce; did you mean province"),
        ("[portal2]\n", "unknown setting portal2; did you mean portal"),
        ("zzzzzz = 1\n", "unknown setting zzzzzz; known are agency, calendar"),
    ],
)
def test_an_unknown_setting_is_refused_with_the_nearest_name(
    tmp_path: Path, wrong: str, told: str
) -> None:
    text = f"{WHOLE}{wrong}" if wrong.startswith("[") else f"{wrong}{WHOLE}"

    with pytest.raises(Misconfigured, match=told):
        load_settings(written(tmp_path, text))


def test_an_unknown_setting_of_an_agency_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"unknown setting agency\.0\.adress; known are"):
        load_settings(written(tmp_path, WHOLE + 'adress = "x"\n'))


def test_an_unknown_variable_is_refused_with_the_nearest_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUIJIE_GATEWAY_LISTN", "127.0.0.1:1")

    with pytest.raises(Misconfigured, match=r"DUIJIE_GATEWAY_LISTN .*; did you mean listen\?"):
        load_settings(written(tmp_path))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('province = "410000"', 'province = "4100"', "province: "),
        ('province = "410000"', 'province = "410000"\npoll_every_s = 3601', "poll_every_s: "),
        ('province = "410000"', 'province = "410000"\nlong_poll_s = 31', "long_poll_s: "),
        ('province = "410000"', 'province = "410000"\nwindow_s = 59', "window_s: "),
        ('province = "410000"', 'province = "410000"\nlisten = "8080"', "listen: "),
        ("http://127.0.0.1:8600", "ftp://127.0.0.1", "portal.url: "),
        ("http://127.0.0.1:8600", "http://127.0.0.1:8600/", "portal.url: "),
        ('delivery = "push"', 'delivery = "post"', "agency.0.delivery: "),
        ('delivery = "push"', 'delivery = "fetch"', "url is given exactly when delivery is push"),
        ('url = "http://127.0.0.1:8701"\n', "", "url is given exactly when delivery is push"),
    ],
)
def test_a_value_that_does_not_fit_is_named_and_not_shown(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    with pytest.raises(Misconfigured, match=told) as refused:
        load_settings(written(tmp_path, WHOLE.replace(old, new)))

    assert "input_value" not in str(refused.value)


@pytest.mark.parametrize(
    ("code", "division", "told"),
    [
        ("4101000001", "419001", "agency code 4101000001 stands twice"),
        ("4190010001", "410100", "agency division 410100 stands twice"),
    ],
)
def test_agencies_are_distinct(tmp_path: Path, code: str, division: str, told: str) -> None:
    text = WHOLE + FETCHING.format(code=code, division=division)

    with pytest.raises(Misconfigured, match=told):
        load_settings(written(tmp_path, text))


def test_a_missing_file_and_a_torn_file_say_so(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="no such file"):
        load_settings(tmp_path / "absent.toml")
    with pytest.raises(Misconfigured, match="cannot be read as TOML"):
        load_settings(written(tmp_path, "province = "))


def test_an_agency_outside_the_province_is_refused(tmp_path: Path) -> None:
    settings = load_settings(written(tmp_path, WHOLE.replace("410100", "430100")))

    with pytest.raises(Misconfigured, match="division 430100 is not within 410000"):
        load_rules(settings)


def test_the_rules_are_those_of_the_settings(tmp_path: Path) -> None:
    rules = load_rules(load_settings(written(tmp_path)))

    assert rules.province.division == "410000"
    assert [agency.code for agency in rules.directory] == ["4101000001"]


NATIONAL = WHOLE.replace("/etc/duijie/", "keys/").replace(
    "[portal]", 'crypto_profile = "national"\n[portal]'
)


@pytest.fixture
def signing_sm2() -> None:
    """Make sure that something on this machine signs with SM2."""
    if open_libcrypto() is None:
        absent("libcrypto", "install OpenSSL 3.0 or newer, built with SM2")


needs_sm2 = pytest.mark.usefixtures("signing_sm2")


def write_keys(
    folder: Path,
    portal: Suite,
    agency: Suite = Suite.HMAC_SM3,
    ledger: CryptoProfile = CryptoProfile.INTERNATIONAL,
) -> None:
    (folder / "keys").mkdir()
    sealing_keys.create(folder / "keys/ledger.json", ledger)
    for name, suite in (("portal", portal), ("agency", agency)):
        write_key_file(folder / f"keys/{name}.json", new_key(name, suite))


def test_without_a_word_the_profile_is_international_and_takes_every_suite(tmp_path: Path) -> None:
    write_keys(tmp_path, Suite.ED25519, Suite.HMAC_SM3)
    settings = load_settings(written(tmp_path))

    assert settings.crypto_profile is CryptoProfile.INTERNATIONAL
    require_profile(settings)


@needs_sm2
@pytest.mark.parametrize("portal", [Suite.SM2_SM3, Suite.HMAC_SM3])
@pytest.mark.parametrize("agency", [Suite.SM2_SM3, Suite.HMAC_SM3])
def test_the_national_profile_takes_both_national_suites(
    tmp_path: Path, portal: Suite, agency: Suite
) -> None:
    write_keys(tmp_path, portal, agency, CryptoProfile.NATIONAL)

    require_profile(load_settings(written(tmp_path, NATIONAL)))


@pytest.mark.parametrize("other", [Suite.HMAC_SHA256, Suite.ED25519, Suite.ECDSA_P256_SHA256])
@pytest.mark.parametrize("where", ["portal", "agency"])
def test_the_national_profile_refuses_any_other_suite_and_says_which_key(
    tmp_path: Path, other: Suite, where: str
) -> None:
    suites = {"portal": Suite.HMAC_SM3, "agency": Suite.HMAC_SM3, where: other}
    write_keys(tmp_path, suites["portal"], suites["agency"], CryptoProfile.NATIONAL)

    with pytest.raises(Misconfigured, match=f"{where}.json: suite {other}, and .*hmac-sm3 or sm2"):
        require_profile(load_settings(written(tmp_path, NATIONAL)))


@pytest.mark.parametrize("ledger", CryptoProfile)
def test_a_ledger_of_the_other_profile_is_refused_before_anything_is_opened(
    tmp_path: Path, ledger: CryptoProfile
) -> None:
    write_keys(tmp_path, Suite.HMAC_SM3, ledger=ledger)
    text = WHOLE if ledger is CryptoProfile.NATIONAL else NATIONAL

    told = f'set crypto_profile = "{ledger}", or begin a new'
    with pytest.raises(StoreMisconfigured, match=told):
        require_profile(load_settings(written(tmp_path, text)))

    assert not (tmp_path / "gateway.db").exists()


def test_a_profile_that_does_not_exist_is_refused_with_the_two_that_do(tmp_path: Path) -> None:
    text = NATIONAL.replace('"national"', '"guomi"')

    with pytest.raises(Misconfigured, match=r"crypto_profile: .*'international' or 'national'"):
        load_settings(written(tmp_path, text))


@needs_sm2  # to make the key
def test_without_what_signs_sm2_a_link_is_refused_with_what_to_install(tmp_path: Path) -> None:
    write_keys(tmp_path, Suite.SM2_SM3)
    path = tmp_path / "keys/portal.json"

    with pytest.raises(Misconfigured, match=r"portal\.json: signing with SM2 needs .*libssl3"):
        read_link(path, path, CryptoProfile.NATIONAL, lambda: choose_sm2(None))


@pytest.mark.parametrize(
    ("address", "parts"),
    [("127.0.0.1:0", ("127.0.0.1", 0)), ("[::1]:8080", ("::1", 8080))],
)
def test_an_address_falls_into_host_and_port(address: str, parts: tuple[str, int]) -> None:
    assert split_address(address) == parts


@pytest.mark.parametrize(
    ("division", "of_2020_3", "of_2020_79"),
    [("410000", 0, 0), ("230000", 7, 3), ("430000", 5, 3)],
)
def test_a_shipped_province_allows_what_its_notices_say(
    division: str, of_2020_3: int, of_2020_79: int
) -> None:
    province = load_province(division)

    assert province.default_policy == "2020-79"
    assert province.allowances["2020-3"].working_days == of_2020_3
    assert province.allowances["2020-79"].working_days == of_2020_79
    assert all("号" in one.source or "规程" in one.source for one in province.allowances.values())


PROFILE = """
division: "620000"
name: 甘肃省
default_policy: "2020-79"
queue_name: 失业登记待办
allowances:
  "2020-79": {working_days: 3, source: 人社厅发〔2020〕79号}
"""


def test_a_new_province_is_one_file(tmp_path: Path) -> None:
    path = tmp_path / "620000.yaml"
    path.write_text(PROFILE, encoding="utf-8")

    assert load_province("620000", path).name == "甘肃省"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("name: 甘肃省", "name: 甘肃省\nname: 甘肃", "cannot be read as YAML"),
        ("name: 甘肃省\n", "", "name: Field required"),
        ("name: 甘肃省", "name: 甘肃省\ncolour: red", "colour: Extra inputs"),
        ('default_policy: "2020-79"', 'default_policy: "2020-3"', "no entry under allowances"),
        ("working_days: 3", 'working_days: "3"', "working_days: Input should be a valid integer"),
        ("working_days: 3", "working_days: -1", "working_days: "),
        ('"620000"', "620000", "division: Input should be a valid string"),
        ('"620000"', '"630000"', "division is 630000, settings say 620000"),
    ],
)
def test_a_profile_that_does_not_fit_names_file_and_field(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    path = tmp_path / "profile.yaml"
    path.write_text(PROFILE.replace(old, new), encoding="utf-8")

    with pytest.raises(Misconfigured, match=told) as refused:
        load_province("620000", path)

    assert str(path) in str(refused.value)


def test_an_unknown_province_names_the_shipped_ones() -> None:
    with pytest.raises(Misconfigured, match="shipped are 230000, 410000, 430000"):
        load_province("110000")
