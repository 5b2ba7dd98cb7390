"""SM2 by the system's own libcrypto (OpenSSL 3.0 or newer), called through ctypes.

The calls release the interpreter lock, so two threads verify twice as many; keys made ready may
be shared by threads.
"""

import ctypes
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from ctypes import POINTER, byref, c_char_p, c_int, c_long, c_size_t, c_ulong, c_void_p
from ctypes.util import find_library
from types import MappingProxyType
from typing import Final

from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from schemas.signing.key_reasons import KeyReason
from schemas.signing.signature_errors import KeyRejected, SignatureErrorCode
from schemas.signing.sm2.plain import SIGNATURE_BYTES

PLAIN_NAMES: Final = (
    "libcrypto.so.3",
    "libcrypto.so.4",
    "libcrypto.3.dylib",
    "libcrypto-3.dll",  # of the interpreter itself, on Windows
    "libcrypto-3-x64.dll",
)
_VERSION_3: Final = 0x30000000
_MAX_DER_BYTES: Final = 128
# SubjectPublicKeyInfo before the point, PKCS#8 before the scalar: id-ecPublicKey on curve SM2.
_SPKI: Final = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")
_PKCS8: Final = bytes.fromhex(
    "3041020100301306072a8648ce3d020106082a811ccf5501822d042730250201010420"
)
_POINT_AT: Final = len(_SPKI)

_POINTERS: Final = POINTER(c_void_p)
_Prototype = tuple[type[c_void_p] | type[c_int] | type[c_ulong] | None, list[type]]
_PROTOTYPES: Final[Mapping[str, _Prototype]] = MappingProxyType(
    {
        "OpenSSL_version_num": (c_ulong, []),
        "EVP_sm3": (c_void_p, []),
        "d2i_PUBKEY": (c_void_p, [c_void_p, POINTER(c_char_p), c_long]),
        "d2i_AutoPrivateKey": (c_void_p, [c_void_p, POINTER(c_char_p), c_long]),
        "i2d_PUBKEY": (c_int, [c_void_p, _POINTERS]),
        "EVP_PKEY_is_a": (c_int, [c_void_p, c_char_p]),
        "EVP_PKEY_free": (None, [c_void_p]),
        "EVP_PKEY_CTX_set1_id": (c_int, [c_void_p, c_char_p, c_int]),
        "EVP_MD_CTX_new": (c_void_p, []),
        "EVP_MD_CTX_free": (None, [c_void_p]),
        "EVP_DigestSignInit": (c_int, [c_void_p, _POINTERS, c_void_p, c_void_p, c_void_p]),
        "EVP_DigestSign": (c_int, [c_void_p, c_char_p, POINTER(c_size_t), c_char_p, c_size_t]),
        "EVP_DigestVerifyInit": (c_int, [c_void_p, _POINTERS, c_void_p, c_void_p, c_void_p]),
        "EVP_DigestVerify": (c_int, [c_void_p, c_char_p, c_size_t, c_char_p, c_size_t]),
        "ERR_clear_error": (None, []),
    }
)


class LibcryptoFailed(RuntimeError):
    """libcrypto gave up where it never should, such as for want of memory."""


