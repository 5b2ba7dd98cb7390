"""Header conventions met in practice: each verifies what it should, and nothing else."""

import hashlib
import hmac
from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
from multidict import CIMultiDict

from schemas.signing import KeyRejected, SignatureErrorCode, SignatureRejected
from schemas.signing.header_profiles import PROFILES
from schemas.signing.header_signatures import (
    Credentials,
    HeaderProfile,
    WeaklyVerified,
    sign_headers,
    verify_headers,
)

NOW = datetime(2026, 11, 23, 1, 30, 0, 250_000, tzinfo=UTC)
MS = str(int(NOW.timestamp() * 1000))
S = str(int(NOW.timestamp()))
SECRET = b"0123456789abcdef0123456789abcdef"
CREDENTIALS = Credentials("province-410000", SECRET, "unemployment")
NONCE = "AAECAwQFBgcICQoLDA0ODw"
WITH_NONCE = [name for name, profile in PROFILES.items() if profile.has_nonce]
WITHOUT_NONCE = [name for name in PROFILES if name not in WITH_NONCE]


def mac(text: str) -> str:
    return b64encode(hmac.digest(SECRET, text.encode(), "sha256")).decode()


# What the published conventions say, written out by hand.
EXPECTED: dict[str, dict[str, str]] = {
    "national-sharing": {
        "gjzwfwpt_rid": "province-410000",
        "gjzwfwpt_sid": "unemployment",
        "gjzwfwpt_rtime": MS,
        "gjzwfwpt_sign": mac(f"unemploymentprovince-410000{MS}"),
    },
    "national-sharing-rid-first": {
        "gjzwfwpt_rid": "province-410000",
        "gjzwfwpt_sid": "unemployment",
        "gjzwfwpt_rtime": MS,
        "gjzwfwpt_sign": mac(f"province-410000unemployment{MS}"),
    },
    "tif-paas": {
        "x-tif-paasid": "province-410000",
        "x-tif-timestamp": S,
        "x-tif-nonce": NONCE,
        "x-tif-serviceId": "unemployment",
        "x-tif-signature": hashlib.sha256(f"{S}{SECRET.decode()}{NONCE}{S}".encode()).hexdigest(),
    },
    "henan-sharing": {
        "gateway_appid": "province-410000",
        "gateway_rtime": MS,
        "gateway_sig": mac(f"province-410000{MS}"),
    },
    "shandong-open-data": {
        "X-Client-Id": "province-410000",
        "X-Timestamp": MS,
        "X-Nonce": NONCE,
        "X-Signature": mac(f"province-410000{MS}{NONCE}"),
    },
}


def signed(profile: HeaderProfile, credentials: Credentials = CREDENTIALS) -> CIMultiDict[str]:
    nonce = NONCE if profile.has_nonce else None
    return CIMultiDict(sign_headers(profile, credentials, now=NOW, nonce=nonce))


def verified(
    profile: HeaderProfile, headers: CIMultiDict[str], now: datetime = NOW
) -> WeaklyVerified:
    return verify_headers(profile, {CREDENTIALS.caller: CREDENTIALS}, headers, now=now)


def rejection(
    profile: HeaderProfile, headers: CIMultiDict[str], now: datetime = NOW
) -> SignatureErrorCode:
    with pytest.raises(SignatureRejected) as refused:
        verified(profile, headers, now)
    return refused.value.code


@pytest.fixture(params=list(PROFILES))
def profile(request: pytest.FixtureRequest) -> HeaderProfile:
    return PROFILES[request.param]


def test_the_headers_are_those_of_the_convention(profile: HeaderProfile) -> None:
    assert dict(signed(profile)) == EXPECTED[profile.name]


def test_what_is_signed_verifies(profile: HeaderProfile) -> None:
    headers = CIMultiDict((name.upper(), value) for name, value in signed(profile).items())

    proof = verified(profile, headers)
    assert proof.caller == "province-410000"
    assert abs(proof.sent_at - NOW) < timedelta(seconds=1)
    assert proof.expires - proof.sent_at == timedelta(seconds=600)


