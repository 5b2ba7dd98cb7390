"""Requests: what is proven, when, by which key, over which body."""

from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta

import pytest
from multidict import CIMultiDict

from schemas.signing import (
    Key,
    KeyRejected,
    Link,
    SignatureErrorCode,
    SignatureRejected,
    Suite,
    Target,
    Window,
    sign_request,
)
from schemas.signing.digests import content_digest
from tests.unit.schemas.signing_messages import (
    BODY,
    COVERED,
    CREATED,
    JSON,
    NONCE,
    NOW,
    PARAMS,
    URL,
    a_key,
    a_message,
    made_to_measure,
    sign_over,
)


@pytest.mark.parametrize("suite", list(Suite))
@pytest.mark.parametrize("body", [None, b"", BODY, b"\0" * 3000])
def test_a_signed_request_is_verified_and_says_who_when_and_which(
    suite: Suite, body: bytes | None
) -> None:
    message = a_message(suite, body=body)
    verified = message.verify()

    assert verified.key_id == "province-410000"
    assert verified.nonce == NONCE
    assert (verified.created, verified.expires) == (NOW, NOW + timedelta(seconds=300))
    assert verified.signature == message.headers["Signature"]


def test_the_headers_are_those_of_the_contract() -> None:
    headers = a_message(body=BODY).headers

    assert headers["Signature-Input"] == f"duijie=({COVERED}){PARAMS}"
    assert headers["Content-Digest"] == content_digest("sha-256", BODY)
    assert "Content-Digest" not in a_message(body=None, method="GET").headers
    assert a_message(Suite.HMAC_SM3).headers["Content-Digest"].startswith("sm3=:")


def test_two_requests_never_share_a_nonce() -> None:
    target = Target.from_url("POST", URL)
    nonces = {
        sign_request(a_key(), target, body=None, content_type=None, now=NOW).nonce
        for _ in range(200)
    }

    assert len(nonces) == 200


def test_a_signature_of_somebody_else_beside_ours_is_ignored() -> None:
    message = a_message()
    message.headers.add("Signature-Input", 'proxy=("@method" "@scheme");created=1;tag="proxy"')
    message.headers.add("Signature", "proxy=:AAAA:")

    assert message.verify().signature == f"{message.headers['Signature']}, proxy=:AAAA:"


def test_spaces_around_header_values_do_not_matter() -> None:
    message = a_message()
    for name in list(message.headers):
        message.headers[name] = f" \t{message.headers[name]} "

    assert message.rejection() == "accepted"


@pytest.mark.parametrize("lead_s", [-300, -299, 0, 60])
def test_inside_the_window_a_request_is_accepted(lead_s: int) -> None:
    assert a_message(now=NOW + timedelta(seconds=lead_s)).rejection() == "accepted"


def test_outside_the_window_a_request_is_refused() -> None:
    message = a_message()

    assert (
        message.rejection(NOW + timedelta(seconds=300, microseconds=1))
        == SignatureErrorCode.EXPIRED
    )
    assert message.rejection(NOW - timedelta(seconds=61)) == SignatureErrorCode.NOT_YET_VALID
    assert message.rejection(window=Window(max_age_s=299)) == SignatureErrorCode.LIFETIME_TOO_LONG
    assert message.rejection(NOW + timedelta(seconds=300), Window(max_age_s=900)) == "accepted"


def test_beijing_time_and_utc_are_the_same_instant_and_a_time_without_zone_is_a_mistake() -> None:
    message = a_message()
    local = NOW.astimezone(UTC).replace(tzinfo=None)

    assert message.rejection(NOW.astimezone(tz=None)) == "accepted"
    with pytest.raises(ValueError, match="zone"):
        message.rejection(local)
    assert datetime.fromtimestamp(CREATED, UTC) == NOW


@pytest.mark.parametrize(("age_s", "future_s"), [(59, 60), (901, 60), (300, 61), (300, -1)])
def test_a_window_outside_its_bounds_cannot_be_made(age_s: int, future_s: int) -> None:
    with pytest.raises(ValueError, match="seconds"):
        Window(age_s, future_s)


DIGESTS: dict[str, tuple[str, str]] = {
    "weak only": ("md5=:AAAA:, sha=:AAAA:, adler=:AAAA:", SignatureErrorCode.DIGEST_MISSING),
    "weak beside": (f"md5=:AAAA:, {content_digest('sha-256', BODY)}", "accepted"),
    "two, the other wrong": (
        f"{content_digest('sha-256', BODY)}, {content_digest('sha-512', b'')}",
        SignatureErrorCode.DIGEST_MISMATCH,
    ),
    "two, both right": (
        f"{content_digest('sha-512', BODY)}, {content_digest('sha-256', BODY)}",
        "accepted",
    ),
    "other suite's": (content_digest("sm3", BODY), SignatureErrorCode.DIGEST_MISSING),
    "of the empty body": (content_digest("sha-256", b""), SignatureErrorCode.DIGEST_MISMATCH),
    "cut": ("sha-256=:AAAA:", SignatureErrorCode.DIGEST_MISMATCH),
    "text": (f'sha-256="{"A" * 44}"', SignatureErrorCode.MALFORMED),
    "list": ("sha-256=(:AAAA:)", SignatureErrorCode.MALFORMED),
    "in capitals": (
        content_digest("sha-256", BODY).replace("sha", "SHA"),
        SignatureErrorCode.MALFORMED,
    ),
    "not a dictionary": ("::", SignatureErrorCode.MALFORMED),
}


