"""`duijie gateway form`: a case on the form of its province; masked, or on record unmasked."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Final, TypedDict, Unpack

import click
from pydantic import ValidationError

from duijie.cli_errors import cli_errors
from duijie.errors import FAILED, CliError
from duijie.form_content import form_rows
from duijie.form_files import FormFormat, form_csv, form_text, form_xlsx, write_form
from duijie.ledger_reader import open_ledger_reader
from duijie.ledger_writer import open_ledger_writer
from duijie.options import config_option, operator_name, written_text
from gateway.adapters.ledger.masking import mask_member
from gateway.adapters.profiles import load_province
from gateway.config import Settings
from gateway.domain.form_filling import FilledForm, fill_form, form_values, masked_form
from gateway.flows.case_disclosure import disclose_content
from gateway.ports.views import Views
from gateway.settings_file import load_settings
from schemas.records.applications import ForwardedApplication
from schemas.records.registrations import LocalRegistration
from schemas.reference.clock import utc_now
from schemas.reference.codes import CodeTables
from schemas.reference.divisions import DivisionTree

_HELP: Final = """登记表：将办件填入本省的表样；默认脱敏，未脱敏的须写明事由并留痕。

A case on the form of the province, as text, CSV or a workbook. NO is the number of an application,
or the key of a local registration. What the form has no box for is listed. Masked it is read
beside the running gateway; with --unmask, operator and reason go into the history of the case
first, and with SQLite the gateway must be stopped for that.

\b
示例
  duijie gateway form SYDJ2026112241010259753000001
  duijie gateway form SYDJ2026112241010259753000001 --format xlsx --out form.xlsx
  duijie gateway form SYDJ2026112241010259753000001 --unmask --reason 打印存档 --operator 李敏
"""


class _Unmasking(TypedDict):
    """The options about showing it unmasked."""

    unmask: bool
    reason: str | None
    operator: str | None


@click.command(help=_HELP)
@click.argument("number", metavar="NO")
@config_option("var/gateway.toml")
@click.option(
    "--format",
    "written_as",
    type=click.Choice([one.value for one in FormFormat]),
    default=FormFormat.TEXT.value,
    show_default=True,
    help="文本、CSV 或 Excel",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="写入文件，仅本用户可读；xlsx 必填",
)
@click.option("--unmask", is_flag=True, help="不脱敏；记入办理经过")
@click.option("--reason", metavar="TEXT", help="不脱敏的事由，加密存入办理经过")
@click.option("--operator", metavar="NAME", help="经手人，记入办理经过")
def form(
    number: str, config: Path, written_as: str, out: Path | None, **unmasking: Unpack[_Unmasking]
) -> None:
    """Show a case on the form of the province."""
    chosen = FormFormat(written_as)
    if chosen is FormFormat.XLSX and out is None:
        raise click.UsageError("Excel 文件须用 --out 写明文件")
    recorded = _recorded(unmasking)
    with cli_errors():
        filled = _filled(load_settings(config), number, recorded)
        _write(filled, chosen, out)


def _recorded(unmasking: _Unmasking) -> tuple[str, str] | None:
    """Return who is shown it unmasked, and why; None where it is masked."""
    reason, operator = unmasking["reason"], unmasking["operator"]
    if unmasking["unmask"]:
        return operator_name(operator), written_text("--reason", reason)
    if reason is not None or operator is not None:
        raise click.UsageError("--reason 与 --operator 仅与 --unmask 一同使用")
    return None


def _filled(settings: Settings, number: str, recorded: tuple[str, str] | None) -> FilledForm:
    layout = load_province(settings.province, settings.profile).form
    if recorded is None:
        content = asyncio.run(_read(settings, number))
    else:
        content = asyncio.run(_disclose(settings, number, *recorded))
    if content is None:
        cure = "请核对编号；duijie gateway cases 列出所有办件"
        raise CliError(f"没有办件 {number} 的内容", "编号不存在，或内容无法读取", cure, FAILED)
    values = form_values(_record(content, number))
    filled = fill_form(layout, values, tables=CodeTables.load(), tree=DivisionTree.load())
    return filled if recorded else masked_form(filled, values, mask_member)


async def _read(settings: Settings, number: str) -> bytes | None:
    async with open_ledger_reader(settings) as ledger:
        return (await ledger.read(partial(_contents, number=number))).get(number)


def _contents(views: Views, *, number: str) -> dict[str, bytes]:
    return dict(views.contents([number]))


async def _disclose(settings: Settings, number: str, operator: str, reason: str) -> bytes | None:
    async with open_ledger_writer(settings) as ledger:
        shown = await disclose_content(
            number, reason=reason, operator=operator, store=ledger.store, now=utc_now
        )
    return shown.content


def _record(content: bytes, number: str) -> ForwardedApplication | LocalRegistration:
    for model in (ForwardedApplication, LocalRegistration):
        try:
            return model.read(content)
        except ValidationError:
            continue
    cure = f"请查看 duijie gateway case {number}，由部端改正后重新转办"
    raise CliError(f"办件 {number} 无法填入登记表", "申请内容不符合接口约定", cure, FAILED)


def _write(filled: FilledForm, chosen: FormFormat, out: Path | None) -> None:
    rows = tuple(form_rows(filled))
    title = f"{filled.layout.title}（{filled.layout.source}）"
    match chosen:
        case FormFormat.TEXT:
            data = f"{form_text(title, rows)}\n".encode()
        case FormFormat.CSV:
            data = form_csv(rows)
        case FormFormat.XLSX:
            data = form_xlsx(title, rows)
    if out is None:
        click.echo(data.decode("utf-8-sig"), nl=False)
        return
    write_form(out, data)
    click.echo(f"已生成 {out}。")
