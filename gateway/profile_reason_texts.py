"""Why a province's profile, its rules of grounds or its form are refused, in Chinese."""

from types import MappingProxyType
from typing import Final

from gateway.profile_reasons import ProfileReason
from schemas.reasons.reason_texts import ReasonText, ReasonTexts

PROFILE_REASON_TEXTS: Final[ReasonTexts] = MappingProxyType(
    {
        ProfileReason.MISSING: ReasonText(
            "没有该省的配置文件；程序自带的有 {shipped}",
            "请用 duijie gateway province --template 编写一份，并写入 profile",
        ),
        ProfileReason.NOT_YAML: ReasonText(
            "省份配置文件无法读取：{said}", "请改正该处；文件须存为 UTF-8"
        ),
        ProfileReason.DIVISION: ReasonText(
            "省份配置文件的 division 为 {found}，而设置为 {wanted}", "请改正其中一处"
        ),
        ProfileReason.POLICY: ReasonText(
            "default_policy 为 {policy}，而 allowances 中没有这一项", "请补充该项，或改正名称"
        ),
        ProfileReason.POLICY_UNRULED: ReasonText(
            "division_allowances 中的 {policy}，在 allowances 中没有这一项",
            "请先在 allowances 写明全省的办结时限，或改正名称",
        ),
        ProfileReason.NO_SUCH_FILE: ReasonText(
            "没有 {name}；程序自带的有 {shipped}", "请改正名称，或写明自有文件的路径（.yaml）"
        ),
        ProfileReason.UNKNOWN_TABLE: ReasonText("没有代码表 {table}", "请改正代码表的名称"),
        ProfileReason.UNKNOWN_CODE: ReasonText(
            "代码表 {table} 中没有可用于此处的代码 {code}", "请对照代码表改正"
        ),
        ProfileReason.NOTICE_DIFFERS: ReasonText(
            "注销情形 {ground} 的告知写为 {found}，而按人社厅发〔2020〕3号 第五部分应为 {wanted}",
            "请改正 notice；移居境外、收监执行、死亡、无法取得联系的无须告知，其余均须告知",
        ),
        ProfileReason.NO_SUCH_GROUND: ReasonText(
            "规则集中没有注销情形 {ground}", "请删去该项，或改正代码"
        ),
        ProfileReason.UNKNOWN_MEMBER: ReasonText(
            "申请中没有数据项 {member}，最接近的是 {near}", "请对照数据项目录改正 member"
        ),
        ProfileReason.MEMBER_TWICE: ReasonText("数据项 {member} 在表样中出现两次", "请只保留一处"),
        ProfileReason.OPTION_TWICE: ReasonText(
            "选项中的 {option} 出现两次", "请只保留一处，每个代码、每个名称只属于一个选项"
        ),
        ProfileReason.ONE_KIND: ReasonText(
            "一项中同时写有 table、division、options 的两种以上", "请只保留一种"
        ),
        ProfileReason.EDITION: ReasonText(
            "代码表 {table} 有多个版本", "请在 generation 写明其中一个：{known}"
        ),
        ProfileReason.EMPTY_BOX: ReasonText(
            "栏目须写明 parts 或 not_carried，二者恰有一项", "请补充或删去其中一项"
        ),
    }
)
