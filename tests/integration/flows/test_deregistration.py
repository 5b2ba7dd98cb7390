"""失业登记注销: of a registration that was reported, once, by the rules, and the person is told."""

import asyncio
from dataclasses import replace
from datetime import date

import pytest

from gateway.adapters.rule_sets import GroundRulesRecord, load_ground_rules
from gateway.domain.case import State, Step
from gateway.domain.detail import DEREGISTERED, Detail
from gateway.domain.item_answer import ItemAnswer
from gateway.domain.outbox_rules import MessageKind
from gateway.flows.deregistration import record_deregistrations
from gateway.flows.failpoints import Failpoint
from gateway.ports import PORTAL
from gateway.ports.notices import NoticeDue
from schemas.records.receipts import ItemStatus, Receipt
from schemas.records.strict_json import RawItem
from tests.builders.extended import deregistration_json, registration_json
from tests.builders.records import JINSHUI, JIYUAN
from tests.integration.flows.desk import LOCAL, NUMBER, Desk, an_item

DUE = {"notice": None, "notice_due": "1"}
EXEMPT = {"notice": None, "notice_exempt": "1"}
TOLD_AFTERWARDS = {"notice": {"given_at": "2026-06-01T10:00:01+08:00", "mode": "01"}}
"""A second after the decision."""
OF_LOCAL = {
    "application_no": None,
    "division": "419001",
    "local_serial": "JY-2026-0001",
    "acc020": "4190012026000001",
    "aae017": JIYUAN,
}


def said(answers: tuple[ItemAnswer, ...]) -> list[str]:
    """Return each answer's status, or the code of its refusal."""
    return [one.refused.code if one.refused else one.status.value for one in answers]


def goes_by(desk: Desk, rule_set: str) -> None:
    """Have the province of a desk go by another set of rules on deregistration."""
    rules = load_ground_rules(GroundRulesRecord(set=rule_set))
    desk.rules = replace(desk.rules, province=replace(desk.rules.province, ground_rules=rules))


@pytest.fixture
async def registered(desk: Desk) -> Desk:
    """Give a desk with two people registered and reported, on the day after they found work."""
    await desk.pull(an_item(NUMBER), an_item("SY2"))
    await desk.push()
    await desk.decide(await desk.outcome(), await desk.outcome("SY2", acc020="OTHER"))
    await desk.report()
    desk.clock.forward(days=91)  # 2026-06-01, 09:30 in Beijing
    desk.clock.forward(hours=2)
    return desk


async def test_a_deregistration_gets_a_receipt_and_goes_to_the_portal_as_it_came(
    registered: Desk,
) -> None:
    sent = deregistration_json()
    (answer,) = await registered.deregister(sent)
    receipt = Receipt.read(answer.receipt or b"")
    assert (receipt.key, receipt.kind, receipt.revision) == (NUMBER, "deregistration", 1)
    case = await registered.case()
    assert case.state is State.REPORTED  # what was decided stays decided
    (entry,) = (await registered.history())[-1:]
    assert entry.step is Step.NOTE
    assert entry.note == str(
        Detail(DEREGISTERED, {"ground": "11", "revision": "1", "notice": "done"})
    )
    assert (await registered.report()).settled == 1
    assert registered.portal.deregistrations.taken == {(NUMBER, 1): sent}


async def test_a_repeat_gets_the_first_receipt_and_other_content_is_a_conflict(
    registered: Desk,
) -> None:
    (first,) = await registered.deregister(deregistration_json())
    registered.clock.forward(hours=1000)
    (again,) = await registered.deregister(deregistration_json())
    assert (again.status, again.receipt) == (ItemStatus.DUPLICATE, first.receipt)
    other = deregistration_json(acc025="12")
    assert said(await registered.deregister(other)) == ["deregistration.conflict"]
    assert [(row.key, row.reason) for row in await registered.quarantined()] == [
        (NUMBER, "deregistration.conflict")
    ]
    (shown,) = await registered.store.read(lambda views: views.conflicts(NUMBER))
    assert shown.differing is not None
    assert [one.pointer for one in shown.differing] == ["/acc025"]
    assert await registered.outbox_depth(PORTAL) == (1, 0)


