"""连接: ending a connection at once, in every Python from 3.11 on."""

import asyncio
from contextlib import suppress


def cut(transport: asyncio.WriteTransport) -> None:
    """End a connection at once; what is not taken yet is dropped. One that has ended stays so.

    Until Python 3.11.4 a transport over TLS whose connection is lost already raises at that.
    """
    with suppress(AttributeError):
        transport.abort()
