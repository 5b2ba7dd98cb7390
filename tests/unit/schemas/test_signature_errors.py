"""The negative table: what is refused, each with its own code and nothing proven."""

from base64 import b64encode
from collections.abc import Callable

import pytest

from schemas.signing import SignatureErrorCode, Target
from schemas.signing.digests import content_digest
from tests.unit.schemas.signing_messages import (
    BODY,
    COVERED,
    CREATED,
    JSON,
    NONCE,
    Message,
    a_message,
    made_to_measure,
    params,
)

Change = Callable[[Message], None]


def put(name: str, value: str) -> Change:
    return lambda message: message.headers.__setitem__(name, value)


def drop(name: str) -> Change:
    return lambda message: message.headers.__delitem__(name)


def retarget(**parts: str) -> Change:
    def change(message: Message) -> None:
        old = message.target
        now = {
            "method": old.method,
            "authority": old.authority,
            "path": old.path,
            "query": old.query,
            **parts,
        }
        message.target = Target(**now)

    return change


def rebody(body: bytes, digest: str | None = None) -> Change:
    def change(message: Message) -> None:
        message.body = body
        if digest is not None:
            message.headers["Content-Digest"] = digest

    return change


def edit(name: str, old: str, new: str) -> Change:
    def change(message: Message) -> None:
        assert old in message.headers[name]
        message.headers[name] = message.headers[name].replace(old, new)

    return change


def signature_becomes(change: Callable[[str], str]) -> Change:
    return lambda m: m.headers.__setitem__("Signature", change(m.headers["Signature"]))