class LibcryptoSm2:
    """`Sm2` over one loaded libcrypto."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self.name = "libcrypto"
        self.can_sign = True
        self._library = library

    def verifier(self, point: bytes, signer_id: bytes) -> "LibcryptoKey":
        """Return a public key made ready."""
        return LibcryptoKey(self._library, "d2i_PUBKEY", _SPKI + point, signer_id)

    def signer(self, scalar: bytes, signer_id: bytes) -> "LibcryptoKey":
        """Return a private key made ready."""
        return LibcryptoKey(self._library, "d2i_AutoPrivateKey", _PKCS8 + scalar, signer_id)


class LibcryptoKey:
    """A key in libcrypto's hands; freed with this object."""

    def __init__(self, library: ctypes.CDLL, reader: str, der: bytes, signer_id: bytes) -> None:
        at = c_char_p(der)
        handle = getattr(library, reader)(None, byref(at), len(der))
        if not handle or library.EVP_PKEY_is_a(handle, b"SM2") != 1:
            library.EVP_PKEY_free(handle)
            library.ERR_clear_error()
            raise KeyRejected(SignatureErrorCode.KEY_MALFORMED, KeyReason.SM2_REFUSED.at())
        self._library, self._handle, self._signer_id = library, handle, signer_id
        weakref.finalize(self, library.EVP_PKEY_free, handle)
        self.point = self._public_point()

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes r‖s over `message`."""
        size, der = c_size_t(_MAX_DER_BYTES), ctypes.create_string_buffer(_MAX_DER_BYTES)
        with _Operation(self._library, "EVP_DigestSignInit", self._handle, self._signer_id) as ctx:
            if self._library.EVP_DigestSign(ctx, der, byref(size), message, len(message)) != 1:
                raise LibcryptoFailed("libcrypto could not sign with SM2")
        r, s = decode_dss_signature(der.raw[: size.value])
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Say whether the 64 bytes r‖s are the key's over `message`."""
        if len(signature) != SIGNATURE_BYTES:
            return False
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        der = encode_dss_signature(r, s)
        with _Operation(
            self._library, "EVP_DigestVerifyInit", self._handle, self._signer_id
        ) as ctx:
            verdict = self._library.EVP_DigestVerify(ctx, der, len(der), message, len(message))
        return bool(verdict == 1)

    def _public_point(self) -> bytes:
        buffer = ctypes.create_string_buffer(2 * _MAX_DER_BYTES)
        at = c_void_p(ctypes.addressof(buffer))
        size = int(self._library.i2d_PUBKEY(self._handle, byref(at)))
        return buffer.raw[_POINT_AT : max(size, _POINT_AT)]


class _Operation:
    """One digest context, ready to sign or to verify under the signer's ID."""

    def __init__(self, library: ctypes.CDLL, init: str, handle: int, signer_id: bytes) -> None:
        self._library, self._init = library, init
        self._handle, self._signer_id = handle, signer_id
        self._ctx = c_void_p(library.EVP_MD_CTX_new())

    def __enter__(self) -> c_void_p:
        library, key_ctx = self._library, c_void_p()
        init = getattr(library, self._init)
        if (
            init(self._ctx, byref(key_ctx), library.EVP_sm3(), None, self._handle) != 1
            or library.EVP_PKEY_CTX_set1_id(key_ctx, self._signer_id, len(self._signer_id)) != 1
        ):
            self.__exit__()
            raise LibcryptoFailed("libcrypto could not start an SM2 operation")
        return self._ctx

    def __exit__(self, *_: object) -> None:
        self._library.EVP_MD_CTX_free(self._ctx)
        self._library.ERR_clear_error()  # a refused signature leaves its reasons in the thread


def open_libcrypto(
    names: Sequence[str] = PLAIN_NAMES, search: Callable[[str], str | None] = find_library
) -> LibcryptoSm2 | None:
    """Return SM2 by the first fit library, or `None`: absent, older than 3.0, built without it.

    Args:
        names: File names for the loader; they cost no search.
        search: Finds the file name of a library where none of `names` is there.
    """
    for name in _candidates(names, search):
        try:
            library = ctypes.CDLL(name)
            for function, (result, arguments) in _PROTOTYPES.items():
                prototype = getattr(library, function)
                prototype.restype, prototype.argtypes = result, arguments
        except (OSError, AttributeError):  # not there, or older than 3.0
            continue
        if library.OpenSSL_version_num() >= _VERSION_3 and _has_sm2(library):
            return LibcryptoSm2(library)
    return None


def _candidates(names: Sequence[str], search: Callable[[str], str | None]) -> Iterator[str]:
    yield from names
    found = search("crypto")
    # macOS ends a process that loads its unversioned libcrypto.
    if found is not None and not found.endswith("libcrypto.dylib"):
        yield found


def _has_sm2(library: ctypes.CDLL) -> bool:
    try:
        LibcryptoSm2(library).signer((1).to_bytes(32, "big"), b"")
    except KeyRejected:
        return False
    return bool(library.EVP_sm3())
