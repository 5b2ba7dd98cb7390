"""A `traceparent` is adopted as W3C wants it, and never a reason to refuse a call."""

import pytest

from schemas.calls.traces import fresh_trace, sent_trace, traceparent

TRACE = "0af7651916cd43dd8448eb211c80319c"
SPAN = "b7ad6b7169203331"


@pytest.mark.parametrize(
    "line",
    [f"00-{TRACE}-{SPAN}-01", f"01-{TRACE}-{SPAN}-01", f"cc-{TRACE}-{SPAN}-01-what-comes-later"],
)
def test_a_trace_is_adopted(line: str) -> None:
    assert sent_trace([line]) == TRACE


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [""],
        ["nonsense"],
        [f"00-{'0' * 32}-{SPAN}-01"],
        [f"00-{TRACE}-{'0' * 16}-01"],
        [f"00-{TRACE.upper()}-{SPAN}-01"],
        [f"00-{TRACE}-{SPAN}-01\n"],
        [f"00-{TRACE}-{SPAN}-01-more"],
        [f"ff-{TRACE}-{SPAN}-01"],
        [f"00-{TRACE}-{SPAN}-01"] * 2,
    ],
)
def test_an_unfit_one_is_passed_over(lines: list[str]) -> None:
    assert sent_trace(lines) is None


def test_a_trace_goes_on_with_a_span_of_its_own() -> None:
    assert traceparent(TRACE).startswith(f"00-{TRACE}-")
    assert traceparent(TRACE) != traceparent(TRACE)
    assert sent_trace([traceparent(fresh_trace())]) is not None
