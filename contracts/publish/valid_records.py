"""样例: a valid record of each kind, about people who do not exist, under wire names."""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from contracts.publish.valid_acts import DISPATCH, NUMBER, VALID_ACTS, Json
from schemas.records.canonical_form import content_digest
from schemas.records.outcomes import Outcome
from schemas.records.statements import StatementEntry, statement_digest
from schemas.records.version import CONTRACT_VERSION

FORM: Final[Json] = {
    "aac003": "买买提·艾力",
    "aac004": "1",
    "aac005": "05",
    "aac011": "31",
    "aac033": "1",
    "aac058": "01",
    "aac147": "41010519900307000X",
    "aac067": "19000000001",
    "aab299": "410105",
    "aac010": "河南省郑州市金水区模拟路1号",
    "aab301": "410105",
    "aac026": "河南省郑州市金水区模拟路1号",
    "ajc090": "2026-02-10",
    "ajc093": "22",
    "ajc174": "0",
    "code_set": "2016",
}
COMMITMENT: Final[Json] = {"given": True, "date": "2026-03-02", "text_version": "2020-1"}
APPLICATION: Final[Json] = {
    **FORM,
    "kind": "application",
    "application_no": NUMBER,
    "acc412": "1",
    "place_division": "410105",
    "commitment": COMMITMENT,
    "submitted_at": "2026-03-02T08:55:00+08:00",
    "channel": "31",
    "forwarded_at": "2026-03-02T08:55:01+08:00",
    "policy": "2020-79",
    "trace_id": "0af7651916cd43dd8448eb211c80319c",
}
WITHDRAWAL: Final[Json] = {
    "kind": "withdrawal",
    "application_no": NUMBER,
    "withdrawn_at": "2026-03-02T10:00:00+08:00",
    "reason": "已找到工作",
}
_AGENCY_PART: Final[Json] = {
    "aae017": "410105-01",
    "aae020": "金水区公共就业服务中心",
    "aae022": "410105",
    "aae019": "模拟经办人",
    "aae036": "2026-03-03T15:00:00+08:00",
}
PASSED: Final[Json] = {
    **_AGENCY_PART,
    "application_no": NUMBER,
    "revision": 1,
    "dispatch_no": DISPATCH,
    "review_state": "2",
    "aae016": "1",
    "acc020": "4101052026000001",
    "aae043": "2026-03-03",
    "acc0m1": "4101050026000001",
    "contact": {"address": "金水区模拟路2号", "telephone": "0371-60000000"},
}
DIGEST: Final = content_digest(Outcome.read(json.dumps(PASSED)))
"""That of the outcome above, which the receipt below is for."""
_NOT_PASSED: Final = ("acc020", "aae043", "acc0m1")
REFUSED: Final[Json] = {
    **{name: value for name, value in PASSED.items() if name not in _NOT_PASSED},
    "aae016": "2",
    "refusal_reason": "03",
    "refusal_source": "就业登记信息比对",
}
_LOCAL: Final = ("application_no", "dispatch_no")
LOCAL_PASSED: Final[Json] = {
    **{name: value for name, value in PASSED.items() if name not in _LOCAL},
    "division": "410105",
    "local_serial": "JS-2026-000001",
}
REGISTRATION: Final[Json] = {
    "person": FORM,
    "acc412": "2",
    "place_division": "410105",
    "commitment": COMMITMENT,
    "submitted_at": "2026-03-02T09:30:00+08:00",
    "channel": "12",
    "policy": "2020-79",
    "former_work": {"aab004": "模拟机械厂", "aca112": "钳工", "aac013": "60"},
    "outcome": LOCAL_PASSED,
}
DEREGISTRATION: Final[Json] = {
    **_AGENCY_PART,
    "application_no": NUMBER,
    "revision": 1,
    "acc020": "4101052026000001",
    "acc025": "11",
    "code_set": "2016",
    "aaea36": "2026-06-01",
    "mode": "2",
    "verified_by": "05",
    "notice": {"given_at": "2026-05-29T10:00:00+08:00", "mode": "01"},
    "aae100": "0",
}
RECEIPT: Final[Json] = {
    "receipt_no": "0123456789abcdef01234567",
    "key": NUMBER,
    "kind": "outcome",
    "revision": 1,
    "digest": DIGEST,
    "received_at": "2026-03-03T15:00:01+08:00",
}
PROBLEM: Final[Json] = {
    "type": "urn:duijie:problem:outcome.conflict",
    "code": "outcome.conflict",
    "title": "同一版次内容不同",
    "status": 409,
    "detail": "revision 1 is already here with other content",
    "errors": [],
}
DISPATCHED: Final[Json] = {
    "dispatch_no": DISPATCH,
    "agency_code": "410105-01",
    "dispatched_at": "2026-03-02T09:00:00+08:00",
    "due_on": "2026-03-05",
    "due_rule": "3个工作日（人社厅发〔2020〕79号）",
    "routed_by": {"rule": "exact", "place_division": "410105", "matched_division": "410105"},
    "findings": ["sex.differs-from-number"],
    "application": APPLICATION,
}
RETURNED: Final[Json] = {
    "application_no": NUMBER,
    "dispatch_no": DISPATCH,
    "reason": "1",
    "belongs_to": "410102",
    "returned_at": "2026-03-02T10:00:00+08:00",
}
GIVEN_BACK: Final[Json] = {
    "application_no": NUMBER,
    "revision": 1,
    "reason": "2",
    "belongs_to": "430102",
    "returned_at": "2026-03-02T10:00:00+08:00",
    "returned_by": "模拟分派岗",
}
AGENCY: Final[Json] = {
    "aae017": "410105-01",
    "ajg004": "金水区公共就业服务中心",
    "ajg008": "金水区模拟路2号",
    "ajg005": "0371-60000000",
    "division": "410105",
    "level": "2",
    "kind": "1",
    "services": ["失业登记", "就业登记"],
    "registers": "1",
    "accounts": 3,
    "valid_from": "2020-07-01",
}
_STORED: Final[Json] = {"stored_at": "2026-03-02T08:55:02+08:00"}
_COUNTS: Final = (
    *("applications", "withdrawals", "acknowledged"),
    *("outcomes", "registrations", "deregistrations"),
)
_ENTRY: Final[Json] = {
    "kind": "outcome",
    "key": NUMBER,
    "revision": 1,
    "aae016": "1",
    "digest": DIGEST,
    "at": "2026-03-03T15:00:01+08:00",
}
STATEMENT: Final[Json] = {
    "date": "2026-03-03",
    "division": "410000",
    "closed_at": "2026-03-04T00:10:00+08:00",
    "part": 1,
    "parts": 1,
    "counts": dict.fromkeys(_COUNTS, 0) | {"outcomes": 1},
    "digest": statement_digest([StatementEntry.read(json.dumps(_ENTRY).encode())]),
    "entries": [_ENTRY],
}
_CODE_TABLE: Final[Json] = {
    "table": "ajc093",
    "generation": "2016",
    "rows": [
        {"code": "10", "name": "从学校毕业", "source": "AJC093", "certainty": "cited"},
    ],
}

