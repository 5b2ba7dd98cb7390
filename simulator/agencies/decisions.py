"""审核: how a stand-in agency decides; the same seed and person give the same decision."""

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from random import Random
from typing import Final, NamedTuple

from schemas.records.applications import PersonForm
from schemas.records.dispatches import Dispatch
from schemas.records.outcomes import AgencyContact, Outcome, RefusalReason, Verdict
from schemas.records.returns import DispatchReturn
from schemas.reference.clock import beijing_date

_REASONS: Final = (
    RefusalReason.EMPLOYED,
    RefusalReason.EMPLOYED,
    RefusalReason.IDENTITY_MISMATCH,
    RefusalReason.REGISTERED_ELSEWHERE,
    RefusalReason.DRAWING_PENSION,
)
_NOT_OF_THE_AREA: Final = "1"  # 不属本机构辖区
_COMPARED: Final = "社会保险参保信息比对"
_HOUSEHOLD_NATURE: Final = "50"  # 居民户, and a check digit whose rule is not public
_SERIALS: Final = 1_000_000


class _Registration(NamedTuple):
    """失业登记编号, 失业登记日期, 就业创业证编号."""

    number: str | None
    on: date | None
    certificate_no: str | None


_UNREGISTERED: Final = _Registration(None, None, None)


@dataclass(frozen=True, slots=True)
class _About:
    """What an outcome is about: the key of the case, and the members that say it."""

    key: str
    application_no: str | None = None
    dispatch_no: str | None = None
    division: str | None = None
    local_serial: str | None = None


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Decides for an agency: shares (0 to 1) of what comes are refused, or given back to the desk.

    The same dispatch is given back, or not, whenever it is asked about; a new one of the same
    application may fare otherwise.
    """

    code: str
    name: str
    division: str
    seed: int
    refuse_share: float
    return_share: float = 0.0

    def give_back(self, dispatch: Dispatch, *, at: datetime) -> DispatchReturn | None:
        """Return the 退回 of a dispatch at `at`, or None where the agency decides on it."""
        chance = f"{self.seed}/{self.code}/{dispatch.dispatch_no}"
        rng = Random(chance)  # noqa: S311 - chance for a simulation, no secret
        if rng.random() >= self.return_share:
            return None
        return DispatchReturn(
            application_no=dispatch.application.application_no,
            dispatch_no=dispatch.dispatch_no,
            reason=_NOT_OF_THE_AREA,
            note="模拟退回",
            returned_at=at,
        )

    def decide(self, dispatch: Dispatch, *, revision: int, at: datetime) -> Outcome:
        """Return the agency's outcome for a dispatch, decided at `at`."""
        number = dispatch.application.application_no
        about = _About(number, application_no=number, dispatch_no=dispatch.dispatch_no)
        return self._outcome(about, dispatch.application, revision=revision, at=at)

    def register(self, form: PersonForm, serial: str, *, at: datetime) -> Outcome:
        """Return the outcome for somebody whom the agency accepted itself, under its serial."""
        about = _About(f"{self.division}/{serial}", division=self.division, local_serial=serial)
        return self._outcome(about, form, revision=1, at=at)

    def _outcome(self, about: _About, form: PersonForm, *, revision: int, at: datetime) -> Outcome:
        person = f"{self.seed}/{self.code}/{form.certificate_no}"
        rng = Random(person)  # noqa: S311 - chance for a simulation, no secret
        passed = rng.random() >= self.refuse_share
        reason = None if passed else rng.choice(_REASONS)
        registered = self._register(about.key, at) if passed else _UNREGISTERED
        return Outcome(
            application_no=about.application_no,
            division=about.division,
            local_serial=about.local_serial,
            revision=revision,
            dispatch_no=about.dispatch_no,
            review_state="2",
            verdict=Verdict.PASSED if passed else Verdict.NOT_PASSED,
            refusal_reason=reason,
            refusal_source=_COMPARED if reason == RefusalReason.EMPLOYED else None,
            agency_code=self.code,
            agency_name=self.name,
            agency_division=self.division,
            handler="模拟经办人",
            checker="模拟审核人",
            decided_at=at,
            registration_no=registered.number,
            registration_date=registered.on,
            certificate_no=registered.certificate_no,
            contact=AgencyContact(address="模拟路1号", telephone="0000-12333"),
        )

    def _register(self, key: str, at: datetime) -> _Registration:
        """Number it: county and date, and a certificate of 16 digits (county, year, serial)."""
        today = beijing_date(at)
        issuer = self.division[:6]
        number = int(sha256(key.encode()).hexdigest()[:12], 16)
        serial = f"{number % _SERIALS:06d}"
        certificate = f"{issuer}{_HOUSEHOLD_NATURE}{today:%y}{serial}"
        return _Registration(f"{issuer}{today:%Y%m%d}{serial}", today, certificate)
