"""连通性测试: a signed ping; the same for the portal and for agencies."""

import secrets

from gateway.adapters.signed_client import SignedClient, reading
from gateway.errors import PeerFailure, PeerUnavailable
from schemas.records.dispatches import Ping, Pong


async def exchange_ping(client: SignedClient, path: str, *, peer: str) -> None:
    """Send a ping to `path` and make sure that it comes back unchanged.

    Raises:
        PeerUnavailable, PeerRefused: It does not, or not in an answer that is believed.
    """
    sent = Ping(echo=secrets.token_hex(8))
    answer = await client.post(path, sent.wire())
    with reading(peer):
        echoed = Pong.read(answer).echo
    if echoed != sent.echo:
        raise PeerUnavailable(peer, PeerFailure.UNFIT)
