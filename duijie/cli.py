"""命令行: the tree of commands, and how a usage error or a failure is printed."""

from collections.abc import Sequence
from typing import Final

import click

from duijie.errors import USAGE, CliError
from duijie.lazy_group import CommandRef, LazyGroup
from duijie.usage_errors import usage_message

_C: Final = "duijie.commands"

GATEWAY: Final = {
    "serve": CommandRef(f"{_C}.gateway_serve", "serve", "运行网关"),
    "poll": CommandRef(f"{_C}.gateway_poll", "poll", "立即下载一次"),
    "cases": CommandRef(f"{_C}.gateway_cases", "cases", "办件列表"),
    "assign": CommandRef(f"{_C}.gateway_assign", "assign", "改派至另一经办机构"),
    "return": CommandRef(f"{_C}.gateway_return", "return_", "退回部端：不由本省办理的申请"),
    "hold": CommandRef(f"{_C}.gateway_hold", "hold", "挂起办件"),
    "annotate": CommandRef(f"{_C}.gateway_annotate", "annotate", "备注办件"),
    "release": CommandRef(f"{_C}.gateway_release", "release", "释放挂起的办件"),
    "agencies": CommandRef("duijie.cli", "gateway_agencies", "机构清单：列出、导出、导入"),
    "keys": CommandRef("duijie.cli", "gateway_keys", "台账密钥"),
    "case": CommandRef(f"{_C}.gateway_case", "case", "单个办件及经过"),
    "audit": CommandRef("duijie.cli", "audit", "核对台账是否被改动"),
    "ledger": CommandRef("duijie.cli", "ledger", "恢复备份后认可台账"),
    "overdue": CommandRef(f"{_C}.gateway_overdue", "overdue", "逾期和将到期的办件"),
    "scoreboard": CommandRef(f"{_C}.gateway_scoreboard", "scoreboard", "考核统计：按市四类问题"),
    "notices": CommandRef(f"{_C}.gateway_notices", "notices", "注销后尚待告知的人员"),
    "form": CommandRef(f"{_C}.gateway_form", "form", "按本省表样填写登记表"),
    "province": CommandRef(f"{_C}.gateway_province", "province", "省份配置：列出与检查"),
    "tables": CommandRef("duijie.cli", "tables", "代码表和行政区划的版本"),
    "resend": CommandRef(f"{_C}.gateway_resend", "resend_messages", "重发被拒收的报文"),
    "reconcile": CommandRef(f"{_C}.gateway_reconcile", "reconcile", "与部端对账"),
    "discrepancies": CommandRef(f"{_C}.gateway_discrepancies", "discrepancies", "对账差异"),
}
AUDIT: Final = {
    "verify": CommandRef(f"{_C}.gateway_audit", "verify", "逐件核对办理经过"),
    "disclosures": CommandRef(f"{_C}.gateway_disclosures", "disclosures", "脱敏解除记录"),
}
LEDGER: Final = {
    "accept-restored": CommandRef(f"{_C}.gateway_ledger", "accept_restored", "认可恢复的备份"),
}
GATEWAY_AGENCIES: Final = {
    "list": CommandRef(f"{_C}.gateway_agencies_list", "agencies_list", "现行清单或某一版本"),
    "versions": CommandRef(f"{_C}.gateway_agencies_versions", "agencies_versions", "各个版本"),
    "export": CommandRef(f"{_C}.gateway_agencies_export", "agencies_export", "导出为文件"),
    "import": CommandRef(f"{_C}.gateway_agencies_import", "agencies_import", "由文件生成新版本"),
}
GATEWAY_KEYS: Final = {
    "status": CommandRef(f"{_C}.gateway_keys", "status", "代次与使用情况"),
    "prepare": CommandRef(f"{_C}.gateway_keys", "prepare", "加入新密钥"),
    "activate": CommandRef(f"{_C}.gateway_keys", "activate", "启用新密钥"),
    "retire": CommandRef(f"{_C}.gateway_keys", "retire", "删除旧密钥"),
}
TABLES: Final = {
    "show": CommandRef(f"{_C}.gateway_tables", "show", "生效、待定的版本和历次决定"),
    "fetch": CommandRef(f"{_C}.gateway_tables", "fetch", "立即从部端取得"),
    "compare": CommandRef(f"{_C}.gateway_tables", "compare", "与生效的版本比较"),
    "adopt": CommandRef(f"{_C}.gateway_tables_decide", "adopt", "自某日起启用"),
    "reject": CommandRef(f"{_C}.gateway_tables_decide", "reject", "不采用"),
}
AGENCY: Final = {
    "check": CommandRef(f"{_C}.agency_check", "check", "试连一个经办机构，说明原因"),
}
SIMULATOR: Final = {
    "serve": CommandRef(f"{_C}.simulator_serve", "serve", "运行部端模拟器"),
    "file": CommandRef(f"{_C}.simulator_file", "file", "申报若干模拟申请"),
    "register": CommandRef(f"{_C}.simulator_register", "register", "在经办机构受理若干人"),
    "deregister": CommandRef(f"{_C}.simulator_deregister", "deregister", "由经办机构注销登记"),
    "push": CommandRef(f"{_C}.simulator_push", "push", "主动推送：查看、开启、停止"),
    "close-day": CommandRef(f"{_C}.simulator_close_day", "close_day", "提前生成当日对账单"),
    "tables": CommandRef(f"{_C}.simulator_tables", "tables", "代码表和区划：查看、更换演练版本"),
    "fault": CommandRef(f"{_C}.simulator_fault", "fault", "故障：列出、设置、清除"),
}

