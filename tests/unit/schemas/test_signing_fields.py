"""The strict reader of structured fields, and that the fast way reads what it reads."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.signing import SignatureErrorCode, SignatureRejected
from schemas.signing.fields import FieldSyntaxError, InnerList, Token, parse_dictionary
from schemas.signing.received_signature import read_any_spelling, read_signature
from tests.unit.schemas.signing_messages import COVERED, PARAMS, a_message, made_to_measure

MALFORMED = [
    "duijie",
    "duijie=",
    "duijie=(",
    "duijie=)",
    'duijie=("@method"',
    'duijie=("@method" "@path',
    'duijie=("@method""@path")',
    'duijie=("@method","@path")',
    'duijie=("@method"\t"@path")',
    'duijie=("@method");',
    'duijie=("@method");created',
    'duijie=("@method");created=',
    'duijie=("@method");created=1.',
    'duijie=("@method");created=1.2345',
    'duijie=("@method");created=--1',
    'duijie=("@method");created=1234567890123456',
    'duijie=("@method");created=+1',
    'duijie=("@method") ;created=1',
    'duijie=("@method");created =1',
    'duijie=("@method");CREATED=1',
    'duijie=("@method");nonce="a\\b"',
    'duijie=("@method");nonce="é"',
    'duijie=("@method");nonce="a\nb"',
    'duijie=("@method");nonce="a" "b"',
    'duijie=("@method");created=1,',
    'duijie=("@method");created=1, , b=()',
    'duijie=("@method");created=1;created=2',
    'duijie=("@method"), duijie=("@path")',
    'Duijie=("@method")',
    "=()",
    ",",
    'duijie=("@method");when=@1618884473',
    'duijie=("@method");keyid=:QR==:',
    'duijie=("@method");keyid=:Q=Q=:',
    'duijie=("@method");keyid=?2',
    '"duijie"=("@method")',
    'duijie=(("@method"))',
    "{}",
    "duijie=()\0",
]


@pytest.mark.parametrize("text", MALFORMED)
def test_a_malformed_signature_input_is_refused_with_its_own_code(text: str) -> None:
    message = a_message()
    message.headers["Signature-Input"] = text

    assert message.rejection() in {SignatureErrorCode.MALFORMED, SignatureErrorCode.WRONG_TAG}
    if text not in {"duijie", 'duijie=("@method");created'}:  # legal words that mean nothing here
        with pytest.raises(FieldSyntaxError):
            parse_dictionary(text)


@pytest.mark.parametrize(
    ("spelling", "canonical"),
    [
        ('( "@method"   "@path" );  created=1', '("@method" "@path");created=1'),
        ('("@method";req=?1);created=007', '("@method";req);created=7'),
        ('("a";sf=?0 :YQ==:);b=-0;c=1.50;d=2.0', '("a";sf=?0 :YQ==:);b=0;c=1.5;d=2.0'),
        ('();x="a\\"b\\\\c";y=to/ken:1', '();x="a\\"b\\\\c";y=to/ken:1'),
    ],
)
def test_every_legal_spelling_has_one_canonical_form(spelling: str, canonical: str) -> None:
    member = parse_dictionary(f"sig={spelling}")["sig"]

    assert isinstance(member, InnerList)
    assert member.text == canonical


def test_strings_are_unescaped_and_tokens_are_not_strings() -> None:
    members = parse_dictionary('a;x="q\\"q", b=word, c=?0')

    assert members["a"].params["x"] == 'q"q'
    assert not isinstance(members["b"], InnerList)
    assert members["b"].value == Token("word")
    assert members["c"].text == "?0"


def test_a_field_longer_than_four_kilobytes_is_refused_unread() -> None:
    with pytest.raises(FieldSyntaxError):
        parse_dictionary(f"a=({' ' * 5000})")


@given(st.text(alphabet='abz*=();,:?"\\@ \t109.-+/é\n', max_size=60))
@settings(derandomize=True, max_examples=300, deadline=None)
def test_the_reader_accepts_or_says_no_and_its_canonical_form_reads_the_same(text: str) -> None:
    try:
        members = parse_dictionary(text)
    except FieldSyntaxError:
        return
    for label, member in members.items():
        again = parse_dictionary(f"{label}={member.text}")[label]
        assert again == member


@pytest.mark.parametrize("body", [None, b"{}"])
def test_the_fast_way_reads_the_same_signature_as_the_parser(body: bytes | None) -> None:
    headers = a_message(body=body).headers

    assert read_signature(headers) == read_any_spelling(
        headers["Signature-Input"], headers["Signature"]
    )


@given(
    st.integers(0, 10**15 - 1),
    st.integers(0, 10**15 - 1),
    st.from_regex(r"[A-Za-z0-9_-]{0,130}", fullmatch=True),
)
@settings(derandomize=True, max_examples=200, deadline=None)
def test_fast_way_and_parser_agree_on_any_parameters(
    created: int, expires: int, nonce: str
) -> None:
    params = f';created={created};expires={expires};nonce="{nonce}";keyid="k";tag="duijie-v1"'
    headers = made_to_measure(params=params).headers

    assert read_signature(headers) == read_any_spelling(
        headers["Signature-Input"], headers["Signature"]
    )


def test_other_legal_spellings_order_and_company_are_accepted() -> None:
    for covered, params in (
        (f"  {COVERED.replace(' ', '   ')} ", PARAMS),
        (" ".join(reversed(COVERED.split(" "))), PARAMS),
        (COVERED, ";  " + ";  ".join(reversed(PARAMS[1:].split(";")))),
        (COVERED, PARAMS + ';region="41"'),
        (f'{COVERED} "traceparent"', PARAMS),
    ):
        extra = {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}
        assert made_to_measure(covered, params, extra=extra).verify().key_id == "province-410000"


def test_the_error_says_where_and_never_quotes_the_value() -> None:
    with pytest.raises(SignatureRejected) as refused:
        read_any_spelling('duijie=("x");nonce="secret\\-looking"', "duijie=:AA==:")

    assert "secret" not in str(refused.value)
    assert "character" in str(refused.value)
