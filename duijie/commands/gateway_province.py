"""`duijie gateway province`: a province's profile shown and checked, or the template of one."""

import json
from pathlib import Path
from typing import Final

import click

from duijie.cli_errors import cli_errors
from duijie.options import config_option, json_option
from duijie.province_report import province_record, province_sections
from duijie.tables import print_table
from gateway.adapters.profiles import TEMPLATE, load_province, read_profile
from gateway.domain.province import Province
from gateway.settings_file import load_settings

_HELP: Final = """省份配置：逐项列出并检查；新增一省时先输出模板。

Show and check a province's profile: deadlines, queues, grounds with their articles, form,
materials, channels, and what differs from the national rules. With --file that file, without it
the profile of the gateway's settings. Ends with 0 where nothing is wrong, with 2 where something
is; what and where is said.

\b
示例
  duijie gateway province --config var/gateway.toml
  duijie gateway province --template
  duijie gateway province --file 620000.yaml --json
"""


@click.command(help=_HELP)
@config_option("var/gateway.toml")
@click.option(
    "--file",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="检查这一份省份配置文件",
)
@click.option("--template", is_flag=True, help="输出模板：值为全国规定，每项附说明")
@json_option("输出 JSON")
def province(config: Path, file: Path | None, *, template: bool, as_json: bool) -> None:
    """Show and check a profile."""
    if template:
        if file is not None:
            raise click.UsageError("--template 与 --file 只能给出一项")
        click.echo(TEMPLATE.read_text(encoding="utf-8"), nl=False)
        return
    with cli_errors():
        shown = read_profile(file) if file is not None else _of_settings(config)
        national = read_profile(TEMPLATE)
    if as_json:
        click.echo(json.dumps(province_record(shown, national), ensure_ascii=False))
    else:
        _show(shown, national)


def _of_settings(config: Path) -> Province:
    settings = load_settings(config)
    return load_province(settings.province, settings.profile)


def _show(shown: Province, national: Province) -> None:
    click.echo(f"{shown.name}（{shown.division}）；默认适用文件：{shown.default_policy}")
    click.echo(f"全省通办：{shown.anywhere or '未启用'}")
    for section in province_sections(shown, national):
        click.echo(f"\n【{section.title}】{section.about or ''}")
        if section.rows:
            print_table(section.headings, section.rows)
        else:
            click.echo("无")
    click.echo("\n省份配置检查通过。")
