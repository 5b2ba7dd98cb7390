"""审核结果: outcomes of an agency, and the whole requests that post one each."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from duijie.demo.agencies import StandIn
from duijie.ports import HOST
from gateway.domain.dispatch import dispatch_number
from schemas.records.outcomes import Outcome, Verdict
from schemas.reference.clock import beijing_date, utc_now
from schemas.signing import Key, Target, sign_request

_PATH: Final = "/agency/v1/outcomes"


def outcome_of(number: str, agency: StandIn, decided_at: datetime) -> Outcome:
    """Return the outcome, passed, of the first dispatch of an application."""
    return Outcome(
        application_no=number,
        revision=1,
        dispatch_no=dispatch_number(number, 1),
        review_state="2",
        verdict=Verdict.PASSED,
        agency_code=agency.code,
        agency_name="模拟公共就业服务中心",
        agency_division=agency.division,
        handler="模拟经办",
        decided_at=decided_at,
        registration_no="SY20260000000001",
        registration_date=beijing_date(decided_at),
        certificate_no="4101000126000001",
    )


def requests_for(numbers: Iterable[str], agency: StandIn, key: Key, port: int) -> Iterator[bytes]:
    """Yield whole requests, signed beforehand so that the load costs the measured side nothing."""
    target = Target.from_url("POST", f"http://{HOST}:{port}{_PATH}")
    for number in numbers:
        body = b'{"outcomes":[' + outcome_of(number, agency, utc_now()).wire() + b"]}"
        signed = sign_request(
            key, target, body=body, content_type="application/json", now=utc_now()
        )
        lines = "".join(f"{name}: {value}\r\n" for name, value in signed.headers.items())
        head = (
            f"POST {_PATH} HTTP/1.1\r\nHost: {HOST}:{port}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n{lines}\r\n"
        )
        yield head.encode() + body
