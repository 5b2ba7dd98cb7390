"""Several keys of one party: which one signs, which ones verify, and how their file reads."""

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from schemas.signing import (
    Key,
    KeyRejected,
    KeySet,
    Link,
    ReloadableKeys,
    SignatureErrorCode,
    SignatureRejected,
    Suite,
    Target,
    Validity,
    new_key,
    read_key_file,
    read_key_set,
    sign_answer,
    sign_request,
    verify_answer,
    write_key_file,
    write_key_set,
)
from tests.unit.schemas.signing_messages import BODY, JSON, NOW, URL, Message, a_key

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
UNKNOWN = SignatureErrorCode.UNKNOWN_KEY
OLD = a_key(key_id="old", fill=1).valid(Validity(until=NOW + HOUR))
NEW = a_key(key_id="new", fill=2).valid(Validity(since=NOW))
BOTH = KeySet((OLD, NEW))


def a_request(key: Key, theirs: KeySet, *, at: datetime = NOW) -> Message:
    """Return a request signed at an instant with `key`, whatever its validity."""
    target = Target.from_url("POST", URL)
    always = key.valid(Validity())
    signed = sign_request(always, target, body=BODY, content_type=JSON, now=at)
    message = Message(target, _headers(signed.headers), BODY)
    message.links = dict.fromkeys(theirs.key_ids, Link(OLD, theirs))
    return message


def _headers(signed: dict[str, str]) -> CIMultiDict[str]:
    return CIMultiDict({**signed, "Content-Type": JSON})


def test_the_newest_valid_key_signs_and_the_last_of_equals() -> None:
    assert BOTH.signing(NOW - SECOND) is OLD
    assert BOTH.signing(NOW) is NEW
    assert BOTH.signing(NOW + HOUR) is NEW
    plain = [a_key(key_id=name) for name in ("a", "b")]
    assert KeySet(tuple(plain)).signing(NOW) is plain[1]


def test_a_revoked_key_signs_no_more_from_any_time_on() -> None:
    keys = KeySet((OLD, NEW.valid(Validity(revoked=True))))
    assert keys.signing(NOW) is OLD


def test_where_no_key_is_valid_nothing_is_signed() -> None:
    for at, keys in ((NOW + HOUR, OLD), (NOW - SECOND, NEW), (NOW + HOUR, KeySet((OLD,)))):
        with pytest.raises(KeyRejected) as refused:
            sign_answer(keys, status=200, body=b"", request_signature="s", now=at)
        assert refused.value.code is SignatureErrorCode.KEY_NOT_VALID


def test_while_a_key_is_exchanged_messages_of_both_are_accepted() -> None:
    for key in (OLD, NEW):
        assert a_request(key, BOTH).rejection() == "accepted"


NOT_VALID = {
    "expired": Validity(until=NOW),
    "not yet valid": Validity(since=NOW + SECOND),
    "revoked": Validity(revoked=True),
    "revoked within its time": Validity(NOW - HOUR, NOW + HOUR, revoked=True),
}


@pytest.mark.parametrize("suite", Suite)
@pytest.mark.parametrize("case", NOT_VALID)
def test_a_key_that_does_not_count_is_an_unknown_key(case: str, suite: Suite) -> None:
    key = new_key("k", suite)
    theirs = KeySet((key.public_half().valid(NOT_VALID[case]), NEW))

    assert a_request(key, theirs).rejection() == UNKNOWN

    signed = sign_answer(key, status=200, body=BODY, request_signature="s", now=NOW)
    with pytest.raises(SignatureRejected) as refused:
        verify_answer(
            theirs,
            status=200,
            headers=_headers(signed),
            body=BODY,
            request_signature="s",
            now=NOW,
        )
    assert refused.value.code is UNKNOWN


def test_a_key_is_judged_by_the_senders_clock_so_that_both_may_begin_with_it() -> None:
    # Given a sender whose clock is 30 s ahead, and signs with a key that begins now by it
    message = a_request(NEW, BOTH, at=NOW)
    assert message.rejection(NOW - timedelta(seconds=30)) == "accepted"

    # And a message under way while its key ends
    last = a_request(OLD, BOTH, at=NOW + HOUR - SECOND)
    assert last.rejection(NOW + HOUR + timedelta(seconds=20)) == "accepted"
    assert a_request(OLD, BOTH, at=NOW + HOUR).rejection(NOW + HOUR) == UNKNOWN


