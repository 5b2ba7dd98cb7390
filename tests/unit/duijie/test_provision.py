import os
import socket
import stat
from pathlib import Path

import pytest

from duijie.demo.agencies import places_of, stand_ins
from duijie.demo.plan import DEFAULT_PORTS, PlanOptions, make_plan
from duijie.demo.provision import provision
from duijie.demo.settings_files import read_plan
from duijie.errors import USAGE, CliError
from duijie.ports import HOST, free_ports, owner_of, require_free
from gateway.domain.delivery import Delivery
from gateway.settings_file import load_settings
from schemas.reference.divisions import DivisionTree
from schemas.signing import NATIONAL, Suite, read_key_file
from schemas.signing.sm2.libcrypto import open_libcrypto
from schemas.signing.sm2.selection import choose_sm2
from simulator.config import SimulatorSettings
from storage import sealing_keys
from storage.sealing import CryptoProfile
from tests.support.needs import absent

PROVINCES = ("410000", "430000", "230000")
IN_NATIONAL = PlanOptions(crypto=CryptoProfile.NATIONAL)


@pytest.fixture
def signing_sm2() -> None:
    """Make sure that something on this machine signs with SM2."""
    if open_libcrypto() is None:
        absent("libcrypto", "install OpenSSL 3.0 or newer, built with SM2")


needs_sm2 = pytest.mark.usefixtures("signing_sm2")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("province", PROVINCES)
def test_each_province_has_a_city_that_takes_pushes_and_two_that_fetch(province: str) -> None:
    agencies = stand_ins(province)
    assert [agency.delivery for agency in agencies] == [
        Delivery.PUSH,
        Delivery.FETCH,
        Delivery.FETCH,
    ]
    assert [len(agency.division) for agency in agencies] == [6, 6, 12]


@pytest.mark.parametrize("province", PROVINCES)
def test_people_are_filed_where_their_agency_is_the_nearest(province: str) -> None:
    tree, agencies = DivisionTree.load(), stand_ins(province)
    divisions = {agency.division for agency in agencies}
    for agency in agencies:
        for place in agency.places:
            nearest = next(code for code in tree.ancestors(place) if code in divisions)
            assert nearest == agency.division
            assert tree.is_within(place, province)
    assert len(places_of(agencies)) == sum(len(agency.places) for agency in agencies)


def test_shared_secrets_and_key_pairs_are_both_at_work(tmp_path: Path) -> None:
    provision(tmp_path, PlanOptions())
    keys = [
        read_key_file(path) for path in (tmp_path / "keys").iterdir() if path.name != "ledger.json"
    ]
    assert {key.suite for key in keys} == {Suite.HMAC_SHA256, Suite.ED25519, Suite.HMAC_SM3}


@needs_sm2
@pytest.mark.parametrize("province", PROVINCES)
@pytest.mark.parametrize("profile", CryptoProfile)
def test_the_settings_written_are_those_both_programs_read(
    tmp_path: Path, province: str, profile: CryptoProfile
) -> None:
    plan = provision(tmp_path, PlanOptions(province=province, crypto=profile))
    ours = load_settings(tmp_path / "gateway.toml")
    theirs = SimulatorSettings.read(tmp_path / "simulator.toml")
    assert (ours.province, ours.crypto_profile) == (province, profile)
    assert [one.code for one in ours.agency] == [one.code for one in theirs.agency]
    for one in theirs.agency:
        assert all(key.can_sign for key in one.link().ours)
        assert one.gateway == plan.url("gateway")
    assert ours.portal.url == plan.url("simulator")


