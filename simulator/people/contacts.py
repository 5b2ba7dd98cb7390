"""联系方式: telephone numbers and addresses that reach nobody."""

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Contacts:
    """How an invented person could be reached, if they existed."""

    mobile: str
    telephone: str | None
    email: str | None
    other: str | None


def draw_contacts(rng: Random, number: int) -> Contacts:
    """Return the contacts of person `number`: reserved ranges and the domain example.com."""
    return Contacts(
        mobile=f"1900000{number % 10_000:04d}",
        telephone=f"0000-0000{number % 10_000:04d}" if rng.random() < 0.2 else None,
        email=f"applicant{number}@example.com" if rng.random() < 0.4 else None,
        other=f"模拟联系人{number}" if rng.random() < 0.1 else None,
    )
