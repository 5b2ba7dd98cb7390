"""初核: what a clerk should look at in an application; findings, each with its article.

A finding never refuses a person: only an agency decides.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Final, Protocol

from schemas.records.applications import HOUSEHOLD, RESIDENCE, Commitment, PersonForm
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
    ALSO_APPLIED = "person.also-applied"
    REGISTERED_LOCALLY = "person.registered-locally"
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
        Finding.ALSO_APPLIED: "人社厅发〔2020〕3号 第七部分",
        Finding.REGISTERED_LOCALLY: "人社厅发〔2020〕3号 第七部分",
    }
)


_CODED: Final = (
    *("aac004", "aac005", "aac024", "aac011", "aac033", "disability-grade", "aac015", "aac058"),
    *("channel", "policy"),
)
"""The tables of the coded members of the form, see `_coded_members`."""


class RegistrationRequest(Protocol):
    """What somebody asked for with a form (申请事项): of an application, or accepted locally."""

    @property
    def place_basis(self) -> str:
        """ACC412 登记失业地类型."""
        ...

    @property
    def place_division(self) -> str:
        """登记失业地: a division code."""
        ...

    @property
    def commitment(self) -> Commitment:
        """本人承诺."""
        ...

    @property
    def channel(self) -> str:
        """受理渠道."""
        ...

    @property
    def policy(self) -> str:
        """The notice it was accepted under."""
        ...


class Screener:
    """初核 by one edition of the code tables and of the division tree; it remembers look-ups."""

    def __init__(self, tables: CodeTables, tree: DivisionTree) -> None:
        self._tables, self._tree = tables, tree
        self._codes_on = lru_cache(maxsize=64)(self._codes_in_force)
        self._in_force = lru_cache(maxsize=4096)(self._is_in_force)
        self._same_place = lru_cache(maxsize=4096)(self._is_same_place)

    def screen(self, form: PersonForm, request: RegistrationRequest, on: date) -> tuple[str, ...]:
        """Return the findings on a form and what is asked with it, as of the Beijing date `on`.

        Each is written as `code` or `code:detail`; the detail names a member or rule, no value.
        """
        return (
            *_of_person(form, on),
            *self._of_codes(form, request, on),
            *self._of_request(form, request, on),
        )

    def _of_codes(self, form: PersonForm, request: RegistrationRequest, on: date) -> Iterator[str]:
        in_force = self._codes_on(on)
        for table, code in _coded_members(form, request):
            if code is not None and code not in in_force[table]:
                yield f"{Finding.CODE_UNKNOWN}:{table}"
        if not self._in_force(on, "ajc093", form.reason, form.code_set):
            yield f"{Finding.CODE_UNKNOWN}:ajc093"
        if not self._in_force(on, "acc412", request.place_basis, self._notice_of(request)):
            yield f"{Finding.CODE_UNKNOWN}:acc412"

    def _of_request(
        self, form: PersonForm, request: RegistrationRequest, on: date
    ) -> Iterator[str]:
        if not request.commitment.given:
            yield Finding.COMMITMENT_MISSING
        if _lacks_employment(form):
            yield Finding.NOT_AFTER_EMPLOYMENT
        if form.unemployed_since > on:
            yield Finding.UNEMPLOYED_IN_FUTURE
        expected = {
            HOUSEHOLD: form.household_division,
            RESIDENCE: form.residence_division,
        }.get(request.place_basis)
        if expected is not None and not self._same_place(expected, request.place_division):
            yield Finding.PLACE_DIFFERS

    def _notice_of(self, request: RegistrationRequest) -> str | None:
        """Return the notice whose places (登记失业地) count; None for one that nobody knows.

        Source: 人社厅发〔2020〕3号 art. 1; 人社厅发〔2020〕79号 (workplace and insured place).
        """
        return request.policy if request.policy in self._tables.generations("acc412") else None

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


def _of_person(form: PersonForm, on: date) -> Iterator[str]:
    kind, number = form.certificate_type, form.certificate_no
    if has_invisible(form.name):
        yield Finding.NAME_INVISIBLE
    if kind not in _MAINLAND_AND_HMT:
        yield Finding.CERTIFICATE_NOT_LISTED
    for remark in check_certificate(kind, number, today=on):
        yield f"{Finding.NUMBER_DOUBTFUL}:{remark}"
    born = birth_date(number)
    if born is not None and age_on(born, on) < OLDEST_CHILD_YEARS:
        yield Finding.UNDER_AGE
    if sex_digit(number) not in (None, form.sex):
        yield Finding.SEX_DIFFERS


def _lacks_employment(form: PersonForm) -> bool:
    """Say whether a resident of Hong Kong, Macao or Taiwan names no employment that ended.

    Source: 人社厅发〔2020〕3号 art. 1: those who were employed on the mainland and lost that may
        register likewise (在内地（大陆）就业后失业的).
    """
    of_them = is_of_hong_kong_macao_taiwan(form.certificate_type, form.certificate_no)
    return of_them and form.reason in _WITHOUT_EMPLOYMENT.get(form.code_set, ())


def _coded_members(
    form: PersonForm, request: RegistrationRequest
) -> Iterator[tuple[str, str | None]]:
    """Yield each coded member with the table that its code is in."""
    levels = {one.vocational_level for one in form.qualifications}
    yield from (
        ("aac004", form.sex),
        ("aac005", form.ethnic_group),
        ("aac024", form.political_status),
        ("aac011", form.education),
        ("aac033", form.health),
        ("disability-grade", form.disability_grade),
        *(("aac015", level) for level in sorted(filter(None, levels))),
        ("aac058", form.certificate_type),
        ("channel", request.channel),
        ("policy", request.policy),
    )
