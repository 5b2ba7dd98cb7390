"""The answer to a batch (逐条响应): one entry per item, in order."""

from collections.abc import Sequence

from gateway.domain.item_answer import ItemAnswer
from gateway.events import current_trace
from schemas.calls.refusals import problem


def batch_body(answers: Sequence[ItemAnswer]) -> bytes:
    """Return the body of a batch answer; receipts go out byte for byte."""
    return b'{"results":[%b]}' % b",".join(map(_result, answers))


def _result(one: ItemAnswer) -> bytes:
    status = one.status.encode()
    if one.refused is None:
        return b'{"status":"%b","receipt":%b}' % (status, one.receipt or b"null")
    body = problem(one.refused.code, trace_id=current_trace(), errors=one.errors).wire()
    return b'{"status":"%b","problem":%b}' % (status, body)
