"""Commands that are imported when they are called, so that `--help` answers at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Final

import click

WIDTH: Final = 100


@dataclass(frozen=True, slots=True)
class Place:
    """Where a command stands, and the line a list of commands shows for it."""

    module: str
    name: str
    line: str


class LazyGroup(click.Group):
    """A group that knows its commands by name and line only, until one of them is wanted."""

    def __init__(self, name: str, places: Mapping[str, Place], *, text: str) -> None:
        settings = {"max_content_width": WIDTH, "help_option_names": ["-h", "--help"]}
        super().__init__(name, help=text, no_args_is_help=True, context_settings=settings)
        self._places = places

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table: the way a newcomer meets them."""
        return list(self._places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command; None when there is none of that name."""
        place = self._places.get(cmd_name)
        if place is None:
            return None
        command: object = getattr(import_module(place.module), place.name)
        if not isinstance(command, click.Command):
            raise TypeError(f"{place.module}.{place.name} is no command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command of `args`; an unknown name is answered with the nearest one."""
        if args[0] not in self._places and not args[0].startswith("-"):
            raise click.NoSuchCommand(args[0], possibilities=self._places, ctx=ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing one."""
        with formatter.section("命令 Commands"):
            formatter.write_dl([(name, place.line) for name, place in self._places.items()])
