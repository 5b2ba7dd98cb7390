"""Why a key or a key file must not be used, as values; no sentence carries a secret."""

from schemas.reasons.reason import ReasonCode


class KeyReason(ReasonCode):
    """The closed list: what is wrong with a key, a key file or the text of a key."""

    SEVERAL_KEYS = "key-file.several-keys", "holds more than one key"
    NOT_JSON = "key-file.not-json", "not JSON"
    NO_LIST = "key-file.no-list", "keys is not a list of keys"
    NO_TEXTS = "key-file.no-texts", "not an object of strings"
    MEMBERS = "key-file.members", "wants key_id, suite and one of secret, private, public"
    SUITE_UNKNOWN = "key-file.suite-unknown", "suite unknown"
    NOT_BASE64 = "key-file.not-base64", "{member} is not base64"
    VALIDITY = (
        "key-file.validity",
        "not_before, not_after, revoked: an instant or a truth value is not one; "
        "write 2026-01-31T08:00:00+08:00",
    )
    NO_FILE = "key-file.no-regular-file", "not a regular file"
    TOO_LARGE = "key-file.too-large", "larger than {bytes} bytes"
    UNREADABLE = "key-file.unreadable", "key file cannot be read: {said}"
    READABLE_TO_OTHERS = (
        "key-file.readable-to-others",
        "mode {mode} opens a secret to others; chmod 600 {file}",
    )
    WRITABLE_BY_OTHERS = (
        "key-file.writable-by-others",
        "mode {mode} of the file lets others write; chmod 600 {file}",
    )
    FOLDER_WRITABLE = (
        "key-file.folder-writable-by-others",
        "mode {mode} of its folder {folder} lets others write; chmod go-w {folder}",
    )
    FILE_OF_ANOTHER_USER = (
        "key-file.of-another-user",
        "the file belongs to another user; chown it to the user who runs duijie",
    )
    FOLDER_OF_ANOTHER_USER = (
        "key-file.folder-of-another-user",
        "its folder {folder} belongs to another user; chown it to the user who runs duijie",
    )
    EXAMPLE = "key.printed-in-a-standard", "a key printed in a standard"
    ALL_ZERO = "key.all-zero", "all zero"
    REPEATED = "key.pattern-repeated", "a pattern repeated"
    SEQUENCE = "key.sequence", "a sequence"
    FEW_BYTES = "key.few-different-bytes", "too few different bytes"
    WEAK = (
        "key.not-random",
        "{part}: {rule}; draw a new key from the system's random source",
    )
    SECRET_TOO_SHORT = "key.secret-too-short", "a shared secret needs {bytes} bytes or more"
    SECRET_TOO_LONG = "key.secret-too-long", "a secret ends at {bytes} bytes"
    NAME = "key.name", "a name is 1-128 printable characters"
    KEY_ID = "key.id", "a key id is 1-64 letters, digits, . _ : @ / -"
    KIND = "key.kind", "{suite} has no {kind} key"
    NO_SIGNER_ID = "key.no-signer-id", "{suite} knows no signer ID"
    SIGNER_ID = "key.signer-id", "an SM2 signer ID has 1-{bytes} bytes"
    SIZE = "key.size", "an {suite} key has {bytes} bytes"
    ED25519_UNSOUND = "key.ed25519-unsound", "not a sound ed25519 public key"
    P256_SIZE = "key.p256-size", "a P-256 private key has {bytes} bytes"
    P256_NUMBER = "key.p256-number", "not a P-256 private key"
    P256_FORM = "key.p256-form", "a P-256 public key is 65 bytes, 04‖X‖Y"
    P256_OFF_CURVE = "key.p256-off-curve", "the P-256 public key is not on the curve"
    SM2_FORM = "key.sm2-form", "an SM2 public key is 65 bytes, 04‖X‖Y"
    SM2_OFF_CURVE = "key.sm2-off-curve", "the SM2 public key is not on the curve"
    SM2_NUMBER = "key.sm2-number", "an SM2 private key is 32 bytes, from 1 to n - 2"
    SM2_REFUSED = "key.sm2-refused", "libcrypto refuses the SM2 key"
    SM2_SIGNER_MISSING = (
        "key.sm2-signer-missing",
        "signing with SM2 needs OpenSSL's libcrypto 3.0 or newer, built with SM2, on this machine "
        "(Debian: libssl3, RHEL: openssl-libs, Alpine: libcrypto3); verifying works without",
    )
    HALVES_DIFFER = "key.halves-differ", "the two halves of the key do not match"
    PUBLIC_ONLY = "key.public-only", "a public key cannot sign"
    KEY_CANNOT_SIGN = "key.named-cannot-sign", "key {key_id} cannot sign"
    NOT_VALID = "key.not-valid-now", "key {key_id} is not valid"
    NONE_VALID = "key.none-valid-now", "none of {key_ids} is valid"
    SET = "key.set", "a key set holds one or more keys of distinct ids"
    PEM_COUNT = "pem.count", "a PEM text holds exactly one unencrypted key or certificate"
    PEM_KIND = "pem.kind", "PEM of kind {label} is not supported"
    PEM_NOT_BASE64 = "pem.not-base64", "the PEM text is not base64"
    DER_CUT_OFF = "pem.cut-off", "the key is cut off or not DER"
    DER_LENGTH = "pem.length", "a length in the key is not DER"
    DER_REST = "pem.rest", "the key is empty or something follows it"
    DER_FORM = "pem.form", "the key is not built as its PEM kind says"
    DER_PART = "pem.part-missing", "a part of the key is missing"
    DER_ALGORITHM = "pem.algorithm", "neither Ed25519 nor P-256 nor SM2 by its named curve"
    DER_BITS = "pem.bits", "a bit string does not end at a byte"
    DER_VERSION = "pem.version", "PKCS#8 of an unknown version"
    DER_TWO_CURVES = "pem.two-curves", "two curves for one key"
    DER_NO_CURVE = "pem.no-curve", "the key does not name its curve"
    DER_NUMBER = "pem.number", "not an elliptic-curve private key of 256 bits"
    DER_CURVE = "pem.curve", "neither P-256 nor SM2"
