"""用法错误: what is wrong with a command line, in Chinese; the library's own texts are English."""

import re
from collections.abc import Sequence

import click

_CHINESE = re.compile("[\u4e00-\u9fff]")


def usage_message(exc: click.UsageError) -> str:
    """Return what is wrong with the command line; a text of our own stays as it is."""
    return exc.message if _CHINESE.search(exc.message) else _described(exc)


def _described(exc: click.UsageError) -> str:
    match exc:
        case click.NoSuchOption():
            return f"没有选项 {exc.option_name}{_near(exc.possibilities)}"
        case click.NoSuchCommand():
            return f"没有命令 {exc.command_name}{_near(exc.possibilities)}"
        case click.MissingParameter():
            return f"缺少{_named(exc).rstrip()}"
        case click.BadParameter():
            return f"{_named(exc)}的取值不正确{_required(exc)}"
        case click.BadOptionUsage():
            return f"选项 {exc.option_name} 的用法不正确：缺少取值，或不应带取值"
        case _:
            return "参数的个数或写法不正确"


def _near(possibilities: Sequence[str] | None) -> str:
    return f"；相近的有 {'、'.join(possibilities)}" if possibilities else ""


def _named(exc: click.BadParameter) -> str:
    """Return the option by its longest name, or the argument by that of the help."""
    if exc.param is None:
        return "参数"
    if isinstance(exc.param, click.Option):
        return f"选项 {max(exc.param.opts, key=len)} "
    return f"参数 {exc.param.make_metavar(exc.ctx or click.Context(click.Command(None)))} "


def _required(exc: click.BadParameter) -> str:
    kind = exc.param.type if exc.param else None
    match kind:
        case click.Choice():
            return f"：须为 {'、'.join(map(str, kind.choices))} 之一"
        case click.IntRange():
            return f"：须为{_bounds(kind.min, kind.max)}整数"
        case click.FloatRange():
            return f"：须为{_bounds(kind.min, kind.max)}数值"
        case click.Path():
            return "：文件或文件夹不存在、类型不符或无权访问"
        case _:
            return "：须为整数" if kind is click.INT else ""


def _bounds(lowest: float | None, highest: float | None) -> str:
    if lowest is not None and highest is not None:
        return f" {lowest} 至 {highest} 的"
    if lowest is not None:
        return f"不小于 {lowest} 的"
    return "" if highest is None else f"不大于 {highest} 的"
