"""The published schedule of retries has the numbers by which the gateway goes."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from contracts.publish.export import PUBLISHED, generated
from gateway.adapters.signed_client import CALL_S, REFUSALS_OF_THE_MESSAGE
from gateway.domain.retry_policy import (
    BATCH,
    LEASE,
    BatchSize,
    Breaker,
    PeerPause,
    goes_alone,
    is_worth_repeating,
    next_attempt,
)
from schemas.records.problem_texts import PROBLEM_TEXTS
from schemas.signing import SignatureErrorCode

NOW = datetime(2026, 3, 2, tzinfo=UTC)
each_page = pytest.mark.parametrize("page", ["retries.md", "retries.en.md"])


def text_of(page: str) -> str:
    return " ".join((PUBLISHED / page).read_text("utf-8").split())


def pause_s(attempts: int, jitter: float, asked_s: float | None = None) -> float:
    at = next_attempt(attempts, now=NOW, jitter=lambda: jitter, retry_after_s=asked_s)
    return (at - NOW).total_seconds()


def says(page: str, chinese: str, english: str) -> bool:
    return (english if page.endswith(".en.md") else chinese) in text_of(page)


@each_page
def test_the_table_of_pauses_is_the_policy(page: str) -> None:
    row = re.search(r"\| (?:至多（秒）|at most \(seconds\)) \|([ 0-9|]+)", text_of(page))
    assert row is not None
    longest = [int(cell) for cell in row[1].strip(" |").split("|")]
    assert longest == [pause_s(attempt, 1.0) for attempt in range(1, 13)]
    assert {pause_s(attempt, 1.0) for attempt in range(12, 99)} == {longest[-1]}
    shortest = pause_s(1, 0.0)
    assert says(page, f"至少 {shortest} 秒", f"at least {shortest} seconds")


@each_page
def test_what_a_peer_asks_for_and_the_pause_after_any_failure(page: str) -> None:
    shortest, longest = pause_s(1, 0.5, 0.0), pause_s(1, 0.5, 1e9)
    assert says(
        page,
        f"在 {shortest:.0f} 秒至 {longest:.0f} 秒之间",
        f"within {shortest:.0f} and {longest:.0f} seconds",
    )
    rest = PeerPause().failed(NOW, None).remaining(NOW).total_seconds()
    assert says(page, f"至少 {rest:.0f} 秒内不再调用", f"not called for {rest:.0f} second at least")


@each_page
def test_the_circuit_breaker(page: str) -> None:
    breaker, failures = Breaker(), 0
    while breaker.open_until is None:
        breaker, failures = breaker.failed(NOW, lambda: 1.0), failures + 1
    pauses = []
    for _ in range(10):
        assert breaker.open_until is not None
        pauses.append((breaker.open_until - NOW).total_seconds())
        breaker = breaker.failed(NOW, lambda: 1.0)
    assert pauses[:3] == [1, 2, 4]
    assert says(page, f"连续 {failures} 次", f"after {failures} calls in a row")
    assert says(page, f"先至多 {pauses[0]:.0f} 秒", f"at first for {pauses[0]:.0f} second at most")
    assert says(page, f"最长 {max(pauses):.0f} 秒", f"up to {max(pauses):.0f} seconds")
    assert Breaker() == breaker.succeeded()


@each_page
def test_batches_lease_and_the_time_of_one_call(page: str) -> None:
    alone = next(attempt for attempt in range(1, 99) if goes_alone(attempt)) - 1
    reduced = BatchSize().failed(BATCH, NOW)
    assert reduced.limit(NOW) == BATCH // 2
    doubles_s = next(s for s in range(1, 999) if reduced.limit(NOW + timedelta(seconds=s)) == BATCH)
    lease_s = LEASE.total_seconds()
    for chinese, english in (
        (f"一次至多 {BATCH} 件", f"at most {BATCH} in a call"),
        (f"每 {doubles_s} 秒加倍", f"doubles every {doubles_s} seconds"),
        (f"发送 {alone} 次", f"sent {alone} times"),
        (f"由取出者持有 {lease_s:.0f} 秒", f"belongs to its sender for {lease_s:.0f} seconds"),
        (f"{CALL_S:.0f} 秒内未接收完", f"no whole answer within {CALL_S:.0f} seconds"),
    ):
        assert says(page, chinese, english), english


@each_page
def test_what_stops_retrying_and_what_does_not(page: str) -> None:
    statuses = [str(status) for status in sorted(REFUSALS_OF_THE_MESSAGE)]
    assert says(page, f"签名的 {'、'.join(statuses)}（", f"a signed {', '.join(statuses)} to")

    listed = re.search(r"(?:代码为|the codes) ((?:`[^`]*`[、, ]*)+)", text_of(page))
    assert listed is not None
    named = re.findall(r"`([a-z.*-]+)`", listed[1])
    known = {*PROBLEM_TEXTS, *(str(code) for code in SignatureErrorCode)}
    again = {code for code in known if is_worth_repeating(code)}
    matched = {code for code in known for name in named if re.fullmatch(_pattern(name), code)}
    assert matched == again
    assert len(named) == 4


def _pattern(name: str) -> str:
    return re.escape(name).replace(r"\*", ".*")


def test_the_interface_of_agencies_and_the_readme_name_the_page() -> None:
    assert b"retries.md" in generated()["openapi/agency.json"]
    assert "retries.md" in (PUBLISHED / "README.md").read_text("utf-8")
