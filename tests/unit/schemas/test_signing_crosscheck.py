"""An independent implementation reads what we sign, and we read what it signs."""

from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

import http_message_signatures as independent
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from multidict import CIMultiDict

from schemas.reference.clock import utc_now
from schemas.signing import Suite, sign_answer, verify_answer
from schemas.signing.digests import content_digest
from tests.unit.schemas.signing_messages import (
    BODY,
    COVERED,
    JSON,
    NONCE,
    URL,
    Message,
    a_key,
    a_link,
    a_message,
)

# The independent implementation reads the clock itself, so these tests sign at the real time.
ALGORITHMS = {
    Suite.HMAC_SHA256: independent.algorithms.HMAC_SHA256,
    Suite.ED25519: independent.algorithms.ED25519,
    Suite.ECDSA_P256_SHA256: independent.algorithms.ECDSA_P256_SHA256,
}
NAMES = tuple(COVERED.replace('"', "").split(" "))


@dataclass
class Request:
    """What the independent implementation calls a message."""

    method: str
    url: str
    headers: dict[str, str]


@dataclass
class IndependentResponse:
    """What the independent implementation calls a response."""

    status_code: int
    headers: dict[str, str]
    request: Request


def keys_of(suite: Suite) -> independent.MappingKeyResolver:
    key = a_key(suite)
    if suite is Suite.ED25519:
        private = Ed25519PrivateKey.from_private_bytes(key.material)
        return independent.MappingKeyResolver(
            public_keys={key.key_id: private.public_key()}, private_keys={key.key_id: private}
        )
    if suite is Suite.ECDSA_P256_SHA256:
        number = ec.derive_private_key(int.from_bytes(key.material, "big"), ec.SECP256R1())
        return independent.MappingKeyResolver(
            public_keys={key.key_id: number.public_key()}, private_keys={key.key_id: number}
        )
    shared = {key.key_id: key.material}
    return independent.MappingKeyResolver(public_keys=shared, private_keys=shared)


def request_of(message: Message) -> Request:
    return Request(message.target.method, URL, dict(message.headers))


@pytest.mark.parametrize("suite", ALGORITHMS)
def test_the_independent_implementation_verifies_our_request(suite: Suite) -> None:
    message = a_message(suite, now=utc_now())
    verifier = independent.HTTPMessageVerifier(
        signature_algorithm=ALGORITHMS[suite], key_resolver=keys_of(suite)
    )

    (result,) = verifier.verify(
        request_of(message), expect_tag="duijie-v1", require_components=NAMES, body=BODY
    )
    assert result.nonce == NONCE
    assert result.body == BODY


@pytest.mark.parametrize("suite", ALGORITHMS)
def test_the_independent_implementation_refuses_our_request_once_changed(suite: Suite) -> None:
    message = a_message(suite, now=utc_now())
    request = request_of(message)
    request.url = f"{URL}&x=1"
    verifier = independent.HTTPMessageVerifier(
        signature_algorithm=ALGORITHMS[suite], key_resolver=keys_of(suite)
    )

    with pytest.raises(independent.InvalidSignature):
        verifier.verify(request, expect_tag="duijie-v1")


@pytest.mark.parametrize("suite", ALGORITHMS)
def test_we_verify_the_request_of_the_independent_implementation(suite: Suite) -> None:
    now = utc_now()
    message = a_message(suite, now=now)
    request = Request(
        "POST", URL, {"Content-Type": JSON, "Content-Digest": content_digest("sha-256", BODY)}
    )
    signer = independent.HTTPMessageSigner(
        signature_algorithm=ALGORITHMS[suite], key_resolver=keys_of(suite)
    )
    signer.sign(
        request,
        key_id="province-410000",
        created=now,
        expires=now + timedelta(seconds=120),
        nonce=NONCE,
        label="sig1",
        tag="duijie-v1",
        covered_component_ids=tuple(reversed(NAMES)),
        use_existing_digest=True,
    )
    message.headers = CIMultiDict(request.headers)

    verified = message.verify(now)
    assert verified.nonce == NONCE
    assert verified.expires - verified.created == timedelta(seconds=120)


@pytest.mark.parametrize("suite", ALGORITHMS)
def test_the_independent_implementation_verifies_our_answer_and_we_verify_its_own(
    suite: Suite,
) -> None:
    now = utc_now()
    request = request_of(a_message(suite, now=now))
    bound = request.headers["Signature"]
    ours = sign_answer(a_key(suite), status=200, body=BODY, request_signature=bound, now=now)
    verifier = independent.HTTPMessageVerifier(
        signature_algorithm=ALGORITHMS[suite], key_resolver=keys_of(suite)
    )
    components = ("@status", "content-digest", '"signature";req')
    (result,) = verifier.verify(
        IndependentResponse(HTTPStatus.OK, dict(ours), request),
        expect_tag="duijie-v1",
        require_components=components,
        body=BODY,
    )
    assert result.body == BODY

    theirs = IndependentResponse(
        HTTPStatus.OK, {"Content-Digest": content_digest("sha-256", BODY)}, request
    )
    independent.HTTPMessageSigner(
        signature_algorithm=ALGORITHMS[suite], key_resolver=keys_of(suite)
    ).sign(
        theirs,
        key_id="province-410000",
        created=now,
        tag="duijie-v1",
        covered_component_ids=components,
        use_existing_digest=True,
    )
    verify_answer(
        a_link(suite).theirs,
        status=200,
        headers=CIMultiDict(theirs.headers),
        body=BODY,
        request_signature=bound,
        now=now,
    )
