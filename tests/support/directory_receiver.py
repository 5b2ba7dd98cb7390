"""The national side as publishing sees it, scripted: it keeps parts, and fails when told to."""

from dataclasses import dataclass, field

from gateway.errors import GatewayError, PeerRefused
from schemas.records.agencies import AgencyDirectory, DirectoryAnswer


@dataclass(slots=True)
class ScriptedReceiver:
    """Keeps the parts of versions as they come; a lower version than one that is there is refused.

    `failures` are raised by the next calls before anything is kept, `lost_replies` after it was;
    `refusals` are problem codes by version.
    """

    calls: list[tuple[int, int]] = field(default_factory=list)
    kept: dict[int, dict[int, AgencyDirectory]] = field(default_factory=dict)
    failures: list[GatewayError] = field(default_factory=list)
    lost_replies: list[GatewayError] = field(default_factory=list)
    refusals: dict[int, str] = field(default_factory=dict)

    async def publish(self, part: AgencyDirectory) -> DirectoryAnswer:
        """See `DirectoryReceiver.publish`."""
        self.calls.append((part.version, part.part))
        if self.failures:
            raise self.failures.pop(0)
        if code := self.refusals.get(part.version):
            raise PeerRefused("portal", status=409, problem=code)
        there = self.kept.setdefault(part.version, {})
        assert there.setdefault(part.part, part) == part, "other content under the same part"
        if self.lost_replies:
            raise self.lost_replies.pop(0)
        return DirectoryAnswer(
            division=part.division,
            version=part.version,
            received=tuple(sorted(there)),
            parts=part.parts,
            in_force=len(there) == part.parts,
        )

    def in_force(self) -> list[int]:
        """Return the versions that are there as a whole."""
        return [
            version
            for version, parts in self.kept.items()
            if len(parts) == next(iter(parts.values())).parts
        ]
