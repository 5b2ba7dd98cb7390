"""The tree of errors in the module's docstring is the tree of the classes."""

import re
from typing import Final

from gateway import errors
from gateway.errors import GatewayError

CLASSES: Final = tuple(
    one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, GatewayError)
)


def drawn(text: str) -> dict[str, str]:
    """Return the drawn tree as class → base."""
    bases, path = {}, ["GatewayError"]
    for line in text.splitlines():
        found = re.fullmatch(r"    ((?:│   |    )*)[├└]── (\w+) .*", line)
        if found:
            depth = len(found[1]) // 4 + 1
            path[depth:] = [found[2]]
            bases[found[2]] = path[depth - 1]
    return bases


def test_the_drawing_is_the_tree() -> None:
    tree = {one.__name__: one.__bases__[0].__name__ for one in CLASSES if one is not GatewayError}

    assert drawn(errors.__doc__ or "") == tree


def test_every_error_has_a_stable_code() -> None:
    assert all(re.fullmatch(r"[a-z]+\.[a-z-]+", one.code) for one in CLASSES)