instants = st.integers(-5, 5).map(lambda hours: NOW + hours * HOUR)


@given(st.lists(instants, min_size=2, max_size=5, unique=True).map(sorted), instants)
def test_keys_that_follow_one_another_leave_no_instant_without_one(
    edges: list[datetime], at: datetime
) -> None:
    keys = KeySet(
        tuple(
            a_key(key_id=f"k{number}").valid(Validity(since, until))
            for number, (since, until) in enumerate(pairwise(edges))
        )
    )
    if edges[0] <= at < edges[-1]:
        key = keys.signing(at)
        assert key.validity.holds(at)
        assert keys.verifying(key.key_id, at) is key
    else:
        with pytest.raises(KeyRejected):
            keys.signing(at)


@pytest.mark.parametrize("suite", Suite)
def test_a_set_survives_its_file_with_the_validity_of_each(suite: Suite, tmp_path: Path) -> None:
    keys = KeySet(
        (
            new_key("a", suite).valid(Validity(until=NOW, revoked=True)),
            new_key("b", suite).valid(Validity(since=NOW, until=NOW + HOUR)),
            new_key("c", suite),
        )
    )
    path = tmp_path / "keys.json"
    write_key_set(path, keys)
    assert read_key_set(path) == keys
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(KeyRejected, match="more than one"):
        read_key_file(path)


def test_the_file_of_one_key_may_say_when_it_counts(tmp_path: Path) -> None:
    path = tmp_path / "k"
    write_key_file(path, new_key("k", Suite.ED25519).valid(Validity(since=NOW)))

    assert read_key_file(path).validity == Validity(since=NOW)
    assert json.loads(path.read_text())["not_before"] == NOW.isoformat()


@pytest.mark.parametrize(
    "members",
    [
        {"not_before": "2026-01-01"},
        {"not_before": "2026-01-01T00:00:00"},
        {"not_after": 1767225600},
        {"not_before": "2026-02-01T00:00:00Z", "not_after": "2026-02-01T00:00:00Z"},
        {"revoked": "yes"},
        {"revoked_at": "2026-02-01T00:00:00Z"},
    ],
)
def test_a_validity_that_cannot_be_read_is_refused(
    members: dict[str, object], tmp_path: Path
) -> None:
    path = tmp_path / "k"
    write_key_file(path, new_key("k", Suite.ED25519))
    path.write_text(json.dumps(json.loads(path.read_text()) | members))

    with pytest.raises(KeyRejected) as refused:
        read_key_set(path)
    assert refused.value.code is SignatureErrorCode.KEY_MALFORMED


@pytest.mark.parametrize("change", ["empty", "twice", "more", "no list", "a text"])
def test_a_set_that_is_none_is_refused(change: str, tmp_path: Path) -> None:
    path = tmp_path / "k"
    write_key_file(path, new_key("k", Suite.ED25519))
    key = json.loads(path.read_text())
    unfit: dict[str, object] = {
        "empty": {"keys": []},
        "twice": {"keys": [key, key]},
        "more": {"keys": [key], "note": "x"},
        "no list": {"keys": key},
        "a text": {"keys": ["k"]},
    }
    path.write_text(json.dumps(unfit[change]))

    with pytest.raises(KeyRejected, match=str(path)):
        read_key_set(path)


def test_whoever_holds_a_link_sees_its_keys_exchanged() -> None:
    link = Link(OLD, BOTH).reloadable()
    ours, theirs = link.ours, link.theirs

    link.exchange(Link(NEW, KeySet((NEW,))).reloadable())

    assert ours.signing(NOW) is NEW
    assert theirs.key_ids == ("new",)
    assert list(theirs) == [NEW]
    assert isinstance(ours, ReloadableKeys)
    with pytest.raises(TypeError):
        Link(OLD, NEW).exchange(link)


def test_ends_of_a_validity_have_a_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Validity(since=datetime(2026, 1, 1))  # noqa: DTZ001 - the zone is what it is about
    assert Validity(since=datetime(2026, 1, 1, tzinfo=UTC)).holds(NOW)
