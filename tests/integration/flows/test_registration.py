"""本地受理登记: taken once, decided as it comes, reported in its order, nobody dropped."""

import asyncio
import json
import threading
from dataclasses import replace
from datetime import date

import pytest

from gateway.adapters.ledger.store import open_ledger
from gateway.domain.case import State, Step
from gateway.domain.item_answer import ItemAnswer
from gateway.domain.outbox_rules import MessageKind
from gateway.domain.screening import Finding
from gateway.flows.failpoints import Failpoint
from gateway.flows.fetch import case_view
from gateway.flows.registration import record_registrations
from gateway.ports import PORTAL
from gateway.ports.views import WorkRow
from schemas.records.dispatches import CaseView
from schemas.records.json_errors import JsonError, JsonErrorCode
from schemas.records.receipts import ItemStatus, Receipt
from schemas.records.registrations import LocalRegistration
from schemas.records.strict_json import RawItem
from tests.builders.extended import LOCAL_OUTCOME, registration_json
from tests.builders.ledger import a_sealer
from tests.builders.records import JINSHUI, JIYUAN, REFUSAL, as_json, citizen_number, outcome_json
from tests.integration.flows.desk import AT_JIYUAN, LOCAL, NUMBER, Desk, an_item
from tests.integration.storage.test_postgres import ask
from tests.support.clock import SettableClock
from tests.support.until import until

ANOTHER = citizen_number("19910307", area="419001")
UNCONSENTED = {"given": False, "date": "2026-03-02", "text_version": "2020-1"}
KEPT = {one: LOCAL_OUTCOME[one] for one in ("division", "local_serial", "aae017")}


@pytest.fixture
def desk(desk: Desk) -> Desk:
    """Give a desk on the day after the registrations of these tests were decided."""
    desk.clock.forward(days=2)
    return desk


def said(answers: tuple[ItemAnswer, ...]) -> list[str]:
    """Return each answer's status, or the code of its refusal."""
    return [one.refused.code if one.refused else one.status.value for one in answers]


def numbered(serial: str, **changes: object) -> bytes:
    """Return a registration of another person under another serial."""
    return registration_json(result={"local_serial": serial}, form={"aac147": ANOTHER, **changes})


async def test_a_registration_gets_a_receipt_and_its_case_opens_decided(desk: Desk) -> None:
    sent = registration_json()
    (answer,) = await desk.register(sent)
    assert answer.status is ItemStatus.ACCEPTED
    receipt = Receipt.read(answer.receipt or b"")
    assert (receipt.key, receipt.kind, receipt.revision) == (LOCAL, "registration", 1)
    case = await desk.case(LOCAL)
    assert (case.state, case.revision, case.agency) == (State.DECIDED, 1, JIYUAN)
    assert (case.dispatch_no, case.place_division) == (None, "419001")
    assert [entry.step for entry in await desk.history(LOCAL)] == [Step.ACCEPT, Step.DECIDE]
    assert await desk.outbox_depth(PORTAL) == (1, 0)


async def test_its_time_runs_from_when_the_person_asked(desk: Desk) -> None:
    asked_at = "2026-02-25T09:00:00+08:00"
    await desk.register(registration_json(submitted_at=asked_at, policy="2020-3"))
    case = await desk.case(LOCAL)
    assert case.due_on == desk.rules.calendar.add_working_days(date(2026, 2, 25), 7)


async def test_it_is_reported_as_it_came_and_the_case_is_reported_then(desk: Desk) -> None:
    sent = registration_json()
    await desk.register(sent)
    assert (await desk.report()).settled == 1
    assert desk.portal.registrations.taken == {(LOCAL, 1): sent}
    assert desk.portal.reports.batches == []
    assert (await desk.case(LOCAL)).state is State.REPORTED


async def test_outcomes_and_registrations_go_in_calls_of_their_own(desk: Desk) -> None:
    await desk.pull(an_item(NUMBER))
    await desk.decide(await desk.outcome())
    await desk.register(numbered("L1"), numbered("L2"))
    relayed = await desk.report()
    assert (relayed.claimed, relayed.settled) == (3, 3)
    assert desk.portal.reports.batches == [[(NUMBER, 1)]]
    assert desk.portal.registrations.batches == [[("419001/L1", 1), ("419001/L2", 1)]]


async def test_a_repeat_gets_the_first_receipt_byte_for_byte(desk: Desk) -> None:
    sent = registration_json()
    (first,) = await desk.register(sent)
    for wait_h in (1, 1000):
        desk.clock.forward(hours=wait_h)
        (again,) = await desk.register(sent)
        assert (again.status, again.receipt) == (ItemStatus.DUPLICATE, first.receipt)
        await desk.report()
    assert desk.portal.registrations.batches == [[(LOCAL, 1)]]


