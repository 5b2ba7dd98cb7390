"""What people read in Chinese: official terms, one language a line, Chinese punctuation.

The terms that were given up stand here, each with the one in use; the rules are those of the
project's guide to Chinese wording. Code spans, code blocks and addresses are left out.
"""

import ast
import csv
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from tests.support.tree import ROOT

RETIRED: Final[Mapping[str, str]] = {
    r"国家端": "部端",
    r"契约(?!测试|）|，非官方)": "接口约定（契约） at first use, then 接口约定",
    r"回传": "上传",
    r"承办机构": "经办机构",
    r"机构系统(?<!经办机构系统)": "经办机构系统",
    r"领取(?!失业|一次性)": "拉取",
    r"修订号|第 ?(?:\S{1,3}|\{[^}]*\}) ?版(?!本)": "版次（revision）",
    r"应答|答复": "响应，返回",
    r"[也只暂则不][答]\b|答 ?\d{3}": "返回",
    r"存妥|存好": "入库",
    r"账本": "台账",
    r"排空": "处理完在途请求后停止",
    r"办件清单": "办件列表",
    r"办件(?:经过|历史|历程)": "办理经过",
    r"核查提示": "初核提示",
    r"申请渠道": "受理渠道",
    r"受理依据": "适用文件",
    r"登记失业地依据": "登记失业地类型",
    r"残疾等级": "伤残等级",
    r"遮蔽|打码": "脱敏",
    r"编造": "虚构",
    r"组成部分": "组件",
    r"真假值": "布尔值",
    r"体检": "自检",
    r"(?<!处理)办法(?!》)": "处理办法",
    r"写出": "生成",
    r"市州": "市（州、地）级",
    r"街道社区(?!服务站|卫生)": "街道（乡镇）、社区（村）",
    r"社保(?:经办)?机构": "社会保险经办机构",
    r"内地(?!（大陆）|通行证)": "内地（大陆）",
    r"办结时限[^，。；]{0,6}未知": "待定（工作日历未公布）",
    r"办理此事项|未受理|不受理": "a call is refused; 受理 is a legal act",
    r"杀死|被杀|死掉|叫醒|搬家|收妥": "终止，通知，迁移，送达: no personification",
    r"看不懂|读不懂|读不出|打不开|解不开|不见了": "无法解析，无法读取，不存在",
    r"不须|合于": "无须，符合",
    r"[「」]": "“ ”",
    r"(?:〔\d{4}〕\d+号|3号文) ?第[一二三四五六七八九十]+条": "第三部分",
}
"""What was given up, as a pattern, and what is said instead."""

BOTH_LANGUAGES: Final[Mapping[str, str]] = {
    "contracts/publish/openapi.py": "a description is one member for both",
    "contracts/publish/openapi_words.py": "a description is one member for both",
    "docs/reference/promises.md": "a table for both, held to the tests by a test",
}
"""Files that say a thing in both languages in one line, and why there is no twin."""

_CHINESE: Final = re.compile("[\u4e00-\u9fff]")
_MARK: Final = re.compile(
    r"[\u4e00-\u9fff][,;:!?](?=[\s\u4e00-\u9fff]|$)|[,;!?](?=[\u4e00-\u9fff])|[\u4e00-\u9fff]\.$"
    r"|[\u4e00-\u9fff]\(|\((?=[\u4e00-\u9fff])|[\u4e00-\u9fff]\)(?=[\u4e00-\u9fff]|$)|«|»"
)
_PHRASE: Final = re.compile(r"\b(?:[A-Za-z][a-z']*[ ,]+){3,}[a-z']{2,}")
_CODE: Final = re.compile(
    r"`[^`]*`|https?://\S+|\]\([^)]*\)|\{[%{].*?[}%]\}|duijie [a-z -]+|docs/\S+"
)
_PACKAGES: Final = (
    *("portable", "schemas", "storage", "transport", "contracts", "gateway", "simulator"),
    *("duijie", "bench"),
)
_PAGES: Final = (
    *("README.md", "contracts/v1/README.md", "contracts/v1/CHANGELOG.md"),
    *("contracts/v1/signing.md", "contracts/v1/retries.md"),
    *("contracts/v1/canonical-form.md", "examples/README.md"),
)


def retired_in(text: str) -> list[str]:
    """Return the terms in `text` that were given up."""
    return [found[0] for term in RETIRED for found in re.finditer(term, text)]


def is_chinese(text: str) -> bool:
    """Tell whether `text` is Chinese, not English that names a thing in Chinese."""
    letters = re.findall("[A-Za-z\u4e00-\u9fff]", text)
    chinese = [one for one in letters if _CHINESE.match(one)]
    return bool(chinese) and (letters[0] in chinese or 4 * len(chinese) > len(letters))


def marks_in(text: str) -> list[str]:
    """Return where punctuation of another script stands among Chinese letters."""
    return [text[max(found.start() - 8, 0) : found.end() + 8] for found in _MARK.finditer(text)]


def halves_in(text: str) -> list[str]:
    """Return the English sentences and phrases in a Chinese line."""
    return [found[0] for found in _PHRASE.finditer(text)]


def said_by(path: Path) -> Iterator[str]:
    """Yield what a file says in Chinese, line by line or cell by cell, without its code."""
    text = path.read_text(encoding="utf-8")
    if not _CHINESE.search(text):
        return
    match path.suffix:
        case ".py":
            said = _literals(ast.parse(text))
        case ".csv":
            cells = [cell for row in csv.reader(text.splitlines()) for cell in row]
            said = iter(";".join(cells).split(";"))
        case ".yaml":
            said = iter(re.sub(r" *#.*", "", text).splitlines())
        case ".html":
            text = re.sub(r"<(script|style|pre).*?</\1>", "", text, flags=re.DOTALL)
            said = iter(re.split(r"<[^>]*>|\n", _CODE.sub("", text)))
        case _:
            text = re.sub(r"^ *```.*?^ *```", "", text, flags=re.DOTALL | re.MULTILINE)
            said = iter(re.split(r"\n| \| | · ", text))
    yield from (line for line in (_CODE.sub("", one) for one in said) if is_chinese(line))


