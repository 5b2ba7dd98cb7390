"""Which types the columns of a row have: SQLite keeps any value in any column."""

from collections.abc import Callable
from typing import Final, Generic, NamedTuple, TypeVar, get_args, get_type_hints

DAMAGED: Final = (ValueError, TypeError, LookupError, ArithmeticError, RecursionError)
"""What making an object of a damaged row raises: an unknown word, an instant beyond every date."""
R = TypeVar("R", bound=NamedTuple)


class RowShape(Generic[R]):
    """Makes named rows of one class, and refuses values of other types than it declares."""

    def __init__(self, row_class: type[R]) -> None:
        hints = get_type_hints(row_class)
        self._make: Callable[..., R] = row_class
        self._names = tuple(hints)
        self._allowed = tuple(get_args(hint) or (hint,) for hint in hints.values())
        self._seen: set[tuple[type, ...]] = set()

    def row(self, values: tuple[object, ...]) -> R:
        """Return the values under their names.

        Raises:
            TypeError: A column holds a value of another type; it is named, its value is not.
        """
        types = tuple(map(type, values))
        if types not in self._seen:
            self._check(types)
            self._seen.add(types)
        return self._make(*values)

    def _check(self, types: tuple[type, ...]) -> None:
        for name, found, allowed in zip(self._names, types, self._allowed, strict=True):
            if found not in allowed:
                raise TypeError(f"column {name} holds {found.__name__}")
