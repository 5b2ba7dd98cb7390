"""What changed between two versions of the contract, in Chinese."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from contracts.compat.changes import ChangeRule, ContractChange, GrowthRule, Pairing

CHANGE_TEXTS: Final[Mapping[ChangeRule, str]] = MappingProxyType(
    {
        ChangeRule.FILE_REMOVED: "不再发布",
        ChangeRule.FILE_ADDED: "新增文件",
        ChangeRule.MEMBER_ADDED: "新增数据项 {name}",
        ChangeRule.MEMBER_REMOVED: "删去数据项 {name}",
        ChangeRule.REQUIRED_ADDED: "{name} 改为必填",
        ChangeRule.REQUIRED_DROPPED: "{name} 改为可选",
        ChangeRule.OPENED: "不再拒收未知的数据项",
        ChangeRule.CLOSED: "拒收未知的数据项",
        ChangeRule.TYPE: "类型：{was} → {now}",
        ChangeRule.VALUES: "取值范围：{was} → {now}",
        ChangeRule.ALTERNATIVE_ADDED: "此处新增可用的报文 {name}",
        ChangeRule.ALTERNATIVE_REMOVED: "此处不再使用报文 {name}",
        ChangeRule.VALUE_ADDED: "新增取值 {values}",
        ChangeRule.VALUE_REMOVED: "删去取值 {values}",
        ChangeRule.BOUND: "界限 {bound}：{was} → {now}",
        ChangeRule.PATTERN: "格式：{was} → {now}",
        ChangeRule.FORMAT: "格式：{was} → {now}",
        ChangeRule.CONDITION: "各项之间的规则不同",
        ChangeRule.DIGEST: "{name}：内容摘要不同",
        ChangeRule.OPERATION_REMOVED: "接口取消，调用方无从调用",
        ChangeRule.OPERATION_ADDED: "新增接口，尚无调用方",
        ChangeRule.OPERATION_ID: "operationId 不同，生成的客户端代码随之改变",
        ChangeRule.SECURITY: "身份验证的方式不同",
        ChangeRule.CONTENT: "内容：{was} → {now}",
        ChangeRule.STATUS_ADDED: "新增状态码，旧版调用方无法识别",
        ChangeRule.STATUS_REMOVED: "不再返回该状态码",
        ChangeRule.PARAMETER_ADDED: "新增参数，旧版无法识别",
        ChangeRule.PARAMETER_REMOVED: "删去参数，而旧版调用方仍会发送",
        ChangeRule.PARAMETER: "参数的取值规则不同",
        ChangeRule.CODE_ADDED: "新增代码，旧版接收方会提示无法识别",
        ChangeRule.CODE_REMOVED: "删去代码，此前的值将无法识别",
        ChangeRule.ERROR_ADDED: "新增错误代码，旧版调用方无法识别",
        ChangeRule.ERROR_REMOVED: "不再返回该错误代码",
        ChangeRule.ERROR_STATUS: "状态码：{was} → {now}",
    }
)


ALLOWANCE_TEXTS: Final[Mapping[GrowthRule, str]] = MappingProxyType(
    {
        GrowthRule.NOT_BUILT: "旧版各方均未提供该接口（x-duijie.built），尚无使用方",
        GrowthRule.ASKED: "只发给以查询参数 {by} 索取的一方；不索取的，响应与旧版相同",
        GrowthRule.ECHOED: "只发给此前已发送或收到 {by} 的一方",
        GrowthRule.PASSED_OVER: "可选的查询参数，旧版服务方不予理会",
        GrowthRule.OPEN: "代码不封闭：旧版按代码表提示，或按状态码处理",
    }
)
PAIRING_TEXTS: Final[Mapping[Pairing, str]] = MappingProxyType(
    {
        Pairing.OLD_CALLER: "旧版调用方对新版服务方",
        Pairing.OLD_SERVER: "新版调用方对旧版服务方",
    }
)


def describe_allowance(change: ContractChange) -> str:
    """Return why a change breaks nobody; empty where nothing allows it."""
    if change.allowance is None:
        return ""
    return ALLOWANCE_TEXTS[change.allowance].format(by=change.params.get("by", ""))


def describe_change(change: ContractChange) -> str:
    """Return what a change is; names, values and bounds stand as they are."""
    return CHANGE_TEXTS[change.rule].format_map(change.params)
