"""`TableSource` over HTTP: code tables and divisions of the national side."""

from typing import Final

from gateway.adapters.signed_client import SignedClient, read_in_thread, reading
from gateway.ports import PORTAL
from schemas.records.tables import CodeTableList, DivisionPage

_ROOT: Final = "/national/v1"


class HttpTableSource:
    """The tables of the national side over signed HTTP; `TableSource` says what each call means."""

    def __init__(self, client: SignedClient) -> None:
        self._client = client

    async def code_tables(self, part: int) -> CodeTableList:
        """代码表下载."""
        body = await self._client.get(f"{_ROOT}/code-tables?part={part}")
        with reading(PORTAL):
            return await read_in_thread(CodeTableList.read, body)

    async def divisions(self, after: str | None) -> DivisionPage:
        """行政区划下载."""
        query = "" if after is None else f"?after={after}"
        body = await self._client.get(f"{_ROOT}/divisions{query}")
        with reading(PORTAL):
            return await read_in_thread(DivisionPage.read, body)
