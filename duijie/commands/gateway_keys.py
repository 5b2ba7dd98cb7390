"""`duijie gateway keys …`: the keys of the ledger are exchanged while the gateway runs."""

import asyncio
import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

import click

from duijie.cli_errors import cli_errors
from duijie.errors import FAILED, CliError
from duijie.ledger_reader import find_replaced_ledger, open_ledger_reader
from duijie.options import config_option, json_option
from duijie.tables import print_table
from gateway.config import Settings
from gateway.settings_file import load_settings
from storage import sealing_keys
from storage.errors import HeadFault
from storage.key_uses import MAX_USES
from storage.sealing import LedgerKeys, Sealer
from storage.urls import sqlite_path

_HEADINGS: Final = ("代次", "状态", "加密行", "已用次数占上限的比例")
_IN_CLEAR: Final = 0
"""Under which epoch what earlier programs stored in clear is counted."""
_RELOAD: Final = "请对每个网关进程发送 SIGHUP（kill -HUP <进程号>）"
_STATUS_HELP: Final = """台账密钥：代次、状态、各代密钥加密的行数、已用次数。

The keys of the ledger: epoch, state, rows sealed under each, uses. It only reads.
Epoch 0 counts what earlier programs stored in clear and the gateway has not sealed yet.

\b
示例
  duijie gateway keys status --config var/gateway.toml
"""
_PREPARE_HELP: Final = """加入新一代台账密钥（数据密钥和索引密钥），暂不启用。

Add a data key and an index key to the key file, not in use yet. Reload every gateway process
afterwards.

\b
示例
  duijie gateway keys prepare --config var/gateway.toml
"""
_ACTIVATE_HELP: Final = """启用最新一代台账密钥；网关随后分批重新加密、重新索引已有的行。

Use the newest keys. After the reload the gateway seals and indexes the old rows again, in steps.

\b
示例
  duijie gateway keys activate --config var/gateway.toml
"""
_RETIRE_HELP: Final = """删除不再有任何行使用的旧台账密钥。

Remove the keys of the epochs under which no row is sealed any more.

\b
示例
  duijie gateway keys retire --config var/gateway.toml
"""


class _InLedger(NamedTuple):
    """What the ledger says of its keys, by epoch."""

    rows: Mapping[int, int]
    uses: Mapping[int, int]


@click.command(help=_STATUS_HELP)
@config_option("var/gateway.toml")
@json_option("输出 JSON")
def status(config: Path, *, as_json: bool) -> int:
    """Show the data keys."""
    with cli_errors():
        settings = load_settings(config)
        keys = sealing_keys.load(settings.ledger_keys, settings.crypto_profile)
        found = asyncio.run(_in_ledger(settings))
    rows = [
        (epoch, _state(keys, epoch), found.rows.get(epoch, 0), found.uses.get(epoch, 0) / MAX_USES)
        for epoch in sorted({*keys.data, *found.rows})
    ]
    if as_json:
        names = ("epoch", "state", "rows", "uses")
        click.echo(json.dumps([dict(zip(names, row, strict=True)) for row in rows]))
        return 0
    shown = [(str(epoch), state, str(count), f"{used:.2%}") for epoch, state, count, used in rows]
    print_table(_HEADINGS, shown)
    return 0


@click.command(help=_PREPARE_HELP)
@config_option("var/gateway.toml")
def prepare(config: Path) -> None:
    """Add a data key."""
    with cli_errors():
        settings = load_settings(config)
        keys = sealing_keys.prepare(settings.ledger_keys)
    click.echo(f"已加入第 {max(keys.data)} 代密钥。请备份密钥文件，并分发至每个副本。{_RELOAD}。")


@click.command(help=_ACTIVATE_HELP)
@config_option("var/gateway.toml")
def activate(config: Path) -> None:
    """Seal under the newest data key."""
    with cli_errors():
        settings = load_settings(config)
        keys = sealing_keys.activate(settings.ledger_keys)
    click.echo(f"已启用第 {keys.epoch} 代密钥。{_RELOAD}，网关随后分批重新加密。")


@click.command(help=_RETIRE_HELP)
@config_option("var/gateway.toml")
def retire(config: Path) -> int:
    """Remove the data keys that nothing needs."""
    with cli_errors():
        settings = load_settings(config)
        found = asyncio.run(_in_ledger(settings))
        keys = sealing_keys.load(settings.ledger_keys)
        needed = {epoch for epoch in keys.data if epoch >= keys.epoch or found.rows.get(epoch)}
        old = sorted(epoch for epoch in needed if epoch < keys.epoch)
        if old:
            raise CliError(
                "旧密钥仍在使用",
                f"第 {old[0]} 代密钥仍有 {found.rows[old[0]]} 行",
                "请待网关重新加密完成后再执行；进度见 duijie gateway keys status",
                FAILED,
            )
        removed = sorted(set(keys.data) - needed)
        if _proves_the_head(settings, keys, removed):
            raise CliError(
                "旧密钥仍在使用",
                "台账进度文件仍由旧密钥证明，删除后网关将无法启动",
                "网关运行时每分钟更新进度文件，请一分钟后再执行",
                FAILED,
            )
        sealing_keys.retire(settings.ledger_keys, removed)
    click.echo(f"已删除 {len(removed)} 个旧密钥。{_RELOAD}。")
    return 0


def _proves_the_head(settings: Settings, keys: LedgerKeys, removed: Collection[int]) -> bool:
    """Whether the head of the SQLite file (进度文件) could not be read without some keys."""
    path = sqlite_path(settings.store)
    if path is None or not removed:
        return False
    left = replace(
        keys,
        data={epoch: key for epoch, key in keys.data.items() if epoch not in removed},
        index={epoch: key for epoch, key in keys.index.items() if epoch not in removed},
    )
    found = find_replaced_ledger(path, Sealer(left))
    return found is not None and found.fault is HeadFault.HEAD_ALTERED


async def _in_ledger(settings: Settings) -> _InLedger:
    async with open_ledger_reader(settings) as ledger:
        return await ledger.read(lambda views: _InLedger(views.rows_by_epoch(), views.key_uses()))


def _state(keys: LedgerKeys, epoch: int) -> str:
    if epoch == _IN_CLEAR:
        return "未加密"
    if epoch not in keys.data:
        return "缺失"
    if epoch == keys.epoch:
        return "启用"
    return "待启用" if epoch > keys.epoch else "只用于解密"