async def test_a_wrong_one_is_corrected_by_a_revision_and_an_older_one_comes_too_late(
    registered: Desk,
) -> None:
    await registered.deregister(deregistration_json())
    corrected = deregistration_json(acc025="12", revision=3)
    assert said(await registered.deregister(corrected)) == ["accepted"]
    late = deregistration_json(revision=2)
    assert said(await registered.deregister(late)) == ["deregistration.superseded"]
    for _ in range(2):
        await registered.report()
    assert registered.portal.deregistrations.batches == [[(NUMBER, 1)], [(NUMBER, 3)]]


@pytest.mark.parametrize(
    ("changes", "sender", "code"),
    [
        ({"application_no": "NEVER"}, JINSHUI, "deregistration.unknown-registration"),
        ({"acc020": "ANOTHER"}, JINSHUI, "deregistration.unknown-registration"),
        ({}, JIYUAN, "deregistration.unknown-registration"),
        (OF_LOCAL, JIYUAN, "deregistration.unknown-registration"),
        ({"aae017": JIYUAN}, JINSHUI, "outcome.wrong-agency"),
        ({"aae036": "2026-12-31T10:00:00+08:00"}, JINSHUI, "outcome.dated-ahead"),
        ({"acc025": "22"}, JINSHUI, "message.invalid"),
        ({"acc025": "60", "code_set": "2010"}, JINSHUI, "message.invalid"),
        ({"acc025": "26", **DUE}, JINSHUI, "message.invalid"),
        ({"notice": None}, JINSHUI, "message.invalid"),
        ({"acc025": "11", **EXEMPT}, JINSHUI, "message.invalid"),
    ],
)
async def test_what_cannot_be_taken_is_refused_by_its_code(
    registered: Desk, changes: dict[str, object], sender: str, code: str
) -> None:
    sent = deregistration_json(**changes)
    assert said(await registered.deregister(sent, sender=sender)) == [code]
    assert await registered.outbox_depth(PORTAL) == (0, 0)


async def test_nobody_is_deregistered_who_was_not_registered(desk: Desk) -> None:
    await desk.pull(an_item(NUMBER))
    desk.clock.forward(days=92)
    unknown = ["deregistration.unknown-registration"]
    assert said(await desk.deregister(deregistration_json())) == unknown  # undecided
    await desk.decide(await desk.refusal())
    assert said(await desk.deregister(deregistration_json())) == unknown  # not passed
    await desk.decide(await desk.outcome(revision=2))
    assert said(await desk.deregister(deregistration_json())) == ["accepted"]
    await desk.decide(await desk.refusal(revision=3))
    later = deregistration_json(revision=2)
    assert said(await desk.deregister(later)) == unknown  # the correction took it back


async def test_it_waits_until_the_registration_is_reported(desk: Desk) -> None:
    await desk.pull(an_item(NUMBER))
    await desk.decide(await desk.outcome())
    desk.clock.forward(days=92)
    await desk.deregister(deregistration_json())
    assert (await desk.report()).claimed == 1
    assert desk.portal.deregistrations.batches == []
    await desk.report()
    assert desk.portal.deregistrations.batches == [[(NUMBER, 1)]]


async def test_what_was_registered_locally_ends_in_the_same_way(desk: Desk) -> None:
    desk.clock.forward(days=92)
    await desk.register(registration_json())
    assert said(await desk.deregister(deregistration_json(**OF_LOCAL), sender=JIYUAN)) == [
        "accepted"
    ]
    await desk.report()
    await desk.report()
    assert desk.portal.registrations.batches == [[(LOCAL, 1)]]
    assert desk.portal.deregistrations.batches == [[(LOCAL, 1)]]


