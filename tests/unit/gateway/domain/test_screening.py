"""初核: each finding when it is due and not otherwise; never a refusal, never a personal value."""

import re
import sys
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

import pytest

from contracts.catalogue.additions import SENDER_BOUNDS
from gateway.domain.screening import SOURCES, Finding, Screener, has_invisible, is_invisible
from schemas.records.dispatches import Dispatch
from schemas.reference.codes import CodeTables
from schemas.reference.divisions import DivisionTree
from schemas.reference.identity import Remark
from tests.builders.records import (
    ADDRESS,
    MOBILE,
    NAME,
    an_application,
    citizen_number,
    dispatch_json,
)

TABLES: Final = CodeTables.load()
TREE: Final = DivisionTree.load()
TODAY: Final = date(2026, 3, 2)
COMMITMENT: Final[Mapping[str, object]] = MappingProxyType(
    {"given": True, "date": "2026-03-01", "text_version": "2020-1"}
)
CODED: Final = (
    *("aac004", "aac005", "aac024", "aac011", "aac033", "disability-grade", "aac015", "aac058"),
    *("channel", "policy", "ajc093", "acc412"),
)
WRONG_CHECK: Final = citizen_number()[:17] + "0"  # the right one is X


def notes(**changes: object) -> tuple[str, ...]:
    application = an_application(**changes)
    return Screener(TABLES, TREE).screen(application, application, TODAY)


def test_an_application_that_nothing_is_wrong_with_has_no_findings() -> None:
    assert notes() == ()


def test_every_finding_names_its_source() -> None:
    assert set(SOURCES) == set(Finding)
    assert all(SOURCES.values())


@pytest.mark.parametrize(
    ("born", "found"), [("20100302", False), ("20100303", True), ("20200101", True)]
)
def test_a_person_is_of_age_on_the_sixteenth_birthday(born: str, *, found: bool) -> None:
    assert (Finding.UNDER_AGE in notes(aac147=citizen_number(born))) is found


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("01", citizen_number()),
        ("90", citizen_number()),
        ("17", citizen_number(area="810000")),
        ("04", "H12345678"),
        ("05", "M12345678"),
        ("06", "12345678"),
    ],
)
def test_the_certificates_of_the_service_are_listed(kind: str, number: str) -> None:
    assert notes(aac058=kind, aac147=number) == ()


@pytest.mark.parametrize(
    ("kind", "number", "asked"),
    [
        ("17", citizen_number(area="810000"), True),
        ("90", citizen_number(area="830000"), True),
        ("04", "H12345678", True),
        ("05", "M12345678", True),
        ("06", "12345678", True),
        ("01", citizen_number(), False),
        ("90", citizen_number(), False),
    ],
)
def test_a_resident_of_hong_kong_macao_or_taiwan_names_an_employment_that_ended(
    kind: str, number: str, *, asked: bool
) -> None:
    expected = (Finding.NOT_AFTER_EMPLOYMENT,) if asked else ()
    for reason in ("10", "50", "60", "70"):
        assert notes(aac058=kind, aac147=number, ajc093=reason) == expected
    assert notes(aac058=kind, aac147=number, ajc093="40", code_set="2010") == expected
    ended = ("20", "21", "22", "23", "24", "25", "31", "32", "40", "80", "90")
    for reason in ended:
        said = notes(aac058=kind, aac147=number, ajc093=reason, reason_note="其他原因")
        assert said == ()


@pytest.mark.parametrize("kind", ["02", "08", "14", "99"])
def test_another_certificate_is_shown_to_the_clerk(kind: str) -> None:
    assert Finding.CERTIFICATE_NOT_LISTED in notes(aac058=kind, aac147="12345678")


@pytest.mark.parametrize(
    ("number", "remark"),
    [
        (WRONG_CHECK, "certificate.checksum"),
        ("410105900307000", "certificate.old-form"),
        ("123", "certificate.shape"),
        ("H12345678", "certificate.type-mismatch"),
        (citizen_number("19900231"), "certificate.date"),
        (citizen_number("18990307"), "certificate.early-birth"),
    ],
)
def test_what_is_doubtful_about_a_number_is_said(number: str, remark: str) -> None:
    assert f"{Finding.NUMBER_DOUBTFUL}:{remark}" in notes(aac147=number)


def test_a_birth_date_that_lies_ahead_is_doubtful() -> None:
    ahead = citizen_number("20270101")
    assert f"{Finding.NUMBER_DOUBTFUL}:certificate.date" in notes(aac147=ahead)


def test_a_sex_that_the_number_contradicts_is_shown() -> None:
    assert Finding.SEX_DIFFERS not in notes(aac004="2")
    assert Finding.SEX_DIFFERS in notes(aac004="1")


def test_a_commitment_that_was_not_given_is_shown() -> None:
    assert notes(commitment={**COMMITMENT, "given": False}) == (Finding.COMMITMENT_MISSING,)


@pytest.mark.parametrize(("since", "found"), [("2026-03-02", False), ("2026-03-03", True)])
def test_nobody_is_unemployed_from_tomorrow(since: str, *, found: bool) -> None:
    assert (Finding.UNEMPLOYED_IN_FUTURE in notes(ajc090=since)) is found


@pytest.mark.parametrize(
    ("basis", "household", "residence", "found"),
    [
        ("1", "410105", "410104", False),
        ("1", "410104", "410105", True),
        ("2", "410104", "410105", False),
        ("2", "410105", "410104", True),
        ("3", "410104", "410104", False),  # 就业地 and 参保地 have no address on the form
        ("4", "410104", "410104", False),
    ],
)
def test_a_place_other_than_the_address_it_rests_on_is_shown(
    basis: str, household: str, residence: str, *, found: bool
) -> None:
    said = notes(acc412=basis, aab299=household, aab301=residence, place_division="410105")
    assert (Finding.PLACE_DIFFERS in said) is found


