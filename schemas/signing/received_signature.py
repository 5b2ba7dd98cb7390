"""What a message presents: the one signature with our tag, taken out of its two header fields."""

import re
from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from schemas.signing.bases import Headers, combined
from schemas.signing.fields import (
    MAX_FIELD_CHARS,
    FieldSyntaxError,
    InnerList,
    Member,
    Value,
    parse_dictionary,
)
from schemas.signing.signature_errors import SignatureErrorCode, SignatureRejected
from schemas.signing.tags import KNOWN_TAGS, TAG

LABEL: Final = "duijie"

REQUEST: Final = ('"@method"', '"@authority"', '"@path"', '"@query"')
REQUEST_WITH_BODY: Final = (*REQUEST, '"content-type"', '"content-digest"')
ANSWER: Final = ('"@status"', '"content-digest"', '"signature";req')

# Our own spelling, which nearly every message uses; whatever differs is read by the parser.
_CANONICAL_INPUT: Final = re.compile(
    r"([a-z*][a-z0-9_.*-]*)="
    r"((\([^()]*\));created=(0|[1-9][0-9]{0,14})"
    r"(?:;expires=(0|[1-9][0-9]{0,14}))?"
    r'(?:;nonce="([A-Za-z0-9_-]*)")?'
    r';keyid="([A-Za-z0-9._:@/-]*)"'
    r'(?:;alg="([a-z0-9-]*)")?'
    r';tag="([a-z0-9/-]*)")',
    re.ASCII,
)
_CANONICAL_SIGNATURE: Final = re.compile(
    r"([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/]*={0,2}):", re.ASCII
)
_KNOWN_LISTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {f"({' '.join(covered)})": covered for covered in (REQUEST, REQUEST_WITH_BODY, ANSWER)}
)


class ReceivedSignature(NamedTuple):
    """A signature as presented; nothing in it is proven yet.

    A tuple because one is made for every message: a frozen dataclass costs 1 µs more.
    """

    covered: tuple[str, ...]  # component identifiers in canonical form
    params: str  # the value of @signature-params in canonical form
    created: int  # seconds since 1970, as `expires`
    expires: int | None
    nonce: str | None
    key_id: str
    alg: str | None
    signature: bytes
    tag: str  # one of `KNOWN_TAGS`
    field: str  # the whole Signature field value, to which an answer is bound


def read_signature(headers: Headers) -> ReceivedSignature:
    """Return the signature with our tag; others are ignored.

    Raises:
        SignatureRejected: `missing`, `malformed`, `wrong-tag`, `ambiguous`, `label-mismatch`,
            `parameter-missing`, `parameter-invalid`.
    """
    inputs, signatures = combined(headers, "Signature-Input"), combined(headers, "Signature")
    if inputs is None or signatures is None:
        raise SignatureRejected(
            SignatureErrorCode.MISSING, "Signature-Input and Signature are both needed"
        )
    return _read_canonical(inputs, signatures) or read_any_spelling(inputs, signatures)


def _read_canonical(inputs: str, signatures: str) -> ReceivedSignature | None:
    """Return the signature if both fields are in our own spelling, else `None`."""
    if len(inputs) > MAX_FIELD_CHARS or len(signatures) > MAX_FIELD_CHARS:
        return None
    found, value = _CANONICAL_INPUT.fullmatch(inputs), _CANONICAL_SIGNATURE.fullmatch(signatures)
    if found is None or value is None or found[1] != value[1]:
        return None
    _, params, listed, created, expires, nonce, key_id, alg, tag = found.groups()
    covered = _KNOWN_LISTS.get(listed)
    signature = _strict_base64(value[2])
    if covered is None or signature is None or tag not in KNOWN_TAGS:
        return None
    return ReceivedSignature(
        covered,
        params,
        int(created),
        None if expires is None else int(expires),
        nonce,
        key_id,
        alg,
        signature,
        tag,
        signatures,
    )


def _strict_base64(encoded: str) -> bytes | None:
    try:
        value = a2b_base64(encoded, strict_mode=True)
    except Base64Error:
        return None
    return value if b2a_base64(value, newline=False).decode("ascii") == encoded else None


def read_any_spelling(inputs: str, signatures: str) -> ReceivedSignature:
    """Return the signature from any legal spelling, order and company (RFC 9421 section 4)."""
    try:
        described, values = parse_dictionary(inputs), parse_dictionary(signatures)
    except FieldSyntaxError as exc:
        raise SignatureRejected(SignatureErrorCode.MALFORMED, f"signature fields: {exc}") from None
    label, ours, tag = _the_one_with_our_tag(described)
    value = values.get(label)
    if value is None:
        raise SignatureRejected(
            SignatureErrorCode.LABEL_MISMATCH, "Signature lacks the label of our tag"
        )
    if isinstance(value, InnerList) or not isinstance(value.value, bytes):
        raise SignatureRejected(SignatureErrorCode.MALFORMED, "the signature is not binary")
    if not all(isinstance(item.value, str) for item in ours.items):
        raise SignatureRejected(SignatureErrorCode.MALFORMED, "a covered component is not a string")
    created = _seconds(ours.params, "created")
    key_id = _string(ours.params, "keyid")
    if created is None or key_id is None:
        raise SignatureRejected(
            SignatureErrorCode.PARAMETER_MISSING, "created and keyid are needed"
        )
    return ReceivedSignature(
        tuple(item.text for item in ours.items),
        ours.text,
        created,
        _seconds(ours.params, "expires"),
        _string(ours.params, "nonce"),
        key_id,
        _string(ours.params, "alg"),
        value.value,
        tag,
        signatures,
    )


def _the_one_with_our_tag(described: Mapping[str, Member]) -> tuple[str, InnerList, str]:
    """Return label, list and tag of the one signature of this contract."""
    lists = {label: m for label, m in described.items() if isinstance(m, InnerList)}
    if len(lists) != len(described):
        raise SignatureRejected(
            SignatureErrorCode.MALFORMED, "Signature-Input holds more than lists"
        )
    tagged = ((label, m, m.params.get("tag")) for label, m in lists.items())
    ours = [
        (label, m, tag) for label, m, tag in tagged if isinstance(tag, str) and tag in KNOWN_TAGS
    ]
    if not ours:
        raise SignatureRejected(SignatureErrorCode.WRONG_TAG, f"no signature has the tag {TAG}")
    if len(ours) > 1:
        raise SignatureRejected(
            SignatureErrorCode.AMBIGUOUS, f"{len(ours)} signatures have the tag {TAG}"
        )
    return ours[0]


def _seconds(params: Mapping[str, Value], name: str) -> int | None:
    value = params.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise SignatureRejected(
            SignatureErrorCode.PARAMETER_INVALID, f"{name} is not a whole second"
        )
    return value


def _string(params: Mapping[str, Value], name: str) -> str | None:
    value = params.get(name)
    if value is not None and not isinstance(value, str):
        raise SignatureRejected(SignatureErrorCode.PARAMETER_INVALID, f"{name} is not a string")
    return value