async def test_who_is_still_to_be_told_is_listed_until_a_revision_brings_the_notice(
    registered: Desk,
) -> None:
    assert said(await registered.deregister(deregistration_json(**DUE))) == ["accepted"]
    due_on = date(2026, 6, 4)  # three working days after Monday
    assert await registered.notices() == [NoticeDue(NUMBER, JINSHUI, "11", due_on)]
    assert await registered.notices(before=due_on) == []
    assert len(await registered.notices(before=date(2026, 6, 5))) == 1
    assert said(await registered.deregister(deregistration_json(revision=2))) == ["accepted"]
    assert await registered.notices() == []


async def test_a_notice_due_beyond_the_calendar_is_listed_last_without_a_day(
    registered: Desk,
) -> None:
    registered.clock.forward(days=400)
    far = {"aae036": "2027-06-01T10:00:00+08:00", "acc020": "OTHER", "application_no": "SY2"}
    await registered.deregister(deregistration_json(**DUE))
    assert said(await registered.deregister(deregistration_json(**far, **DUE))) == ["accepted"]
    assert [(one.key, one.due_on) for one in await registered.notices()] == [
        (NUMBER, date(2026, 6, 4)),
        ("SY2", None),
    ]
    figures = await registered.store.read(lambda views: views.figures(date(2026, 6, 5)))
    assert figures.notices_overdue == 1


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"acc025": "11", "verified_by": "05", "mode": "1", **DUE}, None),
        ({"acc025": "21", "verified_by": "01", "mode": "1", **DUE}, None),
        ({"acc025": "21", "verified_by": "04"}, None),
        ({"acc025": "26", "verified_by": "03", **EXEMPT}, None),
        ({"acc025": "90", "ground_note": "地方规定", "verified_by": "99"}, None),
        ({"acc025": "11", "verified_by": "03"}, ("/verified_by", 1)),
        ({"acc025": "21", "verified_by": "04", "mode": "1"}, ("/verified_by", 4)),
        ({"acc025": "23", "verified_by": "02", "mode": "1"}, ("/mode", 5)),
        ({"acc025": "31", "verified_by": "02"}, ("/verified_by", 8)),
        ({"acc025": "26", "verified_by": "08", **EXEMPT}, ("/verified_by", 10)),
    ],
)
async def test_a_province_says_how_each_ground_is_verified_and_whether_the_system_may_end_it(
    registered: Desk, changes: dict[str, object], refused: tuple[str, int] | None
) -> None:
    goes_by(registered, "hunan-2020-23")
    (answer,) = await registered.deregister(deregistration_json(**changes))
    if refused is None:
        assert said((answer,)) == ["accepted"]
        return
    pointer, item = refused
    assert said((answer,)) == ["deregistration.ground-not-allowed"]
    (error,) = answer.errors
    article = f"依据：湘人社函〔2020〕23号 第一部分（三）第{item}项"
    assert (error.pointer, error.message) == (pointer, article)
    assert await registered.outbox_depth(PORTAL) == (0, 0)


@pytest.mark.parametrize(
    ("ground", "changes", "code"),
    [
        ("23", {}, "accepted"),
        ("23", DUE, "deregistration.not-told-first"),
        ("23", TOLD_AFTERWARDS, "deregistration.not-told-first"),
        ("241", DUE, "deregistration.not-told-first"),
        ("242", DUE, "deregistration.not-told-first"),
        ("21", DUE, "deregistration.not-told-first"),
        ("243", EXEMPT, "accepted"),
    ],
)
async def test_where_the_person_is_told_first_nobody_is_deregistered_untold(
    registered: Desk, ground: str, changes: dict[str, object], code: str
) -> None:
    goes_by(registered, "hunan-2020-23")
    verified_by = "01" if ground == "21" else "02"
    sent = deregistration_json(**{"acc025": ground, "verified_by": verified_by, **changes})
    (answer,) = await registered.deregister(sent)
    assert said((answer,)) == [code]
    assert [error.pointer for error in answer.errors] == ["/notice"] * (code != "accepted")


