"""模拟申请人: invented people fill in the national form."""

from schemas.records.applications import PersonForm, Qualification
from simulator.national.filing_request import FilingRequest
from simulator.people.person import Person

CODE_SET = "2016"
"""The generation of 失业原因 (AJC093) whose codes the population uses."""


def fill_in(person: Person) -> FilingRequest:
    """Return the form as `person` fills it in."""
    form = PersonForm(
        name=person.name,
        sex=person.sex,
        ethnic_group=person.ethnic_group,
        political_status=person.political_status,
        education=person.education,
        health=person.health,
        disability_grade=person.disability_grade,
        certificate_type=person.certificate_type,
        certificate_no=person.certificate_no,
        mobile=person.mobile,
        telephone=person.telephone,
        email=person.email,
        other_contact=person.other_contact,
        household_division=person.household_division,
        household_address=person.household_address,
        residence_division=person.residence_division,
        residence_address=person.residence_address,
        unemployed_since=person.unemployed_since,
        reason=person.reason,
        reason_note=person.reason_note,
        claims_insurance=person.claims_insurance,
        intentions=person.intentions,
        qualifications=tuple(
            Qualification(name=skill.name, vocational_level=skill.vocational_level)
            for skill in person.qualifications
        ),
        remarks=person.remarks,
        code_set=CODE_SET,
    )
    return FilingRequest(
        form, person.place_basis, person.place_division, person.channel, person.policy
    )
