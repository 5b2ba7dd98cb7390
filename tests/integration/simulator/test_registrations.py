"""本地受理登记 at the national side: applied once, within the caller's area, corrected in order."""

import pytest

from schemas.records.outcomes import Outcome
from tests.builders.extended import LOCAL_OUTCOME, registration_json
from tests.builders.records import REFUSAL, as_json
from tests.integration.simulator.docking import Docked, JsonObject, an_outcome

KEY = "419001/JY-2026-0001"
KEPT = {one: LOCAL_OUTCOME[one] for one in ("division", "local_serial", "aae017")}


def said(results: list[JsonObject]) -> list[object]:
    """Return each result's status, or the code of its problem."""
    problems = [one["problem"] if one["status"] == "refused" else None for one in results]
    return [
        problem["code"] if isinstance(problem, dict) else one["status"]
        for one, problem in zip(results, problems, strict=True)
    ]


def of_the_key(revision: int) -> Outcome:
    """Return a decision on the local registration of these tests, without the person's form."""
    changes = {"application_no": None, "division": "419001", "local_serial": "JY-2026-0001"}
    return an_outcome("-", revision=revision).model_copy(update=changes)


async def effects(here: Docked) -> list[tuple[object, object, object]]:
    """Return kind, revision and repeats of what is in effect under the key."""
    found = (await here.control.get(f"applications/{KEY}"))["effects"]
    assert isinstance(found, list)
    return [
        (one["kind"], one["revision"], one["repeats"]) for one in found if isinstance(one, dict)
    ]


async def test_a_registration_is_applied_once_and_a_repeat_gets_the_first_receipt(
    here: Docked,
) -> None:
    first, again = await here.henan.register(registration_json(), registration_json())
    assert said([first, again]) == ["accepted", "duplicate"]
    assert first["receipt"] == again["receipt"]
    assert isinstance(first["receipt"], dict)
    assert (first["receipt"]["kind"], first["receipt"]["key"]) == ("registration", KEY)
    spelled = registration_json(submitted_at="2026-03-02T01:00:00Z", trace_id=None)
    assert said(await here.henan.register(spelled)) == ["duplicate"]
    assert await effects(here) == [("registration", 1, 2)]


async def test_other_content_under_the_same_revision_is_a_conflict(here: Docked) -> None:
    await here.henan.register(registration_json())
    other = registration_json(form={"aac026": "别处1号"})
    assert said(await here.henan.register(other)) == ["registration.conflict"]
    assert said(await here.henan.upload(of_the_key(1))) == ["outcome.conflict"]
    assert await effects(here) == [("registration", 1, 0)]


async def test_a_correction_comes_with_or_without_the_form_and_an_older_one_comes_too_late(
    here: Docked,
) -> None:
    await here.henan.register(registration_json())
    assert said(await here.henan.upload(of_the_key(2))) == ["accepted"]
    third = registration_json(result={**REFUSAL, **KEPT, "revision": 4})
    assert said(await here.henan.register(third)) == ["accepted"]
    late = registration_json(result={"revision": 3})
    assert said(await here.henan.register(late)) == ["outcome.superseded"]
    assert await effects(here) == [
        ("registration", 1, 0),
        ("outcome", 2, 0),
        ("registration", 4, 0),
    ]


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (registration_json(place_division="430102"), "auth.not-allowed"),
        (registration_json(result={"division": "430102"}), "auth.not-allowed"),
        (registration_json(result={"division": "999999"}), "auth.not-allowed"),
        (registration_json(result={"aae036": "2099-01-01T00:00:00+08:00"}), "outcome.dated-ahead"),
        (registration_json(result={"application_no": "SY1"}), "message.invalid"),
        (registration_json(form={"aac003": None}), "message.invalid"),
        (
            registration_json(
                commitment={"given": False, "date": "2026-03-02", "text_version": "1"}
            ),
            "message.invalid",
        ),
        (b'{"a":1,"a":2}', "message.malformed"),
        (as_json({}), "message.invalid"),
    ],
)
async def test_what_may_not_be_gets_its_own_answer_and_the_others_go_on(
    here: Docked, sent: bytes, code: str
) -> None:
    mate = registration_json(result={"local_serial": "JY-2"})
    assert said(await here.henan.register(sent, mate)) == [code, "accepted"]


async def test_a_decision_on_a_key_that_was_never_registered_is_refused(here: Docked) -> None:
    assert said(await here.henan.upload(of_the_key(1))) == ["outcome.unknown-application"]
    abroad = of_the_key(1).model_copy(update={"division": "430102"})
    assert said(await here.henan.upload(abroad)) == ["auth.not-allowed"]
