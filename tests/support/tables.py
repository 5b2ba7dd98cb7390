"""A national side that offers code tables and divisions as the test wants them."""

from collections.abc import Iterable, Sequence

from gateway.errors import PeerUnavailable
from gateway.ports import PORTAL
from schemas.records.tables import CodeTable, CodeTableList, DivisionPage, DivisionRow
from tests.builders.tables import pages, parts, second_divisions, shipped_codes


class ScriptedTables:
    """`TableSource`: answers from what it is given, fails after so many calls, and counts them."""

    def __init__(
        self,
        codes: Sequence[CodeTable] | None = None,
        divisions: Iterable[DivisionRow] | None = None,
    ) -> None:
        self.parts = parts(codes or shipped_codes())
        self.pages = pages(second_divisions() if divisions is None else divisions)
        self.fails_after: int | None = None
        self.calls: list[int | str | None] = []

    async def code_tables(self, part: int) -> CodeTableList:
        """See `TableSource.code_tables`: the next part, whatever it is asked for."""
        self.calls.append(part)
        self._fail()
        return self.parts[sum(isinstance(call, int) for call in self.calls) - 1]

    async def divisions(self, after: str | None) -> DivisionPage:
        """See `TableSource.divisions`: the next page, whatever it is asked for."""
        self.calls.append(after)
        self._fail()
        return self.pages[sum(not isinstance(call, int) for call in self.calls) - 1]

    def _fail(self) -> None:
        if self.fails_after is not None and len(self.calls) > self.fails_after:
            raise PeerUnavailable(PORTAL)
