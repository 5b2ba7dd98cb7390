"""回执所指: for each kind of receipt its key, its revision, and what its digest is of."""

from dataclasses import dataclass
from typing import Final

from contracts.catalogue.operation_types import Operation


@dataclass(frozen=True, slots=True)
class ReceiptRule:
    """What `key`, `revision` and `digest` of one kind of receipt are, and who gives it."""

    kind: str
    operations: tuple[str, ...]
    key_zh: str
    key_en: str
    revision_zh: str
    revision_en: str
    content_zh: str
    content_en: str


_FORWARDED: Final = ("national.acknowledgeApplications", "province.pushApplications")
_NUMBER: Final = ("失业登记申请编号", "the application number")
_LOCAL: Final = ("行政区划代码/本地系统流水号", "`division/local_serial`")
_EITHER: Final = (
    "失业登记申请编号，或行政区划代码/本地系统流水号",
    "the application number, or `division/local_serial`",
)
_DISPATCH: Final = ("分派单号", "the dispatch number")
_ONE: Final = ("1", "1")
_OWN: Final = ("该记录的版次", "that of the record")
RECEIPT_RULES: Final = (
    ReceiptRule(
        *("application", _FORWARDED, *_NUMBER, *_ONE),
        *("所转办的申请（不是其确认）", "the application as forwarded, not its acknowledgement"),
    ),
    ReceiptRule(
        *("withdrawal", _FORWARDED, *_NUMBER, *_ONE),
        *("所转来的撤回（不是其确认）", "the withdrawal as forwarded, not its acknowledgement"),
    ),
    ReceiptRule(
        *("position", ("national.acknowledgeApplications",), "位置", "the position", *_ONE),
        *("页中该条目的字节", "the bytes of the item as they stood in the page"),
    ),
    ReceiptRule(
        *("application-return", ("national.returnApplications",)),
        *("失业登记申请编号，或位置", "the application number, or the position", *_OWN),
        *("退回部端", "the return to the national side"),
    ),
    ReceiptRule(
        *("outcome", ("national.uploadOutcomes", "province.submitOutcomes"), *_EITHER, *_OWN),
        *("审核结果", "the outcome"),
    ),
    ReceiptRule(
        "registration",
        ("national.uploadRegistrations", "province.submitRegistrations"),
        *(*_LOCAL, "其中审核结果的版次", "that of the outcome in it"),
        *("整个本地受理登记", "the whole local registration"),
    ),
    ReceiptRule(
        "deregistration",
        ("national.uploadDeregistrations", "province.submitDeregistrations"),
        *(*_EITHER, *_OWN),
        *("失业登记注销", "the deregistration"),
    ),
    ReceiptRule(
        "dispatch",
        ("agency.deliverDispatches", "province.acknowledgeDispatches"),
        *(*_DISPATCH, *_ONE),
        *("整张分派单，含申请（不是其确认）", "the whole dispatch, with its application"),
    ),
    ReceiptRule(
        *("return", ("province.returnDispatches",), *_DISPATCH, *_ONE),
        *("退回", "the return"),
    ),
)


def receipts_of(operation: Operation) -> tuple[ReceiptRule, ...]:
    """Return the rules of the receipts that an operation answers with."""
    name = f"{operation.side}.{operation.name}"
    return tuple(rule for rule in RECEIPT_RULES if name in rule.operations)
