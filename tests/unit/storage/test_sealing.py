"""台账密钥: made once, kept from others; what is sealed opens in its own place only."""

import json
import stat
from base64 import b64encode
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.hashes import SM3, Hash
from hypothesis import given
from hypothesis import strategies as st

from storage import sealing_keys
from storage.errors import SealBroken, StoreMisconfigured
from storage.sealing import (
    CIPHER_OF,
    CIPHERS,
    CryptoProfile,
    LedgerKeys,
    Sealer,
    Sm4Gcm,
)
from tests.support.tree import ROOT

PLACE = ("contents", "content", "SQ1")
VECTORS = json.loads((ROOT / "tests/vectors/sm/sm3-sm4.json").read_text("ascii"))
GCM = {name: text for name, text in VECTORS["sm4_gcm"].items() if name != "source"}
RFC_8998 = {name: bytes.fromhex(text) for name, text in GCM.items()}
INTERNATIONAL, NATIONAL = CryptoProfile.INTERNATIONAL, CryptoProfile.NATIONAL
each_profile = pytest.mark.parametrize("profile", CryptoProfile)


def some_keys(*epochs: int, profile: CryptoProfile = INTERNATIONAL) -> LedgerKeys:
    cipher = CIPHER_OF[profile]
    length = CIPHERS[cipher].key_bytes
    data = {epoch: bytes([epoch]) * length for epoch in epochs or (1,)}
    return LedgerKeys(data, dict.fromkeys(data, b"i" * 32), cipher)


@each_profile
def test_created_keys_are_random_private_and_read_back(
    tmp_path: Path, profile: CryptoProfile
) -> None:
    one, two = (
        sealing_keys.create(tmp_path / "one", profile),
        sealing_keys.create(tmp_path / "two", profile),
    )
    assert sealing_keys.load(tmp_path / "one", profile) == one
    assert one.cipher == CIPHER_OF[profile]
    assert one.data != two.data
    assert one.index != two.index
    assert one.index[1] not in one.data.values()
    assert stat.S_IMODE((tmp_path / "one").stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]


def test_the_national_keys_are_those_of_sm4_and_hmac_sm3(tmp_path: Path) -> None:
    made = sealing_keys.create(tmp_path / "keys", NATIONAL)
    assert made.cipher == "sm4-gcm"
    assert {len(key) for key in made.data.values()} == {16}
    assert {len(key) for key in made.index.values()} == {32}


@pytest.mark.parametrize(
    ("made_for", "wanted", "message"),
    [
        (INTERNATIONAL, NATIONAL, 'cipher aes-256-gcm, and crypto_profile = "national" wants sm4'),
        (NATIONAL, INTERNATIONAL, 'cipher sm4-gcm, and crypto_profile = "international" wants aes'),
    ],
)
def test_a_ledger_of_the_other_profile_is_refused_with_both_cures(
    tmp_path: Path, made_for: CryptoProfile, wanted: CryptoProfile, message: str
) -> None:
    path = tmp_path / "keys"
    made = sealing_keys.create(path, made_for)
    with pytest.raises(StoreMisconfigured, match=message) as caught:
        sealing_keys.load(path, wanted)
    assert str(path) in str(caught.value)
    assert f'set crypto_profile = "{made_for}"' in str(caught.value)
    assert f"--crypto {wanted}" in str(caught.value)
    assert sealing_keys.load(path) == made  # whoever only looks may open it


def test_keys_are_never_overwritten(tmp_path: Path) -> None:
    first = sealing_keys.create(tmp_path / "keys")
    with pytest.raises(FileExistsError):
        sealing_keys.create(tmp_path / "keys")
    assert sealing_keys.load(tmp_path / "keys") == first
    assert [path.name for path in tmp_path.iterdir()] == ["keys"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_file_that_others_may_read_is_refused_with_the_cure(
    tmp_path: Path, mode: int
) -> None:
    path = tmp_path / "keys"
    sealing_keys.create(path)
    path.chmod(mode)
    with pytest.raises(StoreMisconfigured, match=f"chmod 600 {path}"):
        sealing_keys.load(path)


def test_a_missing_key_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreMisconfigured, match="No such file"):
        sealing_keys.load(tmp_path / "missing")


@pytest.mark.parametrize(
    "change",
    [
        {"cipher": "rot13"},
        {"data_keys": {}},
        {"data_keys": {"1": "c2hvcnQ="}},
        {"data_keys": {"0": "MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA="}},
        {"data_keys": {"65536": "MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA="}},
        {"data_keys": ["x"]},
        {"index_keys": {"1": "***"}},
        {"index_keys": None},
        {"index_keys": {}},
        {"cipher": "sm4-gcm"},  # the key has the length of the other cipher
        {"cipher": None},
    ],
)
def test_a_damaged_key_file_is_refused_without_showing_it(
    tmp_path: Path, change: dict[str, object]
) -> None:
    path = tmp_path / "keys"
    sealing_keys.create(path)
    record = json.loads(path.read_text("ascii"))
    path.write_text(json.dumps(record | change), "ascii")
    with pytest.raises(StoreMisconfigured, match="not a key file") as caught:
        sealing_keys.load(path)
    assert record["data_keys"]["1"] not in str(caught.value)


