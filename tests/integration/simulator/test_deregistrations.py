"""失业登记注销 at the national side: of what is in force, once, corrected in order."""

import pytest

from tests.builders.extended import deregistration_json, registration_json
from tests.integration.simulator.docking import Docked, JsonObject, an_outcome
from tests.integration.simulator.test_registrations import said

OF_LOCAL = {
    "application_no": None,
    "division": "419001",
    "local_serial": "JY-2026-0001",
    "acc020": "4190012026000001",
}
UNKNOWN = ["deregistration.unknown-registration"]


async def ended(here: Docked, **changes: object) -> list[object]:
    """Upload the end of the local registration of these tests and return what is answered."""
    return said(await here.henan.deregister(deregistration_json(**{**OF_LOCAL, **changes})))


async def test_a_registration_ends_once_and_a_repeat_gets_the_first_receipt(here: Docked) -> None:
    await here.henan.register(registration_json())
    sent = deregistration_json(**OF_LOCAL)
    first, again = await here.henan.deregister(sent, sent)
    assert said([first, again]) == ["accepted", "duplicate"]
    assert first["receipt"] == again["receipt"]
    assert isinstance(first["receipt"], dict)
    assert first["receipt"]["kind"] == "deregistration"
    assert await ended(here, acc025="12") == ["deregistration.conflict"]
    (event,) = await here.control.events("deregistered")
    facts: JsonObject = {"revision": 1, "ground": "11"}
    assert event["facts"] == facts


async def test_a_correction_is_a_new_revision_and_an_older_one_comes_too_late(
    here: Docked,
) -> None:
    await here.henan.register(registration_json())
    assert await ended(here) == ["accepted"]
    assert await ended(here, revision=3, acc025="12") == ["accepted"]
    assert await ended(here, revision=2) == ["deregistration.superseded"]


async def test_a_forwarded_application_that_passed_can_end(here: Docked) -> None:
    (number,) = await here.control.file(1, "410100")
    of_number = {"application_no": number, "acc020": "41010020261123000001"}
    sent = deregistration_json(**of_number)
    assert said(await here.henan.deregister(sent)) == UNKNOWN
    await here.henan.numbers()
    await here.henan.acknowledge(number)
    await here.henan.upload(an_outcome(number))
    assert said(await here.hunan.deregister(sent)) == UNKNOWN
    assert said(await here.henan.deregister(sent)) == ["accepted"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"local_serial": "NEVER"}, "deregistration.unknown-registration"),
        ({"acc020": "ANOTHER"}, "deregistration.unknown-registration"),
        ({"division": "430102"}, "deregistration.unknown-registration"),
        ({"aae036": "2099-01-01T00:00:00+08:00"}, "outcome.dated-ahead"),
        ({"acc025": "22"}, "message.invalid"),
        ({"notice": None}, "message.invalid"),
    ],
)
async def test_what_may_not_be_gets_its_own_answer_and_the_others_go_on(
    here: Docked, changes: dict[str, object], code: str
) -> None:
    await here.henan.register(registration_json())
    wrong = deregistration_json(**{**OF_LOCAL, "revision": 2, **changes})
    right = deregistration_json(**OF_LOCAL)
    assert said(await here.henan.deregister(wrong, right)) == [code, "accepted"]
