"""SM2: the standard's own numbers, what is refused, and which back end is chosen."""

import json
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from schemas.signing import Key, KeyRejected, SignatureErrorCode, Sm2, Sm2Use, Suite, select_sm2
from schemas.signing.key_reasons import KeyReason
from schemas.signing.sm2.curve import N, P, check_scalar, read_point, write_point
from schemas.signing.sm2.libcrypto import PLAIN_NAMES, open_libcrypto
from schemas.signing.sm2.plain import (
    PlainSm2,
    PlainVerifier,
    hashed,
    identity_hash,
    sign_with,
)
from schemas.signing.sm2.port import Sm2Signer
from schemas.signing.sm2.selection import choose_sm2
from schemas.signing.sm2.self_test import EXAMPLE, SelfTestFailed, self_test
from tests.support.needs import absent

STANDARD = json.loads((Path(__file__).parents[2] / "vectors" / "sm" / "sm2.json").read_text())
POINT = bytes.fromhex(STANDARD["public"])
SCALAR = bytes.fromhex(STANDARD["private"])
MESSAGE = STANDARD["message"].encode()
ID = STANDARD["signer_id"].encode()
LIBRARIES = tuple(
    f"{folder}/libcrypto.so.3"
    for folder in ("/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib")
)
SIGNATURE = bytes.fromhex(STANDARD["r"] + STANDARD["s"])


def system_sm2() -> Sm2:
    return open_libcrypto() or absent("libcrypto", "install OpenSSL 3.0 or newer, built with SM2")


def signing_sm2() -> PlainSm2:
    with warnings.catch_warnings(action="ignore"):
        return PlainSm2(signing=True)


@pytest.fixture(params=["libcrypto", "plain"])
def sm2(request: pytest.FixtureRequest) -> Sm2:
    return system_sm2() if request.param == "libcrypto" else signing_sm2()


def test_identity_hash_and_message_hash_are_those_of_the_standard() -> None:
    z = identity_hash(POINT, ID)

    assert z.hex() == STANDARD["z"]
    assert f"{hashed(z, MESSAGE):064x}" == STANDARD["e"]


def test_the_prescribed_random_number_gives_the_published_signature() -> None:
    e, d, k = (int(STANDARD[name], 16) for name in ("e", "private", "k"))

    assert sign_with(e, d, k) == SIGNATURE


def test_the_published_signature_verifies_and_its_neighbours_do_not(sm2: Sm2) -> None:
    verifier = sm2.verifier(POINT, ID)

    assert verifier.verify(MESSAGE, SIGNATURE)
    assert not verifier.verify(MESSAGE + b" ", SIGNATURE)
    assert not sm2.verifier(POINT, b"1234567812345679").verify(MESSAGE, SIGNATURE)
    assert not sm2.verifier(POINT, b"\0").verify(MESSAGE, SIGNATURE)
    for bit in range(0, 512, 7):
        changed = int.from_bytes(SIGNATURE, "big") ^ 1 << bit
        assert not verifier.verify(MESSAGE, changed.to_bytes(64, "big"))


def test_a_private_key_knows_the_published_public_half(sm2: Sm2) -> None:
    assert sm2.signer(SCALAR, ID).point == POINT


def test_numbers_out_of_range_are_refused(sm2: Sm2) -> None:
    verifier = sm2.verifier(POINT, ID)
    r, s = int(STANDARD["r"], 16), int(STANDARD["s"], 16)
    top = 2**256 - 1
    for pair in ((0, s), (r, 0), (r, N - r), (N, s), (r, N), (0, 0), (top, s), (r, top), (N, N)):
        unfit = b"".join(number.to_bytes(32, "big") for number in pair)
        assert not verifier.verify(MESSAGE, unfit), pair


def test_a_number_written_above_the_order_is_not_a_second_signature() -> None:
    # Given a hash for which a very small s is right: sG + tP is known beforehand
    d, s, t = int(STANDARD["private"], 16), 5, 2**200 + 9421
    x = int.from_bytes(write_point((s + t * d) % N)[1:33], "big")
    r = t - s
    e = (r - x) % N
    verifier = PlainVerifier(POINT, ID)

    # Then the same s plus the order, which still fits into 32 bytes, is refused
    assert verifier.holds(e, r, s)
    assert s + N < 2**256
    assert not verifier.holds(e, r, s + N)
    assert not verifier.holds(e, r + N, s)


