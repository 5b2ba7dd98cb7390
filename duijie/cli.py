"""命令行: the tree of commands, and how a usage error or a failure is printed."""

from collections.abc import Sequence
from typing import Final

import click

from duijie.errors import USAGE, CliError
from duijie.lazy_group import CommandRef, LazyGroup

_C: Final = "duijie.commands"

GATEWAY: Final = {
    "serve": CommandRef(f"{_C}.gateway_serve", "serve", "运行网关 / run the gateway"),
    "poll": CommandRef(f"{_C}.gateway_poll", "poll", "立即下载一次 / ingest what is waiting"),
    "cases": CommandRef(f"{_C}.gateway_cases", "cases", "办件列表 / list cases by due date"),
    "release": CommandRef(
        f"{_C}.gateway_release", "release", "释放挂起的办件 / let held cases go on"
    ),
    "keys": CommandRef("duijie.cli", "gateway_keys", "台账密钥 / the keys of the ledger"),
    "case": CommandRef(f"{_C}.gateway_case", "case", "单个办件及经过 / one case and its history"),
    "audit": CommandRef("duijie.cli", "audit", "核对台账是否被改动 / was the ledger altered"),
    "ledger": CommandRef("duijie.cli", "ledger", "恢复备份后认可台账 / accept a restored backup"),
    "resend": CommandRef(
        f"{_C}.gateway_resend", "resend_messages", "重发被拒收的报文 / send refused messages again"
    ),
}
AUDIT: Final = {
    "verify": CommandRef(
        f"{_C}.gateway_audit", "verify", "逐件核对办件经过 / verify every history"
    ),
}
LEDGER: Final = {
    "accept-restored": CommandRef(
        f"{_C}.gateway_ledger", "accept_restored", "认可恢复的备份 / accept a restored backup"
    ),
}
GATEWAY_KEYS: Final = {
    "status": CommandRef(f"{_C}.gateway_keys", "status", "代次与使用情况 / epochs and uses"),
    "prepare": CommandRef(f"{_C}.gateway_keys", "prepare", "加入新密钥 / add a key"),
    "activate": CommandRef(f"{_C}.gateway_keys", "activate", "启用新密钥 / seal under it"),
    "retire": CommandRef(f"{_C}.gateway_keys", "retire", "删除旧密钥 / remove old keys"),
}
AGENCY: Final = {
    "check": CommandRef(
        f"{_C}.agency_check", "check", "试连一个机构，说明原因 / ping it, and why it failed"
    ),
}
SIMULATOR: Final = {
    "serve": CommandRef(f"{_C}.simulator_serve", "serve", "运行国家端模拟器 / run the simulator"),
    "file": CommandRef(
        f"{_C}.simulator_file", "file", "申报若干模拟申请 / file synthetic applications"
    ),
    "fault": CommandRef(
        f"{_C}.simulator_fault", "fault", "故障：列出、设置、清除 / list, arm, clear faults"
    ),
}

CONTRACT: Final = {
    "export": CommandRef(f"{_C}.contract", "export", "写出契约文件 / write the contract"),
    "lint": CommandRef(f"{_C}.contract", "lint_contract", "检查契约 / check it"),
    "compat": CommandRef(f"{_C}.contract_compat", "compat", "与旧版比较 / what breaks whom"),
    "docs": CommandRef(f"{_C}.contract", "docs", "契约页 / one page to read"),
    "explain": CommandRef(f"{_C}.contract", "explain_term", "解释条款、错误 / explain a term"),
}