def _literals(tree: ast.Module) -> Iterator[str]:
    """Yield the lines of texts; what stands alone as a statement is documentation."""
    alone = {id(one.value) for one in ast.walk(tree) if isinstance(one, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield from node.value.splitlines()


def sources() -> Iterator[Path]:
    """Yield every file of the product that says something to people in Chinese."""
    yield from (ROOT / page for page in _PAGES)
    docs = [*(ROOT / "docs").glob("*.md"), *(ROOT / "docs").glob("[hr]*/*.md")]
    yield from (page for page in docs if not page.name.endswith(".en.md"))
    for package in _PACKAGES:
        yield from (ROOT / package).rglob("*.html")
        yield from (one for one in (ROOT / package).rglob("*.py") if "/v1/" not in str(one))
    yield from (ROOT / "contracts" / "data").glob("*.csv")
    yield from (ROOT / "schemas" / "data" / "codes").rglob("*.csv")
    yield ROOT / "contracts" / "v1" / "requirements.csv"
    yield from (ROOT / "gateway").rglob("*.yaml")


@cache
def lines() -> tuple[tuple[str, str], ...]:
    """Return each line that a file says, with the name of the file."""
    return tuple(
        (path.relative_to(ROOT).as_posix(), text) for path in sources() for text in said_by(path)
    )


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("国家端没有响应", "国家端"),
        ("见契约页", "契约"),
        ("承办机构代码", "承办机构"),
        ("拉取分派单之后领取回执", "领取"),
        ("第 2 版审核结果", "第 2 版"),
        ("第 {revision} 版审核结果", "第 {revision} 版"),
        ("一律答 503", "答 503"),
        ("没有应答", "应答"),
        ("按原因和办法处理", "办法"),
        ("人社厅发〔2020〕3号 第三条", "〔2020〕3号 第三条"),
        ("写明「方向」", "「"),
    ],
)
def test_a_retired_term_is_found(text: str, term: str) -> None:
    assert term in retired_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "接口约定（契约，非官方）与契约测试",
        "领取失业保险金，领取失业补助金",
        "《商用密码管理办法》与处理办法",
        "港澳居民来往内地通行证，内地（大陆）就业",
        "湖南基层公共就业服务经办规程 第二条",
        "版次 2 的审核结果，第三部分",
    ],
)
def test_an_official_word_is_none(text: str) -> None:
    assert retired_in(text) == []


@pytest.mark.parametrize(
    "text",
    ["编号不存在, 请核对", "原因:密钥不符", "写明(必填)", "已入库.", "请核对; 再报", "写明«方向»"],
)
def test_punctuation_of_another_script_is_found(text: str) -> None:
    assert marks_in(text)


@pytest.mark.parametrize(
    "text", ["编号（1 至 40 位），请核对。", "GB/T 2260；RFC 9421", "第 1.0 版本，见 3.5"]
)
def test_punctuation_of_its_own_is_none(text: str) -> None:
    assert marks_in(text) == []


@pytest.mark.parametrize(
    "text", ["办件列表 / list cases by due date", "提示：Input should be a valid string"]
)
def test_a_half_english_line_is_found(text: str) -> None:
    assert is_chinese(text)
    assert halves_in(text)


def test_english_that_names_a_thing_in_chinese_is_english() -> None:
    assert not is_chinese("held cases by reason (挂起), the oldest of each")


def test_names_of_protocols_and_members_are_no_english() -> None:
    assert halves_in("请求覆盖 @method、@authority，Content-Type 写作 application/json") == []


def test_the_texts_of_every_kind_are_read() -> None:
    names = {name for name, _ in lines()}
    assert {Path(name).suffix for name in names} == {".py", ".md", ".html", ".csv", ".yaml"}
    assert {name.partition("/")[0] for name in names} >= {"gateway", "simulator", "duijie", "docs"}


def test_no_retired_term_is_said() -> None:
    assert [(name, term) for name, text in lines() for term in retired_in(text)] == []


def test_chinese_is_punctuated_in_chinese() -> None:
    chinese = [(name, text) for name, text in lines() if not halves_in(text)]
    assert [(name, mark) for name, text in chinese for mark in marks_in(text)] == []


def test_a_line_is_in_one_language() -> None:
    mixed = {name: text for name, text in lines() if halves_in(text)}
    assert {name: text for name, text in mixed.items() if name not in BOTH_LANGUAGES} == {}
    assert sorted(BOTH_LANGUAGES.keys() - mixed.keys()) == [], "exceptions that nothing needs"


def test_every_page_of_the_simulator_bears_a_name_of_its_own() -> None:
    pages = sorted((ROOT / "simulator" / "web" / "templates").glob("*.html"))
    said = {page.name: page.read_text(encoding="utf-8") for page in pages}
    title = re.search(r"<title>(.*)</title>", said["base.html"])
    assert title is not None
    assert "失业登记办理模拟系统（非政府网站，请勿填写真实信息）" in title[1]
    assert [name for name, text in said.items() if "统一服务入口" in text] == []
    extending = {name for name, text in said.items() if '{% extends "base.html" %}' in text}
    assert extending == said.keys() - {"base.html"}
