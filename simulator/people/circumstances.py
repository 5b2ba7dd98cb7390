"""个人情况: education, health, reason of unemployment and intentions of invented people."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final, NamedTuple

from schemas.reference.identity import age_on
from simulator.people.chance import WeightedChoice, choose

_GRADUATED, _DISMISSED, _RESIGNED, _OTHER = "10", "21", "24", "90"
_DISABLED: Final = "5"
_YOUTH_LEAGUE: Final = "03"
_LEAGUE_UNTIL, _GRADUATE_UNTIL = 28, 30  # years of age
_MAX_SPELL_DAYS: Final = 180
_SIXTEEN_YEARS_DAYS: Final = 16 * 365 + 5

_EDUCATION: Final = WeightedChoice(
    *(("71", 26), ("61", 16), ("31", 20), ("21", 18), ("41", 8), ("44", 4)),
    *(("81", 4), ("47", 2), ("14", 1), ("90", 1)),
)
_POLITICAL: Final[WeightedChoice[str | None]] = WeightedChoice(
    *(("13", 70), ("03", 14), ("01", 6), ("02", 1), ("05", 1), ("12", 1), (None, 7))
)
_HEALTH: Final = WeightedChoice(("1", 88), ("2", 6), ("3", 3), ("4", 1), (_DISABLED, 2))
_GRADES: Final = WeightedChoice(("1", 1), ("2", 2), ("3", 3), ("4", 4))
_REASONS: Final = WeightedChoice(
    *((_GRADUATED, 18), (_DISMISSED, 34), ("22", 9), ("23", 3), (_RESIGNED, 14), ("31", 2)),
    *(("32", 7), ("40", 1), ("50", 3), ("60", 1), ("70", 1), ("80", 1), (_OTHER, 6)),
)
_INSURED_REASONS: Final = frozenset(("21", "22", "23"))
_NOTES: Final = (
    "照顾家人后重新求职",
    "随配偶迁居后重新求职",
    "务农后转为求职（模拟）",
    "长期病休结束",
)
_OCCUPATIONS: Final = (
    *("保育员", "收银员", "会计", "行政文员", "电子商务师", "养老护理员", "缝纫工", "包装工"),
    *("仓库管理员", "客服专员", "餐厅服务员", "中式烹调师", "保洁员", "小学教师", "焊工", "快递员"),
)
_SKILLS: Final = (
    *(
        "养老护理员",
        "中式面点师",
        "电工",
        "焊工",
        "育婴员",
        "保育师",
        "美容师",
        "企业人力资源管理师",
    ),
    *("电子商务师", "汽车维修工"),
)
_LEVELS: Final[WeightedChoice[str | None]] = WeightedChoice(
    ("5", 30), ("4", 30), ("3", 20), ("2", 3), ("1", 1), (None, 16)
)
_REMARKS: Final = (
    "希望就近就业",
    "可接受夜班",
    "愿意参加职业培训\n（周末班优先）",
    "联系时间：工作日上午",
)


class Skill(NamedTuple):
    """职业（工种）资格 and its level, an AAC015 value or none."""

    name: str
    vocational_level: str | None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """The part of the form about a person's situation and the work they look for."""

    political_status: str | None
    education: str
    health: str
    disability_grade: str | None
    unemployed_since: date
    reason: str
    reason_note: str | None
    claims_insurance: str
    intentions: tuple[str, ...]
    qualifications: tuple[Skill, ...]
    remarks: str | None


def draw_circumstances(
    rng: Random, *, born: date, submitted_on: date, mainland: bool
) -> Circumstances:
    """Return plausible circumstances of a person born on `born` who applies on `submitted_on`.

    Reasons are of the 2016 generation. Residents of Hong Kong, Macao and Taiwan apply after
    employment in the mainland, so they lost or left a job (人社厅发〔2020〕3号 art. 3).
    """
    age = age_on(born, submitted_on)
    of_age = max(1, (submitted_on - born).days - _SIXTEEN_YEARS_DAYS)
    health = _HEALTH.draw(rng)
    reason = _reason(rng, age) if mainland else choose(rng, (_DISMISSED, _RESIGNED))
    insured = reason in _INSURED_REASONS and rng.random() < 0.45
    return Circumstances(
        political_status=_political_status(rng, age) if mainland else None,
        education=_EDUCATION.draw(rng),
        health=health,
        disability_grade=_GRADES.draw(rng) if health == _DISABLED else None,
        unemployed_since=submitted_on - timedelta(days=min(_days_without_work(rng), of_age)),
        reason=reason,
        reason_note=choose(rng, _NOTES) if reason == _OTHER else None,
        claims_insurance="1" if insured else "0",
        intentions=_up_to_three(rng, _OCCUPATIONS),
        qualifications=tuple(
            Skill(name, _LEVELS.draw(rng))
            for name in _up_to_three(rng, _SKILLS)
            if rng.random() < 0.4
        ),
        remarks=choose(rng, _REMARKS) if rng.random() < 0.1 else None,
    )


def _days_without_work(rng: Random) -> int:
    """Return 1 to 180 days, short spells being the most frequent."""
    return 1 + int(rng.random() ** 2 * (_MAX_SPELL_DAYS - 1))


def _reason(rng: Random, age: int) -> str:
    reason = _REASONS.draw(rng)
    return _DISMISSED if reason == _GRADUATED and age > _GRADUATE_UNTIL else reason


def _political_status(rng: Random, age: int) -> str | None:
    status = _POLITICAL.draw(rng)
    return "13" if status == _YOUTH_LEAGUE and age > _LEAGUE_UNTIL else status


def _up_to_three(rng: Random, values: tuple[str, ...]) -> tuple[str, ...]:
    """Return none to three different values that follow each other in the list."""
    count, start = int(rng.random() * 4), int(rng.random() * len(values))
    return tuple(values[(start + step) % len(values)] for step in range(count))
