"""`duijie contract export | lint | docs | explain`."""

import json
from difflib import get_close_matches
from pathlib import Path
from typing import Final

import click

from contracts.catalogue.explain import Explained, explain, known_terms
from contracts.docs.page import page
from contracts.lint.linter import lint
from contracts.lint.violation_texts import describe_violation
from contracts.publish.export import PUBLISHED, changes
from contracts.publish.export import export as export_files
from duijie.errors import FAILED, USAGE, CliError
from duijie.options import json_option
from duijie.system_causes import system_cause

INVALID: Final = 4
_EXPORT_HELP: Final = """按记录与操作生成接口约定（契约）文件；重复生成，内容逐字节相同。

Write the contract's generated files and the lock over them: JSON Schema, OpenAPI, field catalogue,
error catalogue, code tables. Writing again changes no byte.

\b
示例
  duijie contract export
  duijie contract export --folder build/contract --check
"""
_LINT_HELP: Final = """检查接口约定（契约）文件：合法、可移植、完整、与记录一致。

Check the published files: valid, read alike everywhere, complete, up to date. Exit 4 when not.

\b
示例
  duijie contract lint
  duijie contract lint --json
"""
_EXPLAIN_HELP: Final = """解释条款、错误代码、数据项或状态：原文、原因、处理办法、证明。

Explain a clause, an error code, a member or a state.

\b
示例
  duijie contract explain NAT-32
  duijie contract explain duijie.conflict
  duijie contract explain aac147
"""
_DOCS_HELP: Final = """生成接口约定（契约）页：单个离线 HTML 文件，不访问任何地址。

Write the contract as one HTML page: operations, members, code tables, life of a case, signing step
by step, errors, clauses. Nothing is fetched when it is opened.

\b
示例
  duijie contract docs
  duijie contract docs --out contract.html
"""
_folder_option = click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=PUBLISHED,
    metavar="DIR",
    help="接口约定所在目录",
)


@click.command(help=_EXPORT_HELP)
@_folder_option
@click.option("--check", is_flag=True, help="仅比较，有差异时退出码为 4")
def export(folder: Path, *, check: bool) -> int:
    """Write the generated files, or only compare, and say what changed."""
    try:
        changed = sorted(changes(folder)) if check else export_files(folder)
    except OSError as exc:
        seen = f"{exc.filename}：{system_cause(exc)}"
        raise CliError(seen, "目录不可写", "请检查权限", FAILED) from exc
    for path in changed:
        click.echo(f"{'有差异' if check else '已更新'} {path}")
    click.echo(f"{len(changed)} 个文件有改动。" if changed else "接口约定文件均为最新。")
    return INVALID if check and changed else 0


@click.command("lint", help=_LINT_HELP)
@_folder_option
@json_option("输出 JSON")
def lint_contract(folder: Path, *, as_json: bool) -> int:
    """Check the published files and print what is wrong."""
    findings = lint(folder)
    if as_json:
        listed = [
            {
                "rule": one.rule,
                "file": one.file,
                "place": one.place,
                "message": describe_violation(one),
            }
            for one in findings
        ]
        click.echo(json.dumps(listed, ensure_ascii=False))
    else:
        for one in findings:
            click.echo(f"{one.file}{one.place}：{one.rule}：{describe_violation(one)}")
        click.echo(f"{len(findings)} 处问题。" if findings else "接口约定检查通过。")
    return INVALID if findings else 0


@click.command("docs", help=_DOCS_HELP)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("docs.html"),
    show_default=True,
    metavar="FILE",
    help="生成到哪个文件",
)
def docs(out: Path) -> None:
    """Write the page."""
    try:
        out.write_bytes(page())
    except OSError as exc:
        seen = f"{out}：{system_cause(exc)}"
        raise CliError(seen, "文件不可写", "请检查路径与权限", FAILED) from exc
    click.echo(f"已生成 {out}（{out.stat().st_size // 1024} KiB），用浏览器打开即可。")


@click.command("explain", help=_EXPLAIN_HELP)
@click.argument("term", metavar="TERM")
@json_option("输出 JSON")
def explain_term(term: str, *, as_json: bool) -> None:
    """Print what is known under a term."""
    found = explain(term)
    if not found:
        near = get_close_matches(term, known_terms(), n=3)
        cure = (
            f"相近的有：{'、'.join(near)}"
            if near
            else "请给出条款（如 NAT-32）或错误代码（如 outcome.conflict）"
        )
        raise CliError(f"没有“{term}”", "不是条款、错误代码、数据项或状态", cure, USAGE)
    if as_json:
        click.echo(json.dumps([_record(one) for one in found], ensure_ascii=False))
        return
    click.echo("\n\n".join(_block(one) for one in found))


def _record(one: Explained) -> dict[str, object]:
    return {"heading": one.heading, "lines": [list(line) for line in one.lines]}


def _block(one: Explained) -> str:
    return "\n".join((one.heading, *(f"  {word}：{text}" for word, text in one.lines)))
