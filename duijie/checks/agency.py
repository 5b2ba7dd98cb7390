"""经办机构连接: everything about the connection to one agency, whatever kind of delivery it has."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import partial

from duijie.checks.agency_fetching import check_fetching
from duijie.checks.agency_tables import check_tables, is_reached
from duijie.checks.links import check_link
from duijie.checks.pings import PingResult, ping_peer
from duijie.checks.result import CheckResult, refused
from gateway.adapters.link_keys import read_link
from gateway.adapters.push import HttpAgencySystem
from gateway.adapters.signed_client import SignedClient
from gateway.app.key_files import agency_link_settings
from gateway.config import AgencySettings, Settings
from gateway.domain.delivery import Delivery
from gateway.errors import Misconfigured
from gateway.setting_types import outgoing_tls
from schemas.reference.clock import Now, utc_now
from schemas.signing import Window


@dataclass(slots=True)
class AgencyCheck:
    """What was found; what the ping came to, None where none was sent.

    `reached` says whether something answered, None where there is nothing to call.
    """

    results: list[CheckResult] = field(default_factory=list)
    ping: PingResult | None = None
    reached: bool | None = None
    reason: str = ""


async def check_agency(
    settings: Settings, agency: AgencySettings, now: Now = utc_now
) -> AgencyCheck:
    """Check the connection to an agency, as far as its kind of delivery has one."""
    found = AgencyCheck()
    checks = {
        Delivery.PUSH: partial(_pushing, settings, agency, now, found),
        Delivery.FETCH: partial(check_fetching, settings, agency, now),
        Delivery.EXCHANGE_TABLE: partial(_tables, agency, now, found),
        Delivery.DESK: partial(_desk, agency),
    }
    async for result in checks[agency.delivery]():
        found.results.append(result)
    return found


async def _desk(agency: AgencySettings) -> AsyncIterator[CheckResult]:
    """Yield that nothing connects."""
    subject = f"经办机构 {agency.code} {agency.name}（工作台型）"
    seen = "没有信息系统，网关不连接；办件在网关的办件列表中：duijie gateway cases --agency"
    yield CheckResult(subject, f"{seen} {agency.code}")


async def _tables(
    agency: AgencySettings, now: Now, found: AgencyCheck
) -> AsyncIterator[CheckResult]:
    """Yield what the agency's database allows."""
    if agency.tables is None:
        return
    async for result, inspected in check_tables(agency, agency.tables, now):
        if inspected is not None:
            found.reached = is_reached(inspected.failure)
            found.reason = "" if inspected.failure is None else inspected.failure.value
        yield result


async def _pushing(
    settings: Settings, agency: AgencySettings, now: Now, found: AgencyCheck
) -> AsyncIterator[CheckResult]:
    name = f"agency {agency.code}"
    async for result in check_link(name, agency, now()):
        yield result
    try:
        link = read_link(agency_link_settings(agency), settings.crypto_profile)
        tls = outgoing_tls(agency, name)
    except Misconfigured as exc:
        yield refused(f"设置 {name}", "不可用", exc)
        return
    client = SignedClient(
        agency.url or "",
        link,
        peer=agency.code,
        now=now,
        window=Window(max_age_s=settings.window_s),
        tls=tls,
    )
    subject = f"经办机构 {agency.code} {agency.name} {agency.url}"
    async with client:
        system = HttpAgencySystem(client, agency=agency.code)
        found.ping = await ping_peer(subject, client, system.ping)
    found.reached, found.reason = found.ping.reached, found.ping.reason
    yield found.ping.check
