"""台账密钥: made once, kept from others; what is sealed opens in its own place only."""

import json
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.adapters import keys
from gateway.adapters.keys import LedgerKeys, SealBroken, Sealer
from gateway.errors import Misconfigured

PLACE = ("contents", "content", "SQ1")


def some_keys(*epochs: int) -> LedgerKeys:
    return LedgerKeys({epoch: bytes([epoch]) * 32 for epoch in epochs or (1,)}, b"i" * 32)


def test_created_keys_are_random_private_and_read_back(tmp_path: Path) -> None:
    one, two = keys.create(tmp_path / "one"), keys.create(tmp_path / "two")
    assert keys.load(tmp_path / "one") == one
    assert one.data != two.data
    assert one.index != two.index
    assert one.index not in one.data.values()
    assert stat.S_IMODE((tmp_path / "one").stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]


def test_keys_are_never_overwritten(tmp_path: Path) -> None:
    first = keys.create(tmp_path / "keys")
    with pytest.raises(FileExistsError):
        keys.create(tmp_path / "keys")
    assert keys.load(tmp_path / "keys") == first
    assert [path.name for path in tmp_path.iterdir()] == ["keys"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_file_that_others_may_read_is_refused_with_the_cure(
    tmp_path: Path, mode: int
) -> None:
    path = tmp_path / "keys"
    keys.create(path)
    path.chmod(mode)
    with pytest.raises(Misconfigured, match=f"chmod 600 {path}"):
        keys.load(path)


def test_a_missing_key_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="No such file"):
        keys.load(tmp_path / "missing")


@pytest.mark.parametrize(
    "change",
    [
        {"cipher": "rot13"},
        {"data_keys": {}},
        {"data_keys": {"1": "c2hvcnQ="}},
        {"data_keys": {"0": "MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA="}},
        {"data_keys": {"65536": "MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA="}},
        {"data_keys": ["x"]},
        {"index_key": "***"},
        {"index_key": None},
    ],
)
def test_a_damaged_key_file_is_refused_without_showing_it(
    tmp_path: Path, change: dict[str, object]
) -> None:
    path = tmp_path / "keys"
    keys.create(path)
    record = json.loads(path.read_text("ascii"))
    path.write_text(json.dumps(record | change), "ascii")
    with pytest.raises(Misconfigured, match="not a key file") as caught:
        keys.load(path)
    assert record["data_keys"]["1"] not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff", b"null"])
def test_something_else_is_not_taken_for_a_key_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "keys"
    path.touch(0o600)
    path.write_bytes(content)
    with pytest.raises(Misconfigured, match="not a key file"):
        keys.load(path)


def test_keys_do_not_print() -> None:
    shown = repr(LedgerKeys({1: b"secretsecretsecretsecretsecretse"}, b"index"))
    assert "secret" not in shown
    assert "index" not in shown


@given(plain=st.binary(max_size=200), record=st.text(max_size=40).filter(str.isprintable))
def test_what_is_sealed_opens_again(plain: bytes, record: str) -> None:
    sealer = Sealer(some_keys())
    sealed = sealer.seal("contents", "content", record, plain)
    assert sealer.open("contents", "content", record, sealed) == plain
    assert len(sealed) == len(plain) + 30


def test_the_same_text_is_sealed_differently_each_time() -> None:
    sealer = Sealer(some_keys())
    assert len({sealer.seal(*PLACE, b"same") for _ in range(50)}) == 50


@given(position=st.integers(min_value=0, max_value=34), bit=st.integers(min_value=0, max_value=7))
def test_a_flipped_bit_does_not_open(position: int, bit: int) -> None:
    sealer = Sealer(some_keys())
    sealed = bytearray(sealer.seal(*PLACE, b"plain"))
    sealed[position] ^= 1 << bit
    with pytest.raises(SealBroken):
        sealer.open(*PLACE, bytes(sealed))


@pytest.mark.parametrize("length", [0, 1, 2, 13, 14, 29])
def test_a_cut_text_does_not_open(length: int) -> None:
    sealer = Sealer(some_keys())
    with pytest.raises(SealBroken):
        sealer.open(*PLACE, sealer.seal(*PLACE, b"")[:length])


@pytest.mark.parametrize(
    "place",
    [
        ("contents", "content", "SQ2"),
        ("contents", "subject", "SQ1"),
        ("outbox", "content", "SQ1"),
        ("contents", "content", ""),
    ],
)
def test_what_is_moved_elsewhere_does_not_open(place: tuple[str, str, str]) -> None:
    sealer = Sealer(some_keys())
    with pytest.raises(SealBroken):
        sealer.open(*place, sealer.seal(*PLACE, b"plain"))


def test_a_new_epoch_seals_and_the_old_one_still_opens() -> None:
    old, both, new = Sealer(some_keys(1)), Sealer(some_keys(1, 2)), Sealer(some_keys(2))
    assert both.epoch == 2
    assert both.open(*PLACE, old.seal(*PLACE, b"old")) == b"old"
    assert new.open(*PLACE, both.seal(*PLACE, b"new")) == b"new"
    with pytest.raises(SealBroken, match="no key of epoch 1"):
        new.open(*PLACE, old.seal(*PLACE, b"old"))


def test_the_index_finds_a_number_however_its_x_is_written() -> None:
    sealer = Sealer(some_keys())
    found = sealer.index("11010119900307000X")
    assert found == sealer.index("11010119900307000x")
    assert found != sealer.index("110101199003070001")
    assert found != Sealer(LedgerKeys({1: bytes(32)}, b"j" * 32)).index("11010119900307000X")
    assert len(found) == 16
