"""Three independent SM2 implementations agree on sixty keys: libcrypto, ours, the command."""

import shutil
import subprocess
import warnings
from binascii import b2a_base64
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from schemas.signing import Sm2, Suite, new_key
from schemas.signing.sm2.curve import N, write_point
from schemas.signing.sm2.libcrypto import open_libcrypto
from schemas.signing.sm2.plain import PlainSm2
from schemas.signing.sm2.port import DEFAULT_SIGNER_ID
from tests.support.needs import absent

KEYS = 60
PKCS8 = bytes.fromhex("3041020100301306072a8648ce3d020106082a811ccf5501822d042730250201010420")
SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")


@dataclass(frozen=True, slots=True)
class Trial:
    """A key and a message drawn from the seed."""

    scalar: bytes
    point: bytes
    message: bytes
    signer_id: bytes


def trials() -> list[Trial]:
    draw = Random(32918)  # noqa: S311 - repeatable, not secret
    drawn = []
    for number in range(KEYS):
        d = draw.randrange(1, N - 1)
        message = draw.randbytes(draw.randrange(1, 4000))
        signer_id = DEFAULT_SIGNER_ID.encode() if number % 2 else f"agency-{number}".encode()
        drawn.append(Trial(d.to_bytes(32, "big"), write_point(d), message, signer_id))
    return drawn


TRIALS = trials()


def libcrypto() -> Sm2:
    return open_libcrypto() or absent("libcrypto", "install OpenSSL 3.0 or newer, built with SM2")


def plain() -> Sm2:
    with warnings.catch_warnings(action="ignore"):
        return PlainSm2(signing=True)


@dataclass(frozen=True, slots=True)
class Command:
    """The `openssl` command in a folder of its own."""

    program: str
    folder: Path

    def write_pem(self, label: str, der: bytes) -> Path:
        """Write the key the command is to use."""
        path = self.folder / "key.pem"
        text = b2a_base64(der, newline=False).decode()
        lines = "\n".join(text[at : at + 64] for at in range(0, len(text), 64))
        path.write_text(f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n")
        return path

    def run(self, trial: Trial, *options: str) -> subprocess.CompletedProcess[bytes]:
        """Run `pkeyutl` over the trial's message under its ID."""
        (self.folder / "message").write_bytes(trial.message)
        identity = f"distid:{trial.signer_id.decode()}"
        fixed = ("-rawin", "-digest", "sm3", "-in", "message", "-pkeyopt", identity)
        return subprocess.run(
            [self.program, "pkeyutl", *fixed, *options],
            cwd=self.folder,
            capture_output=True,
            check=False,
        )

    def sign(self, trial: Trial) -> bytes:
        """Return r‖s as the command signs."""
        self.write_pem("PRIVATE KEY", PKCS8 + trial.scalar)
        done = self.run(trial, "-sign", "-inkey", "key.pem")
        assert done.returncode == 0, done.stderr
        return b"".join(part.to_bytes(32, "big") for part in decode_dss_signature(done.stdout))

    def verifies(self, trial: Trial, signature: bytes) -> bool:
        """Say what the command thinks of r‖s."""
        self.write_pem("PUBLIC KEY", SPKI + trial.point)
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        (self.folder / "signature").write_bytes(encode_dss_signature(r, s))
        done = self.run(trial, "-verify", "-pubin", "-inkey", "key.pem", "-sigfile", "signature")
        return done.returncode == 0


@pytest.fixture
def command(tmp_path: Path) -> Command:
    program = shutil.which("openssl")
    if program is None:
        absent("the openssl command", "install openssl")
    version = subprocess.run([program, "version"], capture_output=True, check=True).stdout
    if not version.startswith(b"OpenSSL 3"):
        absent("OpenSSL 3 as a command", "install openssl 3.0 or newer")
    return Command(program, tmp_path)


def test_what_either_back_end_signs_both_verify() -> None:
    sides = (libcrypto(), plain())
    for trial in TRIALS:
        verifiers = [side.verifier(trial.point, trial.signer_id) for side in sides]
        for side in sides:
            signer = side.signer(trial.scalar, trial.signer_id)
            signature = signer.sign(trial.message)
            assert signer.point == trial.point
            assert [each.verify(trial.message, signature) for each in verifiers] == [True, True]


def test_what_is_changed_or_meant_for_another_both_refuse() -> None:
    sides = (libcrypto(), plain())
    draw = Random(1024)  # noqa: S311 - repeatable, not secret
    for trial, other in zip(TRIALS, TRIALS[1:] + TRIALS[:1], strict=True):
        signature = sides[0].signer(trial.scalar, trial.signer_id).sign(trial.message)
        flipped = (int.from_bytes(signature, "big") ^ 1 << draw.randrange(512)).to_bytes(64, "big")
        for side in sides:
            verifier = side.verifier(trial.point, trial.signer_id)
            assert not verifier.verify(trial.message, flipped)
            assert not verifier.verify(trial.message + b"\0", signature)
            assert not verifier.verify(trial.message, signature[:-1])
            assert not verifier.verify(trial.message, signature + b"\0")
            for point, signer_id in (
                (other.point, trial.signer_id),
                (trial.point, trial.signer_id + b"1"),
            ):
                assert not side.verifier(point, signer_id).verify(trial.message, signature)


def test_the_command_and_both_back_ends_verify_each_other(command: Command) -> None:
    sides = (libcrypto(), plain())
    for number, trial in enumerate(TRIALS):
        theirs = command.sign(trial)
        for side in sides:
            assert side.verifier(trial.point, trial.signer_id).verify(trial.message, theirs)
        ours = sides[number % 2].signer(trial.scalar, trial.signer_id).sign(trial.message)
        assert command.verifies(trial, ours)


def test_the_command_refuses_our_signature_under_another_id(command: Command) -> None:
    trial = TRIALS[1]
    ours = libcrypto().signer(trial.scalar, b"another").sign(trial.message)

    assert not command.verifies(trial, ours)


def test_a_key_drawn_here_signs_for_the_command(command: Command) -> None:
    key = new_key("province-410000", Suite.SM2_SM3)
    trial = Trial(key.material, key.public_half().material, b"duijie", DEFAULT_SIGNER_ID.encode())

    assert command.verifies(trial, key.engine.sign(trial.message))
