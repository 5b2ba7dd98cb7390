"""初核: what a clerk should look at in an application; findings, each with its article.

A finding never refuses a person: only an agency decides.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from schemas.records.applications import HOUSEHOLD, RESIDENCE, ForwardedApplication
from schemas.reference.codes import CodeTables
from schemas.reference.divisions import DivisionTree, UnknownDivision
from schemas.reference.identity import (
    age_on,
    birth_date,
    check_certificate,
    is_of_hong_kong_macao_taiwan,
    sex_digit,
)

OLDEST_CHILD_YEARS: Final = 16
_WITHOUT_EMPLOYMENT: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {"2010": frozenset({"10", "40", "50", "60", "70"}), "2016": frozenset({"10", "50", "60", "70"})}
)
"""AJC093 by generation: reasons that do not say that an employment ended: school, land, service in
the forces, prison. Assumed: the values that are none, since the notice names none."""
_MAINLAND_AND_HMT: Final = frozenset({"01", "90", "17", "04", "05", "06"})


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
    NAME_INVISIBLE = "name.invisible-character"
    NOT_AFTER_EMPLOYMENT = "reason.not-after-employment"


_CODES: Final = frozenset(Finding)
_FORMATS: Final = frozenset({"Cf", "Zl", "Zp"})
_FILLERS: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and marks that show nothing, among them the fillers of Hangul and the empty braille."""
SOURCES: Final[Mapping[Finding, str]] = MappingProxyType(
    {
        Finding.UNDER_AGE: "人社厅发〔2020〕3号 第一部分",
        Finding.CERTIFICATE_NOT_LISTED: "人社厅发〔2020〕3号 第三部分",
        Finding.COMMITMENT_MISSING: "人社厅发〔2020〕3号 第三部分",
        Finding.UNEMPLOYED_IN_FUTURE: "人社厅发〔2020〕3号 第一部分",
        Finding.PLACE_DIFFERS: "人社厅发〔2020〕3号 第七部分",
        Finding.SEX_DIFFERS: "GB 11643",
        Finding.CODE_UNKNOWN: "指标代码表",
        Finding.NUMBER_DOUBTFUL: "GB 11643",
        Finding.NOT_AFTER_EMPLOYMENT: "人社厅发〔2020〕3号 第一部分",
        Finding.NAME_INVISIBLE: "民委发〔2016〕33号",
    }
)


_CODED: Final = (
    *("aac004", "aac005", "aac024", "aac011", "aac033", "disability-grade", "aac015", "aac058"),
    *("channel", "policy"),
)
"""The tables of the coded members of the form, see `_coded_members`."""


class Screener:
    """初核 by one edition of the code tables and of the division tree; it remembers look-ups."""

    def __init__(self, tables: CodeTables, tree: DivisionTree) -> None:
        self._tables, self._tree = tables, tree
        self._codes_on = lru_cache(maxsize=64)(self._codes_in_force)
        self._in_force = lru_cache(maxsize=4096)(self._is_in_force)
        self._same_place = lru_cache(maxsize=4096)(self._is_same_place)

    def screen(self, application: ForwardedApplication, on: date) -> tuple[str, ...]:
        """Return the findings on `application` as of the Beijing date `on`.

        Each is written as `code` or `code:detail`; the detail names a member or rule, no value.
        """
        return (
            *_of_person(application, on),
            *self._of_codes(application, on),
            *self._of_request(application, on),
        )

    def _of_codes(self, application: ForwardedApplication, on: date) -> Iterator[str]:
        in_force = self._codes_on(on)
        for table, code in _coded_members(application):
            if code is not None and code not in in_force[table]:
                yield f"{Finding.CODE_UNKNOWN}:{table}"
        if not self._in_force(on, "ajc093", application.reason, application.code_set):
            yield f"{Finding.CODE_UNKNOWN}:ajc093"
        if not self._in_force(on, "acc412", application.place_basis, self._notice_of(application)):
            yield f"{Finding.CODE_UNKNOWN}:acc412"

    def _of_request(self, application: ForwardedApplication, on: date) -> Iterator[str]:
        if not application.commitment.given:
            yield Finding.COMMITMENT_MISSING
        if _lacks_employment(application):
            yield Finding.NOT_AFTER_EMPLOYMENT
        if application.unemployed_since > on:
            yield Finding.UNEMPLOYED_IN_FUTURE
        expected = {
            HOUSEHOLD: application.household_division,
            RESIDENCE: application.residence_division,
        }.get(application.place_basis)
        if expected is not None and not self._same_place(expected, application.place_division):
            yield Finding.PLACE_DIFFERS

    def _notice_of(self, application: ForwardedApplication) -> str | None:
        """Return the notice whose places (登记失业地) count; None for one that nobody knows.

        Source: 人社厅发〔2020〕3号 art. 1; 人社厅发〔2020〕79号 (workplace and insured place).
        """
        known = application.policy in self._tables.generations("acc412")
        return application.policy if known else None

    def _codes_in_force(self, on: date) -> Mapping[str, frozenset[str]]:
        """Return the codes in force on a date, by table, of the tables without generations."""
        known, codes = self._tables.known, self._tables.codes
        return {
            table: frozenset(code for code in codes(table) if known(table, code, on=on))
            for table in _CODED
        }

    def _is_in_force(self, on: date, table: str, code: str, generation: str | None = None) -> bool:
        """Say whether a code was in force on a date; a generation that nobody knows has none."""
        there = generation is None or generation in self._tables.generations(table)
        return there and self._tables.known(table, code, on=on, generation=generation)

    def _is_same_place(self, one: str, other: str) -> bool:
        """Say whether one of two divisions contains the other; some give a place more coarsely."""
        within = self._tree.is_within
        try:
            return one == other or within(one, other) or within(other, one)
        except UnknownDivision:
            return False


