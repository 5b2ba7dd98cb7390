"""转办: what goes out when an application is forwarded once more, to another area."""

from pydantic import ValidationError

from schemas.records.applications import ForwardedApplication
from simulator.exchanges.entries import Application


def forwarded_anew(application: Application, content: bytes) -> ForwardedApplication | None:
    """Return what was forwarded as `content`, dated and placed as the application is by now.

    None for what was put into a feed past every check, and is no application: it goes as it is.
    """
    try:
        before = ForwardedApplication.read(content)
    except ValidationError:
        return None
    return before.model_copy(
        update={
            "forwarded_at": application.forwarded_at,
            "place_division": application.place,
        }
    )