def test_an_aes_key_is_not_taken_for_one_of_sm4_nor_a_short_index_key(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    sealing_keys.create(path, NATIONAL)
    record = json.loads(path.read_text("ascii"))
    for change in ({"cipher": "aes-256-gcm"}, {"index_keys": {"1": b64encode(bytes(16)).decode()}}):
        path.write_text(json.dumps(record | change), "ascii")
        with pytest.raises(StoreMisconfigured, match="not a key file"):
            sealing_keys.load(path)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"index_keys": {"1": b64encode(bytes(32)).decode()}}, "index_keys.1 is all zero"),
        ({"index_keys": {"1": b64encode(b"changeit" * 4).decode()}}, "index_keys.1 is a pattern"),
        ({"data_keys": {"1": b64encode(bytes(range(32))).decode()}}, "data_keys.1 is a sequence"),
        ({"data_keys": {"1": b64encode(b"7" * 32).decode()}}, "data_keys.1 is a pattern"),
    ],
)
def test_a_weak_key_of_the_ledger_is_refused_by_its_name(
    tmp_path: Path, change: dict[str, object], rule: str
) -> None:
    path = tmp_path / "keys"
    sealing_keys.create(path)
    path.write_text(json.dumps(json.loads(path.read_text("ascii")) | change), "ascii")
    with pytest.raises(StoreMisconfigured, match=f"{path}: {rule}.*; make new keys"):
        sealing_keys.load(path)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff", b"null"])
def test_something_else_is_not_taken_for_a_key_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "keys"
    path.touch(0o600)
    path.write_bytes(content)
    with pytest.raises(StoreMisconfigured, match="not a key file"):
        sealing_keys.load(path)


def test_keys_do_not_print() -> None:
    shown = repr(LedgerKeys({1: b"secretsecretsecretsecretsecretse"}, {1: b"index"}))
    assert "secret" not in shown
    assert "index" not in shown


def test_sm4_gcm_seals_and_opens_the_published_text() -> None:
    cipher = Sm4Gcm(RFC_8998["key"])
    sealed = RFC_8998["sealed"] + RFC_8998["tag"]
    nonce, plain, associated = (RFC_8998[name] for name in ("nonce", "plain", "associated"))
    assert cipher.encrypt(nonce, plain, associated) == sealed
    assert cipher.decrypt(nonce, sealed, associated) == plain
    with pytest.raises(InvalidTag):
        cipher.decrypt(nonce, sealed, associated + b"\0")


@each_profile
@given(plain=st.binary(max_size=200), record=st.text(max_size=40).filter(str.isprintable))
def test_what_is_sealed_opens_again(profile: CryptoProfile, plain: bytes, record: str) -> None:
    sealer = Sealer(some_keys(profile=profile))
    sealed = sealer.seal("contents", "content", record, plain)
    assert sealer.open("contents", "content", record, sealed) == plain
    assert len(sealed) == len(plain) + 30


@each_profile
def test_the_same_text_is_sealed_differently_each_time(profile: CryptoProfile) -> None:
    sealer = Sealer(some_keys(profile=profile))
    assert len({sealer.seal(*PLACE, b"same") for _ in range(50)}) == 50


@each_profile
@given(position=st.integers(min_value=0, max_value=34), bit=st.integers(min_value=0, max_value=7))
def test_a_flipped_bit_does_not_open(profile: CryptoProfile, position: int, bit: int) -> None:
    sealer = Sealer(some_keys(profile=profile))
    sealed = bytearray(sealer.seal(*PLACE, b"plain"))
    sealed[position] ^= 1 << bit
    with pytest.raises(SealBroken):
        sealer.open(*PLACE, bytes(sealed))


@each_profile
@pytest.mark.parametrize("length", [0, 1, 2, 13, 14, 29])
def test_a_cut_text_does_not_open(profile: CryptoProfile, length: int) -> None:
    sealer = Sealer(some_keys(profile=profile))
    with pytest.raises(SealBroken):
        sealer.open(*PLACE, sealer.seal(*PLACE, b"")[:length])


@each_profile
@pytest.mark.parametrize(
    "place",
    [
        ("contents", "content", "SQ2"),
        ("contents", "subject", "SQ1"),
        ("outbox", "content", "SQ1"),
        ("contents", "content", ""),
    ],
)
def test_what_is_moved_elsewhere_does_not_open(
    profile: CryptoProfile, place: tuple[str, str, str]
) -> None:
    sealer = Sealer(some_keys(profile=profile))
    with pytest.raises(SealBroken):
        sealer.open(*place, sealer.seal(*PLACE, b"plain"))