@needs_sm2
@pytest.mark.parametrize("province", PROVINCES)
def test_on_national_cryptography_portal_and_county_sign_with_sm2_the_others_with_sm3(
    tmp_path: Path, province: str
) -> None:
    provision(tmp_path, PlanOptions(province=province, crypto=CryptoProfile.NATIONAL))
    city, county, community = (
        agency.suite for agency in stand_ins(province, CryptoProfile.NATIONAL)
    )
    settings = load_settings(tmp_path / "gateway.toml")
    links = [one.key_files for one in settings.agency]
    links.append((settings.portal.key_file, settings.portal.answer_key_file))
    suites = [{read_key_file(path).suite for path in pair} for pair in links]
    assert suites == [{city}, {county}, {community}, {Suite.SM2_SM3}]
    assert (city, county, community) == (Suite.HMAC_SM3, Suite.SM2_SM3, Suite.HMAC_SM3)
    assert sealing_keys.load(settings.ledger_keys).cipher == "sm4-gcm"
    every = [path for path in (tmp_path / "keys").iterdir() if path.name != "ledger.json"]
    assert {read_key_file(path).suite for path in every} == NATIONAL


@needs_sm2
@pytest.mark.parametrize("options", [PlanOptions(), IN_NATIONAL])
def test_the_public_halves_fit_their_private_keys(tmp_path: Path, options: PlanOptions) -> None:
    provision(tmp_path, options)
    halves = sorted((tmp_path / "keys").glob("*.public.json"))
    assert halves
    for half in halves:
        private = read_key_file(half.with_name(half.name.replace(".public.json", ".json")))
        assert private.public_half() == read_key_file(half)


def test_a_second_start_keeps_every_file_as_it_is(tmp_path: Path) -> None:
    first = provision(tmp_path, PlanOptions(use_free_ports=True))
    before = contents(tmp_path)
    assert provision(tmp_path, PlanOptions()) == first
    assert contents(tmp_path) == before


def test_other_ports_rewrite_the_settings_and_keep_keys_and_the_old_settings(
    tmp_path: Path,
) -> None:
    provision(tmp_path, PlanOptions())
    before = contents(tmp_path)
    plan = provision(tmp_path, PlanOptions(ports={"gateway": 9090}))
    after = contents(tmp_path)
    assert plan.ports == {**DEFAULT_PORTS, "gateway": 9090}
    assert after[str(tmp_path / "gateway.toml.old")] == before[str(tmp_path / "gateway.toml")]
    assert load_settings(tmp_path / "gateway.toml").listen == f"{HOST}:9090"
    assert {path for path in before if after.get(path) != before[path]} == {
        str(tmp_path / "gateway.toml"),
        str(tmp_path / "simulator.toml"),
    }


def test_pushes_are_off_until_asked_for_and_stay_as_they_were(tmp_path: Path) -> None:
    def is_on() -> bool:
        (province,) = SimulatorSettings.read(tmp_path / "simulator.toml").province
        assert province.push is not None
        return province.push.on

    assert not provision(tmp_path, PlanOptions(use_free_ports=True)).pushes
    assert not is_on()
    keys = contents(tmp_path / "keys")
    assert provision(tmp_path, PlanOptions(pushes=True)).pushes
    assert is_on()
    provision(tmp_path, PlanOptions())
    assert is_on()
    provision(tmp_path, PlanOptions(pushes=False))
    assert not is_on()
    assert contents(tmp_path / "keys") == keys


def test_a_folder_of_before_pushes_is_kept_until_they_are_asked_for(tmp_path: Path) -> None:
    plan = provision(tmp_path, PlanOptions(use_free_ports=True))
    for name in ("gateway.toml", "simulator.toml"):
        text = (tmp_path / name).read_text("utf-8")
        before, _, rest = text.partition("\n[province.push]")
        rest = rest.partition("\n\n")[2]
        lines = (before + ("\n\n" + rest if rest else "")).splitlines(keepends=True)
        kept = "".join(line for line in lines if not line.startswith("push_key_file"))
        (tmp_path / name).write_text(kept, "utf-8")
    old = (tmp_path / "simulator.toml").read_text("utf-8")

    assert provision(tmp_path, PlanOptions()) == plan
    assert (tmp_path / "simulator.toml").read_text("utf-8") == old
    assert load_settings(tmp_path / "gateway.toml").portal.push_key_file is None
    provision(tmp_path, PlanOptions(pushes=True))
    assert load_settings(tmp_path / "gateway.toml").portal.push_key_file is not None


