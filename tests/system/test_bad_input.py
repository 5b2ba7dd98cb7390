"""坏报文: what is wrong gets a clear answer, changes nothing, and holds nothing else up."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.adapters.ledger.store import open_ledger
from gateway.domain.case import Step, advance
from gateway.domain.dispatch import dispatch_number
from gateway.ports.ledger import Ledger
from gateway.settings_file import load_settings
from schemas.reference.clock import utc_now
from storage.sealing_keys import load_sealer
from tests.builders.records import ADDRESS, MOBILE, NAME, application_json, citizen_number
from tests.support.signing_client import Answered, SigningClient
from tests.support.until import until
from tests.system.command_line import duijie
from tests.system.external_client import (
    CITY,
    CITY_PLACE,
    COUNTY,
    COUNTY_PLACE,
    NEVER_S,
    a_refusal,
    batch,
    post,
    signed,
    submit,
)
from tests.system.running_set import RunningSet, a_running_set

UNREADABLE = "application.unreadable"
GOOD = application_json(application_no="NO", place_division=CITY_PLACE)
BAD: dict[str, bytes] = {
    "SY-VALUE": GOOD.replace(b'"aac004":"2"', b'"aac004":nul'),
    "SY-TWICE": GOOD.replace(b'"aac004":"2"', b'"aac004":"2","aac004":"1"'),
    "SY-SURROGATE": GOOD.replace(b'"aac004":"2"', b'"aac004":"\\ud800"'),
    "SY-NUMBER": GOOD.replace(b'"aac004":"2"', b'"aac004":2'),
    "SY-NUL": GOOD.replace(NAME.encode(), NAME.encode() + b"\\u0000"),
    "SY-NAN": GOOD.replace(b'"aac004":"2"', b'"aac004":NaN'),
    "SY-LATIN": GOOD.replace(b'"aac004":"2"', b'"aac004":"\xe9"'),
    "SY-UNKNOWN-MEMBER": GOOD.replace(b'"aac004":"2"', b'"aac004":"2","sex":"2"'),
}
NUMBERLESS = b'{"kind":"application","aac003":"' + NAME.encode() + b'"}'
SECRETS = (NAME, citizen_number(), MOBILE, ADDRESS)


def numbered(content: bytes, number: str) -> bytes:
    """Return an item under its own number."""
    return content.replace(b'"application_no":"NO"', f'"application_no":"{number}"'.encode())


@pytest.fixture
async def page_of_all_sorts(tmp_path: Path) -> AsyncIterator[tuple[RunningSet, list[str]]]:
    """Give a set whose gateway has met one page with good and bad items mixed."""
    async with (
        asyncio.timeout(120),
        a_running_set(tmp_path, gateway=False, as_processes=True) as running,
    ):
        good = await running.file(2, CITY_PLACE, COUNTY_PLACE)
        for number, content in BAD.items():
            await running.inject(numbered(content, number), number)
        await running.inject(NUMBERLESS, None)
        good += await running.file(2, CITY_PLACE, COUNTY_PLACE)
        await running.start_gateway()

        async def are_back() -> bool:
            return await running.all_back(len(good))

        await until(are_back, "the good items of the page are back")
        yield running, good


async def test_bad_items_are_held_for_a_person_and_hold_nothing_up(
    page_of_all_sorts: tuple[RunningSet, list[str]],
) -> None:
    running, good = page_of_all_sorts
    summary = await running.control.summary()
    assert (summary.count, summary.owed, summary.doubled) == (len(good), 0, 0)

    # acknowledged wherever a number can be made out, and shown to the person as under review
    for number in BAD:
        book = await running.control.application(number)
        assert book.acknowledged_at is not None, number
        assert (book.state, book.deliveries) == ("审核中", 1)

    # visible at the gateway: on the command line, on the console, in the metrics
    listing = ("gateway", "cases", "--state", "HELD", "--json", "--config", str(running.config))
    listed = json.loads((await asyncio.to_thread(duijie, *listing, cwd=running.folder)).stdout)
    [unnumbered] = {one["key"] for one in listed} - set(BAD)
    assert {one["key"] for one in listed} == {*BAD, unnumbered}
    assert {one["hold_reason"] for one in listed} == {UNREADABLE}
    assert all(one["due_on"] for one in listed)  # its clock is running
    held = (await running.http.get(f"{running.console}/?state=HELD")).text
    quarantine = (await running.http.get(f"{running.console}/quarantine")).text
    for number in BAD:
        assert number in held
        assert number in quarantine
    assert unnumbered in quarantine  # the item without a number
    assert "同一对象内成员名重复" in quarantine
    assert "aac004：须为文本" in quarantine
    assert await running.figure("duijie_attention", reason=UNREADABLE) == len(BAD) + 1
    assert await running.figure("duijie_quarantined", reason=UNREADABLE) == len(BAD) + 1
    assert await running.figure("duijie_pull_rows_total", verdict="held") == len(BAD) + 1
    for text in (held, quarantine, json.dumps(listed, ensure_ascii=False)):
        assert not any(secret in text for secret in SECRETS)


async def test_an_item_that_breaks_its_whole_page_holds_nothing_up_either(tmp_path: Path) -> None:
    unclosed = GOOD.replace(b'"aac004":"2"', b'"aac004":{"x":"2"')
    async with asyncio.timeout(120), a_running_set(tmp_path, gateway=False) as running:
        good = await running.file(2, CITY_PLACE, COUNTY_PLACE)
        await running.inject(numbered(unclosed, "SY-UNCLOSED"), "SY-UNCLOSED")
        good += await running.file(2, CITY_PLACE, COUNTY_PLACE)
        await running.start_gateway()

        async def are_back() -> bool:
            return await running.all_back(len(good))

        await until(are_back, "the good items around it are back")
        assert (await running.control.application("SY-UNCLOSED")).acknowledged_at is not None
        held = (await running.http.get(f"{running.console}/?state=HELD")).text
        assert "SY-UNCLOSED" in held


async def test_bad_items_are_kept_byte_for_byte_and_never_in_plain_text(
    page_of_all_sorts: tuple[RunningSet, list[str]],
) -> None:
    running, _ = page_of_all_sorts
    settings = load_settings(running.config)
    sealer = load_sealer(settings.ledger_keys)
    database = running.folder / "gateway.db"
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        rows = connection.execute(
            "SELECT source, digest, reason, case_key, content FROM quarantine"
        )
        kept = {
            key: sealer.open("set_aside", "content", "\x1f".join((source, digest, reason)), sealed)
            for source, digest, reason, key, sealed in rows
        }
    for number in ("SY-VALUE", "SY-TWICE", "SY-SURROGATE", "SY-NUL", "SY-NAN", "SY-LATIN"):
        assert kept[number] == numbered(BAD[number], number)
    assert json.loads(kept["SY-NUMBER"]) == json.loads(numbered(BAD["SY-NUMBER"], "SY-NUMBER"))
    [unnumbered] = (kept[key] for key in kept if key not in BAD)
    assert json.loads(unnumbered) == json.loads(NUMBERLESS)

    written = list(files_of(running.folder))
    assert {"gateway.db", "gateway.log", "simulator.log"} <= {one.name for one in written}
    for path in written:
        content = path.read_bytes()
        assert not any(secret.encode() in content for secret in SECRETS), path.name


def files_of(folder: Path) -> Iterator[Path]:
    """Yield every file of a set: database, its side files, logs, settings, keys."""
    return (path for path in folder.rglob("*") if path.is_file())


@pytest.fixture
async def undecided(tmp_path: Path) -> AsyncIterator[tuple[RunningSet, str, str]]:
    """Give a set with one application at 郑州市 that nobody decides, and its dispatch number."""
    async with asyncio.timeout(120), a_running_set(tmp_path, decide_after_s=NEVER_S) as running:
        [number] = await running.file(1, CITY_PLACE)
        yield running, number, await running.dispatch_no(CITY, number)


async def sent_old(client: SigningClient, body: bytes) -> Answered:
    """Send a message that was signed too long ago."""
    old = utc_now() - timedelta(minutes=10)
    return await post(client, body, signed(client, body, at=old))


async def sent_unsigned(client: SigningClient, body: bytes) -> Answered:
    """Send a message without a signature."""
    return await post(client, body, {})


async def sent_with_another_key(client: SigningClient, body: bytes) -> Answered:
    """Send a message under a known key id, signed with another key."""
    return await post(client, body, signed(client.with_forged_key(), body))


async def sent_with_an_unknown_key(client: SigningClient, body: bytes) -> Answered:
    """Send a message under a key id that nobody here knows."""
    return await post(client, body, signed(client.with_unknown_key(), body))


async def sent_altered(client: SigningClient, body: bytes) -> Answered:
    """Send a message of which one character was changed on the way."""
    altered = body.replace(b'"refusal_reason": "05"', b'"refusal_reason": "01"')
    assert altered != body
    return await post(client, altered, signed(client, body))


NOT_BELIEVED: tuple[tuple[Callable[[SigningClient, bytes], Awaitable[Answered]], str], ...] = (
    (sent_unsigned, "signature.missing"),
    (sent_old, "signature.expired"),
    (sent_with_another_key, "signature.mismatch"),
    (sent_with_an_unknown_key, "signature.unknown-key"),
    (sent_altered, "signature.digest-mismatch"),
)


async def test_messages_that_prove_nothing_are_refused_each_by_its_code_and_change_nothing(
    undecided: tuple[RunningSet, str, str],
) -> None:
    running, number, dispatch_no = undecided
    before = await shown(running, number)
    for send, code in NOT_BELIEVED:
        answered = await send(running.client(CITY), batch(a_refusal(number, dispatch_no, CITY)))

        assert (answered.status, answered.code) == (401, code)
        assert await shown(running, number) == before
        reason = code.removeprefix("signature.")
        assert await running.figure("duijie_signature_refused_total", reason=reason) == 1
    assert (await running.control.application(number)).state == "审核中"


async def shown(running: RunningSet, number: str) -> str:
    """Return the case and its history as the ledger has them now."""
    row, history = await running.read(lambda views: (views.case(number), views.history(number)))
    return f"{row} {history}"


async def test_a_replayed_message_is_refused_and_takes_effect_once(
    undecided: tuple[RunningSet, str, str],
) -> None:
    running, number, dispatch_no = undecided
    client, body = running.client(CITY), batch(a_refusal(number, dispatch_no, CITY))
    headers = signed(client, body)
    first, again = (
        await post(client, body, headers),
        await post(client, body, headers),
    )

    assert first.results == ["accepted"]
    assert (again.status, again.code) == (401, "signature.replayed")
    assert await running.figure("duijie_replay_refused_total") == 1
    await is_decided(running, number)
    effects = (await running.control.application(number)).effects
    assert [(one.revision, one.repeats) for one in effects] == [(1, 0)]


async def is_decided(running: RunningSet, number: str) -> None:
    """Wait until the person sees a result."""

    async def reviewed() -> bool:
        return (await running.control.application(number)).state == "已审核"

    await until(reviewed, f"{number} is 已审核 at the national side")


async def test_every_wrong_result_has_its_own_answer(
    undecided: tuple[RunningSet, str, str],
) -> None:
    running, number, dispatch_no = undecided
    city, county = running.client(CITY), running.client(COUNTY)
    right = a_refusal(number, dispatch_no, CITY)

    wrong = await submit(
        city,
        right | {"application_no": "SYDJ-NOBODY"},
        right | {"dispatch_no": None},
        right | {"dispatch_no": dispatch_number(number, 9)},
        right | {"aae017": COUNTY},
        right | {"revision": 0},
    )
    assert wrong.results == [
        "outcome.unknown-application",
        "outcome.dispatch-missing",
        "dispatch.unknown",
        "outcome.wrong-agency",
        "message.invalid",
    ]
    theirs = await submit(county, a_refusal(number, dispatch_no, COUNTY))
    assert theirs.results == ["outcome.unknown-application"]
    assert (await running.control.application(number)).effects == ()

    first = await submit(city, right)
    again = await submit(city, right)
    other = await submit(city, right | {"refusal_reason": "01"})
    assert (first.results, again.results) == (["accepted"], ["duplicate"])
    assert again.receipts == first.receipts
    assert other.results == ["outcome.conflict"]
    assert await running.figure("duijie_quarantined", reason="outcome.conflict") == 1

    await is_decided(running, number)
    book = await running.control.application(number)
    assert [one.refusal_reason for one in book.effects] == ["05"]
    correction = await submit(city, right | {"revision": 2, "refusal_reason": "01"})
    late = await submit(city, right | {"revision": 1, "refusal_note": "x"})
    assert (correction.results, late.results) == (["accepted"], ["outcome.conflict"])


async def test_a_result_under_an_old_dispatch_is_told_so(
    tmp_path: Path, make_database: Callable[[], str]
) -> None:
    url = make_database()
    async with a_running_set(tmp_path, store=url, decide_after_s=NEVER_S) as running:
        [number] = await running.file(1, CITY_PLACE)
        dispatch_no = await running.dispatch_no(CITY, number)
        await reassign(running, number, COUNTY)
        late = await submit(running.client(CITY), a_refusal(number, dispatch_no, CITY))
        assert late.results == ["outcome.superseded-dispatch"]
        fresh = a_refusal(number, dispatch_number(number, 2), COUNTY)
        assert (await submit(running.client(COUNTY), fresh)).results == ["accepted"]
        await is_decided(running, number)


async def reassign(running: RunningSet, number: str, agency: str) -> None:
    """Give a case to another agency (改派), in the ledger that the gateway shares."""
    settings = load_settings(running.config)
    sealer = load_sealer(settings.ledger_keys)
    store = open_ledger(settings.store, sealer=sealer, now=utc_now)

    def work(ledger: Ledger) -> None:
        case = ledger.cases.read([number])[number]
        change = advance(
            case,
            Step.ASSIGN,
            at=utc_now(),
            actor="operator",
            agency=agency,
            dispatches=2,
            dispatch_no=dispatch_number(number, 2),
        )
        ledger.cases.save([change])

    try:
        await store.transact(work)
    finally:
        await store.close()


async def test_a_batch_that_is_no_batch_is_refused_whole(
    undecided: tuple[RunningSet, str, str],
) -> None:
    running, number, dispatch_no = undecided
    client = running.client(CITY)
    right = a_refusal(number, dispatch_no, CITY)
    for body, status, code in (
        (b"not json", 400, "message.malformed"),
        (b'{"outcomes":[]}', 422, "message.invalid"),
        (batch(*[right] * 201), 413, "message.too-large"),
    ):
        answered = await post(client, body, signed(client, body))
        assert (answered.status, answered.code) == (status, code)
    assert (await running.control.application(number)).effects == ()
