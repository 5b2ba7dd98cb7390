"""Logs: JSON lines with allowed facts only."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.events import (
    UNPROVEN,
    WRITTEN,
    current_trace,
    is_sayable,
    say,
    tracing,
)
from gateway.logs import WITHHELD, JsonLines, LineLimit, Lines, flush_logs, write_logs
from schemas.records.dispatches import Ping

TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Give the stream that logs are written to; afterwards logging is as it was."""
    root, ours = logging.getLogger(), logging.getLogger("gateway")
    before = (list(root.handlers), root.level, ours.level)
    stream = io.StringIO()
    write_logs("info", stream)
    yield stream
    root.handlers[:], _, _ = before
    root.setLevel(before[1])
    ours.setLevel(before[2])


def written(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_event_is_one_line_with_its_facts_and_trace(lines: io.StringIO) -> None:
    with tracing(TRACE):
        say(logging.getLogger("gateway.web"), logging.INFO, "outcome.recorded", count=2)

    (line,) = written(lines)

    assert line["event"] == "outcome.recorded"
    assert (line["level"], line["count"], line["trace_id"]) == ("info", 2, TRACE)
    assert str(line["at"]).endswith("+00:00")


def test_quiet_lines_go_out_together_and_a_warning_at_once() -> None:
    sent: list[str] = []

    class Recorder(io.StringIO):
        """Notes what was there at each flush."""

        def flush(self) -> None:
            """Note it."""
            sent.append(self.getvalue())

    handler = Lines(Recorder())
    handler.setFormatter(JsonLines())
    for level in (logging.INFO, logging.INFO, logging.WARNING):
        handler.emit(logging.LogRecord("gateway", level, "", 0, "page.taken-over", (), None))

    (at_the_warning,) = sent
    assert len(at_the_warning.splitlines()) == 3


def test_what_is_below_the_level_is_not_written(lines: io.StringIO) -> None:
    say(logging.getLogger("gateway.web"), logging.DEBUG, "outcome.recorded")

    assert written(lines) == []


def test_a_fact_that_is_not_allowed_is_dropped_at_run_time(lines: io.StringIO) -> None:
    facts = {"count": 1, "name": "张伟", "aac147": "41010519900307000X"}
    logging.getLogger("gateway.web").info("page.taken-over", extra={"facts": facts})

    (line,) = written(lines)

    assert line["count"] == 1
    assert "张伟" not in lines.getvalue()
    assert "41010519900307000X" not in lines.getvalue()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("code", "invalid input syntax for type integer: 张伟"),
        ("code", "41010519900307000X"),
        ("reason", "[Errno 2] No such file"),
        ("reason", "13800000000"),
        ("problem", "%E5%BC%A0%E4%BC%9F"),
        ("operation", "a" * 65),
        ("application_no", "张伟"),
        ("peer", "portal\nforged"),
        ("reason", object()),
        ("code", None),
    ],
)
def test_a_fact_that_could_be_anybodys_text_is_withheld(
    lines: io.StringIO, name: str, value: object
) -> None:
    logging.getLogger("gateway.web").info("page.taken-over", extra={"facts": {name: value}})

    assert written(lines)[0][name] == WITHHELD


@given(st.text(alphabet=st.characters(codec="utf-8")).filter(lambda text: not text.isascii()))
def test_no_text_beyond_ascii_is_a_fact(text: str) -> None:
    assert not any(is_sayable(name, text) for name in WRITTEN)


def test_an_error_is_said_as_its_class_and_the_place_in_our_code(lines: io.StringIO) -> None:
    with pytest.raises(ValidationError, match="张伟") as caught:
        Ping.read('{"echo":"a","张伟":1}'.encode())
    say(logging.getLogger("gateway"), logging.ERROR, "turn.failed", raised=caught.value)

    (line,) = written(lines)
    assert line["error"] == "ValidationError"
    assert str(line["where"]).startswith("schemas.records.base:")
    assert "张伟" not in lines.getvalue()


def test_what_a_library_says_is_not_quoted(lines: io.StringIO) -> None:
    logging.getLogger("aiohttp.server").error("cannot parse %s", "张伟 13800000000")
    logging.getLogger("gateway.web").error("free text about 张伟")

    assert [line["event"] for line in written(lines)] == [
        "library.aiohttp.server",
        "library.gateway.web",
    ]
    assert "张伟" not in lines.getvalue()


def test_an_error_shows_its_class_and_not_its_text() -> None:
    record = logging.LogRecord("gateway", logging.ERROR, "", 0, "loop.failed", (), None)
    record.exc_info = (ValueError, ValueError("张伟"), None)

    line = JsonLines().format(record)

    assert json.loads(line)["error"] == "ValueError"
    assert "张伟" not in line


def test_lines_about_unproven_callers_are_limited_by_kind_and_the_rest_is_counted() -> None:
    at_s = 5.0
    limit = LineLimit(per_s=3, clock_s=lambda: at_s)

    def passed(key_id: str, code: str = "signature.missing") -> logging.LogRecord | None:
        record = logging.LogRecord("gateway", logging.WARNING, "", 0, "request.refused", (), None)
        record.__dict__["facts"] = {"key_id": key_id, "code": code}
        return record if limit.filter(record) else None

    flood = [passed(UNPROVEN) for _ in range(1000)]
    assert [bool(one) for one in flood] == [True] * 3 + [False] * 997
    assert passed("agency-410105") is not None  # a caller who is proven is always heard
    assert passed(UNPROVEN, "signature.expired") is not None  # no kind drowns another one

    at_s = 6.0
    after = passed(UNPROVEN)
    assert after is not None
    assert json.loads(JsonLines().format(after))["suppressed"] == 997
    assert "suppressed" not in vars(passed(UNPROVEN))["facts"]


def test_a_quiet_kind_saves_up_no_more_than_a_second() -> None:
    at_s = 0.0
    limit = LineLimit(per_s=3, clock_s=lambda: at_s)

    def burst() -> int:
        return sum(limit.filter(library_line()) for _ in range(100))

    assert burst() == 3
    at_s = 0.5
    assert burst() == 1
    at_s = 3600.0
    assert burst() == 3


def test_lines_of_libraries_are_limited_and_the_rest_is_counted() -> None:
    at_s = 0.0
    limit = LineLimit(per_s=1, clock_s=lambda: at_s)
    assert [limit.filter(library_line()) for _ in range(4)] == [True, False, False, False]
    at_s = 1.0
    after = library_line()
    assert limit.filter(after)

    line = json.loads(JsonLines().format(after))
    assert (line["event"], line["suppressed"]) == ("library.aiohttp.server", 3)


def library_line() -> logging.LogRecord:
    text = "Error handling request from %s"
    return logging.LogRecord("aiohttp.server", logging.ERROR, "", 0, text, ("192.0.2.7",), None)


def test_a_trace_ends_with_its_message() -> None:
    with tracing() as outer, tracing(TRACE):
        assert current_trace() == TRACE
    assert outer != TRACE
    assert current_trace() is None


@pytest.mark.parametrize("raised", [BrokenPipeError(), ValueError("I/O operation on closed file")])
def test_a_reader_of_the_logs_that_is_gone_does_not_end_who_sends_them_off(
    lines: io.StringIO, raised: Exception
) -> None:
    class Gone(io.StringIO):
        def flush(self) -> None:
            raise raised

    write_logs("info", Gone())
    flush_logs()
