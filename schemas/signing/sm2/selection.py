"""Which back end computes SM2: the system's libcrypto, or plain Python that only verifies."""

from functools import cache

from schemas.signing.sm2.libcrypto import open_libcrypto
from schemas.signing.sm2.plain import PlainSm2
from schemas.signing.sm2.port import Sm2
from schemas.signing.sm2.self_test import self_test


@cache
def select_sm2() -> Sm2:
    """Return the system's libcrypto if it can do SM2, else plain Python that only verifies.

    Raises:
        SelfTestFailed: What was found does not reproduce the standard's example.
    """
    return choose_sm2(open_libcrypto())


def choose_sm2(library: Sm2 | None) -> Sm2:
    """Return `library`, or plain Python in its absence, after its self-test."""
    chosen = PlainSm2() if library is None else library
    self_test(chosen)
    return chosen
