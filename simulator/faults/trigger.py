"""Trigger (触发条件): at which calls an armed fault happens."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trigger:
    """When a fault happens: at the nth call, at the next `count` calls, or at every nth call.

    A call in which the fault finds nothing to do (a page without items to double) does not use it
    up.
    """

    nth: int | None = None
    count: int | None = None
    every: int | None = None

    def fires(self, seen: int, happened: int) -> bool:
        """Tell whether the fault meets call number `seen`, having happened so often before."""
        if self.nth is not None:
            return seen >= self.nth and happened == 0
        if self.every is not None:
            return seen % self.every == 0
        return happened < (1 if self.count is None else self.count)
