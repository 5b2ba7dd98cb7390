"""Certificate numbers: what is remarked on, and that nothing else is."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.reference.identity import (
    Remark,
    age_on,
    birth_date,
    check_certificate,
    check_character,
    sex_digit,
)

TODAY = date(2026, 11, 20)
SOUND = "11010519491231002X"  # the example of GB 11643 itself
PERMIT = "810000199001010004"
CITIZEN_TYPES = ("01", "90")


def a_number(first_17: str) -> str:
    return first_17 + check_character(first_17)


@pytest.mark.parametrize("kind", CITIZEN_TYPES)
@pytest.mark.parametrize("number", [SOUND, SOUND.lower(), a_number("41010520000229000")])
def test_a_sound_citizen_number_gets_no_remark(kind: str, number: str) -> None:
    assert check_certificate(kind, number, today=TODAY) == ()


@pytest.mark.parametrize("area", ["510223", "410224", "799999"])
def test_an_abolished_or_unknown_area_prefix_is_never_remarked_on(area: str) -> None:
    assert check_certificate("01", a_number(f"{area}19800101000"), today=TODAY) == ()


@pytest.mark.parametrize(
    ("kind", "first", "found"),
    [
        ("01", "0", (Remark.TYPE_MISMATCH,)),
        ("01", "9", (Remark.TYPE_MISMATCH,)),
        ("90", "0", (Remark.TYPE_MISMATCH,)),
        ("90", "9", ()),
        *((kind, str(digit), ()) for kind in CITIZEN_TYPES for digit in range(1, 8)),
    ],
)
def test_a_first_digit_that_the_type_cannot_have_is_another_type(
    kind: str, first: str, found: tuple[Remark, ...]
) -> None:
    number = a_number(f"{first}1010519800101000")
    assert check_certificate(kind, number, today=TODAY) == found


def test_another_check_character_is_remarked_on() -> None:
    for wrong in "0123456789":
        assert check_certificate("01", SOUND[:17] + wrong) == (Remark.CHECKSUM,)


@pytest.mark.parametrize("born", ["19000229", "19890229", "20001301", "20000100", "00000000"])
def test_a_birth_date_that_never_was_is_remarked_on(born: str) -> None:
    number = a_number(f"410105{born}000")
    assert check_certificate("01", number, today=TODAY) == (Remark.DATE,)
    assert birth_date(number) is None


def test_a_birth_date_to_come_is_remarked_on_when_today_is_known() -> None:
    number = a_number("41010520261121000")
    assert check_certificate("01", number, today=TODAY) == (Remark.DATE,)
    assert check_certificate("01", number, today=date(2026, 11, 21)) == ()
    assert check_certificate("01", number) == ()


@pytest.mark.parametrize("sample", ["810000189901010015", "830000189901010027"])
def test_a_birth_before_1900_is_remarked_on(sample: str) -> None:
    assert check_certificate("17", sample, today=TODAY) == (Remark.EARLY_BIRTH,)


@pytest.mark.parametrize(
    "number",
    [
        "１1010519491231002X",
        "١1010519491231002X",
        "11010519491231002X\n",
        "11010519491231002Ｘ",
        " 11010519491231002X",
        "110105 9491231002X",
        "110105\u200b9491231002X",
        "1101051949123100XX",
        "",
        "X",
        "-1010519491231002X",
        "+1010519491231002X",
        "1_010519491231002X",
    ],
)
def test_characters_that_only_look_like_digits_break_the_shape(number: str) -> None:
    assert check_certificate("01", number, today=TODAY) == (Remark.SHAPE,)
    assert birth_date(number) is None
    assert sex_digit(number) is None


def test_fifteen_digits_are_the_old_form() -> None:
    assert check_certificate("01", "110105491231002") == (Remark.OLD_FORM,)
    assert birth_date("110105491231002") is None


def test_eighteen_zeros_are_remarked_on_and_sequence_000_is_not() -> None:
    assert check_certificate("01", "0" * 18) == (
        Remark.CHECKSUM,
        Remark.DATE,
        Remark.TYPE_MISMATCH,
    )
    assert check_certificate("01", a_number("41010519900101000"), today=TODAY) == ()


@pytest.mark.parametrize("prefix", ["81", "82", "83"])
def test_a_residence_permit_is_sound_under_its_own_type_only(prefix: str) -> None:
    number = a_number(f"{prefix}000019900101000")
    assert check_certificate("17", number, today=TODAY) == ()
    assert check_certificate("90", number, today=TODAY) == ()
    assert check_certificate("01", number, today=TODAY) == (Remark.TYPE_MISMATCH,)


def test_a_mainland_number_is_no_residence_permit() -> None:
    assert check_certificate("17", SOUND, today=TODAY) == (Remark.TYPE_MISMATCH,)


@pytest.mark.parametrize(
    ("kind", "number"),
    [("04", "H12345678"), ("04", "H1234567801"), ("05", "M12345678"), ("05", "M1234567899")],
)
def test_a_travel_permit_of_hong_kong_or_macao_is_sound(kind: str, number: str) -> None:
    assert check_certificate(kind, number) == ()


@pytest.mark.parametrize("number", ["12345678", "1234567890A"])
def test_a_taiwan_permit_is_sound(number: str) -> None:
    assert check_certificate("06", number) == ()


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        *(("01", "H12345678"), ("90", "12345678"), ("04", "M12345678"), ("05", "H12345678")),
        *(("04", SOUND), ("05", PERMIT), ("04", "12345678"), ("06", "H12345678"), ("06", SOUND)),
        ("17", "M12345678"),
    ],
)
def test_a_sound_number_of_another_type_is_a_mismatch(kind: str, number: str) -> None:
    assert Remark.TYPE_MISMATCH in check_certificate(kind, number)


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        *(("04", "H1234567"), ("04", "h12345678"), ("05", "M１2345678"), ("06", "1234567")),
        *(("06", "1234567890a"), ("04", ""), ("06", "")),
    ],
)
def test_a_number_of_no_type_breaks_the_shape(kind: str, number: str) -> None:
    assert check_certificate(kind, number)[0] is Remark.SHAPE


@pytest.mark.parametrize("kind", ["02", "99", "", "1"])
def test_a_type_the_service_does_not_list_is_remarked_on(kind: str) -> None:
    assert check_certificate(kind, SOUND) == (Remark.UNLISTED_TYPE,)


def test_birth_date_and_sex_are_read_from_the_number() -> None:
    assert birth_date(SOUND) == date(1949, 12, 31)
    assert sex_digit(SOUND) == "2"
    assert sex_digit(a_number("41010519900101001")) == "1"
    assert sex_digit(a_number("41010519900101000")) == "2"


@pytest.mark.parametrize(
    ("day", "age"),
    [(date(2026, 11, 19), 15), (date(2026, 11, 20), 16), (date(2027, 11, 19), 16)],
)
def test_the_sixteenth_year_is_full_on_the_birthday(day: date, age: int) -> None:
    assert age_on(date(2010, 11, 20), day) == age


def test_who_is_born_on_29_february_ages_on_the_first_of_march() -> None:
    assert age_on(date(2008, 2, 29), date(2026, 2, 28)) == 17
    assert age_on(date(2008, 2, 29), date(2026, 3, 1)) == 18


@pytest.mark.parametrize("first", ["", "1" * 16, "1" * 18, "１" * 17, "x" * 17])
def test_a_check_character_needs_seventeen_digits(first: str) -> None:
    with pytest.raises(ValueError, match="17 digits"):
        check_character(first)


@given(first=st.text("0123456789", min_size=17, max_size=17), at=st.integers(0, 16))
def test_one_changed_digit_is_always_noticed(first: str, at: int) -> None:
    changed = first[:at] + str((int(first[at]) + 1) % 10) + first[at + 1 :]
    assert Remark.CHECKSUM in check_certificate("90", changed + check_character(first))


@given(kind=st.sampled_from(["01", "90", "17", "04", "05", "06"]), number=st.text(max_size=20))
def test_any_text_gets_remarks_and_never_an_exception(kind: str, number: str) -> None:
    assert set(check_certificate(kind, number, today=TODAY)) <= set(Remark)
