"""`duijie agency check`: one signed ping to an agency, and why it came to nothing."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import orjson
import pytest
from aiohttp import web

from duijie.checks.agency import AgencyCheck, check_agency
from duijie.cli import run
from duijie.errors import FAILED, UNREACHABLE, USAGE
from gateway.config import AgencySettings, Settings
from gateway.errors import PeerFailure
from schemas.reference.clock import utc_now
from schemas.signing import Link, Suite, new_key
from tests.builders.records import JINSHUI
from tests.integration.duijie.test_doctor_warns import a_peer
from tests.integration.gateway.harness import stack_of_two
from tests.integration.gateway.peers import Reply, signed_app
from tests.support.certificates import Authority
from tests.support.clock import SettableClock
from tests.support.serving import served
from tests.support.stack import Stack
from transport.tls_settings import LinkTls

STAND_IN: Final = new_key("stand-in", Suite.HMAC_SHA256)


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    return stack_of_two(tmp_path)


@pytest.fixture
def settings(stack: Stack) -> Settings:
    return stack.gateway_settings()


def the_agency(settings: Settings) -> AgencySettings:
    return next(one for one in settings.agency if one.code == JINSHUI)


async def echo(request: web.Request, body: bytes) -> Reply:
    assert (request.method, request.path) == ("POST", "/ping")
    said = {"echo": orjson.loads(body)["echo"], "at": "2026-03-03T15:00:00Z", "contract": "1"}
    return 200, orjson.dumps(said)


def answers(status: int, body: bytes) -> Callable[[Link], web.Application]:
    """Return a maker of systems that sign this answer."""

    async def answer(request: web.Request, sent: bytes) -> Reply:
        return status, body

    return lambda link: signed_app(link, answer)


def says_unsigned(status: int) -> Callable[[Link], web.Application]:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=status, text="<html>张伟</html>")

    def make(_: Link) -> web.Application:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", answer)
        return app

    return make


def with_another_key(link: Link) -> web.Application:
    return signed_app(replace(link, ours=STAND_IN), echo)


def that_does_not_know_us(link: Link) -> web.Application:
    return signed_app(replace(link, theirs=STAND_IN), echo)


def an_hour_ahead(link: Link) -> web.Application:
    clock = SettableClock(utc_now)
    clock.forward(hours=1)
    return signed_app(link, echo, now=clock)


@dataclass(frozen=True)
class Ended:
    """What a check comes to; `words` stand in what is printed."""

    system: Callable[[Link], web.Application]
    believed: bool
    status: int
    reason: str
    problem: str
    words: tuple[str, ...]


ENDED: Final = {
    "well": Ended(
        lambda link: signed_app(link, echo),
        *(True, 200, "", "", ("连通，双向签名有效（HTTP 200）", "对端时钟比本机")),
    ),
    "unsigned": Ended(
        says_unsigned(404),
        *(False, 404, PeerFailure.UNSIGNED, "signature.missing"),
        ("响应没有签名（HTTP 404）", "核对 url 的路径"),
    ),
    "another-key": Ended(
        with_another_key,
        *(False, 200, PeerFailure.WRONG_KEY, "signature.unknown-key"),
        ("响应以另一个密钥签名", "更换登记的公钥"),
    ),
    "we-are-unknown": Ended(
        that_does_not_know_us,
        *(False, 401, PeerFailure.UNSIGNED, "signature.unknown-key"),
        ("称：密钥编号未登记 signature.unknown-key", "核对双方登记的密钥编号"),
    ),
    "clocks": Ended(
        an_hour_ahead,
        *(False, 401, PeerFailure.UNSIGNED, "signature.expired"),
        ("对端时钟比本机快 3", "时钟（NTP）"),
    ),
    "signed-status": Ended(
        answers(500, b""), *(True, 500, PeerFailure.STATUS, "", ("HTTP 500", "错误目录"))
    ),
    "wrong-shape": Ended(
        answers(200, b"{}"),
        *(True, 200, PeerFailure.UNREADABLE, "", ("响应无法解析", "JSON Schema")),
    ),
    "refused": Ended(
        answers(422, b"{}"), *(True, 422, "peer.refused", "", ("对方拒收（HTTP 422）",))
    ),
}


async def checked(stack: Stack, settings: Settings, one: Ended) -> AgencyCheck:
    push = stack.push(JINSHUI)
    async with served(one.system(push.of_answerer()), push.port):
        return await check_agency(settings, the_agency(settings))


@pytest.mark.parametrize("one", ENDED.values(), ids=ENDED)
async def test_the_check_says_what_came_back_and_why_it_is_not_believed(
    stack: Stack, settings: Settings, one: Ended
) -> None:
    found = await checked(stack, settings, one)

    ping = found.ping
    assert ping is not None
    assert ping.reached
    assert (ping.believed, ping.status, ping.reason, ping.problem) == (
        one.believed,
        one.status,
        one.reason,
        one.problem,
    )
    said = f"{ping.check.seen} {ping.check.cause} {ping.check.cure}"
    assert [word for word in one.words if word not in said] == []
    assert "张伟" not in said
    assert ping.check.is_ok is not bool(one.reason)


async def test_tls_that_does_not_come_about_is_told_by_link_and_ping(
    settings: Settings, tmp_path: Path
) -> None:
    shown, other = Authority.make(tmp_path), Authority.make(tmp_path)
    async with a_peer(shown.issue("127.0.0.1")) as url:
        changes = {"url": url, "tls": LinkTls(ca_file=other.file)}
        found = await check_agency(settings, the_agency(settings).model_copy(update=changes))

    assert [one.seen for one in found.results] == ["对端证书不可信", "TLS 连接未建立"]
    assert found.ping is not None
    assert (found.ping.reached, found.ping.reason) == (False, PeerFailure.TLS)


def command(stack: Stack, *words: str) -> int:
    return run(["agency", "check", *words, "--config", str(stack.gateway_file)])


async def test_the_command_prints_what_happened_in_chinese_and_for_machines(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    push = stack.push(JINSHUI)
    async with served(signed_app(push.of_answerer(), echo), push.port):
        assert await asyncio.to_thread(command, stack, JINSHUI) == 0
        assert f"✔ 经办机构 {JINSHUI}" in capsys.readouterr().out
        assert await asyncio.to_thread(command, stack, JINSHUI, "--json") == 0
        said = json.loads(capsys.readouterr().out)
    assert abs(said.pop("skew_s")) < 5
    [check] = said.pop("checks")
    assert check["cure"] == ""
    assert said == {
        "agency": JINSHUI,
        "name": "金水区公共就业服务中心",
        "delivery": "push",
        "url": push.base,
        "reached": True,
        "believed": True,
        "status": 200,
        "reason": None,
        "problem": None,
    }
    async with served(says_unsigned(502)(push.of_answerer()), push.port):
        assert await asyncio.to_thread(command, stack, JINSHUI) == FAILED
    assert "✘ 经办机构" in capsys.readouterr().out


def test_who_is_not_reached_and_who_is_unknown_are_told_apart(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(stack, JINSHUI) == UNREACHABLE
    assert "未能连接对方" in capsys.readouterr().out
    assert command(stack, "9999999999") == USAGE
    block = capsys.readouterr().err
    assert "设置中没有经办机构 9999999999" in block
    assert JINSHUI in block


def test_keys_that_cannot_be_used_are_told_and_nothing_is_sent(
    stack: Stack, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    the_agency(settings).key_files[0].unlink()
    assert command(stack, JINSHUI) == FAILED
    assert "无法读取密钥文件：文件或文件夹不存在" in capsys.readouterr().out