def test_every_header_but_the_unsigned_one_is_needed_once_and_guarded(
    profile: HeaderProfile,
) -> None:
    for name in signed(profile):
        if name == profile.service_header:
            continue
        missing, twice, changed = signed(profile), signed(profile), signed(profile)
        del missing[name]
        twice.add(name, twice[name])
        changed[name] = changed[name][:-1] + ("1" if changed[name][-1] != "1" else "2")
        assert rejection(profile, missing) is SignatureErrorCode.MISSING
        assert rejection(profile, twice) is SignatureErrorCode.MALFORMED
        assert rejection(profile, changed) in {
            SignatureErrorCode.MISMATCH,
            SignatureErrorCode.UNKNOWN_KEY,
        }


@pytest.mark.parametrize("value", ["", "two words", "签名", "a\nb", "a" * 129])
def test_a_value_that_is_not_one_printable_word_is_refused(
    profile: HeaderProfile, value: str
) -> None:
    for name in (*profile.headers.values(), profile.signature_header):
        headers = signed(profile)
        headers[name] = value
        assert rejection(profile, headers) is SignatureErrorCode.MALFORMED


def test_another_secret_is_refused(profile: HeaderProfile) -> None:
    other = Credentials(CREDENTIALS.caller, SECRET[::-1], CREDENTIALS.service)

    assert rejection(profile, signed(profile, other)) is SignatureErrorCode.MISMATCH


def test_a_caller_nobody_knows_is_refused(profile: HeaderProfile) -> None:
    unknown = Credentials("province-430000", SECRET, CREDENTIALS.service)

    assert rejection(profile, signed(profile, unknown)) is SignatureErrorCode.UNKNOWN_KEY


def test_the_window_ends_on_both_sides(profile: HeaderProfile) -> None:
    headers, sent_at = signed(profile), verified(profile, signed(profile)).sent_at
    late, early = sent_at + timedelta(seconds=600), sent_at - timedelta(seconds=60)
    moment = timedelta(milliseconds=1)

    assert verified(profile, headers, late).sent_at == sent_at
    assert verified(profile, headers, early).sent_at == sent_at
    assert rejection(profile, headers, late + moment) is SignatureErrorCode.EXPIRED
    assert rejection(profile, headers, early - moment) is SignatureErrorCode.NOT_YET_VALID


def test_a_time_in_another_unit_or_form_is_refused(profile: HeaderProfile) -> None:
    name = next(header for part, header in profile.headers.items() if part == "time")
    written = signed(profile)[name]
    for text in (
        written[:-3],
        written + "000",
        f"+{written[1:]}",
        f"-{written[1:]}",
        "１" * len(written),
    ):
        headers = signed(profile)
        headers[name] = text
        assert rejection(profile, headers) in {
            SignatureErrorCode.PARAMETER_INVALID,
            SignatureErrorCode.MALFORMED,
        }


@pytest.mark.parametrize("name", WITH_NONCE)
def test_a_nonce_is_new_each_time_and_becomes_the_replay_key(name: str) -> None:
    profile = PROFILES[name]
    keys = set()
    for _ in range(20):
        headers = CIMultiDict(sign_headers(profile, CREDENTIALS, now=NOW))
        keys.add(verified(profile, headers).replay_key)
    assert len(keys) == 20
    assert verified(profile, signed(profile)).replay_key == f"province-410000:{NONCE}"


@pytest.mark.parametrize("name", WITH_NONCE)
@pytest.mark.parametrize("nonce", ["short", "x" * 129, "with:colon"])
def test_an_unfit_nonce_is_neither_sent_nor_taken(name: str, nonce: str) -> None:
    profile = PROFILES[name]
    with pytest.raises(ValueError, match="nonce"):
        sign_headers(profile, CREDENTIALS, now=NOW, nonce=nonce)
    headers = signed(profile)
    headers[profile.headers[next(part for part in profile.headers if part == "nonce")]] = nonce
    assert rejection(profile, headers) in {
        SignatureErrorCode.NONCE_UNFIT,
        SignatureErrorCode.MALFORMED,
    }


