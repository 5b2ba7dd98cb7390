"""The curve of SM2 in plain Python: its points, added and multiplied, and read and written as keys.

Nothing here is constant-time: it is for public values, and for private ones on demand only.

Source: GB/T 32918.1, .5 (GM/T 0003).
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

from schemas.signing.key_reasons import KeyReason
from schemas.signing.signature_errors import KeyRejected, SignatureErrorCode

# The recommended curve of GB/T 32918.5: y² = x³ - 3x + b over the integers mod p.
P: Final = 0xFFFFFFFE_FFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFF_00000000_FFFFFFFF_FFFFFFFF
B: Final = 0x28E9FA9E_9D9F5E34_4D5A9E4B_CF6509A7_F39789F5_15AB8F92_DDBCBD41_4D940E93
N: Final = 0xFFFFFFFE_FFFFFFFF_FFFFFFFF_FFFFFFFF_7203DF6B_21C6052B_53BBF409_39D54123
_GX: Final = 0x32C4AE2C_1F198119_5F990446_6A39C994_8FE30BBF_F2660BE1_715A4589_334C74C7
_GY: Final = 0xBC3736A2_F4F6779C_59BDCEE3_6B692153_D0A9877C_C62A4740_02DF32E5_2139F0A0

SCALAR_BYTES: Final = 32
POINT_BYTES: Final = 65
_UNCOMPRESSED: Final = 4
_COMB_BITS: Final = 8
_NAF_WIDTH: Final = 5

Affine = tuple[int, int]
Jacobian = tuple[int, int, int]  # x = X/Z², y = Y/Z³; Z = 0 is the point at infinity
INFINITY: Final[Jacobian] = (1, 1, 0)
G: Final[Affine] = (_GX, _GY)


def read_point(point: bytes) -> Affine:
    """Return the coordinates of `04‖X‖Y`, 65 bytes.

    Raises:
        KeyRejected: `key.malformed`: another form, or not a point of the curve.
    """
    if len(point) != POINT_BYTES or point[0] != _UNCOMPRESSED:
        raise KeyRejected(SignatureErrorCode.KEY_MALFORMED, KeyReason.SM2_FORM.at())
    x, y = int.from_bytes(point[1:33], "big"), int.from_bytes(point[33:], "big")
    if x >= P or y >= P or (y * y - x * x * x + 3 * x - B) % P:
        raise KeyRejected(SignatureErrorCode.KEY_MALFORMED, KeyReason.SM2_OFF_CURVE.at())
    return x, y


def check_scalar(scalar: bytes) -> None:
    """Raise `KeyRejected` unless `scalar` is 32 bytes of a number from 1 to n - 2."""
    if len(scalar) != SCALAR_BYTES or not 1 <= int.from_bytes(scalar, "big") <= N - 2:
        raise KeyRejected(SignatureErrorCode.KEY_MALFORMED, KeyReason.SM2_NUMBER.at())


def write_point(d: int) -> bytes:
    """Return the public key `04‖X‖Y` of the private key `d`."""
    ((x, y),) = to_affine([add_base(INFINITY, d)])
    return bytes([_UNCOMPRESSED]) + x.to_bytes(32, "big") + y.to_bytes(32, "big")


def _double(point: Jacobian) -> Jacobian:
    x, y, z = point
    delta, gamma = z * z % P, y * y % P
    beta = x * gamma % P
    alpha = 3 * (x - delta) * (x + delta) % P
    x3 = (alpha * alpha - 8 * beta) % P
    return x3, (alpha * (4 * beta - x3) - 8 * gamma * gamma) % P, 2 * y * z % P


def _add(point: Jacobian, other: Affine) -> Jacobian:
    x, y, z = point
    if z == 0:
        return other[0], other[1], 1
    zz = z * z % P
    h = (other[0] * zz - x) % P
    r = (other[1] * z * zz - y) % P
    if h == 0:
        return INFINITY if r else _double(point)
    hh = h * h % P
    hhh, v = h * hh % P, x * hh % P
    x3 = (r * r - hhh - 2 * v) % P
    return x3, (r * (v - x3) - y * hhh) % P, z * h % P


def to_affine(points: Sequence[Jacobian]) -> list[Affine]:
    """Return finite points in affine form, all with one inversion (Montgomery)."""
    products = [1]
    for _, _, z in points:
        products.append(products[-1] * z % P)
    inverse = pow(products[-1], -1, P)
    done: list[Affine] = []
    for (x, y, z), product in zip(reversed(points), reversed(products[:-1]), strict=True):
        own, inverse = inverse * product % P, inverse * z % P
        square = own * own % P
        done.append((x * square % P, y * square * own % P))
    return done[::-1]


@cache
def _comb() -> list[Affine]:
    """Return j·2^(8i)·G at 255·i + j - 1: 32 rows of 255; about 50 ms, once."""
    table: list[Affine] = []
    base = G
    for _ in range(SCALAR_BYTES):
        row: list[Jacobian] = [(*base, 1)]
        while len(row) < 1 << _COMB_BITS:
            row.append(_add(row[-1], base))
        *kept, base = to_affine(row)  # the 256th is the next row's first
        table += kept
    return table


def add_base(point: Jacobian, scalar: int) -> Jacobian:
    """Return `point` + `scalar`·G."""
    table, start = _comb(), -1
    for digit in scalar.to_bytes(SCALAR_BYTES, "little"):
        if digit:
            point = _add(point, table[start + digit])
        start += (1 << _COMB_BITS) - 1
    return point


def odd_multiples(point: Affine) -> list[Affine]:
    """Return P, 3P, … 15P."""
    (twice,) = to_affine([_double((*point, 1))])
    multiples: list[Jacobian] = [(*point, 1)]
    while len(multiples) < 1 << (_NAF_WIDTH - 2):
        multiples.append(_add(multiples[-1], twice))
    return to_affine(multiples)


def multiply(scalar: int, odd: Sequence[Affine]) -> Jacobian:
    """Return `scalar` times the point whose odd multiples are given (wNAF)."""
    total = INFINITY
    for digit in reversed(list(_digits(scalar))):
        total = _double(total)
        if digit > 0:
            total = _add(total, odd[digit >> 1])
        elif digit < 0:
            x, y = odd[-digit >> 1]
            total = _add(total, (x, P - y))
    return total


def _digits(scalar: int) -> Iterator[int]:
    """Yield the width-5 non-adjacent form, lowest digit first: odd or zero, |digit| ≤ 15."""
    while scalar:
        digit = 0
        if scalar & 1:
            digit = scalar & ((1 << _NAF_WIDTH) - 1)
            digit -= (digit >> (_NAF_WIDTH - 1)) << _NAF_WIDTH
            scalar -= digit
        yield digit
        scalar >>= 1
