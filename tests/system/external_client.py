"""外部客户端: an agency's system as its vendor would write it, which signs and submits results."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import httpx

from schemas.reference.clock import utc_now
from schemas.signing import Key, SignedRequest, Target, new_key, sign_request

CITY, COUNTY, COMMUNITY = "4101000001", "4190010001", "4101050010010001"
"""郑州市 takes pushes; 济源市 and the community in 金水区 fetch."""
CITY_PLACE, COUNTY_PLACE = "410102", "419001"
NEVER_S: Final = 3600.0
"""How long agencies take to decide where the test itself sends their results."""
_JSON: Final = "application/json"
OUTCOMES: Final = "/agency/v1/outcomes"


@dataclass(frozen=True)
class Answered:
    """An answer of the gateway: its status and body."""

    status: int
    body: bytes

    @property
    def code(self) -> str:
        """The problem code, when the whole message was refused."""
        return str(json.loads(self.body)["code"])

    @property
    def results(self) -> list[str]:
        """For each item: accepted, duplicate, or the problem code."""
        results = json.loads(self.body)["results"]
        return [one["problem"]["code"] if "problem" in one else one["status"] for one in results]

    @property
    def receipts(self) -> list[object]:
        """The receipts, unparsed."""
        return [one.get("receipt") for one in json.loads(self.body)["results"]]


@dataclass(frozen=True)
class Vendor:
    """An agency's system as its vendor would write it: a key file, a signature, an HTTP client."""

    base: str
    key: Key
    http: httpx.AsyncClient

    def signed(self, body: bytes, *, at: datetime | None = None) -> SignedRequest:
        """Return the request with this agency's signature over `body`."""
        target = Target.from_url("POST", f"{self.base}{OUTCOMES}")
        now = at or utc_now()
        return sign_request(self.key, target, body=body, content_type=_JSON, now=now)

    async def post(self, body: bytes, headers: Mapping[str, str]) -> Answered:
        """Send this body with these headers."""
        url = f"{self.base}{OUTCOMES}"
        answer = await self.http.post(url, content=body, headers={"content-type": _JSON, **headers})
        return Answered(answer.status_code, answer.content)

    async def submit(self, *outcomes: Mapping[str, object]) -> Answered:
        """Submit results with a correct signature."""
        body = batch(*outcomes)
        return await self.post(body, self.signed(body).headers)

    def with_forged_key(self) -> "Vendor":
        """Return a client that uses this agency's key id with another key."""
        return replace(self, key=new_key(self.key.key_id, self.key.suite))

    def with_unknown_key(self) -> "Vendor":
        """Return a client whose key the gateway does not know."""
        return replace(self, key=new_key("key-of-nobody", self.key.suite))


def batch(*outcomes: Mapping[str, object]) -> bytes:
    """Return the body of `submitOutcomes`."""
    return json.dumps({"outcomes": outcomes}, ensure_ascii=False).encode()


def a_refusal(number: str, dispatch_no: str, agency: str) -> dict[str, object]:
    """Return a result that does not pass, as an agency writes it."""
    return {
        "application_no": number,
        "revision": 1,
        "dispatch_no": dispatch_no,
        "review_state": "2",
        "aae016": "2",
        "refusal_reason": "05",
        "aae017": agency,
        "aae020": "公共就业服务中心（模拟）",
        "aae022": agency[:6],
        "aae019": "李静",
        "aae036": utc_now().isoformat(timespec="seconds"),
    }
