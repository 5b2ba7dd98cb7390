"""Where code tables and divisions come from: the national side, as the gateway needs it."""

from typing import Protocol

from schemas.records.tables import CodeTableList, DivisionPage


class TableSource(Protocol):
    """The tables that the national side offers; raises as `gateway.ports.peers.Portal` does."""

    async def code_tables(self, part: int) -> CodeTableList:
        """Fetch one part of the code tables (代码表下载), from 1: a generation of a table."""
        ...

    async def divisions(self, after: str | None) -> DivisionPage:
        """Fetch a page of the divisions (行政区划下载) after a code; None: from the first."""
        ...