def test_a_random_number_that_gives_no_signature_is_drawn_again() -> None:
    e, d, k = (int(STANDARD[name], 16) for name in ("e", "private", "k"))
    x = int.from_bytes(write_point(k)[1:33], "big")

    assert sign_with((-x) % N, d, k) is None  # r = 0
    assert sign_with((-k - x) % N, d, k) is None  # r + k = n
    r = (e + x) % N
    assert sign_with(e, k * pow(r, -1, N) % N, k) is None  # s = 0


def test_the_comb_and_the_window_agree_with_plain_addition() -> None:
    # Given the group law in its schoolbook form
    def plus(one: tuple[int, int], two: tuple[int, int]) -> tuple[int, int]:
        if one == two:
            slope = (3 * one[0] ** 2 - 3) * pow(2 * one[1], -1, P)
        else:
            slope = (two[1] - one[1]) * pow(two[0] - one[0], -1, P)
        x = (slope**2 - one[0] - two[0]) % P
        return x, (slope * (one[0] - x) - one[1]) % P

    base = read_point(write_point(1))
    total = base
    for number in range(2, 600):
        total = plus(total, base)
        assert read_point(write_point(number)) == total
    assert read_point(write_point(N - 1)) == (base[0], P - base[1])


def test_a_point_off_the_curve_is_no_key() -> None:
    x, y = int.from_bytes(POINT[1:33], "big"), int.from_bytes(POINT[33:], "big")
    off = (
        POINT[:-1] + bytes([POINT[-1] ^ 1]),
        POINT[1:],
        b"\2" + POINT[1:33],
        b"\6" + POINT[1:],
        bytes(65),
        b"\4" + bytes(64),
        b"\4" + (x + P).to_bytes(33, "big")[1:] + y.to_bytes(32, "big"),
        b"\4" + P.to_bytes(32, "big") + y.to_bytes(32, "big"),
    )
    for point in off:
        with pytest.raises(KeyRejected) as refused:
            Key.public("agency-419001", Suite.SM2_SM3, point)
        assert refused.value.code is SignatureErrorCode.KEY_MALFORMED


@pytest.mark.parametrize("number", [0, N - 1, N, 2**256 - 1])
def test_a_private_number_out_of_range_is_no_key(number: int) -> None:
    with pytest.raises(KeyRejected) as refused:
        Key.private("agency-419001", Suite.SM2_SM3, number.to_bytes(32, "big"))
    assert refused.value.code is SignatureErrorCode.KEY_MALFORMED
    check_scalar((N - 2).to_bytes(32, "big"))


def test_the_system_library_is_preferred_and_plain_python_stands_in() -> None:
    assert choose_sm2(system_sm2()).name == "libcrypto"
    assert choose_sm2(None).name == "plain"
    assert select_sm2() is select_sm2()


def test_a_library_that_is_absent_or_another_is_passed_over() -> None:
    unfit = ("libc.so.6", "libcrypto.so.none")

    assert open_libcrypto(unfit, search=lambda _: None) is None
    assert open_libcrypto((), search=lambda _: "libcrypto.so.none") is None


def test_a_library_under_another_name_is_searched_for() -> None:
    system_sm2()
    asked = []

    def search(name: str) -> str:
        asked.append(name)
        return PLAIN_NAMES[0]

    found = open_libcrypto(("libcrypto.so.none",), search)
    assert asked == ["crypto"]
    assert found is not None
    assert found.verifier(POINT, ID).verify(MESSAGE, SIGNATURE)


def finding(path: Path) -> Callable[[str], str]:
    return lambda _: str(path)


