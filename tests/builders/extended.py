"""Valid extended records of simulated people: registrations, deregistrations, returns, lists.

Changes are given under wire names; `None` leaves a member out.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from tests.builders.records import as_json, citizen_number

FORM: Final[Mapping[str, object]] = MappingProxyType(
    {
        "aac003": "买买提·艾力",
        "aac004": "1",
        "aac005": "05",
        "aac011": "31",
        "aac033": "1",
        "aac058": "01",
        "aac147": citizen_number(),
        "aac067": "13900000000",
        "aab299": "419001",
        "aac010": "沁园街道1号",
        "aab301": "419001",
        "aac026": "沁园街道1号",
        "ajc090": "2026-02-10",
        "ajc093": "22",
        "ajc174": "1",
        "code_set": "2016",
    }
)
LOCAL_OUTCOME: Final[Mapping[str, object]] = MappingProxyType(
    {
        "division": "419001",
        "local_serial": "JY-2026-0001",
        "revision": 1,
        "review_state": "2",
        "aae016": "1",
        "aae017": "419001-01",
        "aae020": "济源市公共就业服务中心",
        "aae022": "419001",
        "aae019": "李静",
        "aae036": "2026-03-03T15:00:00+08:00",
        "acc020": "4190012026000001",
        "aae043": "2026-03-03",
        "acc0m1": "4190010026000001",
    }
)
_REGISTRATION: Final[Mapping[str, object]] = MappingProxyType(
    {
        "person": dict(FORM),
        "acc412": "2",
        "place_division": "419001",
        "commitment": {"given": True, "date": "2026-03-02", "text_version": "2020-1"},
        "submitted_at": "2026-03-02T09:00:00+08:00",
        "channel": "12",
        "policy": "2020-79",
        "former_work": {"aab004": "某厂", "aac013": "60"},
        "outcome": dict(LOCAL_OUTCOME),
    }
)
_DEREGISTRATION: Final[Mapping[str, object]] = MappingProxyType(
    {
        "application_no": "SY2026030200001",
        "revision": 1,
        "acc020": "4101052026000001",
        "acc025": "11",
        "code_set": "2016",
        "aaea36": "2026-06-01",
        "mode": "2",
        "verified_by": "05",
        "notice": {"given_at": "2026-05-29T10:00:00+08:00", "mode": "01"},
        "aae100": "0",
        "aae017": "410105-01",
        "aae020": "金水区公共就业服务中心",
        "aae022": "410105",
        "aae019": "李静",
        "aae036": "2026-06-01T10:00:00+08:00",
    }
)
_RETURN: Final[Mapping[str, object]] = MappingProxyType(
    {
        "application_no": "SY2026030200001",
        "dispatch_no": "D0-1",
        "reason": "1",
        "belongs_to": "410102",
        "returned_at": "2026-03-02T10:00:00+08:00",
    }
)
_AGENCY: Final[Mapping[str, object]] = MappingProxyType(
    {
        "aae017": "410105-01",
        "ajg004": "金水区公共就业服务中心",
        "ajg008": "金水区文化路1号",
        "ajg005": "0371-60000000",
        "division": "410105",
        "level": "2",
        "kind": "1",
        "services": ["失业登记", "就业登记"],
        "registers": "1",
        "accounts": 3,
        "valid_from": "2020-07-01",
    }
)
_DIRECTORY: Final[Mapping[str, object]] = MappingProxyType(
    {
        "division": "410000",
        "version": 1,
        "published_at": "2026-03-02T08:00:00+08:00",
        "part": 1,
        "parts": 1,
        "agencies": [dict(_AGENCY)],
    }
)
_ENTRY: Final[Mapping[str, object]] = MappingProxyType(
    {
        "kind": "outcome",
        "key": "SY2026030200001",
        "revision": 1,
        "aae016": "1",
        "digest": "0" * 64,
        "at": "2026-03-03T15:00:01+08:00",
    }
)
_STATEMENT: Final[Mapping[str, object]] = MappingProxyType(
    {
        "date": "2026-03-03",
        "division": "410000",
        "closed_at": "2026-03-04T00:10:00+08:00",
        "part": 1,
        "parts": 1,
        "counts": {
            "applications": 0,
            "withdrawals": 0,
            "acknowledged": 0,
            "outcomes": 1,
            "registrations": 0,
            "deregistrations": 0,
        },
        "digest": "0" * 64,
        "entries": [dict(_ENTRY)],
    }
)


def registration_json(
    *,
    form: Mapping[str, object] | None = None,
    result: Mapping[str, object] | None = None,
    **changes: object,
) -> bytes:
    """Return a 本地受理登记, with changes to the person's form, to the result, and to the rest."""
    record = {
        **_REGISTRATION,
        **changes,
        "person": _changed(FORM, form or {}),
        "outcome": _changed(LOCAL_OUTCOME, result or {}),
    }
    return as_json(record)


def deregistration_json(**changes: object) -> bytes:
    """Return a 失业登记注销: hired, and told by telephone."""
    return as_json({**_DEREGISTRATION, **changes})


def return_json(**changes: object) -> bytes:
    """Return a 退回: not of the agency's area."""
    return as_json({**_RETURN, **changes})


def directory_json(**changes: object) -> bytes:
    """Return a 机构清单 of one part; changes are to its one agency."""
    return as_json({**_DIRECTORY, "agencies": [_changed(_AGENCY, changes)]})


def statement_json(**changes: object) -> bytes:
    """Return a 对账单 of one part; changes are to its one entry."""
    return as_json({**_STATEMENT, "entries": [_changed(_ENTRY, changes)]})


def _changed(record: Mapping[str, object], changes: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in {**record, **changes}.items() if value is not None}