@pytest.mark.parametrize("case", DIGESTS)
def test_a_digest_that_is_truly_signed_still_has_to_prove_the_body(case: str) -> None:
    field, verdict = DIGESTS[case]

    assert made_to_measure(extra=None).rejection() == "accepted"
    message = a_message()
    message.headers["Content-Digest"] = field
    sign_over(message, f"duijie=({COVERED}){PARAMS}", a_key())
    assert message.rejection() == verdict


def test_a_digest_over_the_decoded_body_does_not_prove_the_encoded_one() -> None:
    message = a_message(body=b"decoded")
    message.body = b"\x1f\x8bencoded"

    assert message.rejection() == SignatureErrorCode.DIGEST_MISMATCH


def test_an_empty_body_has_no_digest() -> None:
    message = a_message(body=None)
    message.headers.update({"Content-Digest": content_digest("sha-256", b""), "Content-Type": JSON})
    sign_over(message, f"duijie=({COVERED}){PARAMS}", a_key())

    assert message.rejection() == SignatureErrorCode.BODY_UNEXPECTED


def test_a_get_carries_no_body() -> None:
    message = a_message()
    message.target = Target("GET", message.target.authority, message.target.path, "")
    sign_over(message, f"duijie=({COVERED}){PARAMS}", a_key())

    assert message.rejection() == SignatureErrorCode.BODY_UNEXPECTED


def test_the_key_record_decides_the_algorithm() -> None:
    # Given an Ed25519 link, a mac over the public key's bytes must not pass for a signature
    message = a_message(Suite.ED25519)
    for params in (PARAMS, PARAMS.replace(';alg="hmac-sha256"', "")):
        public = a_key(Suite.ED25519).public_half().material
        forger = Key.secret("province-410000", Suite.HMAC_SHA256, public)
        sign_over(message, f"duijie=({COVERED}){params}", forger)
        assert message.rejection() in {
            SignatureErrorCode.ALGORITHM_MISMATCH,
            SignatureErrorCode.MISMATCH,
        }


@pytest.mark.parametrize("suite", list(Suite))
def test_a_key_of_another_party_or_none_at_all_is_refused(suite: Suite) -> None:
    message = a_message(suite)
    other_key = a_key(suite, fill=8)

    message.links["province-410000"] = Link(ours=other_key, theirs=other_key.public_half())
    assert message.rejection() == SignatureErrorCode.MISMATCH
    message.links.clear()  # 停用: a retired key is not in the table
    assert message.rejection() == SignatureErrorCode.UNKNOWN_KEY


def test_an_ed25519_signature_with_a_scalar_out_of_range_is_refused() -> None:
    message = a_message(Suite.ED25519)
    target = Target.from_url("POST", URL)
    signed = sign_request(
        a_key(Suite.ED25519), target, body=BODY, content_type=JSON, now=NOW, nonce=NONCE
    )
    order = 2**252 + 27742317777372353535851937790883648493
    assert signed.signature == message.headers["Signature"]
    plain = _raw(signed.signature)
    scalar = int.from_bytes(plain[32:], "little") + order
    message.headers["Signature"] = (
        f"duijie=:{b64encode(plain[:32] + scalar.to_bytes(32, 'little')).decode()}:"
    )

    assert scalar < 2**256
    assert message.rejection() == SignatureErrorCode.MISMATCH


def _raw(field: str) -> bytes:
    return b64decode(field.removeprefix("duijie=:").removesuffix(":"))


def test_a_public_key_cannot_sign() -> None:
    with pytest.raises(KeyRejected) as refused:
        sign_request(
            a_key(Suite.ED25519).public_half(),
            Target.from_url("GET", URL),
            body=None,
            content_type=None,
            now=NOW,
        )

    assert refused.value.code is SignatureErrorCode.KEY_CANNOT_SIGN


@pytest.mark.parametrize(
    ("method", "content_type", "nonce", "lifetime_s"),
    [
        ("POST", None, NONCE, 300),
        ("GET", JSON, NONCE, 300),
        ("POST", JSON, "short", 300),
        ("POST", JSON, NONCE, 0),
        ("POST", JSON, NONCE, 901),
    ],
)
def test_the_signer_refuses_to_make_what_no_verifier_accepts(
    method: str, content_type: str | None, nonce: str, lifetime_s: int
) -> None:
    with pytest.raises(ValueError, match="needs"):
        sign_request(
            a_key(),
            Target.from_url(method, URL),
            body=BODY,
            content_type=content_type,
            now=NOW,
            nonce=nonce,
            lifetime_s=lifetime_s,
        )


def test_the_signer_refuses_a_content_type_of_two_lines() -> None:
    with pytest.raises(SignatureRejected):
        sign_request(a_key(), Target.from_url("POST", URL), body=BODY, content_type="a\nb", now=NOW)


def test_headers_are_found_whatever_their_case() -> None:
    message = a_message()
    message.headers = CIMultiDict((k.upper(), v) for k, v in message.headers.items())

    assert message.rejection() == "accepted"