async def test_the_same_registration_in_other_words_is_a_repeat(desk: Desk) -> None:
    (first,) = await desk.register(registration_json())
    spelled = registration_json(submitted_at="2026-03-02T01:00:00Z", trace_id=None)
    (again,) = await desk.register(spelled)
    assert (again.status, again.receipt) == (ItemStatus.DUPLICATE, first.receipt)


async def test_other_content_under_a_known_revision_is_a_conflict_and_shown_masked(
    desk: Desk,
) -> None:
    await desk.register(registration_json())
    other = registration_json(form={"aac003": "王芳", "aac026": "别处1号"})
    assert said(await desk.register(other)) == ["registration.conflict"]
    assert said(await desk.register(other)) == ["registration.conflict"]
    assert [(row.key, row.reason) for row in await desk.quarantined()] == [
        (LOCAL, "registration.conflict")
    ]
    (shown,) = await desk.store.read(lambda views: views.conflicts(LOCAL))
    assert shown.differing is not None
    assert [(one.pointer, one.other) for one in shown.differing] == [
        ("/person/aac003", "王*"),
        ("/person/aac026", "***"),
    ]
    assert await desk.outbox_depth(PORTAL) == (1, 0)


async def test_a_correction_replaces_the_form_and_the_decision(desk: Desk) -> None:
    await desk.register(registration_json())
    result = {**REFUSAL, "revision": 2, **KEPT}
    corrected = registration_json(
        form={"aac003": "王芳", "aac147": ANOTHER}, result=result, policy="2020-3"
    )
    assert said(await desk.register(corrected)) == ["accepted"]
    case = await desk.case(LOCAL)
    assert (case.state, case.revision, case.policy) == (State.DECIDED, 2, "2020-3")
    row = await desk.store.read(lambda views: views.case(LOCAL))
    assert isinstance(row, WorkRow)
    assert row.person == "王*"
    await desk.report()
    await desk.report()
    assert desk.portal.registrations.batches == [[(LOCAL, 1)], [(LOCAL, 2)]]
    assert said(await desk.register(registration_json(result={"revision": 1}))) == ["duplicate"]


async def test_a_lower_revision_after_a_higher_one_comes_too_late(desk: Desk) -> None:
    await desk.register(registration_json(result={"revision": 3}))
    late = registration_json(result={"revision": 2})
    assert said(await desk.register(late)) == ["outcome.superseded"]
    assert (await desk.case(LOCAL)).revision == 3


async def test_a_decision_may_be_corrected_without_the_form_and_follows_the_registration(
    desk: Desk,
) -> None:
    await desk.register(registration_json())
    changes = {"application_no": None, "dispatch_no": None, **KEPT, "revision": 2}
    alone = outcome_json(**{**REFUSAL, **changes})
    assert said(await desk.decide(alone, sender=JIYUAN)) == ["accepted"]
    for _ in range(2):
        await desk.report()
    assert desk.portal.registrations.batches == [[(LOCAL, 1)]]
    assert desk.portal.reports.batches == [[(LOCAL, 2)]]


async def test_what_follows_waits_until_the_portal_has_the_registration(desk: Desk) -> None:
    await desk.register(registration_json())
    changes = {"application_no": None, "dispatch_no": None, **KEPT, "revision": 2}
    await desk.decide(outcome_json(**changes), sender=JIYUAN)
    desk.portal.registrations.refusals["419001/JY-2026-0001"] = "service.busy"
    assert (await desk.report()).postponed == 1
    assert (await desk.report()).claimed == 0  # not before the older one
    assert desk.portal.reports.batches == []


@pytest.mark.parametrize(
    ("changes", "form", "result", "sender", "code"),
    [
        ({}, {}, {"aae017": JINSHUI}, JIYUAN, "outcome.wrong-agency"),
        ({}, {}, {"division": "410105"}, JIYUAN, "registration.division-not-served"),
        ({}, {}, {"division": "110101"}, JIYUAN, "registration.division-not-served"),
        ({}, {}, {"division": "999999"}, JIYUAN, "registration.division-not-served"),
        ({}, {}, {"aae017": JINSHUI}, JINSHUI, "registration.division-not-served"),
        ({"place_division": "410105"}, {}, {}, JIYUAN, "registration.place-not-served"),
        ({"place_division": "110101"}, {}, {}, JIYUAN, "registration.place-not-served"),
        ({}, {}, {"aae036": "2026-12-31T10:00:00+08:00"}, JIYUAN, "outcome.dated-ahead"),
        ({"commitment": UNCONSENTED}, {}, {}, JIYUAN, "message.invalid"),
        ({}, {}, {"application_no": "SY1"}, JIYUAN, "message.invalid"),
        ({}, {"aac003": None}, {}, JIYUAN, "message.invalid"),
    ],
)
async def test_what_cannot_be_taken_is_refused_by_its_code(
    desk: Desk,
    changes: dict[str, object],
    form: dict[str, object],
    result: dict[str, object],
    sender: str,
    code: str,
) -> None:
    sent = registration_json(form=form, result=result, **changes)
    assert said(await desk.register(sent, sender=sender)) == [code]
    assert await desk.no_case(LOCAL)
    assert await desk.outbox_depth(PORTAL) == (0, 0)


