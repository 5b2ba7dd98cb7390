"""What SM2 (国密签名) is asked of: the port that every back end implements."""

from typing import Final, Protocol

DEFAULT_SIGNER_ID: Final = "1234567812345678"
"""The signer's ID where none is agreed on. Source: GB/T 35276."""


class Sm2Verifier(Protocol):
    """A public key made ready; may be shared by threads."""

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Say whether the 64 bytes r‖s are the key's over `message`; never raises for them."""
        ...


class Sm2Signer(Protocol):
    """A private key made ready; may be shared by threads."""

    @property
    def point(self) -> bytes:
        """The public half, 65 bytes `04‖X‖Y`."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes r‖s over `message`."""
        ...


class Sm2(Protocol):
    """What can do SM2: a library, plain Python, or one day a device (密码机)."""

    @property
    def name(self) -> str:
        """A word for `doctor` and the log."""
        ...

    @property
    def can_sign(self) -> bool:
        """Whether `signer` works."""
        ...

    def verifier(self, point: bytes, signer_id: bytes) -> Sm2Verifier:
        """Return the public key `04‖X‖Y` made ready."""
        ...

    def signer(self, scalar: bytes, signer_id: bytes) -> Sm2Signer:
        """Return the private key, 32 bytes, made ready.

        Raises:
            KeyRejected: `key.signer-unavailable`: what has to be installed.
        """
        ...
