"""Key files: read once, and refused where they do not keep to the cryptography profile."""

from pathlib import Path

import pytest

from gateway.adapters.link_keys import LinkSettings, read_link
from gateway.app.key_files import read_keys
from gateway.errors import Misconfigured
from gateway.settings_file import load_settings
from schemas.signing import (
    Key,
    SignatureErrorCode,
    Suite,
    new_key,
    read_key_file,
    write_key_file,
)
from schemas.signing.sm2.libcrypto import open_libcrypto
from schemas.signing.sm2.selection import choose_sm2
from storage import sealing_keys
from storage.errors import StoreMisconfigured
from storage.sealing import CryptoProfile
from tests.support.needs import absent
from tests.unit.gateway.settings_files import NATIONAL, OWN_FOLDER, WHOLE, written


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
    suites = {"portal": portal, "national": Suite.HMAC_SM3, "agency": agency}
    for name, suite in (suites | {"gateway": Suite.HMAC_SM3}).items():
        write_key_file(folder / f"keys/{name}.json", new_key(name, suite))


def test_by_default_the_profile_is_international_and_takes_every_suite(tmp_path: Path) -> None:
    write_keys(tmp_path, Suite.ED25519, Suite.HMAC_SM3)
    settings = load_settings(written(tmp_path, OWN_FOLDER))

    read = read_keys(settings)

    assert settings.crypto_profile is CryptoProfile.INTERNATIONAL
    assert [key.suite for key in read.portal.ours] == [Suite.ED25519]
    assert [(code, next(iter(link.ours)).suite) for code, link in read.agencies.items()] == [
        ("4101000001", Suite.HMAC_SM3)
    ]


@needs_sm2
@pytest.mark.parametrize("portal", [Suite.SM2_SM3, Suite.HMAC_SM3])
@pytest.mark.parametrize("agency", [Suite.SM2_SM3, Suite.HMAC_SM3])
def test_the_national_profile_takes_both_national_suites(
    tmp_path: Path, portal: Suite, agency: Suite
) -> None:
    write_keys(tmp_path, portal, agency, CryptoProfile.NATIONAL)

    read_keys(load_settings(written(tmp_path, NATIONAL)))


@pytest.mark.parametrize("other", [Suite.HMAC_SHA256, Suite.ED25519, Suite.ECDSA_P256_SHA256])
@pytest.mark.parametrize("where", ["portal", "agency"])
def test_the_national_profile_refuses_any_other_suite_and_says_which_key(
    tmp_path: Path, other: Suite, where: str
) -> None:
    suites = {"portal": Suite.HMAC_SM3, "agency": Suite.HMAC_SM3, where: other}
    write_keys(tmp_path, suites["portal"], suites["agency"], CryptoProfile.NATIONAL)

    with pytest.raises(Misconfigured, match=f"{where}.json: suite {other}, and .*hmac-sm3, sm2"):
        read_keys(load_settings(written(tmp_path, NATIONAL)))


@pytest.mark.parametrize("ledger", CryptoProfile)
def test_a_ledger_of_the_other_profile_is_refused_before_anything_is_opened(
    tmp_path: Path, ledger: CryptoProfile
) -> None:
    write_keys(tmp_path, Suite.HMAC_SM3, ledger=ledger)
    text = WHOLE if ledger is CryptoProfile.NATIONAL else NATIONAL

    with pytest.raises(
        StoreMisconfigured, match=f'set crypto_profile = "{ledger}", or begin a new'
    ):
        read_keys(load_settings(written(tmp_path, text)))

    assert not (tmp_path / "gateway.db").exists()


@needs_sm2  # to make the key
def test_without_what_signs_sm2_a_link_is_refused_with_what_to_install(tmp_path: Path) -> None:
    write_keys(tmp_path, Suite.SM2_SM3)
    path = tmp_path / "keys/portal.json"

    with pytest.raises(Misconfigured, match=r"portal\.json: signing with SM2 needs .*libssl3"):
        read_link(a_pair(path, path), CryptoProfile.NATIONAL, lambda: choose_sm2(None))


def a_pair(ours: Path, theirs: Path) -> LinkSettings:
    return LinkSettings(ours, theirs, "portal.key_file", "portal.answer_key_file")