@each_profile
def test_two_rows_that_are_swapped_do_not_open(profile: CryptoProfile) -> None:
    sealer = Sealer(some_keys(profile=profile))
    numbers = ("SQ1", "SQ2")
    rows = {number: sealer.seal("contents", "content", number, b"same") for number in numbers}
    for number, other in zip(numbers, reversed(numbers), strict=True):
        assert sealer.open("contents", "content", number, rows[number]) == b"same"
        with pytest.raises(SealBroken, match="altered or moved"):
            sealer.open("contents", "content", number, rows[other])


@each_profile
def test_a_new_epoch_seals_and_the_old_one_still_opens(profile: CryptoProfile) -> None:
    old, both, new = (
        Sealer(some_keys(*epochs, profile=profile)) for epochs in ((1,), (1, 2), (2,))
    )
    assert both.epoch == 2
    assert both.open(*PLACE, old.seal(*PLACE, b"old")) == b"old"
    assert new.open(*PLACE, both.seal(*PLACE, b"new")) == b"new"
    with pytest.raises(SealBroken, match="no key of epoch 1"):
        new.open(*PLACE, old.seal(*PLACE, b"old"))


@each_profile
def test_the_index_finds_a_number_however_its_x_is_written(profile: CryptoProfile) -> None:
    sealer = Sealer(some_keys(profile=profile))
    found = sealer.hashes.index("11010119900307000X")
    assert found == sealer.hashes.index("11010119900307000x")
    assert found != sealer.hashes.index("110101199003070001")
    other = replace(some_keys(profile=profile), index={1: b"j" * 32})
    assert found != Sealer(other).hashes.index("11010119900307000X")
    assert len(found) == 16


@each_profile
def test_a_digest_is_keyed_by_its_parts_and_is_no_index(profile: CryptoProfile) -> None:
    hashes = Sealer(some_keys(profile=profile)).hashes
    found = hashes.digest("quarantine", "portal", "0f" * 32)
    assert found == hashes.digest("quarantine", "portal", "0f" * 32)
    assert (found[:2], len(found)) == ("1:", 66)
    others = [("quarantine", "portal", "0e" * 32), ("quarantine", "410105A01", "0f" * 32)]
    assert found not in {hashes.digest(*other) for other in others}
    number = "110101199003070003"
    assert not hashes.digest(number)[2:].startswith(hashes.index(number).hex())


def test_both_index_keys_are_asked_while_there_are_two_and_todays_comes_first() -> None:
    one, two = b"i" * 32, b"j" * 32
    old, new = (LedgerKeys({n: bytes([n]) * 32}, {n: key}) for n, key in ((1, one), (2, two)))
    both = Sealer(LedgerKeys({**old.data, **new.data}, {**old.index, **new.index})).hashes
    alone = [Sealer(keys).hashes for keys in (new, old)]
    assert both.is_rotating
    assert not alone[0].is_rotating
    assert both.indexes("1") == tuple(hashes.index("1") for hashes in alone)
    assert both.digests("1") == tuple(hashes.digest("1") for hashes in alone)
    assert (both.index("1"), both.digest("1")) == (both.indexes("1")[0], both.digests("1")[0])


def test_a_file_with_one_index_key_is_read_and_each_new_epoch_gets_its_own(tmp_path: Path) -> None:
    # Given a file as programs wrote it before each epoch had an index key
    path = tmp_path / "keys"
    first = sealing_keys.create(path)
    record = json.loads(path.read_text("ascii"))
    record["index_key"] = record.pop("index_keys")["1"]
    path.write_text(json.dumps(record), "ascii")
    assert sealing_keys.load(path) == first

    # When its keys are exchanged twice
    sealing_keys.prepare(path)
    sealing_keys.activate(path)
    sealing_keys.prepare(path)
    sealing_keys.activate(path)
    keys = sealing_keys.retire(path, {1})

    # Then each epoch has its own
    assert sealing_keys.load(path) == keys
    assert (set(keys.data), set(keys.index), keys.epoch) == ({2, 3}, {2, 3}, 3)
    assert len({*keys.data.values(), *keys.index.values(), *first.index.values()}) == 5


def sm3(data: bytes) -> bytes:
    state = Hash(SM3())
    state.update(data)
    return state.finalize()


def test_the_national_index_is_hmac_sm3_as_defined() -> None:
    key = b"i".ljust(32, b"i") + bytes(32)  # filled up to the block of 64 bytes
    inner, outer = (bytes(byte ^ pad for byte in key) for pad in (0x36, 0x5C))
    expected = sm3(outer + sm3(inner + b"11010119900307000X"))[:16]
    assert Sealer(some_keys(profile=NATIONAL)).hashes.index("11010119900307000X") == expected
