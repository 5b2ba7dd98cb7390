"""拉取检查: whether an agency that fetches does so, by what it left in the ledger lately."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Final

from duijie.checks.result import CheckResult, refused, warning
from duijie.ledger_reader import open_ledger_reader
from gateway.adapters.link_keys import read_link
from gateway.app.key_files import agency_link_settings
from gateway.config import AgencySettings, Settings
from gateway.errors import Misconfigured
from gateway.flows.maintenance import NONCES_KEPT_FOR
from gateway.ports.views import Backlog, Views
from schemas.reference.clock import BEIJING, Now, beijing_date
from storage.errors import StoreMisconfigured, StoreUnavailable

LONG_WAITED: Final = timedelta(hours=1)
"""A dispatch that waits longer was not fetched as it should be."""
_ASK: Final = (
    "请该经办机构从自己的系统调用 fetchDispatches；被拒绝的原因见网关日志 request.refused 和"
    "指标 duijie_signature_refused_total"
)


async def check_fetching(
    settings: Settings, agency: AgencySettings, now: Now
) -> AsyncIterator[CheckResult]:
    """Yield whether its key can be used and was used lately, and what waits to be fetched.

    There is no address to call; the ledger is read, beside the running gateway or without it.
    """
    subject = f"经办机构 {agency.code} {agency.name}（拉取型）"
    try:
        link = read_link(agency_link_settings(agency), settings.crypto_profile)
    except Misconfigured as exc:
        yield refused(f"设置 agency {agency.code}", "不可用", exc)
        return
    key_ids, at = tuple(link.theirs.key_ids), now()

    def facts(views: Views) -> tuple[bool, list[Backlog]]:
        used = any(views.newest_nonce(key_id) is not None for key_id in key_ids)
        figures = views.figures(beijing_date(at))
        return used, [one for one in figures.backlog if one.peer == agency.code]

    try:
        async with open_ledger_reader(settings) as ledger:
            used, backlog = await ledger.read(facts)
    except (Misconfigured, StoreMisconfigured, StoreUnavailable) as exc:
        yield refused(subject, "台账无法读取", exc)
        return
    yield _calls(subject, settings, is_used=used)
    yield _waiting(subject, backlog, at)


def _calls(subject: str, settings: Settings, *, is_used: bool) -> CheckResult:
    minutes = (NONCES_KEPT_FOR + timedelta(seconds=settings.window_s)) // timedelta(minutes=1)
    if is_used:
        return CheckResult(subject, f"最近 {minutes} 分钟左右有被接受的调用，密钥有效")
    seen = f"最近 {minutes} 分钟左右没有被接受的调用"
    return warning(subject, seen, "该经办机构没有调用，或调用被拒绝；更早的调用不留记录", _ASK)


def _waiting(subject: str, backlog: list[Backlog], at: datetime) -> CheckResult:
    depth = sum(one.depth for one in backlog)
    if not depth:
        return CheckResult(subject, "没有等待拉取的分派单")
    since = min((one.oldest for one in backlog if one.oldest is not None), default=None)
    seen = f"{depth} 件分派单等待拉取"
    if since is None or at - since <= LONG_WAITED:
        return CheckResult(subject, seen)
    written = since.astimezone(UTC).astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
    return warning(subject, f"{seen}，最早的一件自 {written}（北京时间）起", "没有拉取并确认", _ASK)
