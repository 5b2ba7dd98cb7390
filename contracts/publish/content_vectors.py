"""内容向量 (content vectors): records as received, their canonical form, and its digest.

`python -m contracts.publish.content_vectors` writes them, the same bytes each time: known answers
for whoever computes a `digest`, or says whether two messages are the same.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

from contracts.catalogue.records import RECORDS
from contracts.publish.record_schemas import written
from contracts.publish.valid_records import VALID_RECORDS
from schemas.records.base import Digest, WireModel
from schemas.records.canonical_form import bytes_digest, canonical_form

SHIPPED: Final = Path(__file__).parent.parent / "v1" / "vectors" / "content.json"
Json: TypeAlias = dict[str, object]
_WEST: Final = timezone(timedelta(hours=-9, minutes=-30))


class ContentVector(WireModel):
    """One record as received, and what its content is; `same_as` names a vector of one content."""

    name: str
    why_zh: str
    record: str
    received: str
    canonical: str
    digest: Digest
    same_as: str | None = None


class ContentVectorFile(WireModel):
    """The vectors; those of one content stand behind the first of them."""

    vectors: tuple[ContentVector, ...]


def _indented(record: Json) -> str:
    return json.dumps(record, ensure_ascii=False, indent=2)


def _compact(record: Json) -> str:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def _escaped(record: Json) -> str:
    return json.dumps(record, ensure_ascii=True).replace("/", "\\/")


@dataclass(frozen=True, slots=True)
class _Spelling:
    """How a valid record is changed or written, and whether that says the same as the first."""

    name: str
    why_zh: str
    change: Callable[[Json], Json] = dict
    same: bool = True
    write: Callable[[Json], str] = _indented


_Other: Final = partial(_Spelling, same=False)
_QUALIFICATION: Final = {"name": "钳工", "aac015": "3", "aac014": None}


def _adding(**members: object) -> Callable[[Json], Json]:
    return lambda record: {**record, **members}


def _deciding(spell: Callable[[datetime], str]) -> Callable[[Json], Json]:
    """Return what writes the instant of a decision in another way."""
    return lambda one: {**one, "aae036": spell(datetime.fromisoformat(str(one["aae036"])))}


def _in_utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _with_zeros(at: datetime) -> str:
    return at.isoformat().replace("+08:00", ".000+08:00")


def _reversed(record: Json) -> Json:
    return dict(reversed(record.items()))


_OUTCOME: Final = (
    _Spelling("compact", "没有空白", write=_compact),
    _Spelling("reversed", "成员次序相反", _reversed),
    _Spelling("escaped", "字符写作转义", write=_escaped),
    _Spelling("null", "可选成员写作 null", _adding(remarks=None, checker=None)),
    _Spelling("utc", "时间写作 UTC", _deciding(_in_utc)),
    _Spelling("west", "时间写作西区时间", _deciding(lambda at: at.astimezone(_WEST).isoformat())),
    _Spelling("zeros", "时间的小数为零", _deciding(_with_zeros)),
    _Spelling("point", "整数写作 1.0", _adding(revision=1.0)),
    _Other("fraction", "小数末尾的零去掉", _adding(aae036="2026-03-03T15:00:00.120+08:00")),
    _Other("microsecond", "时间到微秒", _adding(aae036="2026-03-03T15:00:00.000001+08:00")),
    _Other("day-before", "换到 UTC 是前一天", _adding(aae036="2026-03-03T00:30:00+08:00")),
    _Other("empty-object", "空对象不是缺省", _adding(contact={})),
    _Other("text", "像时间的文字仍是文字", _adding(remarks="2026-03-03T15:00:00+08:00")),
    _Other("beyond-bmp", "基本平面以外的字符", _adding(aae019="𠮷䶮·𪚥", remarks="\U0001f236")),
    _Other("composed", "é 是一个字符：不作正规化", _adding(remarks="caf\u00e9")),
    _Other("decomposed", "é 是两个字符：与上一条不同", _adding(remarks="cafe\u0301")),
    _Other("signs", "引号、反斜杠、斜杠、U+2028", _adding(remarks='"\\/\u2028')),
)
_APPLICATION: Final = (
    _Spelling("defaults", "缺省值写了出来", _adding(intentions=[], qualifications=[])),
    _Spelling("null", "可选成员写作 null", _adding(aac024=None, aae013=None)),
    _Other("lists", "列表的次序照旧", _adding(intentions=["钳工", "保安", "会计"])),
    _Other("nested", "嵌套对象内的 null 也略去", _adding(qualifications=[_QUALIFICATION])),
    _Other("lines", "制表符、换行写作转义", _adding(aae013="一\t二\r\n三")),
    _Other("first-year", "换到 UTC 是 1899 年", _adding(submitted_at="1900-01-01T00:00:00+08:00")),
)
_DISPATCH: Final = (_Other("no-findings", "空列表即缺省", _adding(findings=[])),)
_SPELLINGS: Final[Mapping[str, Sequence[_Spelling]]] = {
    "outcome": _OUTCOME,
    "application": _APPLICATION,
    "withdrawal": (),
    "dispatch": _DISPATCH,
    "local-registration": (),
    "deregistration": (),
    "dispatch-return": (),
}
"""Every record that has a receipt of its own."""


def content_vectors() -> ContentVectorFile:
    """Return the vectors: each record as its example has it, then its spellings."""
    vectors: list[ContentVector] = []
    for record, spellings in _SPELLINGS.items():
        vectors.append(_vector(record, _Other("example", "正例")))
        vectors.extend(_vector(record, one) for one in spellings)
    return ContentVectorFile(vectors=tuple(vectors))


def _vector(record: str, spelling: _Spelling) -> ContentVector:
    received = spelling.write(spelling.change(dict(VALID_RECORDS[record])))
    canonical = canonical_form(RECORDS[record].read(received))
    return ContentVector(
        name=f"{record}.{spelling.name}",
        why_zh=spelling.why_zh,
        record=record,
        received=received,
        canonical=canonical.decode(),
        digest=bytes_digest(canonical),
        same_as=f"{record}.example" if spelling.same else None,
    )


def main() -> None:
    """Write the vectors."""
    content = content_vectors().model_dump(mode="json", exclude_none=True)
    SHIPPED.write_bytes(written(content))


if __name__ == "__main__":
    main()
