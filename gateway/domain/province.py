"""省份配置: what differs between provinces is data, each rule tied to its article."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.domain.form_layout import FormLayout
from gateway.domain.ground_rules import GroundRules


@dataclass(frozen=True, slots=True)
class Allowance:
    """办结时限 of one policy: so many working days, or the day of download itself (0)."""

    policy: str
    working_days: int
    source: str


@dataclass(frozen=True, slots=True)
class Queue:
    """待办栏目: what a list of cases is called, in which module of the province's system."""

    name: str
    source: str
    module: str | None = None


@dataclass(frozen=True, slots=True)
class Channel:
    """受理渠道: its kind by the code table `channel`, what the province calls it, how it is marked.

    `label` is the wording (链接标志名称) that every link to it bears.
    """

    code: str
    name: str
    source: str
    url: str | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Material:
    """材料: something that may be asked for, or never, with the article."""

    name: str
    source: str


@dataclass(frozen=True, slots=True)
class Province:
    """One province's profile: its division, deadlines, queues, rules, form, materials, channels.

    With `anywhere`, an article, an agency may register whoever belongs to another place of the
    province (全省通办).
    """

    division: str
    name: str
    allowances: Mapping[str, Allowance]
    default_policy: str
    forwarded_queue: Queue
    ground_rules: GroundRules
    form: FormLayout
    local_queue: Queue | None = None
    materials: tuple[Material, ...] = ()
    never_demanded: tuple[Material, ...] = ()
    channels: tuple[Channel, ...] = ()
    anywhere: str | None = None
    division_allowances: Mapping[str, Mapping[str, Allowance]] = field(default_factory=dict)
    """办结时限 of a division and all below it, by policy, in the place of the province's."""

    @property
    def queue_name(self) -> str:
        """What the list of forwarded applications is called."""
        return self.forwarded_queue.name

    @property
    def accepts_anywhere(self) -> bool:
        """Whether every agency may accept for the whole province (全省通办)."""
        return self.anywhere is not None
