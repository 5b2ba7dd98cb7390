"""What every record is built on: one frozen model class and the named strings of the trade."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Final, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationError,
)
from pydantic.fields import FieldInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, InitErrorDetails, core_schema

from schemas.records.json_errors import Malformed
from schemas.records.json_scan import check_size

BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_MOST_SIGNS: Final = 100_000
"""Brackets, commas and quotes of what one model reads; an answer to 200 items with 20 errors each
has fewer."""
_YEAR: Final = "(19|2[01])[0-9]{2}"
"""1900 to 2199: every instant and date can be converted to UTC and to Beijing time, and kept.

Assumed: the years that a record can speak of.
"""
INSTANT_PATTERN: Final = (
    rf"^{_YEAR}-[0-9]{{2}}-[0-9]{{2}}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}"
    r"(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})$"
)
DATE_PATTERN: Final = rf"^{_YEAR}-[0-9]{{2}}-[0-9]{{2}}$"
_FIRST_DAY: Final = date(1900, 1, 1)
_LAST_DAY: Final = date(2199, 12, 31)
# An instant is written in its own zone: in UTC it may fall a day before or after these years.
_EARLIEST: Final = datetime(1899, 12, 31, tzinfo=UTC)
_LATEST: Final = datetime(2200, 1, 2, tzinfo=UTC)
LINE_PATTERN: Final = r"^[^\x00-\x1f\x7f-\x9f]+$"
"""Text on one line: no control character; everything else of Unicode stays as it was sent."""
FREE_TEXT_PATTERN: Final = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]+$"
"""Text that may break lines and be indented: of the control characters TAB, line feed and carriage
return stay as they were sent, and no other is taken: NUL cannot be stored, the others show nothing,
and those of 0x80 to 0x9F are text that was read in the wrong encoding."""


class WireModel(BaseModel):
    """A record as it crosses a wire: frozen, closed, strict, its members under their wire names.

    Python speaks English names; a member with an indicator code (指标编码) bears the code in lower
    case on the wire. An optional member is left out; `null` means the same as absent.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
        hide_input_in_errors=True,
    )

    @classmethod
    def read(cls, body: bytes | str) -> Self:
        """Read one record from JSON, accepting wire names only; a byte order mark is passed over.

        Raises:
            pydantic.ValidationError: The record cannot be read; the error shows no values.
        """
        content = body.encode() if isinstance(body, str) else body
        content = content.removeprefix(BYTE_ORDER_MARK)
        try:
            check_size(content, maximum=_MOST_SIGNS)
        except Malformed as exc:
            wrong = InitErrorDetails(type="json_invalid", input=None, ctx={"error": str(exc)})
            raise ValidationError.from_exception_data(cls.__name__, [wrong]) from None
        return cls.model_validate_json(content, by_alias=True, by_name=False)

    def wire(self) -> bytes:
        """Return the record as JSON under its wire names, absent members left out."""
        return self.__pydantic_serializer__.to_json(self, by_alias=True, exclude_none=True)


class _Written:
    """A value that travels as text of one spelling and is a Python value inside."""

    def __init__(self, pattern: str, format_name: str, inner: CoreSchema) -> None:
        self._pattern, self._format, self._inner = pattern, format_name, inner

    def __get_pydantic_core_schema__(
        self,
        source: object,
        handler: GetCoreSchemaHandler,
    ) -> CoreSchema:
        spelled = core_schema.str_schema(pattern=self._pattern, strict=True)
        return core_schema.json_or_python_schema(
            json_schema=core_schema.chain_schema([spelled, self._inner]),
            python_schema=self._inner,
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "format": self._format, "pattern": self._pattern}


