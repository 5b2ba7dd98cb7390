"""接收推送: record what the national side pushed, by the way of a download, and answer each item.

An item is answered `accepted` or `duplicate` where it is stored: what could not be read, too, since
it is kept raw and its case held, and what is acknowledged in a download is not refused here. Only
what bears no number, has other content under a known number, or finds no room is refused.

Assumed: a push is an extension; the notices have the province download.
"""

from collections.abc import Sequence

from gateway.domain.dated_rules import DatedRules
from gateway.domain.feed_items import refusal_of
from gateway.domain.item_answer import ItemAnswer
from gateway.flows.failpoints import Failpoint, FailpointHook, no_hook
from gateway.flows.page_result import PushResult
from gateway.flows.page_storing import store_page
from gateway.ports.store import Store
from schemas.records.strict_json import RawItem
from schemas.reference.clock import Now


async def record_pushed(
    items: Sequence[RawItem],
    *,
    store: Store,
    rules: DatedRules,
    now: Now,
    hook: FailpointHook = no_hook,
) -> PushResult:
    """Store the items of a push in one transaction; return one answer per item, in order.

    Raises:
        StoreUnavailable, MessageReplayed: Nothing was stored.
    """
    hook(Failpoint.PUSH_RECEIVED)
    stored = await store_page(items, store=store, rules=rules, now=now, hook=hook)
    hook(Failpoint.PUSH_STORED)
    given = stored.changes.answers
    answers = [given.get(id(one)) for one in stored.received]
    return PushResult(
        tuple(stored.changes.rows),
        tuple(
            _unnumbered(raw) if answer is None else answer
            for raw, answer in zip(items, answers, strict=True)
        ),
    )


def _unnumbered(raw: RawItem) -> ItemAnswer:
    """Answer an item that is kept, and bears no number that a receipt could name."""
    refused = refusal_of(raw)
    return ItemAnswer.refusal(refused.code, str(refused), refused.errors)
