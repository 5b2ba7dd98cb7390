"""The query of the list of cases (办件列表): its filter, where its page begins, the next page."""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from gateway.ports.views import PageMark, WorkFilter
from gateway.words import STATES

_UNSTORABLE: Final = re.compile("[\0\ud800-\udfff]")
"""What no text in a database holds: NUL, and lone surrogates."""


def names_nothing(query: Mapping[str, str]) -> bool:
    """Say whether a query asks for a text that stands in no row; no database is asked for it."""
    looked_up = (query.get(name, "") for name in ("agency", "key", "after", "due"))
    return any(map(_UNSTORABLE.search, looked_up))


def read_filter(query: Mapping[str, str]) -> WorkFilter:
    """Read the filter of a query; what cannot be one is no filter."""
    state = query.get("state", "")
    return WorkFilter(
        agency=query.get("agency") or None,
        states=(state,) if state in STATES else (),
        key=query.get("key", "").strip() or None,
    )


def read_mark(query: Mapping[str, str]) -> PageMark | None:
    """Read where the page before ended; without a key it begins again at the top."""
    key = query.get("after")
    return PageMark(query.get("due", ""), key) if key else None


def next_page(query: Mapping[str, str], last: PageMark) -> str:
    """Return the address of the page after the one that ended at `last`."""
    kept = {name: query[name] for name in ("agency", "state", "key") if query.get(name)}
    return "/?" + urlencode({**kept, "due": last.due, "after": last.key})
