"""主动推送: forwarded applications pushed to the province, beside the documented download."""

from typing import Annotated

from pydantic import Field

from schemas.records.applications import FeedItem
from schemas.records.base import WireModel


class FeedPush(WireModel):
    """What `pushApplications` takes: 1 to 200 applications and withdrawals.

    Assumed: the notices have the province download; a push is an extension. What is answered
    `accepted` or `duplicate` counts as acknowledged.
    """

    items: Annotated[tuple[FeedItem, ...], Field(min_length=1, max_length=200)]
