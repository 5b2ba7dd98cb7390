"""Key material that nobody drew at random, and files and folders that others can change."""

import json
import os
import secrets
import stat
from base64 import b64encode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.signing import (
    Key,
    KeyRejected,
    SignatureErrorCode,
    Suite,
    new_key,
    read_key_file,
    read_pem_file,
    write_key_file,
)
from schemas.signing.private_files import read_private_file, replace_private_file
from schemas.signing.weak_material import weakness

SECRETS = [Suite.HMAC_SHA256, Suite.HMAC_SM3]
PAIRS = [Suite.ED25519, Suite.ECDSA_P256_SHA256, Suite.SM2_SM3]
WEAK = {
    "one byte": b"s" * 32,
    "two bytes in turn": b"ab" * 16,
    "a word": b"changeit" * 4,
    "half of it twice": bytes(range(40, 56)) * 2,
    "a pattern that is cut off": (b"password-1-" * 3)[:32],
    "counting up": bytes(range(1, 33)),
    "counting down by three": bytes((200 - 3 * at) % 256 for at in range(32)),
    "hardly any bytes": b"\0" * 31 + b"\1",
    "bits": bytes(48 + (at * at // 3) % 2 for at in range(32)),
}


def a_file(path: Path, suite: Suite, kind: str, material: bytes) -> Path:
    encoded = b64encode(material).decode()
    path.write_text(json.dumps({"key_id": "k-1", "suite": suite, kind: encoded}), "ascii")
    path.chmod(0o600)
    return path


def refusal(path: Path) -> KeyRejected:
    with pytest.raises(KeyRejected) as refused:
        read_key_file(path)
    assert str(path) in str(refused.value)
    return refused.value


def code_of(path: Path) -> SignatureErrorCode:
    return refusal(path).code


@pytest.mark.parametrize("case", WEAK)
@pytest.mark.parametrize("suite", SECRETS)
def test_a_secret_that_was_not_drawn_at_random_is_refused(
    case: str, suite: Suite, tmp_path: Path
) -> None:
    path = a_file(tmp_path / "k", suite, "secret", WEAK[case])

    assert code_of(path) is SignatureErrorCode.KEY_WEAK
    assert "draw a new key" in str(refusal(path))


@pytest.mark.parametrize("case", WEAK)
@pytest.mark.parametrize("suite", PAIRS)
def test_a_private_key_that_was_not_drawn_at_random_is_refused(
    case: str, suite: Suite, tmp_path: Path
) -> None:
    path = a_file(tmp_path / "k", suite, "private", WEAK[case])

    assert code_of(path) is SignatureErrorCode.KEY_WEAK


@pytest.mark.parametrize("suite", Suite)
def test_a_key_of_zeros_is_refused_whatever_the_suite(suite: Suite, tmp_path: Path) -> None:
    kind = "secret" if suite in SECRETS else "private"
    path = a_file(tmp_path / "k", suite, kind, bytes(32))

    # a number of zero is no private key of a curve at all
    malformed = suite in {Suite.ECDSA_P256_SHA256, Suite.SM2_SM3}
    expected = SignatureErrorCode.KEY_MALFORMED if malformed else SignatureErrorCode.KEY_WEAK
    assert code_of(path) is expected


def test_a_weak_key_of_another_program_is_refused_too(tmp_path: Path) -> None:
    head = bytes.fromhex("302e020100300506032b657004220420")
    body = b64encode(head + b"\x2a" * 32).decode()
    path = tmp_path / "k.pem"
    path.write_text(f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n")
    path.chmod(0o600)

    with pytest.raises(KeyRejected) as refused:
        read_pem_file("k-1", path)
    assert refused.value.code is SignatureErrorCode.KEY_WEAK


@pytest.mark.parametrize("size", [16, 32])
def test_what_is_drawn_at_random_is_taken(size: int) -> None:
    assert [weakness(secrets.token_bytes(size)) for _ in range(5_000)] == [None] * 5_000


@given(pattern=st.binary(min_size=1, max_size=16), size=st.integers(min_value=32, max_value=64))
def test_whatever_is_repeated_is_refused_wherever_it_is_cut_off(pattern: bytes, size: int) -> None:
    assert weakness((pattern * size)[:size]) is not None


@given(first=st.integers(0, 255), step=st.integers(0, 255), size=st.integers(16, 64))
def test_every_sequence_is_refused(first: int, step: int, size: int) -> None:
    assert weakness(bytes((first + step * at) % 256 for at in range(size))) is not None


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666, 0o664])
@pytest.mark.parametrize("public", [True, False])
def test_a_key_that_others_can_exchange_is_refused_even_if_it_is_public(
    mode: int, public: bool, tmp_path: Path
) -> None:
    key = new_key("k-1", Suite.ED25519)
    path = tmp_path / "k"
    write_key_file(path, key.public_half() if public else key)
    path.chmod(mode)

    assert code_of(path) is SignatureErrorCode.KEY_FILE_OPEN_TO_OTHERS
    assert "chmod" in str(refusal(path))


@pytest.mark.parametrize("mode", [0o770, 0o777, 0o702, 0o720])
def test_a_folder_that_others_can_write_is_refused_with_the_cure(mode: int, tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    folder.mkdir()
    write_key_file(folder / "k", new_key("k-1", Suite.ED25519))
    folder.chmod(mode)

    assert code_of(folder / "k") is SignatureErrorCode.KEY_FILE_OPEN_TO_OTHERS
    assert f"chmod go-w {folder}" in str(refusal(folder / "k"))


@pytest.mark.parametrize("open_one", ["link", "target"])
def test_a_link_that_others_can_redirect_is_refused(open_one: str, tmp_path: Path) -> None:
    folders = {name: tmp_path / name for name in ("link", "target")}
    for folder in folders.values():
        folder.mkdir(0o700)
    write_key_file(folders["target"] / "k", new_key("k-1", Suite.ED25519))
    link = folders["link"] / "k"
    link.symlink_to(folders["target"] / "k")
    assert read_key_file(link).key_id == "k-1"

    folders[open_one].chmod(0o777)
    assert code_of(link) is SignatureErrorCode.KEY_FILE_OPEN_TO_OTHERS


def test_in_a_shared_folder_with_the_sticky_bit_a_key_is_its_owners(tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o1777)
    write_key_file(folder / "k", new_key("k-1", Suite.ED25519))

    assert read_key_file(folder / "k").key_id == "k-1"


def test_a_named_pipe_is_refused_and_holds_nobody_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "k", 0o600)

    assert code_of(tmp_path / "k") is SignatureErrorCode.KEY_MALFORMED


def test_a_file_is_replaced_in_one_step_and_a_link_stays_one(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"old")
    link.symlink_to(target)

    replace_private_file(link, b"new")

    assert link.is_symlink()
    assert read_private_file(link, max_bytes=8).data == b"new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert sorted(tmp_path.iterdir()) == [link, target]


def test_a_weak_key_can_still_be_made_in_memory_for_vectors() -> None:
    assert Key.secret("k", Suite.HMAC_SHA256, WEAK["counting up"]).can_sign
