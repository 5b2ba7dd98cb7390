"""Valid records under their wire names, for tests that spoil one member."""

from typing import Final

JsonValue = str | int | float | bool | None | list["JsonValue"] | dict[str, "JsonValue"]
Record = dict[str, JsonValue]
ABSENT: Final = object()

APPLICATION: Final[Record] = {
    "kind": "application",
    "application_no": "SYDJ20261123410102000001",
    "aac003": "𠮷田·测试",
    "aac004": "2",
    "aac005": "01",
    "aac011": "21",
    "aac033": "1",
    "aac058": "01",
    "aac147": "410102199001010006",
    "aac067": "19000000001",
    "aab299": "410102",
    "aac010": "河南省郑州市中原区模拟路1号",
    "aab301": "410102001",
    "aac026": "河南省郑州市中原区模拟路1号",
    "ajc090": "2026-11-01",
    "ajc093": "21",
    "ajc174": "0",
    "code_set": "2016",
    "acc412": "1",
    "place_division": "410102",
    "commitment": {"given": True, "date": "2026-11-23", "text_version": "2020-79/1"},
    "submitted_at": "2026-11-23T09:00:00+08:00",
    "channel": "31",
    "forwarded_at": "2026-11-23T01:00:01.5Z",
    "policy": "2020-79",
}
OUTCOME: Final[Record] = {
    "application_no": "SYDJ20261123410102000001",
    "revision": 1,
    "review_state": "2",
    "aae016": "1",
    "aae017": "4101000001",
    "aae020": "郑州市公共就业服务中心",
    "aae022": "410100",
    "aae019": "模拟经办人",
    "aae036": "2026-11-23T09:00:00+08:00",
    "acc020": "41010020261123000001",
    "aae043": "2026-11-23",
    "acc0m1": "4101005026000001",
}
REFUSED_OUTCOME: Final[Record] = {
    name: value for name, value in OUTCOME.items() if name not in {"acc020", "aae043", "acc0m1"}
} | {"aae016": "2", "refusal_reason": "05"}
RECEIPT: Final[Record] = {
    "receipt_no": "0123456789abcdef01234567",
    "key": "SYDJ20261123410102000001",
    "kind": "outcome",
    "revision": 1,
    "digest": "ab" * 32,
    "received_at": "2026-11-23T10:00:00Z",
}
PROBLEM: Final[Record] = {
    "type": "urn:duijie:problem:outcome.conflict",
    "code": "outcome.conflict",
    "title": "同一版次内容不同",
    "status": 409,
}


def spoiled(record: Record, **members: object) -> Record:
    """Return `record` with other members; `ABSENT` takes one out."""
    changed: Record = dict(record)
    for name, value in members.items():
        if value is ABSENT:
            changed.pop(name, None)
        else:
            assert value is None or isinstance(value, str | int | float | bool | list | dict)
            changed[name] = value
    return changed
