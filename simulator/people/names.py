"""姓名: invented names, with the rare characters and long forms a register must survive."""

from dataclasses import dataclass
from random import Random
from typing import Final

from simulator.people.chance import WeightedChoice, choose

MIDDLE_DOT: Final = "\u00b7"
"""The separator of name parts (民委发〔2016〕33号)."""
MAX_LENGTH: Final = 50
"""Characters that a name field must hold (民委发〔2016〕33号)."""

_SURNAMES: Final = WeightedChoice(
    *((name, 7) for name in "王李张刘陈"),
    *((name, 3) for name in "杨赵黄周吴徐孙胡朱高林何郭马罗"),
    *((name, 1) for name in "梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"),
    *((name, 1) for name in ("欧阳", "司马", "上官", "诸葛")),
)
_WOMEN: Final = tuple("静敏丽娟艳芳霞玲秀英慧洁婷雪梅琳萍红燕倩颖佳怡欣悦涵诗晗瑶菲")
_MEN: Final = tuple("伟强磊军勇杰涛超明刚平辉鹏华飞斌波宇浩凯健俊帆帅旭宁成龙峰博")
_RARE: Final = tuple("𠮷䶮𬭚𫖯𬀩﨑㛃堃喆翀")
_UYGHUR: Final = (
    ("阿依古丽", "古丽娜尔", "热依汗", "帕提古丽", "米热古丽"),
    ("艾力", "买买提", "阿卜杜拉", "吐尔逊", "亚森"),
)
_KAZAKH: Final = (("阿依努尔", "古丽扎提", "叶尔克"), ("努尔兰", "巴合提", "叶斯木汗"))
_TIBETAN: Final = (
    ("卓玛", "央金", "德吉", "白玛", "拉姆"),
    ("次仁", "多吉", "扎西", "平措", "旺堆"),
)
_DOTTED: Final = (("05", _UYGHUR), ("17", _KAZAKH), ("04", _TIBETAN))
_OTHER_GROUPS: Final = WeightedChoice(
    ("01", 900), ("11", 25), ("03", 20), ("02", 12), ("06", 14), ("13", 8), ("15", 18), ("08", 6)
)
_FORMS: Final = WeightedChoice(("plain", 950), ("rare", 25), ("dotted", 21), ("longest", 4))


@dataclass(frozen=True, slots=True)
class PersonName:
    """A full name and the ethnic group (AAC005) that goes with it."""

    full: str
    ethnic_group: str


def draw_name(rng: Random, *, female: bool) -> PersonName:
    """Return an invented name.

    About one in forty bears a rare character (beyond the basic plane, too), one in fifty is of
    parts joined by U+00B7, and one in 250 is exactly 50 characters long.
    """
    form = _FORMS.draw(rng)
    if form in ("dotted", "longest"):
        group, (women, men) = choose(rng, _DOTTED)
        given, family = (women if female else men), men
        name = f"{choose(rng, given)}{MIDDLE_DOT}{choose(rng, family)}"
        return PersonName(
            _lengthened(name, rng, given + family) if form == "longest" else name, group
        )
    characters = _WOMEN if female else _MEN
    last = choose(rng, _RARE if form == "rare" else characters)
    first = choose(rng, characters) if rng.random() < 0.7 else ""
    return PersonName(f"{_SURNAMES.draw(rng)}{first}{last}", _OTHER_GROUPS.draw(rng))


def _lengthened(name: str, rng: Random, parts: tuple[str, ...]) -> str:
    while len(name) < MAX_LENGTH:
        name = f"{name}{MIDDLE_DOT}{choose(rng, parts)}"
    cut = name[:MAX_LENGTH]
    return f"{cut[:-1]}汗" if cut.endswith(MIDDLE_DOT) else cut
