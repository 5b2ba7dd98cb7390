"""`duijie up`."""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, TypedDict, TypeVar, Unpack

import click
from rich.console import Console

from duijie.cli_errors import cli_errors
from duijie.demo.demonstration import Demonstration, RunOptions
from duijie.demo.plan import DEFAULT_PORTS, DEFAULT_PROVINCE, Plan, PlanOptions
from duijie.demo.provision import provision
from duijie.options import json_option
from storage.sealing import CryptoProfile

_PORT: Final = click.IntRange(1, 65_535)
_DECIDE_AFTER_S: Final = 0.8  # what a person can follow; a real agency takes hours
_VAR: Final = Path("var")
_UP_HELP: Final = """启动模拟器、网关和三个模拟经办机构，申报若干申请，实时显示每件的办理进程。

Start simulator, gateway and three stand-in agencies, file applications, and show live how
each goes there and back; then stay up until Ctrl-C.

With --exit-when-done a temporary folder and free ports are used unless told otherwise, and
the exit code is 0 only when every application is back once.

\b
示例
  duijie up
  duijie up --province 430000 --count 50
  duijie up --crypto national
  duijie up --push --count 100
  duijie up --count 200 --seed 7 --exit-when-done --json
"""
C = TypeVar("C", bound=Callable[..., object])


class UpOptions(TypedDict):
    """The options, as click passes them."""

    province: str | None
    count: int
    seed: int | None
    exit_when_done: bool
    folder: Path | None
    store: str | None
    decide_after: float | None
    crypto: str | None
    push: bool | None
    only_keys: bool
    as_json: bool
    simulator_port: int | None
    control_port: int | None
    gateway_port: int | None
    health_port: int | None
    console_port: int | None
    agency_port: int | None


def _port_options(command: C) -> C:
    for name in reversed(list(_PORTS)):
        text = f"{_PORTS[name]}，默认 {DEFAULT_PORTS[name]}"
        command = click.option(f"--{name}-port", type=_PORT, metavar="PORT", help=text)(command)
    return command


_PORTS: Final = {
    "simulator": "部端模拟器端口",
    "control": "控制接口端口",
    "gateway": "网关端口",
    "health": "健康与指标端口",
    "console": "工作台端口",
    "agency": "接收推送的经办机构的端口",
}


@click.command(help=_UP_HELP)
@click.option("--province", metavar="CODE", help="省份代码：410000（默认）、430000、230000")
@click.option(
    "--count",
    type=click.IntRange(1, 100_000),
    default=20,
    show_default=True,
    help="申报件数",
)
@click.option("--seed", type=click.IntRange(0), help="随机种子，默认 7")
@click.option("--exit-when-done", is_flag=True, help="全部返回后退出")
@json_option("最后一行输出 JSON 汇总")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="密钥、设置、台账、日志所在文件夹，默认 var",
)
@click.option(
    "--store",
    metavar="URL",
    help="台账：sqlite:///文件 或 postgresql://…",
)
@click.option(
    "--decide-after",
    type=click.FloatRange(0, 3600),
    metavar="SECONDS",
    help="模拟经办机构审核用时，默认 0.8；带 --exit-when-done 时为 0，单位秒",
)
@click.option(
    "--crypto",
    type=click.Choice([str(one) for one in CryptoProfile]),
    help="密码体系：international（默认）或 national（国密 SM2、SM3、SM4）",
)
@click.option("--push/--no-push", default=None, help="部端在下载之外同时主动推送申请，默认不推送")
@click.option("--only-keys", is_flag=True, help="仅生成密钥和设置")
@_port_options
def up(**options: Unpack[UpOptions]) -> int:
    """Start everything and show it at work."""
    with cli_errors(), ExitStack() as closing:
        folder = options["folder"]
        if folder is None and options["exit_when_done"]:
            folder = Path(closing.enter_context(TemporaryDirectory(prefix="duijie-")))
        folder = (folder or _default_folder(options["province"], options["crypto"])).resolve()
        plan = provision(folder, _plan_options(options))
        if options["only_keys"]:
            click.echo(f"密钥与设置已就绪：{folder}")
            return 0
        return asyncio.run(_run(folder, plan, options))


async def _run(folder: Path, plan: Plan, options: UpOptions) -> int:
    run_options = RunOptions(options["count"], options["exit_when_done"], options["as_json"])
    return await Demonstration(folder, plan, run_options, Console()).run()


def _default_folder(province: str | None, crypto: str | None) -> Path:
    """Return `var`, or a folder below it where province or cryptography is not the default."""
    defaults = {None, DEFAULT_PROVINCE, CryptoProfile.INTERNATIONAL}
    return _VAR.joinpath(*(str(one) for one in (province, crypto) if one not in defaults))


def _plan_options(options: UpOptions) -> PlanOptions:
    given = {
        "simulator": options["simulator_port"],
        "control": options["control_port"],
        "gateway": options["gateway_port"],
        "health": options["health_port"],
        "console": options["console_port"],
        "agency": options["agency_port"],
    }
    return PlanOptions(
        province=options["province"],
        store=options["store"],
        seed=options["seed"],
        decide_after_s=options["decide_after"],
        default_decide_after_s=0.0 if options["exit_when_done"] else _DECIDE_AFTER_S,
        crypto=CryptoProfile(options["crypto"]) if options["crypto"] else None,
        ports={name: port for name, port in given.items() if port is not None},
        use_free_ports=options["exit_when_done"],
        pushes=options["push"],
    )
