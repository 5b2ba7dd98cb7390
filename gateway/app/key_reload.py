"""Keys are read again while the gateway runs (重新载入密钥): all of them are exchanged, or none."""

import logging
from typing import Final

from gateway.app.key_files import GatewayKeys, read_keys
from gateway.config import Settings
from gateway.errors import GatewayError
from gateway.events import say
from gateway.metrics import Metrics
from gateway.ports import PORTAL
from gateway.web.keyring import Caller, Keyring, Role
from schemas.reference.clock import Now
from schemas.signing import KeyRejected
from storage.errors import StoreMisconfigured
from storage.key_uses import KeyUses
from storage.sealing import Sealer

LOG: Final = logging.getLogger(__name__)


class KeysInUse:
    """The keys that a running gateway uses: of its connections, its callers and its ledger."""

    def __init__(self, settings: Settings, *, now: Now, metrics: Metrics) -> None:
        """Read the key files.

        Raises:
            Misconfigured, StoreMisconfigured: Which file is wrong, by which rule, and the cure.
        """
        self._settings, self._now, self._metrics = settings, now, metrics
        self._keys = read_keys(settings)
        self.keyring = keyring_of(self._keys, now)
        self.sealer = Sealer(self._keys.ledger, KeyUses(metered=True))

    @property
    def links(self) -> GatewayKeys:
        """The connections; whoever holds one of them sees its keys change."""
        return self._keys

    def reload(self) -> bool:
        """Read the files again and use what they hold; say whether they could be used.

        A bad file leaves every key in force as it was. Whatever is under way goes on: a call that
        was signed with an old key is answered by a peer that still knows it, or goes again.
        """
        try:
            fresh = read_keys(self._settings)
            keyring = keyring_of(fresh, self._now)
            self.sealer.exchange(fresh.ledger)
        except (GatewayError, StoreMisconfigured) as exc:
            self._metrics.count(self._metrics.key_reloads, "refused")
            say(LOG, logging.ERROR, "keys.kept", code=exc.code, reason=_rule(exc), raised=exc)
            return False
        for link, read in zip(self._keys.links(), fresh.links(), strict=True):
            link.exchange(read)
        self.keyring.exchange(keyring)
        self._metrics.count(self._metrics.key_reloads, "done")
        say(LOG, logging.INFO, "keys.reloaded", count=len(keyring.callers))
        return True


def _rule(exc: Exception) -> str:
    """Return the code of the rule that a key file broke; `duijie doctor` says which file."""
    cause = exc.__cause__
    return str(cause.code) if isinstance(cause, KeyRejected) else "key.unusable"


def keyring_of(keys: GatewayKeys, now: Now) -> Keyring:
    """Return the keyring of all that may call: the portal by the key of its pushes.

    Without one it is known by that of its answers, and told that it cannot push here.

    Raises:
        Misconfigured: Two of them share a key id.
    """
    agencies = [Caller(Role.AGENCY, code, link) for code, link in keys.agencies.items()]
    operators = [Caller(Role.OPERATOR, code, link) for code, link in keys.operators.items()]
    portal = Caller(Role.PORTAL, PORTAL, keys.push or keys.portal)
    return Keyring.of([portal, *agencies, *operators], now)
