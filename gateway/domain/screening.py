"""初核: what a clerk should look at in an application; findings, each with its article.

A finding never refuses a person: only an agency decides.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from schemas.records.applications import HOUSEHOLD, RESIDENCE, ForwardedApplication
from schemas.reference.codes import CodeTables
from schemas.reference.divisions import DivisionTree, UnknownDivision
from schemas.reference.identity import age_on, birth_date, check_certificate, sex_digit

OLDEST_CHILD_YEARS: Final = 16
_MAINLAND_AND_HMT: Final = frozenset({"01", "90", "17", "04", "05"})


class Finding(StrEnum):
    """初核提示: a stable code; `SOURCES` names the article it rests on."""

    UNDER_AGE = "age.under-16"
    CERTIFICATE_NOT_LISTED = "certificate.type-not-listed"
    COMMITMENT_MISSING = "commitment.missing"
    UNEMPLOYED_IN_FUTURE = "unemployed.in-future"
    PLACE_DIFFERS = "place.differs-from-address"
    SEX_DIFFERS = "sex.differs-from-number"
    CODE_UNKNOWN = "code.unknown"
    NUMBER_DOUBTFUL = "certificate.number-doubtful"


SOURCES: Final[Mapping[Finding, str]] = MappingProxyType(
    {
        Finding.UNDER_AGE: "人社厅发〔2020〕3号 第一条",
        Finding.CERTIFICATE_NOT_LISTED: "人社厅发〔2020〕3号 第三条",
        Finding.COMMITMENT_MISSING: "人社厅发〔2020〕3号 第三条",
        Finding.UNEMPLOYED_IN_FUTURE: "人社厅发〔2020〕3号 第一条",
        Finding.PLACE_DIFFERS: "人社厅发〔2020〕3号 第七条",
        Finding.SEX_DIFFERS: "GB 11643",
        Finding.CODE_UNKNOWN: "指标代码表",
        Finding.NUMBER_DOUBTFUL: "GB 11643",
    }
)


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found, as `code` or `code:detail`; the detail names a member or rule, no value."""

    notes: tuple[str, ...]


def screen(
    application: ForwardedApplication, *, on: date, tables: CodeTables, tree: DivisionTree
) -> Findings:
    """Return what a clerk should look at, as of the Beijing date `on`."""
    notes = (
        *_of_person(application, on),
        *_of_codes(application, on, tables),
        *_of_request(application, on, tree),
    )
    return Findings(notes)


def _of_person(application: ForwardedApplication, on: date) -> Iterator[str]:
    kind, number = application.certificate_type, application.certificate_no
    if kind not in _MAINLAND_AND_HMT:
        yield Finding.CERTIFICATE_NOT_LISTED
    for remark in check_certificate(kind, number, today=on):
        yield f"{Finding.NUMBER_DOUBTFUL}:{remark}"
    born = birth_date(number)
    if born is not None and age_on(born, on) < OLDEST_CHILD_YEARS:
        yield Finding.UNDER_AGE
    if sex_digit(number) not in (None, application.sex):
        yield Finding.SEX_DIFFERS


def _of_codes(application: ForwardedApplication, on: date, tables: CodeTables) -> Iterator[str]:
    levels = {one.vocational_level for one in application.qualifications}
    coded = (
        ("aac004", application.sex),
        ("aac005", application.ethnic_group),
        ("aac024", application.political_status),
        ("aac011", application.education),
        ("aac033", application.health),
        ("disability-grade", application.disability_grade),
        *(("aac015", level) for level in sorted(filter(None, levels))),
        ("aac058", application.certificate_type),
        ("acc412", application.place_basis),
        ("channel", application.channel),
        ("policy", application.policy),
    )
    for table, code in coded:
        if code is not None and not _known(tables, on, table, code):
            yield f"{Finding.CODE_UNKNOWN}:{table}"
    if not _known(tables, on, "ajc093", application.reason, application.code_set):
        yield f"{Finding.CODE_UNKNOWN}:ajc093"


@lru_cache(maxsize=4096)
def _known(
    tables: CodeTables, on: date, table: str, code: str, generation: str | None = None
) -> bool:
    """Say whether a code was in force on a date; a generation that nobody knows has none."""
    there = generation is None or generation in tables.generations(table)
    return there and tables.known(table, code, on=on, generation=generation)


def _of_request(application: ForwardedApplication, on: date, tree: DivisionTree) -> Iterator[str]:
    if not application.commitment.given:
        yield Finding.COMMITMENT_MISSING
    if application.unemployed_since > on:
        yield Finding.UNEMPLOYED_IN_FUTURE
    expected = {
        HOUSEHOLD: application.household_division,
        RESIDENCE: application.residence_division,
    }.get(application.place_basis)
    if expected is not None and not _same_place(expected, application.place_division, tree):
        yield Finding.PLACE_DIFFERS


@lru_cache(maxsize=4096)
def _same_place(one: str, other: str, tree: DivisionTree) -> bool:
    """Say whether one of two divisions contains the other; a place may be given more coarsely."""
    try:
        return one == other or tree.is_within(one, other) or tree.is_within(other, one)
    except UnknownDivision:
        return False
