"""`duijie simulator fault`: lists, arms and clears faults of the national side."""

import asyncio
from collections.abc import Sequence
from typing import Final

import click

from duijie.clients.control_client import ControlClient, checked_request
from duijie.errors import FAILED, USAGE, CliError
from duijie.options import control_option
from duijie.tables import print_table
from simulator.web.control.requests import ArmFaultRequest
from simulator.web.control.responses import ArmedFaultView

_HEADINGS: Final = ("序号", "故障", "操作", "发生时机", "参数", "已发生次数")

_FAULT_HELP: Final = """故障：列出、设置、清除。

Faults of the simulator: list, arm, clear.

\b
示例
  duijie simulator fault arm lost-reply uploadOutcomes --count 3
  duijie simulator fault list
  duijie simulator fault clear
"""

_LIST_FAULTS_HELP: Final = """列出已设置的故障。

List the armed faults.

\b
示例
  duijie simulator fault list
"""

_ARM_HELP: Final = """设置一个故障；未写次数的，发生一次。

\b
FAULT      故障
           lost-reply 丢失响应；duplicate 重复；delay 延迟；unavailable 返回 503；
           unsigned 响应未签名；用于对账单的有 statement-truncated 截断、
           statement-shuffled 错乱、statement-entry 条目不同
OPERATION  接口
           downloadApplications、acknowledgeApplications、uploadOutcomes、
           fetchStatement、ping、deliverDispatches、pushApplications

Arm a fault (FAULT) at one operation of the contract (OPERATION).

\b
示例
  duijie simulator fault arm delay downloadApplications --every 2 --param ms=800
  duijie simulator fault arm unavailable uploadOutcomes --count 5
  duijie simulator fault arm statement-entry fetchStatement --every 1 --param change=missing
"""

_CLEAR_HELP: Final = """清除一个或全部故障。

Take one fault away, or all of them.

\b
示例
  duijie simulator fault clear
  duijie simulator fault clear 2
"""


@click.group(help=_FAULT_HELP)
def fault() -> None:
    """Faults of the simulator."""


@fault.command(name="list", help=_LIST_FAULTS_HELP)
@control_option
def list_faults(control: str) -> None:
    """List the armed faults."""
    _show(asyncio.run(_list(control)))


@fault.command(help=_ARM_HELP)
@click.argument("name", metavar="FAULT")
@click.argument("operation")
@click.option("--nth", type=click.IntRange(1), help="仅在第几次调用时发生")
@click.option("--count", type=click.IntRange(1), help="接下来的几次调用")
@click.option("--every", type=click.IntRange(1), help="每几次调用发生一次")
@click.option("--param", "params", multiple=True, metavar="NAME=VALUE", help="参数，可多次")
@control_option
def arm(  # noqa: PLR0913 - one parameter for each option
    name: str,
    operation: str,
    *,
    nth: int | None,
    count: int | None,
    every: int | None,
    params: tuple[str, ...],
    control: str,
) -> None:
    """Arm a fault."""
    request = checked_request(
        ArmFaultRequest,
        fault=name,
        operation=operation,
        nth=nth,
        count=count,
        every=every,
        params=dict(map(_param, params)),
    )
    _show([asyncio.run(_arm(control, request))])


@fault.command(help=_CLEAR_HELP)
@click.argument("number", type=click.IntRange(1), required=False)
@control_option
def clear(number: int | None, control: str) -> None:
    """Take one fault away, or all of them."""
    _show(asyncio.run(_clear(control, number)))


async def _list(url: str) -> Sequence[ArmedFaultView]:
    async with ControlClient(url) as control:
        return await control.faults()


async def _arm(url: str, request: ArmFaultRequest) -> ArmedFaultView:
    async with ControlClient(url) as control:
        return await control.arm(request)


async def _clear(url: str, number: int | None) -> Sequence[ArmedFaultView]:
    async with ControlClient(url) as control:
        if number is not None and number not in {one.number for one in await control.faults()}:
            cure = "请用 duijie simulator fault list 查看序号"
            raise CliError(f"没有序号为 {number} 的故障", "未设置，或已清除", cure, FAILED)
        return await control.disarm(number)


def _param(written: str) -> tuple[str, str | int]:
    name, equals, value = written.partition("=")
    if not equals or not name:
        raise CliError(f"--param {written}", "应写作 NAME=VALUE", "请参照 --param ms=800", USAGE)
    return name, int(value) if value.isascii() and value.isdigit() else value


def _show(faults: Sequence[ArmedFaultView]) -> None:
    if not faults:
        click.echo("没有已设置的故障。")
        return
    print_table(_HEADINGS, [_cells(one) for one in faults])


def _cells(one: ArmedFaultView) -> list[str]:
    params = " ".join(f"{name}={value}" for name, value in one.params.items())
    return [
        str(one.number),
        one.fault,
        one.operation,
        _when(one),
        params or "–",
        str(one.happened),
    ]


def _when(one: ArmedFaultView) -> str:
    if one.nth is not None:
        return f"第 {one.nth} 次"
    if one.every is not None:
        return f"每 {one.every} 次"
    return f"接下来 {one.count or 1} 次"