@pytest.mark.parametrize("address", ["410105000000", "410105001", "410105001002"])
def test_a_place_that_contains_the_address_does_not_differ_from_it(address: str) -> None:
    assert Finding.PLACE_DIFFERS not in notes(acc412="1", aab299=address)


@pytest.mark.parametrize(
    ("member", "table"),
    [
        ("aac004", "aac004"),
        ("aac005", "aac005"),
        ("aac024", "aac024"),
        ("aac011", "aac011"),
        ("aac033", "aac033"),
        ("aac058", "aac058"),
        ("ajc093", "ajc093"),
        ("acc412", "acc412"),
        ("channel", "channel"),
        ("policy", "policy"),
    ],
)
def test_a_code_no_table_knows_is_shown_by_its_table(member: str, table: str) -> None:
    assert f"{Finding.CODE_UNKNOWN}:{table}" in notes(**{member: "Z9"})


@pytest.mark.parametrize(
    ("policy", "basis", "found"),
    [
        *(("2020-3", "1", False), ("2020-3", "2", False)),
        *(("2020-3", "3", True), ("2020-3", "4", True)),
        *(("2020-79", "3", False), ("2020-79", "4", False), ("2020-79", "5", True)),
    ],
)
def test_a_place_is_one_of_the_notice_it_is_accepted_under(
    policy: str, basis: str, *, found: bool
) -> None:
    assert (f"{Finding.CODE_UNKNOWN}:acc412" in notes(policy=policy, acc412=basis)) is found


def test_the_codes_of_a_disability_and_of_qualifications_are_looked_up_too() -> None:
    disabled = {"aac033": "5", "disability_grade": "1"}
    skilled = {"qualifications": [{"name": "焊工", "aac015": "3"}]}
    assert notes(**disabled, **skilled) == ()
    assert notes(**disabled | {"disability_grade": "9"}) == (
        f"{Finding.CODE_UNKNOWN}:disability-grade",
    )
    skilled = {"qualifications": [{"name": "焊工", "aac015": "Z"}]}
    assert notes(**skilled) == (f"{Finding.CODE_UNKNOWN}:aac015",)


def test_a_reason_is_looked_up_in_its_own_generation() -> None:
    assert notes(code_set="2010", ajc093="20") == ()
    assert notes(code_set="2010", ajc093="25") == (f"{Finding.CODE_UNKNOWN}:ajc093",)


def test_a_generation_nobody_knows_is_a_finding_and_no_fault() -> None:
    assert notes(code_set="1999") == (f"{Finding.CODE_UNKNOWN}:ajc093",)


WORST: Final[Mapping[str, object]] = MappingProxyType(
    {
        "aac004": "9x",
        "aac005": "99x",
        "aac011": "99x",
        "aac058": "01",
        "aac147": "41010520200101000-",
        "aab299": "410104",
        "ajc090": "2030-01-01",
        "ajc093": "99",
        "commitment": {**COMMITMENT, "given": False},
        "channel": "XX",
        "policy": "9999-1",
    }
)


def test_no_note_shows_a_personal_value() -> None:
    said = "\n".join(notes(**WORST))
    values = (NAME, MOBILE, ADDRESS, "41010520200101000", "410104", "2030-01-01", "99x", "9x")
    assert not [value for value in values if value in said]


def test_the_quick_look_at_a_name_misses_no_invisible_character() -> None:
    letters = map(chr, range(sys.maxunicode + 1))
    assert not [one for one in letters if is_invisible(one) is not has_invisible(f"王{one}")]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        *(
            (f"张{sign}伟", True)
            for sign in "\u200b\u200d\u202e\u2066\u00ad\ufeff\u2028\u3164\u2800\U000e0041"
        ),
        *(
            (name, False)
            for name in ("张伟", "𠮷䶮", "阿卜杜拉·买买提", "Ann Lee", "\u845b\U000e0100", "葛 洪")
        ),
    ],
)
def test_a_name_with_invisible_characters_gets_a_finding(name: str, found: bool) -> None:
    assert (Finding.NAME_INVISIBLE in notes(aac003=name)) is found


def test_whatever_is_found_fits_a_dispatch() -> None:
    tables = [f"{Finding.CODE_UNKNOWN}:{table}" for table in CODED]
    levels = [f"{Finding.CODE_UNKNOWN}:aac015"] * 3
    doubts = [f"{Finding.NUMBER_DOUBTFUL}:{remark}" for remark in Remark]
    bare = [one for one in Finding if one not in (Finding.CODE_UNKNOWN, Finding.NUMBER_DOUBTFUL)]
    whatever = [*map(str, bare), *tables, *levels, *doubts]
    dispatch = Dispatch.read(dispatch_json(findings=whatever))
    assert [*dispatch.findings] == whatever
    bound = SENDER_BOUNDS["Dispatch", "findings"]
    assert len(whatever) <= bound.max_items
    assert all(re.fullmatch(bound.pattern, one) for one in whatever)

    # And nothing else is found, though no code of the form is known
    unknown = dict.fromkeys(("aac004", "aac005", "aac024", "aac011", "aac058", "acc412"), "Z-")
    unknown |= dict.fromkeys(("channel", "policy", "ajc093"), "Z-")
    disabled = {"aac033": "5", "disability_grade": "Z-"}
    qualified = [{"name": "电工", "aac015": level} for level in ("X-", "Y-", "Z-")]
    found = notes(**unknown, **disabled, qualifications=qualified)
    assert found.count(levels[0]) == 3
    assert {*found} <= {*whatever}
    assert {one for one in found if one in tables} == {*tables} - {"code.unknown:aac033"}
