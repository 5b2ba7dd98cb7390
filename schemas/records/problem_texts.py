"""What each code of a problem body means (错误目录): status, title, cause and cure."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class ProblemText:
    """What a code means: HTTP status when it refuses a whole request, and words for people."""

    status: int
    title: str
    cause: str
    cure: str


_TEXTS: Final = {
    "message.malformed": ProblemText(
        400,
        "报文不是合法的 JSON",
        "没有正文、编码不是 UTF-8、语法有误、成员名重复或文本含 NUL",
        "按 errors 改正；正文为 UTF-8 编码的 JSON，见接口约定页“从这里开始”",
    ),
    "message.invalid": ProblemText(
        422,
        "报文内容不符合接口约定",
        "缺少必填项、多出数据项、类型或取值不对，或整批的包装不对",
        "按 errors 中的 pointer 逐项改正",
    ),
    "message.unsupported-type": ProblemText(
        415,
        "报文类型不受支持",
        "Content-Type 不是 application/json，charset 不是 utf-8，或正文经过压缩",
        "Content-Type 写 application/json（可加 charset=utf-8），不压缩正文",
    ),
    "message.too-large": ProblemText(
        413, "报文过大", "超过 8 MiB 或 200 条", "分批发送，每批不超过 200 条"
    ),
    "query.invalid": ProblemText(
        400,
        "查询参数不合法",
        "参数不是规定范围内的整数，或同一参数写了两次",
        "limit 为 1 至 200，wait 为 0 至 30，每个参数只写一次",
    ),
    "auth.not-allowed": ProblemText(
        403, "无权调用此接口", "该密钥不能调用此接口", "使用与角色相符的密钥"
    ),
    "auth.certificate-mismatch": ProblemText(
        403,
        "客户端证书与密钥不符",
        "连接所用的客户端证书不是为签名密钥的持有者登记的证书",
        "用登记的证书连接; 更换证书密钥时, 请网关运维先登记新的公钥 (client_pins)",
    ),
    "route.unknown": ProblemText(404, "没有这个接口", "路径不存在", "对照接口清单"),
    "operation.not-built": ProblemText(
        501,
        "此处未提供该接口",
        "接口约定中有此接口，本方尚未提供",
        "不必重发；是否提供以接口说明的 x-duijie.built 为准",
    ),
    "method.not-allowed": ProblemText(
        405, "方法不受支持", "此路径不接受该方法（包括 HEAD）", "改用响应中 Allow 列出的方法"
    ),
    "case.unknown": ProblemText(
        404, "没有这个办件", "编号不存在, 或不归本机构办理", "核对失业登记申请编号"
    ),
    "case.illegal-step": ProblemText(
        409, "办件当前状态不允许此操作", "办件已退回、已撤回或尚未接收", "查询办件状态后再操作"
    ),
    "case.stale": ProblemText(409, "办件刚被他人修改", "并发操作", "重新读取后再提交"),
    "case.withdrawn": ProblemText(
        409, "申请人已撤回申请", "撤回先于审核结果到达", "无需再报送结果"
    ),
    "dispatch.unknown": ProblemText(
        404, "没有这张分派单", "分派单号不存在或不属于本机构", "核对分派单号"
    ),
    "outcome.unknown-application": ProblemText(
        404, "没有这件申请", "编号不存在，或不属于本机构", "核对编号; 本地受理用区划加流水号"
    ),
    "outcome.wrong-agency": ProblemText(
        403, "不是经办机构", "审核结果所写的经办机构（aae017）不是发送方", "请填写本机构的机构编码"
    ),
    "outcome.dispatch-missing": ProblemText(
        422, "缺少分派单号", "审核结果未写明所答复的分派单", "填写 dispatch_no"
    ),
    "outcome.commitment-missing": ProblemText(
        422,
        "申请没有本人承诺",
        "本人没有作出承诺的申请，不能报送为通过",
        "请本人撤回后重新申请并作出承诺；未经本人同意，不得为其登记",
    ),
    "outcome.superseded-dispatch": ProblemText(
        409, "分派单已失效", "办件已改派, 旧分派单下的结果不再接受", "由新的经办机构报送"
    ),
    "outcome.superseded": ProblemText(
        409, "结果版次已过期", "已有更高版次的结果", "以更高的 revision 报送更正"
    ),
    "outcome.conflict": ProblemText(
        409, "同一版次内容不同", "同一编号同一版次已有另一内容", "更正须使用下一个 revision"
    ),
    "outcome.dated-ahead": ProblemText(
        422, "办结时间在将来", "办结时间（aae036）晚于收到时刻五分钟以上", "校准时钟, 届时再报"
    ),
    "outcome.not-acknowledged": ProblemText(
        409, "申请尚未确认下载", "先有下载确认, 后有审核结果", "先调用下载确认接口"
    ),
    "acknowledgement.unknown": ProblemText(
        404, "没有这件申请", "确认的编号不存在或不在本辖区", "只确认下载到的申请"
    ),
    "deregistration.unknown-registration": ProblemText(
        404, "没有这条失业登记", "登记编号不存在或不在本辖区", "核对失业登记编号"
    ),
    "directory.superseded": ProblemText(
        409, "机构清单版本已过期", "已有更新的版本", "以更高的版本号重新发布"
    ),
    "directory.conflict": ProblemText(
        409, "同一版本内容不同", "同一版本号已发布另一内容", "更改须使用下一个版本号"
    ),
    "statement.not-ready": ProblemText(404, "对账单尚未生成", "当日对账单在次日生成", "次日再取"),
    "service.unavailable": ProblemText(
        503, "服务暂时不可用", "存储不可写或正在停机", "按 Retry-After 稍后重试"
    ),
    "service.busy": ProblemText(429, "请求过多", "超过连接或速率上限", "按 Retry-After 稍后重试"),
    "service.fault": ProblemText(500, "内部错误", "程序缺陷", "凭 trace_id 联系运维人员"),
}

PROBLEM_TEXTS: Final[Mapping[str, ProblemText]] = MappingProxyType(_TEXTS)
"""Codes of everything but signatures; those stand in `schemas.signing`."""