CONTRACT: Final = {
    "export": CommandRef(f"{_C}.contract", "export", "生成接口约定文件"),
    "lint": CommandRef(f"{_C}.contract", "lint_contract", "检查接口约定"),
    "compat": CommandRef(f"{_C}.contract_compat", "compat", "与旧版本比较"),
    "docs": CommandRef(f"{_C}.contract", "docs", "生成接口约定页"),
    "explain": CommandRef(f"{_C}.contract", "explain_term", "解释条款、错误代码、数据项、状态"),
}

_EXAMPLES: Final = """对接：省级失业登记对接网关、部端模拟器与接口约定（契约）的命令行。

The command line over the gateway, the simulator of the national side, and the contract.

\b
示例
  duijie up                                  启动全部并演示
  duijie up --count 200 --exit-when-done     全部办结后退出
  duijie gateway cases --overdue             列出逾期办件
"""
_GATEWAY: Final = """省级网关：接收转办申请、分派、上传审核结果。

The gateway of a province: ingests, dispatches, reports.

\b
示例
  duijie gateway serve --config var/gateway.toml
  duijie gateway cases --config var/gateway.toml --state HELD
"""
_AGENCY: Final = """经办机构：试连推送型经办机构的系统。

Agencies: whether the system of one that takes pushes can be reached and believed.

\b
示例
  duijie agency check 4101000001 --config var/gateway.toml
"""
_SIMULATOR: Final = """部端模拟器：模拟的申请入口与模拟经办机构。

The simulator of the national side, with stand-in agencies.

\b
示例
  duijie simulator serve --config var/simulator.toml
  duijie simulator file --count 5 --place 419001
"""
_AUDIT: Final = """核对台账：办件和办理经过是否被绕过网关改动。

Whether cases or their histories were altered behind the gateway's back.

\b
示例
  duijie gateway audit verify --config var/gateway.toml
"""
_LEDGER: Final = """台账文件：恢复备份后须由经手人认可，网关方以其启动。

The file of the ledger: a backup that was restored is accepted by an operator.

\b
示例
  duijie gateway ledger accept-restored --operator 李敏
"""
_CONTRACT: Final = """接口约定（契约）：生成、检查、比较、阅读、解释。

The contract: written out, checked, compared, shown, explained.

\b
示例
  duijie contract lint
  duijie contract compat --base HEAD~1
  duijie contract explain NAT-32
"""

_KEYS: Final = """台账密钥：查看、加入、启用、删除；网关运行时更换，无须停机。

The data keys of the ledger, exchanged while the gateway runs.

\b
示例
  duijie gateway keys status
  duijie gateway keys prepare
"""

_AGENCIES: Final = """机构清单：版本存于台账，以文件修改，自动发布至部端。

The agency directory: versions in the ledger, edited by file, published to the national side.

\b
示例
  duijie gateway agencies list
  duijie gateway agencies export agencies.xlsx
  duijie gateway agencies import agencies.xlsx --dry-run
"""

gateway_agencies: Final = LazyGroup("agencies", GATEWAY_AGENCIES, text=_AGENCIES)
_TABLES: Final = """代码表和行政区划：从部端取得，与生效的版本比较，由经手人自某日起启用。

Code tables and divisions: fetched, compared, and put in force by an operator's decision.

\b
示例
  duijie gateway tables show
  duijie gateway tables fetch
"""

gateway_keys: Final = LazyGroup("keys", GATEWAY_KEYS, text=_KEYS)
gateway: Final = LazyGroup("gateway", GATEWAY, text=_GATEWAY)
audit: Final = LazyGroup("audit", AUDIT, text=_AUDIT)
tables: Final = LazyGroup("tables", TABLES, text=_TABLES)
ledger: Final = LazyGroup("ledger", LEDGER, text=_LEDGER)
agency: Final = LazyGroup("agency", AGENCY, text=_AGENCY)
simulator: Final = LazyGroup("simulator", SIMULATOR, text=_SIMULATOR)
contract: Final = LazyGroup("contract", CONTRACT, text=_CONTRACT)
COMMANDS: Final = {
    "up": CommandRef(f"{_C}.up", "up", "启动全部程序并演示往返"),
    "gateway": CommandRef("duijie.cli", "gateway", "省级网关"),
    "agency": CommandRef("duijie.cli", "agency", "经办机构的连接"),
    "simulator": CommandRef("duijie.cli", "simulator", "部端模拟器"),
    "contract": CommandRef("duijie.cli", "contract", "接口约定"),
    "doctor": CommandRef(f"{_C}.doctor", "doctor", "自检：原因与处理办法"),
    "bench": CommandRef(f"{_C}.bench", "bench", "性能指标及同机上限"),
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
        opened = exc.ui_filename if isinstance(exc, click.FileError) else type(exc).__name__
        return _print_error(CliError(opened, "文件或参数不可用", "请核对后重试", exc.exit_code))
    except click.Abort:
        return 130
    except CliError as exc:
        return _print_error(exc)
    return answer if isinstance(answer, int) else 0


def _usage_error(exc: click.UsageError) -> CliError:
    path = exc.ctx.command_path if exc.ctx else "duijie"
    return CliError(
        f"{path}：{usage_message(exc)}",
        "命令、选项或取值有误",
        f"请查看用法：{path} --help",
        USAGE,
    )


def _print_error(error: CliError) -> int:
    click.echo(error.block(), err=True)
    return error.exit_code
