"""一个人: an invented person with everything that the national form asks for."""

from dataclasses import dataclass
from datetime import date

from simulator.people.circumstances import Skill


@dataclass(frozen=True, slots=True)
class Person:
    """An invented person; codes are text.

    Source: 黑人社函〔2020〕87号 annex 1 (the form and its required marks).
    """

    name: str
    sex: str
    ethnic_group: str
    political_status: str | None
    education: str
    health: str
    disability_grade: str | None
    certificate_type: str
    certificate_no: str
    mobile: str
    telephone: str | None
    email: str | None
    other_contact: str | None
    household_division: str
    household_address: str
    residence_division: str
    residence_address: str
    place_basis: str
    place_division: str
    unemployed_since: date
    reason: str  # AJC093, generation 2016
    reason_note: str | None
    claims_insurance: str
    intentions: tuple[str, ...]
    qualifications: tuple[Skill, ...]
    remarks: str | None
    channel: str
    policy: str  # the notice that the person is accepted under