VALID_RECORDS: Final[Mapping[str, Json]] = MappingProxyType(
    {
        **VALID_ACTS,
        "acknowledgement-batch": {
            "acknowledgements": [{"application_no": NUMBER, "kind": "application", **_STORED}]
        },
        "agency-directory": {
            "division": "410000",
            "version": 1,
            "published_at": "2026-03-02T08:00:00+08:00",
            "part": 1,
            "parts": 1,
            "agencies": [AGENCY],
        },
        "application": APPLICATION,
        "application-return": GIVEN_BACK,
        "application-return-batch": {"returns": [GIVEN_BACK]},
        "batch-answer": {
            "results": [
                {"status": "accepted", "receipt": RECEIPT},
                {"status": "refused", "problem": PROBLEM},
            ]
        },
        "case-view": {
            "application_no": NUMBER,
            "state": "DISPATCHED",
            "revision": 0,
            "dispatch_no": DISPATCH,
            "due_on": "2026-03-05",
            "history": [{"at": "2026-03-02T09:00:00+08:00", "step": "accept", "state": "ACCEPTED"}],
        },
        "code-table": _CODE_TABLE,
        "code-table-list": {"part": 1, "parts": 40, "tables": [_CODE_TABLE]},
        "deregistration": DEREGISTRATION,
        "deregistration-batch": {"deregistrations": [DEREGISTRATION]},
        "directory-answer": {
            "division": "410000",
            "version": 1,
            "received": [1],
            "parts": 1,
            "in_force": True,
        },
        "dispatch": DISPATCHED,
        "dispatch-acknowledgement-batch": {
            "acknowledgements": [{"dispatch_no": DISPATCH, **_STORED}]
        },
        "dispatch-batch": {"dispatches": [DISPATCHED]},
        "dispatch-page": {"dispatches": [DISPATCHED], "more": False},
        "dispatch-return": RETURNED,
        "dispatch-return-batch": {"returns": [RETURNED]},
        "division-page": {
            "as_of": "2023-12-31",
            "divisions": [
                {"code": "410000", "name": "河南省", "level": "province"},
                {"code": "419001", "name": "济源市", "level": "county", "parent": "410000"},
            ],
            "more": True,
        },
        "feed-page": {"items": [APPLICATION, WITHDRAWAL], "more": False},
        "feed-push": {"items": [APPLICATION]},
        "local-registration": REGISTRATION,
        "outcome": PASSED,
        "outcome-batch": {"outcomes": [PASSED, REFUSED]},
        "ping": {"echo": "联调测试"},
        "pong": {
            "echo": "联调测试",
            "at": "2026-03-02T09:00:00+08:00",
            "contract": CONTRACT_VERSION,
        },
        "problem": PROBLEM,
        "receipt": RECEIPT,
        "registration-batch": {"registrations": [REGISTRATION]},
        "statement": STATEMENT,
        "withdrawal": WITHDRAWAL,
    }
)
"""One valid record of each kind."""
