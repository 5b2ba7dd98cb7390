"""连接的强弱: how each connection is protected, by its settings and by a real handshake."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit

import httpx

from duijie.checks.files import validity
from duijie.checks.result import CheckResult, refused, warning
from gateway.adapters.aiohttp_transport import AiohttpTransport
from gateway.config import Settings
from gateway.errors import Misconfigured
from gateway.ports import PORTAL
from gateway.setting_types import OutgoingLink, outgoing_context, outgoing_tls
from schemas.reference.clock import Now
from schemas.signing.certificates import CertificateFacts
from schemas.signing.peer_urls import is_loopback
from transport.listen_address import read_tcp_address

HANDSHAKE_S: Final = 5.0
SKEW_S: Final = 30.0
"""A clock that is further off than this has to be looked at."""


async def check_links(settings: Settings, now: datetime) -> AsyncIterator[CheckResult]:
    """Check how each connection is protected; nothing is sent but handshakes."""
    for result in _listener(settings):
        yield result
    for name, link in _outgoing(settings):
        async for result in check_link(name, link, now):
            yield result


def _outgoing(settings: Settings) -> Iterator[tuple[str, OutgoingLink]]:
    yield PORTAL, settings.portal
    for agency in settings.agency:
        if agency.url is not None:
            yield f"agency {agency.code}", agency


def _listener(settings: Settings) -> Iterator[CheckResult]:
    if settings.listen_tls is None and not read_tcp_address(settings.listen).is_loopback:
        yield warning(
            "监听 listen",
            f"{settings.listen}，明文 http",
            "同一网络中的他人可以读取经办机构的报文",
            "请设置 listen_tls；由前置负载均衡终结 TLS 时，请仅允许其连接此端口",
        )


async def check_link(name: str, link: OutgoingLink, now: datetime) -> AsyncIterator[CheckResult]:
    """Check how one connection is protected; `name` is that of its settings."""
    parts = urlsplit(link.url or "")
    if parts.scheme != "https":
        if not is_loopback(parts.hostname or ""):
            yield warning(
                f"连接 {name}",
                "明文 http（allow_plain_http）",
                "传输途中可以读取报文中的个人信息",
                "请改用 https，并设置 pins",
            )
        return
    try:
        facts = await _shown(link, parts.hostname or "", parts.port or 443)
    except Misconfigured as exc:
        yield refused(f"连接 {name}", "未检查", exc)
    except ssl.SSLCertVerificationError as exc:
        cure = "请核对 url、ca_file 与对端证书"
        yield CheckResult(f"连接 {name}", "对端证书不可信", exc.verify_message, cure)
    except (OSError, TimeoutError) as exc:
        cure = "请核对地址、网络、TLS 版本，以及对端是否要求客户端证书"
        yield CheckResult(f"连接 {name}", "TLS 握手未完成", type(exc).__name__, cure)
    else:
        yield _pinned(name, link, facts.pin)
        yield validity(f"对端证书 {name}", facts, now)


async def _shown(link: OutgoingLink, host: str, port: int) -> CertificateFacts:
    """Return the facts of the certificate that a trusted peer shows, whether pinned or not."""
    tls = link.tls and link.tls.model_copy(update={"pins": ()})
    trusting = link.model_copy(update={"tls": tls})
    context = outgoing_context(trusting, "tls") or ssl.create_default_context()
    async with asyncio.timeout(HANDSHAKE_S):
        _, writer = await asyncio.open_connection(host, port, ssl=context)
    try:
        connection: ssl.SSLObject = writer.get_extra_info("ssl_object")
        return CertificateFacts.from_der(connection.getpeercert(binary_form=True) or b"")
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


def _pinned(name: str, link: OutgoingLink, pin: str) -> CheckResult:
    subject, pins = f"连接 {name}", link.tls.pins if link.tls else ()
    if not pins:
        return warning(
            subject,
            f"TLS，未固定公钥；对端现在的公钥是 {pin}",
            "任一受信任的证书颁发机构都能为冒充者签发证书",
            f'请与对端核对后写入 tls：pins = ["{pin}"]',
        )
    if pin not in pins:
        return CheckResult(
            subject,
            f"对端的公钥 {pin} 不在 pins 中",
            "对端更换了密钥，或有人冒充",
            "请与对端核对；确为新密钥的，加入 pins，旧密钥停用后删去",
        )
    return CheckResult(subject, "TLS，公钥已固定")


async def check_clock(link: OutgoingLink, now: Now) -> CheckResult:
    """Compare our clock with the `Date` of an answer to one unsigned request."""
    subject = "时钟"
    try:
        transport = AiohttpTransport(tls=outgoing_tls(link, PORTAL))
        client = httpx.AsyncClient(transport=transport, trust_env=False)
        async with client, asyncio.timeout(HANDSHAKE_S):
            answer = await client.get(f"{link.url}/ping")
        theirs = parsedate_to_datetime(answer.headers.get("Date", ""))
        skew_s = (now() - theirs).total_seconds()
    except Misconfigured as exc:
        return refused(subject, "未检查", exc)
    except (httpx.HTTPError, TimeoutError):
        return CheckResult(subject, "未比较：部端无法连通")
    except (ValueError, TypeError, OverflowError):
        return CheckResult(subject, "未比较：部端的响应没有可用的 Date")
    return _skew(subject, skew_s)


def _skew(subject: str, skew_s: float) -> CheckResult:
    direction = "快" if skew_s > 0 else "慢"
    seen = f"比部端{direction} {abs(skew_s):.0f} 秒"
    if abs(skew_s) <= SKEW_S:
        return CheckResult(subject, seen)
    cause = "偏差继续扩大时，双方将以过期为由拒绝对方的报文"
    return warning(subject, seen, cause, "请核对本机的时间同步（chrony、NTP）")