def test_an_edit_by_hand_survives_the_next_start(tmp_path: Path) -> None:
    provision(tmp_path, PlanOptions())
    settings = tmp_path / "gateway.toml"
    settings.write_text('log_level = "debug"\n' + settings.read_text("utf-8"), "utf-8")
    provision(tmp_path, PlanOptions())
    assert load_settings(settings).log_level == "debug"


def test_nothing_that_is_secret_can_be_read_by_others(tmp_path: Path) -> None:
    provision(tmp_path, PlanOptions(store="postgresql://gateway:secret@127.0.0.1/duijie"))
    for path in [*(tmp_path / "keys").iterdir(), tmp_path / "gateway.toml"]:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_folder_of_another_province_is_left_alone(tmp_path: Path) -> None:
    before = provision(tmp_path, PlanOptions())
    with pytest.raises(CliError) as caught:
        make_plan(before, PlanOptions(province="430000"))
    assert "--folder" in caught.value.cure


@needs_sm2
@pytest.mark.parametrize(
    ("first", "second"), [tuple(CryptoProfile), tuple(reversed(CryptoProfile))]
)
def test_the_folder_of_the_other_cryptography_is_left_alone(
    tmp_path: Path, first: CryptoProfile, second: CryptoProfile
) -> None:
    provision(tmp_path, PlanOptions(crypto=first))
    before = contents(tmp_path)
    with pytest.raises(CliError, match=f"{first}，与 --crypto {second}") as caught:
        provision(tmp_path, PlanOptions(crypto=second))
    assert caught.value.exit_code == USAGE
    assert "--folder" in caught.value.cure
    assert contents(tmp_path) == before


@needs_sm2
def test_a_second_start_stays_with_the_cryptography_of_the_first(tmp_path: Path) -> None:
    first = provision(tmp_path, IN_NATIONAL)
    before = contents(tmp_path)
    assert first.crypto is CryptoProfile.NATIONAL
    assert provision(tmp_path, PlanOptions()) == first
    assert contents(tmp_path) == before


def test_settings_that_name_no_cryptography_are_international(tmp_path: Path) -> None:
    first = provision(tmp_path, PlanOptions())
    settings = tmp_path / "gateway.toml"
    text = settings.read_text("utf-8")
    settings.write_text(text.replace('crypto_profile = "international"\n', ""), "utf-8")
    assert settings.read_text("utf-8") != text
    assert read_plan(tmp_path) == first


def test_without_what_signs_sm2_nothing_is_made_and_the_cure_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    with pytest.raises(CliError) as caught:
        provision(folder, IN_NATIONAL, lambda: choose_sm2(None))
    assert "libssl3" in caught.value.cure
    assert not folder.exists()
    provision(folder, PlanOptions(), lambda: choose_sm2(None))  # nobody needs it there


def test_an_unknown_province_is_answered_with_the_known_ones() -> None:
    with pytest.raises(CliError) as caught:
        stand_ins("990000")
    assert all(province in caught.value.cure for province in PROVINCES)


def test_damaged_settings_are_named(tmp_path: Path) -> None:
    provision(tmp_path, PlanOptions())
    (tmp_path / "gateway.toml").write_text("province = \n", "utf-8")
    with pytest.raises(CliError, match=r"gateway\.toml"):
        read_plan(tmp_path)


def test_free_ports_are_different_and_free() -> None:
    ports = free_ports(5)
    assert len(set(ports)) == 5
    require_free([("--gateway-port", port) for port in ports])


def test_a_taken_port_is_told_with_its_owner_and_the_option_that_changes_it() -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CliError) as caught:
            require_free([("--health-port", port)])
        assert str(port) in caught.value.symptom
        assert f"pid {os.getpid()}" in caught.value.cause
        assert "--health-port" in caught.value.cure
    assert owner_of(port) is None