TAMPERED: dict[str, tuple[Change, SignatureErrorCode]] = {
    "no signature": (drop("Signature"), SignatureErrorCode.MISSING),
    "no signature input": (drop("Signature-Input"), SignatureErrorCode.MISSING),
    "label differs": (edit("Signature", "duijie=", "other="), SignatureErrorCode.LABEL_MISMATCH),
    "signature is a string": (put("Signature", 'duijie="AAAA"'), SignatureErrorCode.MALFORMED),
    "signature is a list": (put("Signature", "duijie=(:AAAA:)"), SignatureErrorCode.MALFORMED),
    "other tag": (edit("Signature-Input", "duijie-v1", "duijie-v2"), SignatureErrorCode.WRONG_TAG),
    "tag in capitals": (
        edit("Signature-Input", "duijie-v1", "DUIJIE-V1"),
        SignatureErrorCode.WRONG_TAG,
    ),
    "unknown key": (edit("Signature-Input", "410000", "430000"), SignatureErrorCode.UNKNOWN_KEY),
    "key id in other case": (
        edit("Signature-Input", "prov", "Prov"),
        SignatureErrorCode.UNKNOWN_KEY,
    ),
    "alg none": (
        edit("Signature-Input", "hmac-sha256", "none"),
        SignatureErrorCode.ALGORITHM_MISMATCH,
    ),
    "alg empty": (
        edit("Signature-Input", "hmac-sha256", ""),
        SignatureErrorCode.ALGORITHM_MISMATCH,
    ),
    "alg of another suite": (
        edit("Signature-Input", "hmac-sha256", "ed25519"),
        SignatureErrorCode.ALGORITHM_MISMATCH,
    ),
    "alg dropped": (edit("Signature-Input", ';alg="hmac-sha256"', ""), SignatureErrorCode.MISMATCH),
    "list reordered": (
        edit("Signature-Input", '"@method" "@authority"', '"@authority" "@method"'),
        SignatureErrorCode.MISMATCH,
    ),
    "lifetime changed": (
        edit("Signature-Input", str(CREATED + 300), str(CREATED + 299)),
        SignatureErrorCode.MISMATCH,
    ),
    "nonce exchanged": (edit("Signature-Input", NONCE, NONCE[::-1]), SignatureErrorCode.MISMATCH),
    "method": (retarget(method="PUT"), SignatureErrorCode.MISMATCH),
    "method in lower case": (retarget(method="post"), SignatureErrorCode.MISMATCH),
    "host": (retarget(authority="entry.example.com"), SignatureErrorCode.MISMATCH),
    "port": (retarget(authority="entry.example.cn:8443"), SignatureErrorCode.MISMATCH),
    "path": (retarget(path="/national/v1/ping"), SignatureErrorCode.MISMATCH),
    "path with %2F": (retarget(path="/national%2Fv1/outcomes"), SignatureErrorCode.MISMATCH),
    "path with //": (retarget(path="/national//v1/outcomes"), SignatureErrorCode.MISMATCH),
    "path with ./": (retarget(path="/national/./v1/outcomes"), SignatureErrorCode.MISMATCH),
    "path in other case": (retarget(path="/National/v1/outcomes"), SignatureErrorCode.MISMATCH),
    "path with a slash more": (
        retarget(path="/national/v1/outcomes/"),
        SignatureErrorCode.MISMATCH,
    ),
    "query added": (retarget(query="limit=100&area=419001&x=1"), SignatureErrorCode.MISMATCH),
    "query dropped": (retarget(query=""), SignatureErrorCode.MISMATCH),
    "query reordered": (retarget(query="area=419001&limit=100"), SignatureErrorCode.MISMATCH),
    "query doubled": (
        retarget(query="limit=100&limit=100&area=419001"),
        SignatureErrorCode.MISMATCH,
    ),
    "line smuggled in": (retarget(path='/x\n"@query": ?'), SignatureErrorCode.MALFORMED),
    "path not ascii": (retarget(path="/失业"), SignatureErrorCode.MALFORMED),
    "content type": (put("Content-Type", "text/plain"), SignatureErrorCode.MISMATCH),
    "content type twice": (
        lambda m: m.headers.add("Content-Type", JSON),
        SignatureErrorCode.MISMATCH,
    ),
    "content type dropped": (drop("Content-Type"), SignatureErrorCode.COMPONENT_MISSING),
    "body": (rebody(BODY[:-1] + b" "), SignatureErrorCode.DIGEST_MISMATCH),
    "body longer": (rebody(BODY + b"\n"), SignatureErrorCode.DIGEST_MISMATCH),
    "body with its digest": (
        rebody(b"{}", content_digest("sha-256", b"{}")),
        SignatureErrorCode.MISMATCH,
    ),
    "body dropped": (rebody(b""), SignatureErrorCode.BODY_UNEXPECTED),
    "digest dropped": (drop("Content-Digest"), SignatureErrorCode.DIGEST_MISSING),
    "digest twice": (
        lambda m: m.headers.add("Content-Digest", m.headers["Content-Digest"]),
        SignatureErrorCode.MISMATCH,
    ),
    "signature twice": (
        lambda m: m.headers.add("Signature", m.headers["Signature"]),
        SignatureErrorCode.MALFORMED,
    ),
    "input twice": (
        lambda m: m.headers.add("Signature-Input", m.headers["Signature-Input"]),
        SignatureErrorCode.MALFORMED,
    ),
    "signature of 8 KB": (put("Signature", f"duijie=:{'A' * 8192}:"), SignatureErrorCode.MALFORMED),
    "signature empty": (put("Signature", "duijie=::"), SignatureErrorCode.MISMATCH),
    "signature cut": (signature_becomes(lambda s: f"{s[:19]}:"), SignatureErrorCode.MALFORMED),
    "signature shorter": (
        signature_becomes(lambda s: f"duijie=:{b64encode(b'1' * 31).decode()}:"),
        SignatureErrorCode.MISMATCH,
    ),
    "padding dropped": (
        signature_becomes(lambda s: s.removesuffix("=:") + ":"),
        SignatureErrorCode.MALFORMED,
    ),
    "base64url": (signature_becomes(lambda s: s.replace(s[9], "_")), SignatureErrorCode.MALFORMED),
    "line break inside": (
        signature_becomes(lambda s: f"{s[:20]}\n{s[20:]}"),
        SignatureErrorCode.MALFORMED,
    ),
}


@pytest.mark.parametrize("case", TAMPERED)
def test_a_change_on_the_way_is_refused(case: str) -> None:
    change, code = TAMPERED[case]
    message = a_message()
    change(message)

    assert message.rejection() == code


def test_the_last_character_of_a_signature_has_one_spelling() -> None:
    message = a_message()
    value = message.headers["Signature"]
    head, last = value[:-3], value[-3]  # …x=: the lowest two bits of x are padding
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    message.headers["Signature"] = f"{head}{alphabet[alphabet.index(last) ^ 1]}=:"

    assert message.rejection() == SignatureErrorCode.MALFORMED


