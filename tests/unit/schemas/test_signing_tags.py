"""The tag says who sends to whom: what goes one way is refused the other way."""

from itertools import product

import pytest
from multidict import CIMultiDict

from contracts.catalogue.operation_types import Side
from contracts.catalogue.operations import OPERATIONS
from schemas.signing import (
    TAG,
    Direction,
    Link,
    SignatureErrorCode,
    SignatureRejected,
    Suite,
    TagForm,
    Tags,
    Target,
    sign_answer,
    sign_request,
    verify_answer,
    verify_request,
)
from schemas.signing.received_signature import read_any_spelling, read_signature
from tests.unit.schemas.signing_messages import (
    BODY,
    JSON,
    NOW,
    URL,
    Message,
    a_key,
    a_message,
    made_to_measure,
    params,
)

WRONG = SignatureErrorCode.WRONG_TAG
DIRECTED = (TagForm.DIRECTED, TagForm.DIRECTED_ONLY)
ALL_TAGS = (TAG, *Direction)
REVERSE = {
    Direction.PROVINCE_TO_NATIONAL: Direction.NATIONAL_TO_PROVINCE,
    Direction.NATIONAL_TO_PROVINCE: Direction.PROVINCE_TO_NATIONAL,
    Direction.PROVINCE_TO_AGENCY: Direction.AGENCY_TO_PROVINCE,
    Direction.AGENCY_TO_PROVINCE: Direction.PROVINCE_TO_AGENCY,
    Direction.PROVINCE_TO_OPERATOR: Direction.OPERATOR_TO_PROVINCE,
    Direction.OPERATOR_TO_PROVINCE: Direction.PROVINCE_TO_OPERATOR,
}


def a_request(suite: Suite, tag: str, tags: Tags) -> Message:
    """Return a request under a tag, as it comes to the party with `tags`."""
    key, target = a_key(suite), Target.from_url("POST", URL)
    signed = sign_request(key, target, body=BODY, content_type=JSON, now=NOW, tag=tag)
    headers = CIMultiDict({**signed.headers, "Content-Type": JSON})
    return Message(target, headers, BODY, {key.key_id: Link(key, key.public_half(), tags)})


@pytest.mark.parametrize("suite", Suite)
@pytest.mark.parametrize("receiver", Direction)
@pytest.mark.parametrize("form", TagForm)
def test_only_what_is_sent_to_us_is_taken(suite: Suite, receiver: Direction, form: TagForm) -> None:
    tags = Tags.of(receiver, form)
    for tag in ALL_TAGS:
        plain = tag == TAG and form is not TagForm.DIRECTED_ONLY
        fits = plain or tag == REVERSE[receiver]
        assert a_request(suite, tag, tags).rejection() == ("accepted" if fits else WRONG)


@pytest.mark.parametrize("suite", Suite)
@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("form", DIRECTED)
def test_what_a_party_sent_itself_is_never_taken_back(
    suite: Suite, direction: Direction, form: TagForm
) -> None:
    # Given a party whose own request comes back to it, at its own host, under its own key
    tags = Tags.of(direction, form)

    assert a_request(suite, tags.sends, tags).rejection() == WRONG


def test_a_party_of_contract_1_0_knows_the_plain_tag_only() -> None:
    for direction in Direction:
        assert a_request(Suite.HMAC_SHA256, direction, Tags()).rejection() == WRONG
    assert a_message().rejection() == "accepted"


@pytest.mark.parametrize(("direction", "form"), list(product(Direction, TagForm)))
def test_an_answer_takes_the_form_of_its_request(direction: Direction, form: TagForm) -> None:
    tags = Tags.of(direction, form)
    assert tags.answering(TAG) == TAG
    assert tags.answering(REVERSE[direction]) == direction


@pytest.mark.parametrize("direction", Direction)
def test_an_answer_of_another_direction_is_not_believed(direction: Direction) -> None:
    key, tags = a_key(), Tags.of(direction, TagForm.DIRECTED)
    for tag in Direction:
        signed = sign_answer(key, status=200, body=BODY, request_signature="s", now=NOW, tag=tag)
        refused = None
        try:
            verify_answer(
                key,
                status=200,
                headers=CIMultiDict(signed),
                body=BODY,
                request_signature="s",
                now=NOW,
                tags=tags,
            )
        except SignatureRejected as exc:
            refused = exc.code
        assert refused == (None if tag == REVERSE[direction] else WRONG)


@pytest.mark.parametrize(
    "tag", ["duijie-v1/", "duijie-v1/agency-to-agency", "duijie-v2", "DUIJIE-V1/agency-to-province"]
)
def test_a_tag_that_nobody_defined_is_no_tag(tag: str) -> None:
    message = made_to_measure(params=params(tag=f'"{tag}"'))
    assert message.rejection() == WRONG


def test_two_signatures_of_this_contract_are_ambiguous_even_in_two_directions() -> None:
    message = a_message()
    second = made_to_measure(params=params(tag=f'"{Direction.AGENCY_TO_PROVINCE}"'), label="again")
    for name in ("Signature-Input", "Signature"):
        message.headers.add(name, second.headers[name])

    assert message.rejection() == SignatureErrorCode.AMBIGUOUS


@pytest.mark.parametrize("tag", ALL_TAGS)
def test_the_fast_way_reads_the_tag_as_the_parser_does(tag: str) -> None:
    headers = a_request(Suite.HMAC_SHA256, tag, Tags()).headers
    received = read_signature(headers)
    assert received.tag == tag
    assert received == read_any_spelling(headers["Signature-Input"], headers["Signature"])


def test_a_message_captured_at_a_test_gateway_proves_nothing_in_production() -> None:
    # Given a request to a test gateway, taken there
    captured = a_message()
    assert captured.rejection() == "accepted"

    # When it is sent to production: under another host, or with the agency's key of production
    other_host = a_message()
    other_host.target = Target.from_url("POST", URL.replace("entry.", "prod."))
    other_key = a_message()
    key = a_key(fill=9)
    other_key.links = {key.key_id: Link(key, key)}

    # Then it is refused both ways
    assert other_host.rejection() == SignatureErrorCode.MISMATCH
    assert other_key.rejection() == SignatureErrorCode.MISMATCH


def test_where_the_tag_is_plain_the_path_tells_the_sides_apart() -> None:
    paths = {side: {one.path for one in OPERATIONS if one.side is side} for side in Side}
    for first, second in product(Side, Side):
        assert first is second or not paths[first] & paths[second]


def test_a_request_is_no_answer_and_an_answer_no_request() -> None:
    key = a_key()
    signed = sign_answer(key, status=200, body=BODY, request_signature="s", now=NOW)
    headers = CIMultiDict({**signed, "Content-Type": JSON})
    with pytest.raises(SignatureRejected):
        verify_request(
            {key.key_id: Link(key, key)}, Target.from_url("POST", URL), headers, BODY, now=NOW
        )
    with pytest.raises(SignatureRejected):
        verify_answer(
            key,
            status=200,
            headers=a_message().headers,
            body=BODY,
            request_signature="s",
            now=NOW,
        )
