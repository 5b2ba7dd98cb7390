"""经办机构连接: everything about the connection to one agency that takes pushes."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from duijie.checks.links import check_link
from duijie.checks.pings import PingResult, ping_peer
from duijie.checks.result import CheckResult, refused
from gateway.adapters.link_keys import read_link
from gateway.adapters.push import HttpAgencySystem
from gateway.adapters.signed_client import SignedClient
from gateway.app.key_files import agency_link_settings
from gateway.config import AgencySettings, Settings
from gateway.errors import Misconfigured
from gateway.setting_types import outgoing_tls
from schemas.reference.clock import Now, utc_now
from schemas.signing import Window


@dataclass(slots=True)
class AgencyCheck:
    """What was found, and what the ping came to, None where none could be sent."""

    results: list[CheckResult] = field(default_factory=list)
    ping: PingResult | None = None


async def check_agency(
    settings: Settings, agency: AgencySettings, now: Now = utc_now
) -> AgencyCheck:
    """Check the connection to an agency and send its system one signed ping."""
    found = AgencyCheck()
    async for result in _checks(settings, agency, now, found):
        found.results.append(result)
    return found


async def _checks(
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
    yield found.ping.check