def copied(folder: Path, source: str, target: str) -> None:
    path = folder / f"keys/{target}.json"
    path.write_bytes((folder / f"keys/{source}.json").read_bytes())


@pytest.mark.parametrize("suite", [Suite.HMAC_SHA256, Suite.ED25519, Suite.ECDSA_P256_SHA256])
@pytest.mark.parametrize(
    ("copy", "first", "second"),
    [
        ("agency", "portal.key_file", "agency 4101000001 key_file"),
        ("gateway", "portal.key_file", "agency 4101000001 our_key_file"),
    ],
)
def test_a_key_of_two_connections_is_refused_by_both_settings(
    tmp_path: Path, suite: Suite, copy: str, first: str, second: str
) -> None:
    # Given the portal's key in use with an agency too, under whatever name
    write_keys(tmp_path, suite)
    copied(tmp_path, "portal", copy)

    with pytest.raises(Misconfigured) as refused:
        read_keys(load_settings(written(tmp_path, OWN_FOLDER)))
    assert f"{second}: {SignatureErrorCode.KEY_SHARED}: the same key as {first}; make a key" in str(
        refused.value
    )


@pytest.mark.parametrize("suite", [Suite.ED25519, Suite.ECDSA_P256_SHA256])
def test_one_pair_for_both_parties_is_refused(tmp_path: Path, suite: Suite) -> None:
    ours, public = tmp_path / "ours", tmp_path / "public"
    key = new_key("k", suite)
    write_key_file(ours, key)
    write_key_file(public, key.public_half())

    with pytest.raises(Misconfigured, match=r"portal\.answer_key_file: .*key\.shared: is our"):
        read_link(a_pair(ours, public))


PUSHING = OWN_FOLDER.replace("[portal]\n", '[portal]\npush_key_file = "keys/push.json"\n')


def test_the_key_of_pushes_is_one_of_its_own(tmp_path: Path) -> None:
    write_keys(tmp_path, Suite.HMAC_SHA256)
    write_key_file(tmp_path / "keys/push.json", new_key("push", Suite.ED25519).public_half())

    keys = read_keys(load_settings(written(tmp_path, PUSHING)))

    assert keys.push is not None
    assert [key.key_id for key in keys.push.theirs] == ["push"]
    assert [key.key_id for key in keys.push.ours] == [key.key_id for key in keys.portal.ours]


@pytest.mark.parametrize(
    ("used", "setting"),
    [
        ("portal", "portal.key_file"),
        ("national", "portal.answer_key_file"),
        ("agency", "agency 4101000001 key_file"),
        ("gateway", "agency 4101000001 our_key_file"),
    ],
)
def test_a_key_that_is_used_for_anything_else_is_no_key_of_pushes(
    tmp_path: Path, used: str, setting: str
) -> None:
    write_keys(tmp_path, Suite.HMAC_SHA256)
    write_key_file(tmp_path / "keys/push.json", read_key_file(tmp_path / f"keys/{used}.json"))

    with pytest.raises(Misconfigured) as refused:
        read_keys(load_settings(written(tmp_path, PUSHING)))
    expected = f"portal.push_key_file: {SignatureErrorCode.KEY_SHARED}: the same key as {setting};"
    assert expected in str(refused.value)


def test_a_key_of_the_ledger_is_no_key_of_a_connection(tmp_path: Path) -> None:
    write_keys(tmp_path, Suite.HMAC_SHA256)
    keys = sealing_keys.load(tmp_path / "keys/ledger.json")
    path = tmp_path / "keys/portal.json"
    path.unlink()
    write_key_file(path, Key.secret("portal", Suite.HMAC_SHA256, keys.index[1]))

    with pytest.raises(Misconfigured, match=r"portal\.key_file: key\.shared: a key of the ledger"):
        read_keys(load_settings(written(tmp_path, OWN_FOLDER)))


def test_a_weak_key_is_refused_by_its_setting(tmp_path: Path) -> None:
    write_keys(tmp_path, Suite.HMAC_SHA256)
    path = tmp_path / "keys/agency.json"
    path.unlink()
    write_key_file(path, Key.secret("agency", Suite.HMAC_SHA256, b"changeit" * 4))

    with pytest.raises(
        Misconfigured, match=r"agency 4101000001 key_file: key\.weak: .*repeated; d"
    ):
        read_keys(load_settings(written(tmp_path, OWN_FOLDER)))
