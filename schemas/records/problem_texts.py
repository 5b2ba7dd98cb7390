"""What each code of a problem body means (错误目录): status, title, cause and cure."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from schemas.records.json_errors import LONGEST_BODY_BYTES


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
        "没有正文、编码不是 UTF-8、语法有误、成员名重复或文本含 NUL 字符",
        "请按 errors 改正；正文为 UTF-8 编码的 JSON，见接口约定页“从这里开始”",
    ),
    "message.invalid": ProblemText(
        422,
        "报文内容不符合接口约定",
        "缺少必填项、多出数据项、类型或取值有误，或整批的包装有误",
        "请按 errors 中的 pointer 逐项改正",
    ),
    "message.unsupported-type": ProblemText(
        415,
        "报文类型不受支持",
        "Content-Type 不是 application/json，charset 不是 utf-8，或正文经过压缩",
        "请将 Content-Type 写作 application/json（可加 charset=utf-8），不压缩正文",
    ),
    "message.too-large": ProblemText(
        413,
        "报文过大",
        f"超过 {LONGEST_BODY_BYTES >> 20} MiB 或 200 条",
        "请分批发送，每批不超过 200 条",
    ),
    "query.invalid": ProblemText(
        400,
        "查询参数不合法",
        "参数不是规定范围内的整数，或同一参数重复",
        "请将 limit 写作 1 至 200，wait 写作 0 至 30，positions 写作 0 或 1，每个参数只写一次",
    ),
    "auth.not-allowed": ProblemText(
        403, "无权调用此接口", "该密钥不能调用此接口", "请使用与角色相符的密钥"
    ),
    "auth.certificate-mismatch": ProblemText(
        403,
        "客户端证书与密钥不符",
        "连接所用的客户端证书不是为签名密钥的持有者登记的证书",
        "请使用登记的证书连接；更换证书密钥的，请网关运维人员先登记新的公钥（client_pins）",
    ),
    "route.unknown": ProblemText(404, "没有此接口", "路径不存在", "请对照接口清单核对路径"),
    "operation.not-built": ProblemText(
        501,
        "此处未提供该接口",
        "接口约定中有此接口，本方尚未提供",
        "请勿重发；是否提供，以接口说明的 x-duijie.built 为准",
    ),
    "method.not-allowed": ProblemText(
        405, "方法不受支持", "此路径不接受该方法（包括 HEAD）", "请改用响应中 Allow 列出的方法"
    ),
    "agency.unknown": ProblemText(
        422, "没有此经办机构", "所写的代码（to、peer）不在机构清单中", "请填写机构清单中的代码"
    ),
    "case.unknown": ProblemText(
        404, "没有此办件", "编号不存在，或不由本机构办理", "请核对失业登记申请编号"
    ),
    "case.illegal-step": ProblemText(
        409,
        "办件当前状态不允许此操作",
        "办件已办结、已退回、已撤回或尚未接收",
        "请查询办件状态后再操作",
    ),
    "case.stale": ProblemText(
        409, "办件已被他人修改", "其他操作同时修改了该办件", "请重新读取后再提交"
    ),
    "case.withdrawn": ProblemText(
        409, "申请人已撤回申请", "撤回先于审核结果或退回到达", "无须再报送审核结果或退回"
    ),
    "dispatch.unknown": ProblemText(
        404, "没有此分派单", "分派单号不存在或不属于本机构", "请核对分派单号"
    ),
    "outcome.unknown-application": ProblemText(
        404,
        "没有此申请",
        "编号不存在，或不属于本机构",
        "请核对编号；本地受理登记使用行政区划代码加流水号",
    ),
    "outcome.wrong-agency": ProblemText(
        403,
        "发送方不是该件的经办机构",
        "报文所写的经办机构（aae017）不是发送方",
        "请填写本机构的经办机构代码",
    ),
    "outcome.dispatch-missing": ProblemText(
        422, "缺少分派单号", "审核结果未写明对应的分派单", "请填写 dispatch_no"
    ),
    "outcome.commitment-missing": ProblemText(
        422,
        "申请没有本人承诺",
        "本人未作出承诺的申请，报送为通过",
        "请本人撤回后重新申请并作出承诺；未经本人同意，不得为其登记"
        "（湖南基层公共就业服务经办规程 第二条（4）；人社厅发〔2020〕3号 第三部分）",
    ),
    "outcome.superseded-dispatch": ProblemText(
        409,
        "分派单已失效",
        "办件已改派或已退回，原分派单下的结果和退回不再接受",
        "请由新的经办机构报送",
    ),
    "outcome.superseded": ProblemText(
        409, "结果版次已过期", "已有更高版次的审核结果", "请以更高的版次（revision）报送更正"
    ),
    "outcome.conflict": ProblemText(
        409,
        "同一版次内容不同",
        "同一申请、同一版次已存在内容不同的审核结果",
        "更正请使用下一版次（revision）",
    ),
    "outcome.dated-ahead": ProblemText(
        422, "办结时间在将来", "办结时间（aae036）晚于收到时刻五分钟以上", "请校准时钟，届时再报"
    ),
    "outcome.not-acknowledged": ProblemText(
        409, "申请尚未确认下载", "审核结果或退回先于下载确认到达", "请先调用下载确认接口"
    ),
    "return.conflict": ProblemText(
        409,
        "同一分派单的退回内容不同",
        "该分派单此前已退回，本次内容不同",
        "第一次的退回有效；需补充说明的，请联系分派岗",
    ),
    "application.conflict": ProblemText(
        409,
        "同一编号的申请内容不同",
        "该编号的申请此前已收到，本次推送的内容不同",
        "先收到的内容有效；确须更正的，请与省级联系，请勿以同一编号再次推送",
    ),
    "withdrawal.conflict": ProblemText(
        409,
        "同一编号的撤回内容不同",
        "该编号的撤回此前已收到，本次推送的内容不同",
        "先收到的撤回有效，无须再次推送",
    ),
    "acknowledgement.unknown": ProblemText(
        404, "没有此申请", "所确认的编号不存在或不在本辖区", "请仅确认下载到的申请"
    ),
    "acknowledgement.unknown-position": ProblemText(
        404, "没有此位置", "所确认的位置从未给出", "请仅按本方下载到的位置确认"
    ),
    "acknowledgement.position-of-another-area": ProblemText(
        403, "位置属于其他辖区", "所确认的位置不在本辖区的队列中", "请仅按本方下载到的位置确认"
    ),
    "acknowledgement.position-conflict": ProblemText(
        409,
        "该位置上的条目不是所确认的内容",
        "摘要（digest）与该位置上条目的字节不一致",
        "请重新下载，按所收到的字节计算 SHA-256 后再确认",
    ),
    "application-return.unknown-application": ProblemText(
        404, "没有此申请", "编号不存在，或已不在本辖区", "请仅退回转办到本辖区的申请"
    ),
    "application-return.belongs-here": ProblemText(
        409,
        "申请属于本辖区，不得退回",
        "登记失业地或所写的所属区划（belongs_to）在本辖区内",
        "请在本辖区内分派办理；确属重复转办或内容无法读取的，请写明相应的原因",
    ),
    "application-return.decided": ProblemText(
        409,
        "申请已有审核结果，不得退回",
        "该申请的审核结果已经生效",
        "如需更正，请报送更高版次的审核结果",
    ),
    "application-return.conflict": ProblemText(
        409,
        "同一版次内容不同",
        "同一申请、同一版次已存在内容不同的退回",
        "再次退回请使用更高的版次（revision）",
    ),
    "registration.division-not-served": ProblemText(
        403,
        "登记键不属于本机构",
        "键中的行政区划（division）不由本机构经办",
        "请使用本机构所在的行政区划代码，加本地系统流水号",
    ),
    "registration.place-not-served": ProblemText(
        403,
        "登记失业地不由本机构受理",
        "登记失业地不在本机构辖区内，本省也未启用全省通办",
        "请由登记失业地的经办机构受理；启用全省通办的，在省份配置中写明 accepts_anywhere",
    ),
    "registration.conflict": ProblemText(
        409,
        "同一版次内容不同",
        "同一本地受理登记、同一版次已存在不同的内容",
        "更正请使用下一版次（revision）",
    ),
    "deregistration.unknown-registration": ProblemText(
        404,
        "没有此失业登记",
        "登记编号不存在，或不由本机构经办",
        "请核对键和失业登记编号（acc020）；对接之前的登记，请先作为本地受理登记报送",
    ),
    "deregistration.ground-not-allowed": ProblemText(
        422,
        "注销情形不符合本省规定",
        "本省的注销规定没有此情形（acc025），或不允许以此方式核实（verified_by）、自动注销（mode）；"
        "所依据的条款见 errors",
        "请按本省的注销规定核对 acc025、verified_by 与 mode",
    ),
    "deregistration.not-told-first": ProblemText(
        422,
        "未先告知本人",
        "本省规定此情形须先告知本人、再注销，而没有告知，或告知晚于经办时间（aae036）；"
        "所依据的条款见 errors",
        "请先告知本人，再以 notice 写明告知的时间与方式",
    ),
    "deregistration.superseded": ProblemText(
        409, "注销版次已过期", "已有更高版次的注销", "请以更高的版次（revision）报送更正"
    ),
    "deregistration.conflict": ProblemText(
        409,
        "同一版次内容不同",
        "同一登记、同一版次已存在内容不同的注销",
        "更正请使用下一版次（revision）",
    ),
    "directory.superseded": ProblemText(
        409, "机构清单版本已过期", "已有更新的版本", "请以更高的版本号重新发布"
    ),
    "directory.conflict": ProblemText(
        409, "同一版本内容不同", "同一版本号已发布另一内容", "更改请使用下一个版本号"
    ),
    "statement.not-ready": ProblemText(
        404, "对账单尚未生成", "当日对账单在次日生成", "请次日再下载"
    ),
    "service.unavailable": ProblemText(
        503, "服务暂时不可用", "存储不可写，或服务正在停止", "请按 Retry-After 稍后重试"
    ),
    "service.busy": ProblemText(429, "请求过多", "超过连接或速率上限", "请按 Retry-After 稍后重试"),
    "service.fault": ProblemText(500, "内部错误", "程序缺陷", "请联系系统管理员，并提供 trace_id"),
}

PROBLEM_TEXTS: Final[Mapping[str, ProblemText]] = MappingProxyType(_TEXTS)
"""Codes of everything but signatures; those stand in `schemas.signing`."""
