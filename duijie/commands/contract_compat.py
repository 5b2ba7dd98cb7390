"""`duijie contract compat`: what changed since another version, whom it breaks, in which order."""

import io
import json
import re
import subprocess
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import click

from contracts.compat.change_texts import (
    PAIRING_TEXTS,
    describe_allowance,
    describe_change,
)
from contracts.compat.changes import ORDERS, ContractChange, Pairing
from contracts.compat.compare import compare
from contracts.publish.export import PUBLISHED, files_in
from duijie.errors import USAGE, CliError
from duijie.options import json_option

BREAKING: Final = 5
RELEASED: Final = PUBLISHED.parent / "released"
"""The versions that were released, each as a comparison needs it."""
_VERSION: Final = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")
_GIT_TIMEOUT_S: Final = 60
_LONGEST_COUNTEREXAMPLE: Final = 400
_HELP: Final = """与另一版接口约定（契约）比较：不兼容变更及其影响、反例报文、升级次序。

Compare the contract with another version, a git revision or a folder: what breaks whom, a
counterexample that one version takes and the other refuses, or the rule by which a change breaks
nobody; whether old callers and new servers, new callers and old servers get on, and the safe order
of roll-out. Exit 5 when something breaks.

\b
示例
  duijie contract compat --base 1.0.0
  duijie contract compat --base ../released/contracts/v1 --json
"""


@click.command("compat", help=_HELP)
@click.option("--base", required=True, metavar="REF", help="旧版本：已发布的版本号、git 版本或目录")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=PUBLISHED,
    metavar="DIR",
    help="新版本所在目录",
)
@json_option("输出 JSON")
def compat(base: str, folder: Path, *, as_json: bool) -> int:
    """Compare with another version and print what breaks whom."""
    try:
        changes = compare(_base(base, folder), files_in(folder))
    except ValueError as exc:
        cause = f"文件不是合法的 JSON 对象或 UTF-8 表格\n原文：{exc}"
        raise CliError("接口约定文件无法读取", cause, "请执行 duijie contract lint", USAGE) from exc
    if as_json:
        click.echo(json.dumps([_record(change) for change in changes], ensure_ascii=False))
    else:
        click.echo("\n".join(map(_text, changes)) or "没有改动。")
        click.echo("\n".join(_verdict(changes)))
    return BREAKING if any(change.breaking for change in changes) else 0


def _verdict(changes: Sequence[ContractChange]) -> Iterator[str]:
    """Yield what becomes of each pair of an older and a newer side, and the order of roll-out."""
    broken = frozenset[Pairing]().union(*(change.breaks for change in changes))
    for direction in Pairing:
        count = sum(direction in change.breaks for change in changes)
        said = f"不兼容（{count} 项）" if count else "兼容"
        yield f"{PAIRING_TEXTS[direction]}：{said}"
    yield f"升级次序：{ORDERS[broken]}"


def _base(base: str, folder: Path) -> Mapping[str, bytes]:
    released = RELEASED / base
    if Path(base).is_dir():
        return files_in(Path(base))
    if _VERSION.fullmatch(base) and released.is_dir():
        return files_in(released)
    return _at_revision(base, folder)


def _at_revision(revision: str, folder: Path) -> Mapping[str, bytes]:
    """Return the files of `folder` as a git revision has them."""
    command = ["git", "archive", "--format=tar", revision, "."]
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, check=False, timeout=_GIT_TIMEOUT_S
        )
    except (OSError, subprocess.TimeoutExpired) as exc:
        cause = "没有 git，或 git 没有响应"
        raise CliError("无法读取旧版本", cause, "请安装 git，或给出目录", USAGE) from exc
    if done.returncode:
        message = done.stderr.decode("utf-8", "replace").strip()
        cure = "请用 git tag 列出版本，或给出旧版接口约定的目录"
        cause = f"版本名有误，或旧版没有接口约定\n原文：{message}"
        raise CliError(f"没有版本 {revision}", cause, cure, USAGE)
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        members = [member for member in archive.getmembers() if member.isfile()]
        read = ((member.name, archive.extractfile(member)) for member in members)
        return {name: file.read() for name, file in read if file is not None}


def _record(change: ContractChange) -> dict[str, object]:
    return {
        "rule": change.rule,
        "file": change.file,
        "place": change.place,
        "effect": change.impact.value,
        "params": change.params,
        "message": describe_change(change),
        "counterexample": None
        if change.counterexample is None
        else json.loads(change.counterexample),
        "roll_out": change.roll_out,
        "breaks": sorted(change.breaks),
        "allowance": change.allowance,
    }


def _text(change: ContractChange) -> str:
    lines = [f"{change.file}{change.place}  {change.rule}  {describe_change(change)}"]
    if change.breaking:
        lines.append(f"  次序：{change.roll_out}")
    if change.allowance is not None:
        lines.append(f"  不影响对接：{describe_allowance(change)}")
    elif change.counterexample:
        cut = "…" if len(change.counterexample) > _LONGEST_COUNTEREXAMPLE else ""
        lines.append(f"  反例：{change.counterexample[:_LONGEST_COUNTEREXAMPLE]}{cut}")
    return "\n".join(lines)