async def test_a_province_may_let_every_agency_accept_for_all(desk: Desk) -> None:
    away = registration_json(place_division="410105")
    assert said(await desk.register(away)) == ["registration.place-not-served"]
    desk.rules = replace(desk.rules, province=replace(desk.rules.province, anywhere="吉林省通知"))
    assert said(await desk.register(away)) == ["accepted"]
    case = await desk.case(LOCAL)
    assert (case.agency, case.place_division) == (JIYUAN, "410105")
    abroad = registration_json(place_division="110101", result={"local_serial": "L2"})
    assert said(await desk.register(abroad)) == ["registration.place-not-served"]


async def test_who_did_not_consent_may_be_refused_and_is_not_passed_later(desk: Desk) -> None:
    refused = registration_json(commitment=UNCONSENTED, result={**REFUSAL, **KEPT})
    assert said(await desk.register(refused)) == ["accepted"]
    assert Finding.COMMITMENT_MISSING in (await desk.case(LOCAL)).findings
    changes = {"application_no": None, "dispatch_no": None, **KEPT, "revision": 2}
    passed = outcome_json(**changes)
    assert said(await desk.decide(passed, sender=JIYUAN)) == ["outcome.commitment-missing"]


async def test_an_invalid_item_does_not_hurt_its_mates(desk: Desk) -> None:
    items = (
        RawItem(numbered("L1")),
        RawItem(b'{"a":1,"a":2}', JsonError(JsonErrorCode.DUPLICATE_MEMBER)),
        RawItem(numbered("L2", aac004=1)),
        RawItem(numbered("L3")),
    )
    answers = await record_registrations(
        items, sender=JIYUAN, store=desk.store, rules=desk.rules, now=desk.clock
    )
    assert said(answers) == ["accepted", "message.malformed", "message.invalid", "accepted"]


async def test_the_same_registration_twice_at_the_same_moment_is_taken_once(desk: Desk) -> None:
    sent = registration_json()
    both = await asyncio.gather(desk.register(sent), desk.register(sent, sent))
    answers = tuple(answer for answers in both for answer in answers)
    assert sorted(said(answers)) == ["accepted", "duplicate", "duplicate"]
    assert len({answer.receipt for answer in answers}) == 1
    assert await desk.outbox_depth(PORTAL) == (1, 0)


@pytest.mark.parametrize(("second", "comes_to"), [(1, "duplicate"), (2, "accepted")])
async def test_two_writers_that_open_one_case_at_once_are_run_one_after_the_other(
    postgres_url: str, clock: SettableClock, second: int, comes_to: str
) -> None:
    # Given a registration whose transaction is open while another of its key comes
    clock.forward(days=2)
    desk = Desk(open_ledger(postgres_url, sealer=a_sealer(), now=clock), clock)
    written, may_commit = threading.Event(), threading.Event()

    def hold(failpoint: Failpoint) -> None:
        if failpoint is Failpoint.REGISTRATION_WRITTEN:
            written.set()
            may_commit.wait(30)

    first = asyncio.create_task(
        record_registrations(
            [RawItem(registration_json())],
            sender=JIYUAN,
            store=desk.store,
            rules=desk.rules,
            now=clock,
            hook=hold,
        )
    )
    assert await asyncio.to_thread(written.wait, 30)
    other = asyncio.create_task(desk.register(registration_json(result={"revision": second})))

    def waits() -> bool:
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        return ask(postgres_url, f"{waiting} AND datname = current_database()") != [(0,)]

    await until(waits, "the second waits for the first")

    # When the first is committed, then the second sees it
    may_commit.set()
    assert (said(await first), said(await other)) == (["accepted"], [comes_to])
    assert (await desk.case(LOCAL)).revision == second
    await desk.store.close()


