"""Keys and their files: nothing printed, nothing overwritten, nothing left open."""

import json
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest

from schemas.signing import (
    EXPLANATIONS,
    Key,
    KeyRejected,
    SignatureErrorCode,
    Suite,
    new_key,
    read_key_file,
    write_key_file,
)
from tests.unit.schemas.signing_messages import a_key

VECTORS = Path(__file__).parents[2] / "vectors" / "rfc9421" / "appendix-b.json"
P = 2**255 - 19


def a_file(path: Path, members: dict[str, object], mode: int = 0o600) -> Path:
    record: dict[str, object] = {
        "key_id": "k-1",
        "suite": "hmac-sha256",
        "secret": b64encode(b"s" * 32).decode(),
    }
    path.write_text(json.dumps(record | members), encoding="utf-8")
    path.chmod(mode)
    return path


def rejection_of(path: Path) -> SignatureErrorCode:
    with pytest.raises(KeyRejected) as refused:
        read_key_file(path)
    assert str(path) in str(refused.value)
    return refused.value.code


@pytest.mark.parametrize("suite", list(Suite))
def test_a_key_survives_its_file(suite: Suite, tmp_path: Path) -> None:
    key = new_key("province-410000", suite)
    for each in (key, key.public_half()):
        path = tmp_path / f"{each.kind}.json"
        if not path.exists():
            write_key_file(path, each)
        assert read_key_file(path) == each
        assert path.stat().st_mode & 0o777 == 0o600
    assert key.can_sign
    assert key.public_half().can_sign is (key.kind == "secret")


def test_a_key_file_is_never_overwritten_and_no_draft_is_left(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    write_key_file(path, a_key())
    before = path.read_bytes()

    with pytest.raises(FileExistsError):
        write_key_file(path, a_key(fill=9))
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o610])
def test_a_secret_that_others_may_read_is_refused(mode: int, tmp_path: Path) -> None:
    assert (
        rejection_of(a_file(tmp_path / "k", {}, mode)) is SignatureErrorCode.KEY_FILE_OPEN_TO_OTHERS
    )


def test_a_public_key_may_be_read_by_all(tmp_path: Path) -> None:
    path = tmp_path / "public.json"
    write_key_file(path, a_key(Suite.ED25519).public_half())
    path.chmod(0o644)

    assert not read_key_file(path).can_sign


@pytest.mark.parametrize("name", ["test-key-ed25519", "test-shared-secret"])
def test_the_keys_printed_in_the_rfc_are_refused(name: str, tmp_path: Path) -> None:
    record = json.loads(VECTORS.read_text())["keys"][name]
    for role in {"secret", "private", "public"} & set(record):
        members = {"key_id": "mine", "suite": record["suite"], role: record[role]}
        path = tmp_path / role
        path.write_text(json.dumps(members))
        path.chmod(0o600)
        assert rejection_of(path) is SignatureErrorCode.KEY_EXAMPLE


@pytest.mark.parametrize(
    "members",
    [
        {"suite": "rsa-pss-sha512"},
        {"suite": None},
        {"suite": "ed25519"},
        {"secret": "not base64!"},
        {"secret": b64encode(b"s" * 2000).decode()},
        {"secret": 1},
        {"public": b64encode(b"p" * 32).decode()},
        {"note": "more"},
        {"key_id": ""},
        {"key_id": 'with "quotes"'},
        {"key_id": "k\n"},
    ],
)
def test_a_file_that_is_not_exactly_a_key_is_refused(
    members: dict[str, object], tmp_path: Path
) -> None:
    assert rejection_of(a_file(tmp_path / "k", members)) is SignatureErrorCode.KEY_MALFORMED


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b"{}", b" " * 20_000])
def test_a_file_that_is_not_json_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "k"
    path.write_bytes(content)

    assert rejection_of(path) is SignatureErrorCode.KEY_MALFORMED