_EXAMPLES: Final = """对接：省级失业登记对接网关、国家端模拟器与契约的命令行。

The command line over the gateway, the simulator of the national side, and the contract.

\b
示例 EXAMPLE
  duijie up                                  一条命令看全程 / see it all
  duijie up --count 200 --exit-when-done     办完即退出 / end when all are back
  duijie gateway cases --overdue             逾期办件 / overdue cases
"""
_GATEWAY: Final = """省级网关：接收转办、分派、回传。

The gateway of a province: ingests, dispatches, reports.

\b
示例 EXAMPLE
  duijie gateway serve --config var/gateway.toml
  duijie gateway cases --config var/gateway.toml --state HELD
"""
_AGENCY: Final = """经办机构：试连推送型机构的系统。

Agencies: whether the system of one that takes pushes can be reached and believed.

\b
示例 EXAMPLE
  duijie agency check 4101050001 --config var/gateway.toml
"""
_SIMULATOR: Final = """国家端模拟器：统一入口与模拟经办机构。

The simulator of the national side, with stand-in agencies.

\b
示例 EXAMPLE
  duijie simulator serve --config var/simulator.toml
  duijie simulator file --count 5 --place 419001
"""
_AUDIT: Final = """核对台账：办件和办件经过有没有被人绕过网关改动。

Whether cases or their histories were altered behind the gateway's back.

\b
示例 EXAMPLE
  duijie gateway audit verify --config var/gateway.toml
"""
_LEDGER: Final = """台账文件：恢复备份之后由操作员认可，网关才会用它启动。

The file of the ledger: a backup that was restored is accepted by an operator.

\b
示例 EXAMPLE
  duijie gateway ledger accept-restored --operator 李敏
"""
_CONTRACT: Final = """契约：写出、检查、比较、阅读、解释。

The contract: written out, checked, compared, shown, explained.

\b
示例 EXAMPLE
  duijie contract lint
  duijie contract compat --base HEAD~1
  duijie contract explain NAT-32
"""

_KEYS: Final = """台账密钥：查看、加入、启用、删除；网关运行时更换，不停机。

The data keys of the ledger, exchanged while the gateway runs.

\b
示例 EXAMPLE
  duijie gateway keys status
  duijie gateway keys prepare
"""

gateway_keys: Final = LazyGroup("keys", GATEWAY_KEYS, text=_KEYS)
gateway: Final = LazyGroup("gateway", GATEWAY, text=_GATEWAY)
audit: Final = LazyGroup("audit", AUDIT, text=_AUDIT)
ledger: Final = LazyGroup("ledger", LEDGER, text=_LEDGER)
agency: Final = LazyGroup("agency", AGENCY, text=_AGENCY)
simulator: Final = LazyGroup("simulator", SIMULATOR, text=_SIMULATOR)
contract: Final = LazyGroup("contract", CONTRACT, text=_CONTRACT)
COMMANDS: Final = {
    "up": CommandRef(f"{_C}.up", "up", "全部启动并演示往返 / start everything, show it at work"),
    "gateway": CommandRef("duijie.cli", "gateway", "省级网关 / the gateway of a province"),
    "agency": CommandRef("duijie.cli", "agency", "经办机构的连接 / the link to an agency"),
    "simulator": CommandRef(
        "duijie.cli", "simulator", "国家端模拟器 / the national side, simulated"
    ),
    "contract": CommandRef("duijie.cli", "contract", "对接契约 / the contract of the docking"),
    "doctor": CommandRef(
        f"{_C}.doctor", "doctor", "体检：原因与办法 / what is wrong, and the cure"
    ),
    "bench": CommandRef(
        f"{_C}.bench", "bench", "性能指标与同机上限 / figures, each beside its limit"
    ),
}
root: Final = LazyGroup("duijie", COMMANDS, text=_EXAMPLES)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; an expected failure is printed as one block."""
    try:
        answer: object = root.main(list(arguments), prog_name="duijie", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as exc:
        click.echo(exc.ctx.get_help())
        return 0
    except click.UsageError as exc:
        return _print_error(_usage_error(exc))
    except click.ClickException as exc:
        message = exc.format_message()
        return _print_error(CliError(message, "文件或参数不可用", "核对后重试", exc.exit_code))
    except click.Abort:
        return 130
    except CliError as exc:
        return _print_error(exc)
    return answer if isinstance(answer, int) else 0


def _usage_error(exc: click.UsageError) -> CliError:
    path = exc.ctx.command_path if exc.ctx else "duijie"
    return CliError(
        f"{path}：{exc.format_message()}",
        "命令、选项或取值写错了",
        f"查看用法：{path} --help",
        USAGE,
    )


def _print_error(error: CliError) -> int:
    click.echo(error.block(), err=True)
    return error.exit_code