async def test_two_revisions_in_one_batch_follow_one_another(desk: Desk) -> None:
    first, second = registration_json(), registration_json(result={"revision": 2})
    assert said(await desk.register(first, second)) == ["accepted", "accepted"]
    assert (await desk.case(LOCAL)).revision == 2


async def test_a_number_of_the_portal_that_reads_like_a_key_is_never_taken_for_one(
    desk: Desk,
) -> None:
    await desk.pull(an_item("419001/L1", **AT_JIYUAN))
    key = {"local_serial": "L1", "revision": 2}
    assert said(await desk.register(registration_json(result=key))) == [
        "registration.division-not-served"
    ]
    local = {"application_no": None, **KEPT, "local_serial": "L1"}
    decided = await desk.outcome("419001/L1", **local)
    assert said(await desk.decide(decided, sender=JIYUAN)) == ["outcome.unknown-application"]
    assert said(await desk.decide(await desk.outcome("419001/L1"), sender=JIYUAN)) == ["accepted"]
    await desk.register(registration_json())
    numbered = await desk.outcome(LOCAL, revision=2)
    assert said(await desk.decide(numbered, sender=JIYUAN)) == ["outcome.unknown-application"]


async def test_a_key_that_the_portal_uses_as_a_number_afterwards_is_kept_for_a_person(
    desk: Desk,
) -> None:
    await desk.register(registration_json())
    page = await desk.pull(an_item(LOCAL))
    assert [row.held for row in page.rows] == ["application.conflict"]
    assert desk.portal.numbers == [LOCAL]
    assert [row.key for row in await desk.quarantined()] == [LOCAL]


async def test_its_agency_can_ask_about_the_longest_key(desk: Desk) -> None:
    longest = {"division": "419001000000", "local_serial": "S" * 40}
    await desk.register(registration_json(result=longest))
    asked = await case_view(f"419001000000/{'S' * 40}", agency=JIYUAN, store=desk.store)
    view = CaseView.read(asked or b"")
    assert (view.application_no, view.division) == (None, "419001000000")
    assert (view.local_serial, view.state) == ("S" * 40, "DECIDED")


async def test_another_agency_learns_nothing_of_a_key(desk: Desk) -> None:
    sent = registration_json()
    await desk.register(sent)
    assert said(await desk.register(sent, sender=JINSHUI)) == ["registration.division-not-served"]
    unknown = registration_json(result={"local_serial": "NEVER"})
    assert said(await desk.register(unknown, sender=JINSHUI)) == [
        "registration.division-not-served"
    ]


async def test_a_batch_that_could_not_be_stored_leaves_nothing_and_may_come_again(
    desk: Desk,
) -> None:
    class PowerCut(Exception):
        pass

    def cut(failpoint: Failpoint) -> None:
        if failpoint is Failpoint.REGISTRATION_WRITTEN:
            raise PowerCut

    await desk.pull(an_item("SY1"))
    with pytest.raises(PowerCut):
        await record_registrations(
            [RawItem(registration_json())],
            sender=JIYUAN,
            store=desk.store,
            rules=desk.rules,
            now=desk.clock,
            hook=cut,
        )
    assert await desk.no_case(LOCAL)
    assert (await desk.case("SY1")).findings == ()
    assert said(await desk.register(registration_json())) == ["accepted"]


async def test_a_receipt_for_another_registration_is_not_believed(desk: Desk) -> None:
    await desk.register(registration_json())
    other = registration_json(form={"aac026": "别处1号"})
    desk.portal.registrations.taken[LOCAL, 1] = other  # what the portal says it has
    relayed = await desk.report()
    assert (relayed.settled, len(relayed.unbelieved)) == (0, 1)
    assert (await desk.case(LOCAL)).state is State.DECIDED


async def test_a_refused_registration_waits_for_a_person(desk: Desk) -> None:
    await desk.register(registration_json())
    desk.portal.registrations.refusals[LOCAL] = "message.invalid"
    assert (await desk.report()).parked == 1
    (message,) = await desk.messages(LOCAL)
    assert (message.kind, message.error) == (MessageKind.REGISTRATION, "message.invalid")
    assert (await desk.case(LOCAL)).state is State.DECIDED


async def test_what_is_kept_is_what_was_received(desk: Desk) -> None:
    sent = json.dumps(json.loads(registration_json()), indent=1).encode()
    await desk.register(sent)
    kept = await desk.store.read(lambda views: views.contents([LOCAL]))
    assert kept == {LOCAL: sent}
    assert LocalRegistration.read(kept[LOCAL]).key == LOCAL
    assert as_json(json.loads(sent)) != sent
