"""下载一页: a page of the feed that can be taken apart, and whose head hides nothing behind it.

The feed moves on only by what is acknowledged: by its number, or by its position, which a portal of
contract 1.0 does not give. So a page of which nothing could be acknowledged is stepped over by
asking for the longest page there is. A run of that length stands still, with an alarm: whatever 200
applications in a row have is the connection's fault, and none of them is held for it.
"""

from contextlib import suppress
from typing import Final

from gateway.errors import PageUnreadable, PeerFailure, PeerRefused, PeerUnavailable
from gateway.ports import PORTAL
from gateway.ports.peers import DownloadedPage, Portal
from schemas.records.strict_json import RawItem

LONGEST_PAGE: Final = 200
"""Items a page, at most (contract 1.0)."""
_TOO_MANY_MALFORMED: Final = 10
"""So many items in another encoding, and none in UTF-8 beside them, are the connection's fault."""


async def download_page(portal: Portal, *, limit: int, wait_s: int) -> DownloadedPage:
    """Download a page; ask for less where it cannot be taken apart, for more where it is stuck.

    A page of many items of which none is UTF-8 speaks of the connection, not of its applications:
    none of them is held for it. Items that are malformed in any other way are held one by one, so
    that nothing behind them waits.

    Raises:
        PageUnreadable: Nothing of the feed can be read, down to a page of one item.
        PeerUnavailable, PeerRefused: The portal.
    """
    page = await _readable_page(portal, limit, wait_s)
    if page.more and limit < LONGEST_PAGE and _is_stuck(page):
        with suppress(PeerUnavailable, PeerRefused):  # what came goes on all the same
            page = await portal.download(limit=LONGEST_PAGE, wait_s=0)
    if _is_in_another_encoding(page):
        raise PageUnreadable(PORTAL, PeerFailure.NOT_UTF8)
    return page


async def _readable_page(portal: Portal, limit: int, wait_s: int) -> DownloadedPage:
    """Download a page; one that cannot be taken apart is asked for again, half as long."""
    try:
        return await portal.download(limit=limit, wait_s=wait_s)
    except PageUnreadable:
        if limit == 1:
            raise
        return await _readable_page(portal, max(limit // 2, 1), 0)


def _is_stuck(page: DownloadedPage) -> bool:
    """Say whether nothing of a page can be acknowledged, so that the same comes again."""
    return _is_in_another_encoding(page) or not any(map(_can_be_acknowledged, page.items))


def _can_be_acknowledged(raw: RawItem) -> bool:
    return raw.feed_position is not None or raw.number() is not None


def _is_in_another_encoding(page: DownloadedPage) -> bool:
    return len(page.items) >= _TOO_MANY_MALFORMED and not any(map(_is_utf8, page.items))


def _is_utf8(raw: RawItem) -> bool:
    if raw.error is None:
        return True
    try:
        raw.content.decode()
    except UnicodeDecodeError:
        return False
    return True