def test_the_library_that_ends_a_process_on_macos_is_not_tried(tmp_path: Path) -> None:
    # Given a fit library under the name of the one that is not
    fit = next((path for path in map(Path, LIBRARIES) if path.exists()), None)
    if fit is None:
        absent("libcrypto.so.3 in a usual folder", "install libssl3")
    for name, tried in (("libcrypto.dylib", False), ("libcrypto.9.dylib", True)):
        (tmp_path / name).symlink_to(fit)
        assert (open_libcrypto((), finding(tmp_path / name)) is not None) is tried


def test_without_a_library_verifying_works_and_signing_says_what_to_install() -> None:
    plain = Sm2Use(select=lambda: choose_sm2(None))

    key = Key.public("agency-419001", Suite.SM2_SM3, POINT, plain)
    assert key.engine.verify(MESSAGE, SIGNATURE)
    with pytest.raises(KeyRejected, match="Debian: libssl3") as refused:
        Key.private("province-410000", Suite.SM2_SM3, SCALAR, plain)
    assert refused.value.code is SignatureErrorCode.KEY_SIGNER_UNAVAILABLE
    assert str(refused.value) == KeyReason.SM2_SIGNER_MISSING.english


def test_signing_in_plain_python_is_switched_on_with_a_warning() -> None:
    with pytest.warns(RuntimeWarning, match="not constant-time"):
        plain = PlainSm2(signing=True)

    self_test(plain)
    signature = plain.signer(SCALAR, ID).sign(MESSAGE)
    assert plain.verifier(POINT, ID).verify(MESSAGE, signature)
    assert signature != plain.signer(SCALAR, ID).sign(MESSAGE)


@dataclass(frozen=True, slots=True)
class Lenient:
    """A verifier that believes everything."""

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Believe it."""
        return bool(message and signature)


@dataclass(frozen=True, slots=True)
class Wrong:
    """A back end that computes something else."""

    verifies: Lenient | PlainVerifier
    signs_for: bytes
    name: str = "device"
    can_sign: bool = True

    def verifier(self, point: bytes, signer_id: bytes) -> Lenient | PlainVerifier:
        """Return what this one was made with, whatever the key."""
        assert point
        assert signer_id
        return self.verifies

    def signer(self, scalar: bytes, signer_id: bytes) -> Sm2Signer:
        """Return another key than asked for."""
        assert scalar
        return signing_sm2().signer(self.signs_for, signer_id)


@pytest.mark.parametrize(
    ("wrong", "step"),
    [
        (Wrong(PlainVerifier(write_point(7), ID), SCALAR), "verify"),
        (Wrong(PlainVerifier(POINT, b"other"), SCALAR), "verify"),
        (Wrong(Lenient(), SCALAR), "refuse"),
        (Wrong(PlainVerifier(POINT, ID), (7).to_bytes(32, "big")), "public key"),
    ],
)
def test_a_back_end_that_computes_otherwise_is_loudly_refused(wrong: Wrong, step: str) -> None:
    with pytest.raises(SelfTestFailed, match=f"by device: self-test failed at: {step}$"):
        choose_sm2(wrong)


def test_the_built_in_example_is_the_published_one() -> None:
    assert (EXAMPLE.scalar, EXAMPLE.point, EXAMPLE.message) == (SCALAR, POINT, MESSAGE)
    assert (EXAMPLE.signer_id, EXAMPLE.signature) == (ID, SIGNATURE)
    assert (EXAMPLE.z.hex(), f"{EXAMPLE.e:064x}") == (STANDARD["z"], STANDARD["e"])
    assert f"{EXAMPLE.k:064x}" == STANDARD["k"]


def test_one_key_serves_two_threads_at_once(sm2: Sm2) -> None:
    signer, verifier = sm2.signer(SCALAR, ID), sm2.verifier(POINT, ID)

    def there_and_back(number: int) -> bool:
        message = number.to_bytes(4, "big") * 50
        return verifier.verify(message, signer.sign(message))

    with ThreadPoolExecutor(2) as pool:
        assert all(pool.map(there_and_back, range(60)))


def test_a_back_end_itself_refuses_what_is_no_point(sm2: Sm2) -> None:
    with pytest.raises(KeyRejected):
        sm2.verifier(b"\4" + bytes(64), ID)