@pytest.mark.parametrize("name", WITHOUT_NONCE)
def test_without_a_nonce_the_signature_itself_is_the_replay_key(name: str) -> None:
    profile = PROFILES[name]
    again = CIMultiDict(sign_headers(profile, CREDENTIALS, now=NOW + timedelta(milliseconds=1)))

    first = verified(profile, signed(profile)).replay_key
    assert first == f"province-410000:{EXPECTED[name][profile.signature_header]}"
    assert verified(profile, again).replay_key != first
    with pytest.raises(ValueError, match="no nonce"):
        sign_headers(profile, CREDENTIALS, now=NOW, nonce=NONCE)


def test_the_two_orders_of_the_national_convention_do_not_verify_each_other() -> None:
    one, other = PROFILES["national-sharing"], PROFILES["national-sharing-rid-first"]

    assert rejection(one, signed(other)) is SignatureErrorCode.MISMATCH
    assert rejection(other, signed(one)) is SignatureErrorCode.MISMATCH


def test_a_name_cannot_borrow_letters_from_its_neighbour() -> None:
    # Given two callers whose names run into the service's to the same string
    profile = PROFILES["national-sharing-rid-first"]
    ours, theirs = Credentials("ab", SECRET, "cservice"), Credentials("abc", SECRET, "service")
    headers = CIMultiDict(sign_headers(profile, ours, now=NOW))
    assert headers["gjzwfwpt_sign"] == sign_headers(profile, theirs, now=NOW)["gjzwfwpt_sign"]

    # Then the service that is sent has to be the one on record
    headers["gjzwfwpt_rid"] = "abc"
    with pytest.raises(SignatureRejected) as refused:
        verify_headers(profile, {"abc": theirs}, headers, now=NOW)
    assert refused.value.code is SignatureErrorCode.MISMATCH


def test_hexadecimal_is_taken_in_either_case_and_base64_is_not() -> None:
    for name, taken in (("tif-paas", True), ("shandong-open-data", False)):
        profile = PROFILES[name]
        headers = signed(profile)
        headers[profile.signature_header] = headers[profile.signature_header].upper()
        if taken:
            assert verified(profile, headers).caller == "province-410000"
        else:
            assert rejection(profile, headers) is SignatureErrorCode.MISMATCH


def test_every_convention_says_that_it_is_weak_and_why(profile: HeaderProfile) -> None:
    assert profile.weak
    assert "正文" in profile.weakness
    # The reason holds: the same headers go with any body, method and path, for none is asked for.
    assert not {"body", "method", "path"} & set(profile.order)


def test_a_service_is_needed_where_the_string_has_one() -> None:
    nameless = Credentials("province-410000", SECRET)
    for name in PROFILES:
        if name.startswith("national"):
            with pytest.raises(ValueError, match="needs the name of the service"):
                sign_headers(PROFILES[name], nameless, now=NOW)
        else:
            assert "unemployment" not in sign_headers(PROFILES[name], nameless, now=NOW).values()


def test_short_secrets_and_unfit_names_are_refused_and_secrets_are_not_shown() -> None:
    for caller, secret in (("a", b"s" * 15), ("two words", SECRET), ("", SECRET)):
        with pytest.raises(KeyRejected):
            Credentials(caller, secret)
    assert "0123456789" not in repr(CREDENTIALS)


def test_the_window_and_the_clock_are_checked(profile: HeaderProfile) -> None:
    for max_age_s in (59, 901):
        with pytest.raises(ValueError, match="60 to 900"):
            verify_headers(profile, {}, signed(profile), now=NOW, max_age_s=max_age_s)
    with pytest.raises(ValueError, match="time zone"):
        sign_headers(profile, CREDENTIALS, now=NOW.replace(tzinfo=None))
