"""样例（经手）: a valid record of each act of an operator, about the application of all samples."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

Json: TypeAlias = Mapping[str, object]

NUMBER: Final = "SYDJ20260302410105000001"
DISPATCH: Final = "SYDJ20260302410105000001-1"
_ACT: Final[Json] = {"keys": [NUMBER], "operator": "模拟经手人"}
VALID_ACTS: Final[Mapping[str, Json]] = MappingProxyType(
    {
        "act-answer": {
            "results": [
                {
                    "key": NUMBER,
                    "result": "done",
                    "agency_code": "410102-01",
                    "dispatch_no": DISPATCH,
                }
            ]
        },
        "annotate-act": {**_ACT, "text": "已电话核实常住地"},
        "assign-act": {**_ACT, "to": "410102-01", "reason": "本人常住中原区"},
        "hold-act": {**_ACT, "reason": "待核实登记失业地"},
        "release-act": _ACT,
        "return-act": {**_ACT, "reason": "2", "belongs_to": "430102"},
        "resend-act": {**_ACT, "preview": True},
        "resend-answer": {
            "messages": [
                {
                    "key": NUMBER,
                    "kind": "report",
                    "peer": "portal",
                    "message_no": NUMBER,
                    "revision": 1,
                    "problem": "outcome.conflict",
                    "sent_again": True,
                }
            ]
        },
    }
)
"""One valid record of each kind."""
