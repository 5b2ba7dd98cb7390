"""`duijie doctor` on what works and is weak: one test for each line that it may say."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from duijie.checks.files import check_files
from duijie.checks.links import check_clock, check_links
from duijie.checks.result import CheckResult
from gateway.config import Settings
from schemas.reference.clock import utc_now
from tests.builders.records import JINSHUI
from tests.integration.gateway.harness import stack_of_two
from tests.support.certificates import Authority, Credential
from tests.support.serving import served_bytes
from transport.tls_settings import LinkTls, ListenTls

NOW = datetime(2026, 6, 1, tzinfo=UTC)
HERE = "127.0.0.1"
FOREIGN_PIN = f"sha256/{'A' * 43}="


@asynccontextmanager
async def a_peer(shown: Credential | None = None, *, date: str | None = None) -> AsyncIterator[str]:
    """Serve empty answers that bear `date`, over TLS where a credential is shown."""
    context = None
    if shown is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(shown.certificate_file, shown.key_file)
    line = "" if date is None else f"Date: {date}\r\n"

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(f"HTTP/1.1 401 No\r\n{line}Content-Length: 0\r\n\r\n".encode())
            await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()

    async with served_bytes(answer, tls=context) as url:
        yield url


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return stack_of_two(tmp_path).gateway_settings()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.make(tmp_path)


def with_portal(settings: Settings, **changes: object) -> Settings:
    return settings.model_copy(update={"portal": settings.portal.model_copy(update=changes)})


async def links_of(settings: Settings) -> list[CheckResult]:
    return [result async for result in check_links(settings, utc_now())]


def named(results: Iterable[CheckResult], subject: str) -> CheckResult:
    [found] = [result for result in results if result.subject == subject]
    return found


async def test_what_is_made_for_this_machine_is_not_warned_of(settings: Settings) -> None:
    found = [*check_files(settings, utc_now()), *await links_of(settings)]

    assert [result for result in found if not result.is_ok] == []


async def test_plain_http_to_another_machine_is_warned_of(settings: Settings) -> None:
    meant = with_portal(settings, url="http://portal.example:1", allow_plain_http=True)
    jinshui, *others = meant.agency
    assert jinshui.code == JINSHUI
    elsewhere = jinshui.model_copy(update={"url": "http://agency.example:1"})
    found = await links_of(meant.model_copy(update={"agency": (elsewhere, *others)}))

    for subject in ("连接 portal", f"连接 agency {JINSHUI}"):
        result = named(found, subject)
        assert "明文 http" in result.seen
        assert result.is_weak
        assert not result.is_fault


async def test_a_listener_beyond_this_machine_without_tls_is_warned_of(
    settings: Settings, authority: Authority
) -> None:
    open_to_all = settings.model_copy(update={"listen": "0.0.0.0:8080"})
    assert named(await links_of(open_to_all), "监听 listen").is_weak

    own = authority.issue(HERE)
    tls = ListenTls(certificate_file=own.certificate_file, key_file=own.key_file)
    served = open_to_all.model_copy(update={"listen_tls": tls})
    assert "监听 listen" not in {result.subject for result in await links_of(served)}


async def test_a_link_without_a_pin_is_warned_of_and_told_the_pin(
    settings: Settings, authority: Authority
) -> None:
    shown = authority.issue(HERE)
    async with a_peer(shown) as url:
        tls = LinkTls(ca_file=authority.file)
        result = named(await links_of(with_portal(settings, url=url, tls=tls)), "连接 portal")
        assert result.is_weak
        assert shown.pin in result.cure

        pinned = LinkTls(ca_file=authority.file, pins=(shown.pin,))
        found = await links_of(with_portal(settings, url=url, tls=pinned))
        assert named(found, "连接 portal").is_ok
        assert named(found, "对端证书 portal").is_ok


async def test_a_peer_whose_key_is_not_pinned_is_a_fault(
    settings: Settings, authority: Authority
) -> None:
    shown = authority.issue(HERE)
    async with a_peer(shown) as url:
        tls = LinkTls(ca_file=authority.file, pins=(FOREIGN_PIN,))
        result = named(await links_of(with_portal(settings, url=url, tls=tls)), "连接 portal")

    assert result.is_fault
    assert shown.pin in result.seen


async def test_a_peer_that_is_not_trusted_is_a_fault(
    settings: Settings, authority: Authority, tmp_path: Path
) -> None:
    async with a_peer(Authority.make(tmp_path).issue(HERE)) as url:
        tls = LinkTls(ca_file=authority.file)
        result = named(await links_of(with_portal(settings, url=url, tls=tls)), "连接 portal")

    assert result.is_fault
    assert result.seen == "对端证书不可信"


@pytest.mark.parametrize(
    ("days", "expected", "weak", "fault"),
    [(90, "", False, False), (20, "天后过期", True, False)],
)
async def test_the_certificate_of_a_peer_that_ends_within_30_days_is_warned_of(
    settings: Settings, authority: Authority, days: int, expected: str, *, weak: bool, fault: bool
) -> None:
    shown = authority.issue(HERE, valid_for=timedelta(days=days))
    async with a_peer(shown) as url:
        tls = LinkTls(ca_file=authority.file, pins=(shown.pin,))
        found = await links_of(with_portal(settings, url=url, tls=tls))

    result = named(found, "对端证书 portal")
    assert (result.is_weak, result.is_fault) == (weak, fault)
    assert expected in result.cause


@pytest.mark.parametrize(
    ("days", "expected", "weak", "fault"),
    [(90, "", False, False), (20, "天后过期", True, False), (-1, "已过期", False, True)],
)
def test_a_certificate_of_ours_that_ends_is_told_in_time(
    settings: Settings, authority: Authority, days: int, expected: str, *, weak: bool, fault: bool
) -> None:
    ours = authority.issue("gateway", valid_for=timedelta(days=days))
    tls = ListenTls(certificate_file=ours.certificate_file, key_file=ours.key_file)
    found = check_files(settings.model_copy(update={"listen_tls": tls}), utc_now())

    result = named(found, f"证书 {ours.certificate_file.name}")
    assert (result.is_weak, result.is_fault) == (weak, fault)
    assert expected in result.cause


def test_a_certificate_file_that_is_none_is_a_fault(settings: Settings, tmp_path: Path) -> None:
    text = tmp_path / "text.pem"
    text.write_text("no certificate", "utf-8")
    for path in (text, tmp_path / "absent.pem"):
        unfit = with_portal(settings, tls=LinkTls(ca_file=path))
        assert named(check_files(unfit, NOW), f"证书 {path.name}").is_fault


def test_files_and_folders_that_let_others_in_are_warned_of(
    settings: Settings, authority: Authority, tmp_path: Path
) -> None:
    database = tmp_path / "gateway.db"
    database.touch(0o600)
    linked = with_portal(settings, tls=LinkTls(ca_file=authority.file))
    assert [result for result in check_files(linked, utc_now()) if not result.is_ok] == []

    database.chmod(0o640)
    authority.file.chmod(0o666)
    linked.ledger_keys.parent.chmod(0o777)
    weak = {result.subject: result for result in check_files(linked, utc_now()) if result.is_weak}
    assert set(weak) == {
        "台账文件 gateway.db",
        f"证书 {authority.file.name}",
        f"文件夹 {linked.ledger_keys.parent}",
    }
    assert weak["台账文件 gateway.db"].cure == f"请执行 chmod 600 {database}"


def test_a_password_in_the_store_url_is_warned_of_and_not_shown(settings: Settings) -> None:
    url = "postgresql://duijie:hunter2@db.example/duijie"
    result = named(check_files(settings.model_copy(update={"store": url}), NOW), "台账口令")

    assert result.is_weak
    assert "hunter2" not in str(result)


@pytest.mark.parametrize(
    ("behind_s", "expected", "weak"),
    [(0, "0 秒", False), (29, "快 29 秒", False), (45, "快 45 秒", True), (-90, "慢 90 秒", True)],
)
async def test_a_clock_that_is_off_is_warned_of_in_seconds(
    settings: Settings, behind_s: int, expected: str, *, weak: bool
) -> None:
    date = format_datetime(NOW - timedelta(seconds=behind_s), usegmt=True)
    async with a_peer(date=date) as url:
        result = await check_clock(with_portal(settings, url=url).portal, lambda: NOW)

    assert expected in result.seen
    assert result.is_weak is weak


@pytest.mark.parametrize("date", [None, "yesterday", "Mon, 99 Jan 2026 00:00:00 GMT"])
async def test_a_peer_that_tells_no_time_is_not_compared_with(
    settings: Settings, date: str | None
) -> None:
    async with a_peer(date=date) as url:
        result = await check_clock(with_portal(settings, url=url).portal, lambda: NOW)

    assert result.is_ok
    assert "未比较" in result.seen