def is_invisible(character: str) -> bool:
    """Say whether a character shows nothing or turns the direction of what follows.

    Names that look alike then differ, or one shows as another. Variation selectors are not meant:
    they choose a form of a han character.
    """
    return unicodedata.category(character) in _FORMATS or character in _FILLERS


def has_invisible(text: str) -> bool:
    """Say whether a character of `text` is invisible; what prints need only be no filler."""
    if text.isprintable() and _FILLERS.isdisjoint(text):
        return False
    return any(map(is_invisible, text))


def split_finding(written: str) -> tuple[Finding | None, str]:
    """Return the finding of `code:detail` and its detail; None for a code that is not ours."""
    code, _, detail = written.partition(":")
    return (Finding(code) if code in _CODES else None), detail


def _of_person(application: ForwardedApplication, on: date) -> Iterator[str]:
    kind, number = application.certificate_type, application.certificate_no
    if has_invisible(application.name):
        yield Finding.NAME_INVISIBLE
    if kind not in _MAINLAND_AND_HMT:
        yield Finding.CERTIFICATE_NOT_LISTED
    for remark in check_certificate(kind, number, today=on):
        yield f"{Finding.NUMBER_DOUBTFUL}:{remark}"
    born = birth_date(number)
    if born is not None and age_on(born, on) < OLDEST_CHILD_YEARS:
        yield Finding.UNDER_AGE
    if sex_digit(number) not in (None, application.sex):
        yield Finding.SEX_DIFFERS


def _lacks_employment(application: ForwardedApplication) -> bool:
    """Say whether a resident of Hong Kong, Macao or Taiwan names no employment that ended.

    Source: 人社厅发〔2020〕3号 art. 1: those who were employed on the mainland and lost that may
        register likewise (在内地（大陆）就业后失业的).
    """
    of_them = is_of_hong_kong_macao_taiwan(application.certificate_type, application.certificate_no)
    return of_them and application.reason in _WITHOUT_EMPLOYMENT.get(application.code_set, ())


def _coded_members(application: ForwardedApplication) -> Iterator[tuple[str, str | None]]:
    """Yield each coded member of the form with the table that its code is in."""
    levels = {one.vocational_level for one in application.qualifications}
    yield from (
        ("aac004", application.sex),
        ("aac005", application.ethnic_group),
        ("aac024", application.political_status),
        ("aac011", application.education),
        ("aac033", application.health),
        ("disability-grade", application.disability_grade),
        *(("aac015", level) for level in sorted(filter(None, levels))),
        ("aac058", application.certificate_type),
        ("channel", application.channel),
        ("policy", application.policy),
    )
