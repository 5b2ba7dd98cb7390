"""The annex on signing says what the code does: sizes, members, order, numbers, names of codes."""

import re
from base64 import b64encode
from datetime import timedelta
from pathlib import Path

import pytest

from contracts.publish.export import PUBLISHED
from gateway.web.signatures import NONCE_MARGIN
from schemas.signing import EXPLANATIONS, SignatureErrorCode, Suite, Validity, Window
from schemas.signing.keyfile_writing import write_key_file
from schemas.signing.keys import Key
from schemas.signing.policy import MAX_AGE_S, MIN_AGE_S
from schemas.signing.request_bases import NONCE
from schemas.signing.sm2.port import DEFAULT_SIGNER_ID
from schemas.signing.suites import MIN_SECRET_BYTES
from tests.unit.schemas.signing_messages import (
    BODY,
    CREATED,
    NOW,
    Message,
    a_key,
    a_message,
    params,
    sign_over,
)

PAGES = ("signing.md", "signing.en.md")
each_page = pytest.mark.parametrize("page", PAGES)
REPLAYED = SignatureErrorCode.REPLAYED.value


def text_of(page: str) -> str:
    return (PUBLISHED / page).read_text("utf-8")


def a_request(broken: set[str]) -> Message:
    """Return a request that breaks these rules, and no other."""
    changes: dict[str, str | None] = {}
    if "wrong-tag" in broken:
        changes["tag"] = '"other"'
    if "nonce-unfit" in broken:
        changes["nonce"] = '"short"'
    if "parameter-missing" in broken:
        changes["nonce"] = None
    if "unknown-key" in broken:
        changes["keyid"] = '"nobody"'
    if "algorithm-mismatch" in broken:
        changes["alg"] = '"rsa"'
    created = CREATED + 3600 if "not-yet-valid" in broken else CREATED
    created = created - 400 if "expired" in broken and created == CREATED else created
    lifetime = 301 if "lifetime-too-long" in broken else 300
    changes |= {"created": str(created), "expires": str(created + lifetime)}
    message = a_message()
    covered = '"@method" "@authority" "@path" "@query" "content-type" "content-digest"'
    if "component-missing" in broken:
        covered = covered.replace(' "@path"', "")
    sign_over(message, f"duijie=({covered}){params(**changes)}", a_key())
    spoil(message, broken)
    return message


def spoil(message: Message, broken: set[str]) -> None:
    headers = message.headers
    if "mismatch" in broken:
        headers["Signature"] = f"duijie=:{b64encode(bytes(32)).decode()}:"
    if "digest-mismatch" in broken:
        message.body = BODY + b" "
    if "digest-missing" in broken:
        del headers["Content-Digest"]
    if "malformed" in broken:
        headers["Signature-Input"] = headers["Signature-Input"].replace("(", "[", 1)
    if "missing" in broken:
        del headers["Signature"]


@each_page
def test_the_rules_are_checked_in_the_order_of_the_page(page: str) -> None:
    listed = re.findall(r"^\d\. .*", text_of(page), re.MULTILINE)
    order = re.findall(r"`(signature\.[a-z-]+)`", "\n".join(listed))
    assert len(order) == len(set(order)) == 15
    assert order.pop() == REPLAYED  # by the database, after all that can be computed

    left = {code.partition(".")[2] for code in order}
    answered = []
    for code in order:
        answered.append(a_request(left).rejection())
        left.discard(code.partition(".")[2])
    assert answered == order
    assert a_request(set()).rejection() == "accepted"


@each_page
def test_every_code_on_the_page_exists(page: str) -> None:
    named = set(re.findall(r"`((?:signature|key|answer)\.[a-z-]+)`", text_of(page)))
    assert named <= {code.value for code in SignatureErrorCode}
    assert {SignatureErrorCode.DER_ENCODED, SignatureErrorCode.QUERY_MARK_MISSING} <= named


@each_page
def test_the_table_has_every_suite_with_the_size_of_its_signature(page: str) -> None:
    rows = re.findall(r"^\| `([a-z0-9-]+)` \| (\d+) \|", text_of(page), re.MULTILINE)
    sizes = {suite.value: str(len(a_key(suite).engine.sign(b"x"))) for suite in Suite}
    assert dict(rows) == sizes


@each_page
def test_the_members_of_a_key_file_are_those_that_are_written(page: str, tmp_path: Path) -> None:
    pair = Key.private("k", Suite.SM2_SM3, a_key(Suite.SM2_SM3).material)
    ends = Validity(since=NOW, until=NOW + timedelta(days=1), revoked=True)
    keys = (pair, pair.public_half().valid(ends), a_key())
    written = ""
    for number, key in enumerate(keys):
        write_key_file(tmp_path / f"{number}.json", key)
        written += (tmp_path / f"{number}.json").read_text("utf-8")
    members = set(re.findall(r'"([a-z_]+)":', written)) | {"keys"}
    assert members == {
        *("key_id", "suite", "secret", "private", "public", "signer_id"),
        *("not_before", "not_after", "revoked", "keys"),
    }
    assert [name for name in members if f"`{name}`" not in text_of(page)] == []


@each_page
def test_the_numbers_of_the_page_are_those_of_the_code(page: str) -> None:
    text, window = text_of(page), Window()
    assert re.search(rf"\b{window.max_age_s} (秒|seconds)", text)
    assert re.search(rf"{MIN_AGE_S} (至|to) {MAX_AGE_S}", text)
    assert re.search(rf"created` (最多超前|is at most) {window.max_future_s}", text)
    margin = NONCE_MARGIN.total_seconds()
    assert re.search(rf"expires` 之后 {margin:.0f} 秒|{margin:.0f}\s+seconds after `expires`", text)
    assert re.search(rf"{MIN_SECRET_BYTES} (字节|bytes)", text)
    assert re.search(r"22 (至|to) 128", text)
    assert "{22,128}" in NONCE.pattern
    assert f"`{DEFAULT_SIGNER_ID}`" in text


def test_what_cures_a_named_mistake_names_the_page() -> None:
    assert "signing.md" in EXPLANATIONS[SignatureErrorCode.DER_ENCODED].cure
