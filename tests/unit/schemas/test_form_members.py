"""登记表 asks for what the notices ask and for no proof beside it, by a list that is written out.

A member that somebody adds turns this red: before it is listed here, it has to be shown that no
notice forbids asking for it. The notices want the certificate of identity and the form, with the
person's declaration in place of every proof: no other proof of identity, of a labour relation that
ended, of schooling or skill, no personal file; none of insurance; none that another office has.

Source: 人社厅发〔2020〕3号 arts. 3, 8; 湘人社函〔2020〕23号 art. 5; 湖南基层公共就业服务经办规程
    art. 2 and 2(2); 人社厅发〔2020〕79号.
"""

import pytest

from schemas.records.applications import (
    Commitment,
    ForwardedApplication,
    PersonForm,
    Qualification,
)
from schemas.records.base import WireModel
from schemas.records.dispatches import Dispatch
from schemas.records.outcomes import Outcome
from schemas.records.registrations import FormerWork, LocalRegistration
from simulator.web.form_fields import FIELDS

FORM = (
    *("aac003", "aac004", "aac005", "aac024", "aac011", "aac033", "disability_grade"),
    *("aac058", "aac147", "aac067", "aae005", "aae015", "other_contact"),
    *("aab299", "aac010", "aab301", "aac026", "ajc090", "ajc093", "reason_note", "ajc174"),
    *("intentions", "qualifications", "aae013", "code_set"),
)
REQUEST = ("acc412", "place_division", "commitment", "submitted_at", "channel", "policy")
MEMBERS: dict[type[WireModel], tuple[str, ...]] = {
    PersonForm: FORM,
    ForwardedApplication: (
        *FORM,
        *REQUEST,
        *("kind", "application_no", "forwarded_at", "trace_id"),
    ),
    LocalRegistration: ("person", *REQUEST, "former_work", "outcome", "trace_id"),
    Qualification: ("name", "aac015", "aac014"),
    Commitment: ("given", "date", "text_version"),
    FormerWork: ("aab004", "aca112", "aac013"),
    Dispatch: (
        *("dispatch_no", "agency_code", "dispatched_at", "due_on", "due_rule"),
        *("routed_by", "findings", "application"),
    ),
    Outcome: (
        *("application_no", "division", "local_serial", "revision", "dispatch_no"),
        *("review_state", "aae016", "refusal_reason", "refusal_source", "refusal_note"),
        *("aae017", "aae020", "aae022", "aae019", "checker", "approver", "aae036"),
        *("acc020", "aae043", "acc0m1", "contact", "remarks"),
    ),
}
ENTRY_PAGE = (
    *("name", "sex", "certificate_type", "certificate_no", "ethnic_group", "political_status"),
    *("education", "health", "disability_grade", "mobile", "telephone", "email", "other_contact"),
    *("household_division", "household_address", "residence_division", "residence_address"),
    *("place_basis", "place_division", "unemployed_since", "reason", "reason_note"),
    *("claims_insurance", "intention_1", "intention_2", "intention_3"),
    *("qualification_1", "qualification_2", "qualification_3"),
    *("level_1", "level_2", "level_3", "remarks"),
)


@pytest.mark.parametrize("model", MEMBERS, ids=lambda model: model.__name__)
def test_no_proof_beyond_the_notices_is_asked_for(model: type[WireModel]) -> None:
    members = {field.alias or name for name, field in model.model_fields.items()}
    assert members == set(MEMBERS[model])


def test_the_entry_page_asks_for_nothing_else() -> None:
    assert set(FIELDS) == set(ENTRY_PAGE)
