"""样例文件 (examples): valid and invalid records, the latter with the pointer and code expected."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from contracts.catalogue.records import RECORDS
from contracts.publish.record_schemas import written
from contracts.publish.valid_acts import Json
from contracts.publish.valid_records import (
    COMMITMENT,
    LOCAL_PASSED,
    PASSED,
    REFUSED,
    VALID_RECORDS,
)

_ABSENT: Final = object()
_EXEMPT: Final[Json] = {"notice": _ABSENT, "notice_exempt": "1"}
_DUE: Final[Json] = {"notice": _ABSENT, "notice_due": "1"}


@dataclass(frozen=True, slots=True)
class Example:
    """One record, and what is expected: nothing, or where it is wrong and under which code."""

    record: str
    name: str
    why_zh: str
    body: Json
    pointer: str = ""
    code: str = ""

    @property
    def valid(self) -> bool:
        """Whether a reader must take it."""
        return not self.code


@dataclass(frozen=True, slots=True)
class _Change:
    """A change to a record's sample; with a code it makes the record invalid."""

    record: str
    name: str
    why_zh: str
    members: Json
    pointer: str = ""
    code: str = ""


_VALUE: Final = "field.value-error"
_LOCAL_CASE: Final[Json] = {
    "application_no": _ABSENT,
    "division": "410105",
    "local_serial": "JS-2026-000001",
    "state": "DECIDED",
    "revision": 1,
    "dispatch_no": _ABSENT,
}
_BY_POSITION: Final[Json] = {
    "kind": "position",
    "position": 7,
    "digest": "0" * 64,
    "stored_at": "2026-03-02T08:55:02+08:00",
}
_CHANGES: Final = (
    _Change(
        *("acknowledgement-batch", "by-position", "编号无法读出的，按位置确认"),
        {"acknowledgements": [_BY_POSITION]},
    ),
    _Change(
        *("application-return", "by-position", "编号无法读出的，按位置退回"),
        {"application_no": _ABSENT, "position": 7, "reason": "4", "belongs_to": _ABSENT},
    ),
    _Change(
        *("application-return", "position-not-unreadable", "按位置退回的，只能是无法读取"),
        {"application_no": _ABSENT, "position": 7, "reason": "1", "belongs_to": _ABSENT},
        *("", _VALUE),
    ),
    _Change(
        "application-return", "number-and-position", "两种写法并存", {"position": 7}, "", _VALUE
    ),
    _Change("return-act", "no-place", "另有所属须写明", {"belongs_to": _ABSENT}, "", _VALUE),
    _Change("feed-page", "with-positions", "要求位置的", {"positions": [7, 8]}),
    _Change("application-return", "not-ours", "所属未明", {"reason": "1", "belongs_to": _ABSENT}),
    _Change(
        *("application-return", "unknown-place", "另有所属须写明", {"belongs_to": _ABSENT}),
        *("", _VALUE),
    ),
    _Change(
        "application-return", "twice-with-place", "重复转办不写所属", {"reason": "3"}, "", _VALUE
    ),
    _Change(
        *("application-return", "refused-person", "不存在户籍等原因", {"reason": "11"}),
        *("/reason", "field.enum"),
    ),
    _Change("application", "disabled", "残疾须填等级", {"aac033": "5", "disability_grade": "3"}),
    _Change("application", "other-reason", "其他须说明", {"ajc093": "90", "reason_note": "照料"}),
    _Change("application", "rare-name", "生僻字与间隔号原样保留", {"aac003": "𠮷田·䶮"}),
    _Change("application", "no-grade", "残疾未填等级", {"aac033": "5"}, "", _VALUE),
    _Change("application", "no-note", "其他未说明", {"ajc093": "90"}, "", _VALUE),
    _Change(
        *("application", "number-for-text", "证件号码写作数字", {"aac147": 410105199003070}),
        *("/aac147", "field.string-type"),
    ),
    _Change(
        *("application", "no-offset", "时间没有时区", {"submitted_at": "2026-03-02T08:55:00"}),
        *("/submitted_at", "field.string-pattern-mismatch"),
    ),
    _Change(
        *("application", "no-such-day", "没有这一天", {"ajc090": "2026-02-30"}),
        *("/ajc090", "field.date-from-datetime-parsing"),
    ),
    _Change(
        *("application", "short-division", "区划代码位数不对", {"aab299": "4101"}),
        *("/aab299", "field.string-pattern-mismatch"),
    ),
    _Change("outcome", "refused", "不通过须有原因", REFUSED),
    _Change("outcome", "local", "本地受理的键", LOCAL_PASSED),
    _Change("case-view", "local", "本地受理登记的办件", _LOCAL_CASE),
    _Change("outcome", "two-keys", "两种键并存", {"division": "410105"}, "", _VALUE),
    _Change("outcome", "no-reason", "不通过无原因", {"aae016": "2"}, "", _VALUE),
    _Change("outcome", "no-certificate", "通过而无证书编号", {"acc0m1": _ABSENT}, "", _VALUE),
    _Change(
        *("outcome", "forbidden-reason", "不存在户籍等原因", {**REFUSED, "refusal_reason": "11"}),
        *("/refusal_reason", "field.enum"),
    ),
    _Change(
        "outcome",
        "revision-0",
        "版次从 1 起",
        {"revision": 0},
        "/revision",
        "field.greater-than-equal",
    ),
    _Change("deregistration", "exempt", "死亡免予告知", {"acc025": "26", **_EXEMPT}),
    _Change("deregistration", "notice-due", "已注销、尚待告知", {**_DUE}),
    _Change(
        *("deregistration", "told-and-due", "已告知的不再待告知", {"notice_due": "1"}, "", _VALUE),
    ),
    _Change(
        *("deregistration", "nothing-due", "死亡免予告知，无须待告知"),
        *({"acc025": "26", **_DUE}, "", _VALUE),
    ),
    _Change(
        *("deregistration", "retirement-age", "达到退休年龄不是注销情形", {"acc025": "22"}),
        *("/acc025", "field.enum"),
    ),
    _Change(
        *(
            "deregistration",
            "not-exempt",
            "被录用不免告知",
            {"acc025": "11", **_EXEMPT},
            "",
            _VALUE,
        ),
    ),
    _Change("deregistration", "untold", "既未告知也不免", {"notice": _ABSENT}, "", _VALUE),
    _Change("deregistration", "no-ground-note", "其他未说明", {"acc025": "90"}, "", _VALUE),
    _Change(
        *("deregistration", "other-edition", "代码表年版不对", {"code_set": "2010"}),
        *("/code_set", "field.literal-error"),
    ),
    _Change("dispatch-return", "no-note", "其他未说明", {"reason": "9"}, "", _VALUE),
    _Change("resend-act", "peer", "送往一方的全部", {"keys": _ABSENT, "peer": "portal"}),
    _Change("resend-act", "keys-and-peer", "编号与对端并存", {"peer": "portal"}, "", _VALUE),
    _Change("resend-act", "nothing", "未说明重发哪些", {"keys": _ABSENT}, "", _VALUE),
    _Change(
        *("assign-act", "no-reason", "改派须写明理由", {"reason": ""}),
        *("/reason", "field.string-too-short"),
    ),
    _Change(
        *("local-registration", "national-key", "用了全国编号", {"outcome": PASSED}, "", _VALUE),
    ),
    _Change(
        *("local-registration", "no-consent", "未经本人承诺而登记"),
        *({"commitment": {**COMMITMENT, "given": False}}, "", _VALUE),
    ),
)