def test_a_short_secret_is_refused(tmp_path: Path) -> None:
    path = a_file(tmp_path / "k", {"secret": b64encode(b"s" * 31).decode()})

    assert rejection_of(path) is SignatureErrorCode.KEY_TOO_SHORT
    with pytest.raises(KeyRejected):
        Key.secret("k", Suite.HMAC_SM3, b"s" * 31)


def test_an_unreadable_path_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_key_file(tmp_path / "none.json")


def test_no_text_of_a_key_shows_its_material(tmp_path: Path) -> None:
    secret = b"0123456789abcdef0123456789abcdef"
    key = Key.secret("k-1", Suite.HMAC_SHA256, secret)
    for text in (repr(key), str(key), f"{key}", repr(key.engine), repr([key])):
        assert "0123456789" not in text
    path = a_file(tmp_path / "k", {"secret": secret.decode() + "!"})
    with pytest.raises(KeyRejected) as refused:
        read_key_file(path)
    assert "0123456789" not in str(refused.value)


@pytest.mark.parametrize(
    ("role", "suite", "size"),
    [
        ("private", Suite.ED25519, 31),
        ("public", Suite.ED25519, 33),
        ("public", Suite.ED25519, 65),
        ("secret", Suite.ED25519, 32),
        ("private", Suite.HMAC_SHA256, 32),
        ("public", Suite.HMAC_SM3, 32),
        ("private", Suite.ECDSA_P256_SHA256, 33),
        ("public", Suite.ECDSA_P256_SHA256, 64),
        ("public", Suite.ECDSA_P256_SHA256, 65),
        ("private", Suite.SM2_SM3, 31),
        ("public", Suite.SM2_SM3, 64),
        ("public", Suite.SM2_SM3, 65),
    ],
)
def test_material_that_does_not_fit_the_suite_is_refused(
    role: str, suite: Suite, size: int
) -> None:
    makers: dict[str, Callable[[str, Suite, bytes], Key]] = {
        "private": Key.private,
        "public": Key.public,
        "secret": Key.secret,
    }
    with pytest.raises(KeyRejected) as refused:
        makers[role]("k", suite, b"\x05" * size)
    assert refused.value.code is SignatureErrorCode.KEY_MALFORMED


def small_order_ys() -> list[int]:
    """Return the y of every point whose eightfold is the neutral one, from the curve itself."""
    d = -121665 * pow(121666, -1, P) % P
    ys = [1, P - 1, 0]  # orders 1, 2, 4
    # a doubled point of order 8 has y = 0: x² = -y², so d·y⁴ = -2y² + 1 … solved for y²
    root = pow(1 + d, (P + 3) // 8, P)
    if root * root % P != (1 + d) % P:
        root = root * pow(2, (P - 1) // 4, P) % P
    for sign in (1, -1):
        square = (-1 + sign * root) * pow(d, -1, P) % P
        y = pow(square, (P + 3) // 8, P)
        if y * y % P != square:
            y = y * pow(2, (P - 1) // 4, P) % P
        if y * y % P == square:
            ys += [y, P - y]
    return ys


def test_a_public_key_of_small_order_is_refused() -> None:
    ys = small_order_ys()
    assert len(ys) == 5
    for y in ys:
        spellings = {y, y | 1 << 255} | ({y + P} if y + P < 2**255 else set())
        for encoded in spellings:
            with pytest.raises(KeyRejected):
                Key.public("k", Suite.ED25519, encoded.to_bytes(32, "little"))


def test_fresh_keys_differ() -> None:
    for suite in Suite:
        assert new_key("k", suite) != new_key("k", suite)


def test_every_code_is_explained_and_is_lower_case_words() -> None:
    assert set(EXPLANATIONS) == set(SignatureErrorCode)
    for code, explanation in EXPLANATIONS.items():
        assert code.replace(".", "").replace("-", "").isalpha()
        assert code.islower()
        assert all((explanation.title, explanation.cause, explanation.cure))
    assert len({each.title for each in EXPLANATIONS.values()}) == len(SignatureErrorCode)
