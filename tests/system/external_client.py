"""外部客户端: what an agency's system, as its vendor would write it, submits to the gateway."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from schemas.reference.clock import utc_now
from tests.support.signing_client import Answered, SigningClient

CITY, COUNTY, COMMUNITY = "4101000001", "4190010001", "4101050010010001"
"""郑州市 takes pushes; 济源市 and the community in 金水区 fetch."""
CITY_PLACE, COUNTY_PLACE = "410102", "419001"
NEVER_S: Final = 3600.0
"""How long agencies take to decide where the test itself sends their results."""
OUTCOMES: Final = "/agency/v1/outcomes"


def signed(client: SigningClient, body: bytes, *, at: datetime | None = None) -> Mapping[str, str]:
    """Return the headers that make this body the client's."""
    return client.sign("POST", OUTCOMES, body, at=at).headers


async def post(client: SigningClient, body: bytes, headers: Mapping[str, str]) -> Answered:
    """Send this body with these headers, whoever they are of."""
    return await client.send("POST", OUTCOMES, body, headers)


async def submit(client: SigningClient, *outcomes: Mapping[str, object]) -> Answered:
    """Submit results with a correct signature."""
    return await client.call("POST", OUTCOMES, batch(*outcomes))


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
