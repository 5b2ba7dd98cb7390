"""A code of a closed list: the shipped code table is the original, the type of a member follows."""

from collections.abc import Callable
from dataclasses import dataclass

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from schemas.reference.codes import CodeTables


@dataclass(frozen=True, slots=True)
class ListedCode:
    """Marks a text as one of the codes of a table; a code that the table lacks is refused.

    Dates of validity do not count here: a record of last year is still read. Where a table has
    generations, the newest one counts.
    """

    table: str
    name: str  # of the list in the published schema
    description: str  # what the published schema says of the list
    without: frozenset[str] = frozenset()  # codes of the table that this list leaves out
    source: str = ""  # the article that a code is refused by
    tables: Callable[[], CodeTables] = CodeTables.load  # asked at the first use, not at import

    def codes(self) -> tuple[str, ...]:
        """Return the codes of the list in the order of the table."""
        listed = self.tables().codes(self.table)
        return tuple(code for code in listed if code not in self.without)

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        ref = f"{__name__}.{self.name}:{id(self)}"
        return core_schema.no_info_before_validator_function(
            self._check, core_schema.str_schema(), ref=ref
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        reference = handler(schema)
        handler.resolve_ref_schema(reference).update(
            enum=list(self.codes()), description=self.description
        )
        return reference

    def _check(self, value: object) -> str:
        """Return the code as plain text, whichever constant named it."""
        if isinstance(value, str) and self._lists(value):
            return str(value)
        *others, last = map(repr, self.codes())
        expected = f"{', '.join(others)} or {last}" if others else last
        raise refusal("enum", expected, self.source)

    def _lists(self, code: str) -> bool:
        return code not in self.without and self.tables().known(self.table, code)


def refusal(rule: str, expected: str, source: str) -> PydanticCustomError:
    """Return the error that a value is none of those `expected`, by the article `source` if any."""
    context = {"expected": expected} | ({"source": source} if source else {})
    return PydanticCustomError(rule, "Input should be {expected}", context)