def examples() -> tuple[Example, ...]:
    """Return every example: a valid one, one with a member too few and too many, and the rules."""
    return tuple(example for record in RECORDS for example in _of_record(record))


def example_files() -> Iterator[tuple[str, bytes]]:
    """Yield path and content of every example file, and what is expected of the invalid ones."""
    expected: dict[str, Mapping[str, str]] = {}
    for one in examples():
        kind = "valid" if one.valid else "invalid"
        path = f"examples/{one.record}/{kind}-{one.name}.json"
        yield path, written(one.body)
        if not one.valid:
            expected[path.removeprefix("examples/")] = {
                "pointer": one.pointer,
                "code": one.code,
                "why_zh": one.why_zh,
            }
    yield "examples/expected.json", written(expected)


def _of_record(record: str) -> Iterator[Example]:
    sample = VALID_RECORDS[record]
    yield Example(record, "whole", "完整的报文", sample)
    first = next(iter(_required(record)))
    lacking = {name: value for name, value in sample.items() if name != first}
    yield Example(record, "lacking", "缺少必填项", lacking, f"/{first}", "field.missing")
    surplus = {**sample, "unknown": "1"}
    yield Example(record, "surplus", "多出数据项", surplus, "/unknown", "field.extra-forbidden")
    for change in _CHANGES:
        if change.record == record:
            body = {
                name: value
                for name, value in _changed(sample, change).items()
                if value is not _ABSENT
            }
            yield Example(record, change.name, change.why_zh, body, change.pointer, change.code)


def _changed(sample: Json, change: _Change) -> Json:
    """Return the sample with the change; a change that is a whole record takes its place."""
    whole = "aae017" in change.members
    return change.members if whole else {**sample, **change.members}


def _required(record: str) -> Iterator[str]:
    for name, field in RECORDS[record].model_fields.items():
        if field.is_required():
            yield field.alias or name