class Whole:
    """A whole number within bounds; `1.0` is one, as it is for JSON Schema and most languages."""

    def __init__(self, minimum: int, maximum: int) -> None:
        self._minimum, self._maximum = minimum, maximum

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        bounds = core_schema.int_schema(ge=self._minimum, le=self._maximum, strict=False)
        return core_schema.json_or_python_schema(
            json_schema=core_schema.chain_schema([core_schema.float_schema(strict=True), bounds]),
            python_schema=core_schema.int_schema(ge=self._minimum, le=self._maximum, strict=True),
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "integer", "minimum": self._minimum, "maximum": self._maximum}


Instant = Annotated[
    datetime,
    _Written(
        INSTANT_PATTERN,
        "date-time",
        core_schema.datetime_schema(tz_constraint="aware", strict=False, ge=_EARLIEST, le=_LATEST),
    ),
]
"""A moment of the years 1900 to 2199: RFC 3339 with an offset, to the microsecond."""

CivilDate = Annotated[
    date,
    _Written(
        DATE_PATTERN, "date", core_schema.date_schema(strict=False, ge=_FIRST_DAY, le=_LAST_DAY)
    ),
]
"""A date of civil life, `YYYY-MM-DD`, 1900 to 2199; never converted between time zones."""

ApplicationNo = Annotated[str, Field(pattern=r"^[!-~]{1,40}$")]
"""失业登记申请编号: opaque, 1 to 40 printable ASCII characters, never parsed.

Assumed: the format.
"""

DivisionCode = Annotated[str, Field(pattern=r"^[0-9]{6}([0-9]{3}([0-9]{3})?)?$")]
"""行政区划代码: 6, 9 or 12 digits, always text; parents come from the table, not the digits."""

LocalSerial = Annotated[str, Field(pattern=r"^[!-~]{1,40}$")]
"""本地系统流水号: unique inside its division."""

DispatchNo = Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,64}$")]
"""分派单号: names one handing-over of a case to one agency."""

AgencyCode = Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,20}$")]
"""经办机构代码 (AAE017)."""

TableCode = Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,10}$")]
"""A value of a code table; whether the table knows it is the gateway's screening to say."""

YesNo = Annotated[str, Field(pattern=r"^[01]$")]
"""是 `1` / 否 `0`."""

Revision = Annotated[int, Whole(1, 9999)]
"""1 for the first result, then one more for each correction."""

Position = Annotated[int, Whole(1, 2**53 - 1)]
"""位置: an item's place in the feeds of the national side, given once and never again.

At most the largest whole number that every JSON reader keeps exact.
"""

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 of a record's content, in hexadecimal."""

TraceId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
"""The trace-id part of a W3C `traceparent`."""


MOST_AHEAD: Final = timedelta(minutes=5)
"""How far ahead of its receipt a decision may be dated, since clocks differ.

Assumed: a decision dated further ahead is refused, and taken once its time has come.
"""


def is_dated_ahead(decided_at: datetime, at: datetime) -> bool:
    """Say whether a decision, received at `at`, lies in the future."""
    return decided_at > at + MOST_AHEAD


def check_key_form(
    application_no: str | None, division: str | None, local_serial: str | None
) -> None:
    """Raise `ValueError` unless exactly one key of a case is given, and the whole of it."""
    local = (division is not None, local_serial is not None)
    if any(local) != all(local) or all(local) == (application_no is not None):
        raise ValueError("application_no 与 division 加 local_serial 两种键恰好给出一种")


def line(longest: int) -> FieldInfo:
    """Describe a text member of one line, 1 to `longest` characters (code points)."""
    described: FieldInfo = Field(min_length=1, max_length=longest, pattern=LINE_PATTERN)
    return described


PersonName = Annotated[str, line(50)]
"""姓名: as written, up to 50 characters, U+00B7 between the parts of a name that has them."""
Address = Annotated[str, line(200)]
ShortText = Annotated[str, line(50)]
MediumText = Annotated[str, line(100)]
LongText = Annotated[str, Field(min_length=1, max_length=500, pattern=FREE_TEXT_PATTERN)]
