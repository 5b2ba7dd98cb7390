"""接收: take a page of forwarded applications over, store it, then acknowledge what is stored.

The acknowledgement leaves only after the commit (`page_storing`); a repeat is acknowledged again.

Source: 人社厅发〔2020〕3号 art. 7 and annex 3 (失业登记申请信息下载).
"""

from gateway.domain.dated_rules import DatedRules
from gateway.domain.intake_rules import Rules
from gateway.flows.failpoints import Failpoint, FailpointHook, no_hook
from gateway.flows.page_acknowledgement import acknowledge_stored, stored_items
from gateway.flows.page_download import LONGEST_PAGE, download_page
from gateway.flows.page_result import Acknowledged, IngestedItem, PageResult
from gateway.flows.page_storing import store_page
from gateway.ports.peers import Portal
from gateway.ports.store import Store
from schemas.reference.clock import Now

__all__ = ["IngestedItem", "PageResult", "Rules", "ingest"]


async def ingest(  # noqa: PLR0913 -- limit and wait are parameters of the operation itself
    portal: Portal,
    *,
    store: Store,
    rules: DatedRules,
    now: Now,
    limit: int = LONGEST_PAGE,
    wait_s: int = 0,
    hook: FailpointHook = no_hook,
) -> PageResult:
    """Take one page over and return what became of each item.

    Args:
        portal: The national side.
        store: Where the ledger lives.
        rules: What screening, routing and due dates rest on: those of the day of receipt count.
        now: The time.
        limit: Items a page, 1 to 200.
        wait_s: How long the portal may hold the line while it has nothing, 0 to 30 seconds.
        hook: Called at each failpoint.

    Raises:
        PeerUnavailable, PeerRefused: The portal; what was stored stays and is acknowledged again.
        StoreUnavailable: Nothing was stored, nothing acknowledged.
    """
    page = await download_page(portal, limit=limit, wait_s=wait_s)
    if not page.items:
        return PageResult((), page.more)
    hook(Failpoint.PAGE_RECEIVED)
    stored = await store_page(page.items, store=store, rules=rules, now=now, hook=hook)
    hook(Failpoint.PAGE_STORED)
    kept = [one for one in stored.received if one.case_key not in stored.unkept]
    changes, at = stored.changes, stored.at
    to_acknowledge = stored_items(kept, changes.first_digests, at)
    acknowledged = Acknowledged()
    if to_acknowledge:
        acknowledged = await acknowledge_stored(portal, to_acknowledge, store=store, at=at)
    hook(Failpoint.PAGE_ACKNOWLEDGED)
    return PageResult(tuple(changes.rows), page.more, acknowledged)
