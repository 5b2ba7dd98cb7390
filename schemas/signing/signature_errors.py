"""What can be wrong with a signed message (签名报文) or a key, under stable public codes."""

from enum import StrEnum
from pathlib import Path

from schemas.reasons.reason import Reason, ReasonedError


class SignatureErrorCode(StrEnum):
    """The closed set of codes; stable and public, they stand in problem bodies and reports."""

    MISSING = "signature.missing"
    MALFORMED = "signature.malformed"
    WRONG_TAG = "signature.wrong-tag"
    AMBIGUOUS = "signature.ambiguous"
    LABEL_MISMATCH = "signature.label-mismatch"
    PARAMETER_MISSING = "signature.parameter-missing"
    PARAMETER_INVALID = "signature.parameter-invalid"
    COMPONENT_MISSING = "signature.component-missing"
    COMPONENT_REPEATED = "signature.component-repeated"
    COMPONENT_UNKNOWN = "signature.component-unknown"
    NONCE_UNFIT = "signature.nonce-unfit"
    UNKNOWN_KEY = "signature.unknown-key"
    ALGORITHM_MISMATCH = "signature.algorithm-mismatch"
    EXPIRED = "signature.expired"
    NOT_YET_VALID = "signature.not-yet-valid"
    LIFETIME_TOO_LONG = "signature.lifetime-too-long"
    DIGEST_MISSING = "signature.digest-missing"
    DIGEST_MISMATCH = "signature.digest-mismatch"
    BODY_UNEXPECTED = "signature.body-unexpected"
    MISMATCH = "signature.mismatch"
    DER_ENCODED = "signature.der-encoded"
    QUERY_MARK_MISSING = "signature.query-mark-missing"
    NOT_BOUND = "answer.not-bound"  # never on the wire: what a caller finds
    REPLAYED = "signature.replayed"  # raised by whoever keeps the nonces, not here
    KEY_TOO_SHORT = "key.too-short"
    KEY_MALFORMED = "key.malformed"
    KEY_WEAK = "key.weak"
    KEY_EXAMPLE = "key.example"
    KEY_SHARED = "key.shared"
    KEY_NOT_VALID = "key.not-valid"
    KEY_CANNOT_SIGN = "key.cannot-sign"
    KEY_FILE_OPEN_TO_OTHERS = "key.file-open-to-others"
    KEY_SIGNER_UNAVAILABLE = "key.signer-unavailable"


class SignatureRejected(Exception):
    """A message whose signature proves nothing; the message (English) carries no secret."""

    def __init__(self, code: SignatureErrorCode, message: str) -> None:
        super().__init__(message)
        self.code = code


class KeyRejected(ReasonedError):
    """A key or key file that must not be used; the message (English) carries no secret."""

    def __init__(self, code: SignatureErrorCode, *reasons: Reason) -> None:
        super().__init__(*reasons)
        self.code = code

    def within(self, *where: str | Path) -> "KeyRejected":
        """Return the same error, seen from further out: with the file, or its setting."""
        return KeyRejected(self.code, *self.reasons_within(*where))
