"""Valid records of simulated people; a test changes only what it is about.

Changes are given under wire names; `None` leaves a member out.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from gateway.adapters.forms import load_form
from gateway.adapters.rule_sets import load_ground_rules
from gateway.domain.delivery import Delivery
from gateway.domain.directory import Agency, AgencyDirectory
from gateway.domain.intake_rules import Rules
from gateway.domain.province import Allowance, Province, Queue
from schemas.records.applications import ForwardedApplication, Withdrawal
from schemas.records.dispatches import Dispatch
from schemas.records.outcomes import Outcome
from schemas.reference.calendar import WorkingCalendar
from schemas.reference.codes import CodeTables
from schemas.reference.divisions import DivisionTree
from schemas.reference.identity import check_character

MORNING: Final = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
"""A working Monday in Beijing, 09:30 there."""
JINSHUI, JIYUAN = "410105-01", "419001-01"
"""Agency codes: 郑州市金水区, which takes pushes; 济源市, which fetches."""
NAME, MOBILE, ADDRESS = "张伟", "13800000000", "金水区文化路1号"


def citizen_number(born: str = "19900307", *, area: str = "410105") -> str:
    """Return a number with the sequence 000, which is never issued to anyone."""
    first_17 = f"{area}{born}000"
    return f"{first_17}{check_character(first_17)}"


_NATIONAL_RULES: Final = load_ground_rules()
_NATIONAL_FORM: Final = load_form()
_APPLICATION: Final[Mapping[str, object]] = MappingProxyType(
    {
        "kind": "application",
        "application_no": "SY2026030200001",
        "aac003": NAME,
        "aac004": "2",
        "aac005": "01",
        "aac024": "13",
        "aac011": "21",
        "aac033": "1",
        "aac058": "01",
        "aac147": citizen_number(),
        "aac067": MOBILE,
        "aab299": "410105",
        "aac010": ADDRESS,
        "aab301": "410105",
        "aac026": ADDRESS,
        "ajc090": "2026-02-10",
        "ajc093": "21",
        "ajc174": "0",
        "code_set": "2016",
        "acc412": "1",
        "place_division": "410105",
        "commitment": {"given": True, "date": "2026-03-01", "text_version": "2020-1"},
        "submitted_at": "2026-03-02T08:55:00+08:00",
        "channel": "31",
        "forwarded_at": "2026-03-02T09:00:00+08:00",
        "policy": "2020-79",
        "trace_id": "0af7651916cd43dd8448eb211c80319c",
    }
)
_WITHDRAWAL: Final[Mapping[str, object]] = MappingProxyType(
    {
        "kind": "withdrawal",
        "application_no": "SY2026030200001",
        "withdrawn_at": "2026-03-02T10:00:00+08:00",
    }
)
_OUTCOME: Final[Mapping[str, object]] = MappingProxyType(
    {
        "application_no": "SY2026030200001",
        "revision": 1,
        "dispatch_no": "D0-1",
        "review_state": "2",
        "aae016": "1",
        "aae017": JINSHUI,
        "aae020": "金水区公共就业服务中心",
        "aae022": "410105",
        "aae019": "李静",
        "aae036": "2026-03-02T09:20:00+08:00",
        "acc020": "4101052026000001",
        "aae043": "2026-03-03",
        "acc0m1": "4101050026000001",
    }
)
REFUSAL: Final[Mapping[str, object]] = MappingProxyType(
    {"aae016": "2", "refusal_reason": "01", "acc020": None, "aae043": None, "acc0m1": None}
)
"""What turns an outcome into a refusal."""


def as_json(record: Mapping[str, object]) -> bytes:
    """Return a wire record as JSON, members that are None left out."""
    kept = {name: value for name, value in record.items() if value is not None}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode()


def application_json(**changes: object) -> bytes:
    """Return a 转办申请 as the national side sends it."""
    return as_json({**_APPLICATION, **changes})


def withdrawal_json(**changes: object) -> bytes:
    """Return a 撤回 as the national side sends it."""
    return as_json({**_WITHDRAWAL, **changes})


def outcome_json(**changes: object) -> bytes:
    """Return an 审核结果 as an agency sends it."""
    return as_json({**_OUTCOME, **changes})


def dispatch_json(**changes: object) -> bytes:
    """Return a 分派单 as the gateway hands it over."""
    record: dict[str, object] = {
        "dispatch_no": "D0-1",
        "agency_code": JINSHUI,
        "dispatched_at": "2026-03-02T01:30:00Z",
        "due_on": "2026-03-05",
        "due_rule": "3个工作日(人社厅发〔2020〕79号)",
        "routed_by": {
            "rule": "exact",
            "place_division": "410105",
            "matched_division": "410105",
        },
        "application": dict(_APPLICATION),
    }
    return as_json({**record, **changes})


def an_application(**changes: object) -> ForwardedApplication:
    """Return a 转办申请 that nothing is wrong with."""
    return ForwardedApplication.read(application_json(**changes))


def a_withdrawal(**changes: object) -> Withdrawal:
    """Return a 撤回 of `an_application()`."""
    return Withdrawal.read(withdrawal_json(**changes))


def an_outcome(**changes: object) -> Outcome:
    """Return an 审核结果 about `an_application()`: passed, by 金水区."""
    return Outcome.read(outcome_json(**changes))


def a_dispatch(**changes: object) -> Dispatch:
    """Return a 分派单 of `an_application()` to 金水区."""
    return Dispatch.read(dispatch_json(**changes))


def a_province(division: str = "410000", *, working_days: tuple[int, int] = (7, 3)) -> Province:
    """Return a province whose allowances under 3号 and 79号 are `working_days`."""
    older, newer = working_days
    return Province(
        division=division,
        name="河南省",
        allowances={
            "2020-3": Allowance("2020-3", older, "人社厅发〔2020〕3号 第三部分"),
            "2020-79": Allowance("2020-79", newer, "人社厅发〔2020〕79号"),
        },
        default_policy="2020-3",
        forwarded_queue=Queue("部级失业登记待办查询", "豫人社办〔2020〕35号 附件1第1项"),
        ground_rules=_NATIONAL_RULES,
        form=_NATIONAL_FORM,
    )


def a_directory(*more: Agency) -> AgencyDirectory:
    """Return a 机构清单: 金水区 by push, 济源市 by fetch, and `more`."""
    return AgencyDirectory(
        (
            Agency(JINSHUI, "金水区公共就业服务中心", "410105", Delivery.PUSH),
            Agency(JIYUAN, "济源市公共就业服务中心", "419001", Delivery.FETCH),
            *more,
        )
    )


def rules(*, province: Province | None = None, more: Iterable[Agency] = ()) -> Rules:
    """Return what the intake decides by: the shipped tables, Henan's divisions."""
    return Rules(
        tree=DivisionTree.load(),
        tables=CodeTables.load(),
        calendar=WorkingCalendar.load(),
        directory=a_directory(*more),
        province=province or a_province(),
    )