async def test_the_eleventh_ground_is_off_where_the_rules_know_ten(registered: Desk) -> None:
    other = deregistration_json(acc025="90", ground_note="地方规定", verified_by="99")
    goes_by(registered, "hunan-grassroots")
    (answer,) = await registered.deregister(other)
    assert said((answer,)) == ["deregistration.ground-not-allowed"]
    assert answer.errors[0].message == "依据：湖南基层公共就业服务经办规程 第七条"
    goes_by(registered, "2020-3")
    assert said(await registered.deregister(other)) == ["accepted"]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"acc025": "22"}, "/acc025"),
        ({"acc025": "27"}, "/acc025"),
        ({"acc025": "60", "code_set": "2010"}, "/code_set"),
    ],
)
async def test_what_is_no_ground_is_refused_with_the_article(
    registered: Desk, changes: dict[str, object], pointer: str
) -> None:
    (answer,) = await registered.deregister(deregistration_json(**changes))
    assert said((answer,)) == ["message.invalid"]
    errors = {error.pointer: error.message for error in answer.errors}
    assert "人社厅发〔2020〕3号 第五部分" in errors[pointer]


async def test_the_same_deregistration_twice_at_the_same_moment_is_taken_once(
    registered: Desk,
) -> None:
    sent = deregistration_json()
    both = await asyncio.gather(registered.deregister(sent), registered.deregister(sent, sent))
    answers = tuple(answer for answers in both for answer in answers)
    assert sorted(said(answers)) == ["accepted", "duplicate", "duplicate"]
    assert len({answer.receipt for answer in answers}) == 1
    assert await registered.outbox_depth(PORTAL) == (1, 0)


async def test_a_batch_that_could_not_be_stored_leaves_nothing_and_may_come_again(
    registered: Desk,
) -> None:
    class PowerCut(Exception):
        pass

    def cut(failpoint: Failpoint) -> None:
        if failpoint is Failpoint.DEREGISTRATION_WRITTEN:
            raise PowerCut

    with pytest.raises(PowerCut):
        await record_deregistrations(
            [RawItem(deregistration_json(**DUE))],
            sender=JINSHUI,
            store=registered.store,
            rules=registered.rules,
            now=registered.clock,
            hook=cut,
        )
    assert await registered.notices() == []
    assert await registered.outbox_depth(PORTAL) == (0, 0)
    assert said(await registered.deregister(deregistration_json(**DUE))) == ["accepted"]


async def test_one_that_the_portal_refuses_waits_for_a_person(registered: Desk) -> None:
    await registered.deregister(deregistration_json())
    code = "deregistration.unknown-registration"
    registered.portal.deregistrations.refusals[NUMBER] = code
    assert (await registered.report()).parked == 1
    message = (await registered.messages())[-1]
    assert (message.kind, message.error) == (MessageKind.DEREGISTRATION, code)
    assert (await registered.case()).state is State.REPORTED


async def test_a_batch_of_several_is_taken_whole(registered: Desk) -> None:
    second = {"application_no": "SY2", "acc020": "OTHER"}
    batch = (deregistration_json(**DUE), deregistration_json(**second, **DUE))
    assert said(await registered.deregister(*batch)) == ["accepted", "accepted"]
    assert [one.key for one in await registered.notices()] == ["SY2", NUMBER]
    informed = (deregistration_json(revision=2), deregistration_json(**second, revision=2))
    assert said(await registered.deregister(*informed)) == ["accepted", "accepted"]
    assert await registered.notices() == []


async def test_a_deregistration_of_any_lawful_day_is_taken_and_its_notice_listed(
    registered: Desk,
) -> None:
    old = deregistration_json(**DUE, aae036="1900-01-01T12:00:00+08:00")
    assert said(await registered.deregister(old)) == ["accepted"]
    assert [(one.key, one.due_on) for one in await registered.notices()] == [(NUMBER, None)]