NAMES = COVERED.split(" ")
UNFIT_LISTS: dict[str, tuple[str, SignatureErrorCode]] = {
    **{
        f"without {name}": (
            " ".join(each for each in NAMES if each != name),
            SignatureErrorCode.COMPONENT_MISSING,
        )
        for name in NAMES
    },
    "nothing covered": ("", SignatureErrorCode.COMPONENT_MISSING),
    "covered twice": (f'{COVERED} "@path"', SignatureErrorCode.COMPONENT_REPEATED),
    "header covered twice": (f'{COVERED} "content-type"', SignatureErrorCode.COMPONENT_REPEATED),
    "absent header": (f'{COVERED} "x-absent"', SignatureErrorCode.COMPONENT_MISSING),
    "target uri": (f'{COVERED} "@target-uri"', SignatureErrorCode.COMPONENT_UNKNOWN),
    "structured form": (f'{COVERED} "content-type";sf', SignatureErrorCode.COMPONENT_UNKNOWN),
}
UNFIT_PARAMETERS: dict[str, tuple[str, SignatureErrorCode]] = {
    "created missing": (params(created=None), SignatureErrorCode.PARAMETER_MISSING),
    "expires missing": (params(expires=None), SignatureErrorCode.PARAMETER_MISSING),
    "nonce missing": (params(nonce=None), SignatureErrorCode.PARAMETER_MISSING),
    "key id missing": (params(keyid=None), SignatureErrorCode.PARAMETER_MISSING),
    "tag missing": (params(tag=None), SignatureErrorCode.WRONG_TAG),
    "tag a word": (params(tag="duijie-v1"), SignatureErrorCode.WRONG_TAG),
    "created a decimal": (params(created=f"{CREATED}.0"), SignatureErrorCode.PARAMETER_INVALID),
    "created text": (params(created=f'"{CREATED}"'), SignatureErrorCode.PARAMETER_INVALID),
    "created a flag": (params(created="?1"), SignatureErrorCode.PARAMETER_INVALID),
    "created negative": (params(created="-1"), SignatureErrorCode.PARAMETER_INVALID),
    "created in milliseconds": (
        params(created=f"{CREATED}000"),
        SignatureErrorCode.PARAMETER_INVALID,
    ),
    "times in milliseconds": (
        params(created=f"{CREATED}000", expires=f"{CREATED}300"),
        SignatureErrorCode.NOT_YET_VALID,
    ),
    "expires a decimal": (params(expires=f"{CREATED + 9}.5"), SignatureErrorCode.PARAMETER_INVALID),
    "expires at once": (params(expires=str(CREATED)), SignatureErrorCode.PARAMETER_INVALID),
    "expires before": (params(expires="0"), SignatureErrorCode.PARAMETER_INVALID),
    "living too long": (params(expires=str(CREATED + 301)), SignatureErrorCode.LIFETIME_TOO_LONG),
    "created huge": (
        params(created="999999999999998", expires="999999999999999"),
        SignatureErrorCode.NOT_YET_VALID,
    ),
    "created at the beginning of time": (
        params(created="0", expires="300"),
        SignatureErrorCode.EXPIRED,
    ),
    "nonce short": (params(nonce=f'"{NONCE[:21]}"'), SignatureErrorCode.NONCE_UNFIT),
    "nonce long": (params(nonce=f'"{"a" * 129}"'), SignatureErrorCode.NONCE_UNFIT),
    "nonce with spaces": (params(nonce=f'"{"a b" * 10}"'), SignatureErrorCode.NONCE_UNFIT),
    "nonce padded": (params(nonce=f'"{NONCE}=="'), SignatureErrorCode.NONCE_UNFIT),
    "nonce binary": (
        params(nonce=":AAECAwQFBgcICQoLDA0ODw==:"),
        SignatureErrorCode.PARAMETER_INVALID,
    ),
    "alg a word": (params(alg="hmac-sha256"), SignatureErrorCode.PARAMETER_INVALID),
    "key id a number": (params(keyid="410000"), SignatureErrorCode.PARAMETER_INVALID),
}


@pytest.mark.parametrize("case", UNFIT_LISTS)
def test_a_signature_that_computes_but_covers_the_wrong_things_is_refused(case: str) -> None:
    covered, code = UNFIT_LISTS[case]

    assert made_to_measure(covered).rejection() == code


@pytest.mark.parametrize("case", UNFIT_PARAMETERS)
def test_a_signature_that_computes_but_says_too_little_is_refused(case: str) -> None:
    parameters, code = UNFIT_PARAMETERS[case]

    assert made_to_measure(params=parameters).rejection() == code


@pytest.mark.parametrize(
    "parameters", [params(), params(alg=None), params(nonce='"' + "0af" * 20 + '"')]
)
def test_what_is_made_to_measure_and_says_enough_is_accepted(parameters: str) -> None:
    assert made_to_measure(params=parameters).rejection() == "accepted"


def test_two_signatures_with_our_tag_are_refused_even_if_both_compute() -> None:
    message, second = a_message(), made_to_measure(label="again")
    for name in ("Signature-Input", "Signature"):
        message.headers.add(name, second.headers[name])

    assert message.rejection() == SignatureErrorCode.AMBIGUOUS


def test_a_member_of_signature_input_that_is_no_list_is_refused() -> None:
    message = a_message()
    message.headers.add("Signature-Input", "other=1")

    assert message.rejection() == SignatureErrorCode.MALFORMED
