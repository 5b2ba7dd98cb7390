"""接口表: every operation of the contract: who serves it, what goes in, what comes back."""

from typing import Final

from contracts.catalogue.operation_types import (
    ANNEX,
    OURS,
    Operation,
    Parameter,
    Profile,
    Side,
)

_BATCH: Final = "batch-answer"
_NOT_BUILT: Final = 501
_LIMIT: Final = Parameter("limit", "最多条数", "most items", minimum=1, maximum=200, default=100)
_WAIT: Final = Parameter(
    "wait",
    "没有新条目时的等待秒数",
    "seconds to wait for the first item",
    maximum=30,
    default=0,
)
_SUPERSEDED: Final = Parameter(
    "superseded_hours",
    "同时列出最近若干小时内失效（已改派、已退回、已撤回）的分派单；0 为不列",
    "also list dispatches over (reassigned, returned, withdrawn) since so many hours; 0: none",
    maximum=168,
    default=0,
)
_POSITIONS: Final = Parameter(
    "positions",
    "1 为随页给出各条目的位置；0 为不给出",
    "1: the page gives the position of each item; 0: it does not",
    maximum=1,
    default=0,
)
_PART: Final = Parameter(
    "part", "分片序号", "number of the part", minimum=1, maximum=9999, default=1
)
_TABLE_PART: Final = Parameter(
    "part",
    "分片序号；不写明的，一次给出全部代码表",
    "number of the part; without it, all tables come in one answer",
    minimum=1,
    maximum=200,
)
_DATE: Final = Parameter(
    "date",
    "对账日期（北京时间）",
    "day of the statement, a Beijing date",
    where="path",
    pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
)
_AFTER: Final = Parameter(
    "after",
    "从此代码之后开始",
    "begin after this code",
    pattern="^[0-9]{6}([0-9]{3}([0-9]{3})?)?$",
)
_KEY: Final = Parameter(
    "key",
    "失业登记申请编号，或“行政区划代码/本地系统流水号”（斜杠写作 %2F）",
    "application number, or division/local_serial (the slash as %2F)",
    where="path",
    pattern="^[!-~]{1,60}$",
)

_NATIONAL: Final = (
    Operation(
        *(Side.NATIONAL, "downloadApplications", "get", "/national/v1/applications"),
        *("失业登记申请信息下载", "Download forwarded applications", "feed-page"),
        parameters=(_LIMIT, _WAIT, _POSITIONS),
        source=ANNEX,
    ),
    Operation(
        *(Side.NATIONAL, "acknowledgeApplications", "post"),
        *("/national/v1/applications/acknowledgements", "下载确认", "Acknowledge what is stored"),
        *(_BATCH, "acknowledgement-batch"),
    ),
    Operation(
        *(Side.NATIONAL, "uploadOutcomes", "post", "/national/v1/outcomes"),
        *("失业登记审核结果上传", "Upload results", _BATCH, "outcome-batch"),
        source=ANNEX,
    ),
    Operation(
        *(Side.NATIONAL, "ping", "post", "/national/v1/ping"),
        *("连通性测试", "Test the connection", "pong", "ping"),
    ),
    Operation(
        *(Side.NATIONAL, "uploadRegistrations", "post", "/national/v1/registrations"),
        *("本地受理登记上传", "Upload local registrations", _BATCH, "registration-batch"),
        profile=Profile.EXTENDED,
        source="人社厅发〔2020〕3号 第七部分、附件3",
    ),
    Operation(
        *(Side.NATIONAL, "uploadDeregistrations", "post", "/national/v1/deregistrations"),
        *("失业登记注销上传", "Upload deregistrations", _BATCH, "deregistration-batch"),
        profile=Profile.EXTENDED,
        source="人社厅发〔2020〕3号 第五部分、第七部分",
    ),
    Operation(
        *(Side.NATIONAL, "returnApplications", "post", "/national/v1/applications/returns"),
        *("退回部端", "Give applications back", _BATCH, "application-return-batch"),
        profile=Profile.EXTENDED,
    ),
    Operation(
        *(Side.NATIONAL, "publishAgencies", "put", "/national/v1/agencies"),
        *("机构清单发布", "Publish the agency list", "directory-answer", "agency-directory"),
        more_statuses=(409,),
        profile=Profile.EXTENDED,
        source="人社厅发〔2020〕3号 第七部分、附件4",
    ),
    Operation(
        *(Side.NATIONAL, "fetchStatement", "get", "/national/v1/statements/{date}"),
        *("对账单下载", "Fetch a day's statement", "statement"),
        parameters=(_DATE, _PART),
        more_statuses=(404,),
        profile=Profile.EXTENDED,
    ),
    Operation(
        *(Side.NATIONAL, "fetchCodeTables", "get", "/national/v1/code-tables"),
        *("代码表下载", "Fetch the code tables", "code-table-list"),
        parameters=(_TABLE_PART,),
        profile=Profile.EXTENDED,
    ),
    Operation(
        *(Side.NATIONAL, "fetchDivisions", "get", "/national/v1/divisions"),
        *("行政区划下载", "Fetch the divisions", "division-page"),
        parameters=(_AFTER,),
        profile=Profile.EXTENDED,
    ),
)
_PROVINCE: Final = (
    Operation(
        *(Side.PROVINCE, "pushApplications", "post", "/province/v1/applications"),
        *("转办申请推送", "Push forwarded applications", _BATCH, "feed-push"),
        profile=Profile.EXTENDED,
        caller="national",
    ),
    Operation(
        *(Side.PROVINCE, "fetchDispatches", "get", "/agency/v1/dispatches"),
        *("拉取分派单", "Fetch dispatches", "dispatch-page"),
        parameters=(_LIMIT, _WAIT, _SUPERSEDED),
        caller="agency",
    ),
    Operation(
        *(Side.PROVINCE, "acknowledgeDispatches", "post"),
        *("/agency/v1/dispatches/acknowledgements", "分派确认", "Acknowledge dispatches"),
        *(_BATCH, "dispatch-acknowledgement-batch"),
        caller="agency",
    ),
    Operation(
        *(Side.PROVINCE, "returnDispatches", "post", "/agency/v1/dispatches/returns"),
        *("退回分派单", "Give dispatches back", _BATCH, "dispatch-return-batch"),
        caller="agency",
    ),
    Operation(
        *(Side.PROVINCE, "submitOutcomes", "post", "/agency/v1/outcomes"),
        *("报送审核结果", "Submit results", _BATCH, "outcome-batch"),
        caller="agency",
        source="人社厅发〔2020〕3号 第七部分",
    ),
    Operation(
        *(Side.PROVINCE, "submitRegistrations", "post", "/agency/v1/registrations"),
        *("报送本地受理登记", "Submit local registrations", _BATCH, "registration-batch"),
        caller="agency",
        source="人社厅发〔2020〕3号 第七部分",
    ),
    Operation(
        *(Side.PROVINCE, "submitDeregistrations", "post", "/agency/v1/deregistrations"),
        *("报送失业登记注销", "Submit deregistrations", _BATCH, "deregistration-batch"),
        caller="agency",
        source="人社厅发〔2020〕3号 第五部分、第七部分",
    ),
    Operation(
        *(Side.PROVINCE, "getCase", "get", "/agency/v1/cases/{key}"),
        *("查询办件", "Ask about a case", "case-view"),
        parameters=(_KEY,),
        more_statuses=(404,),
        caller="agency",
    ),
    Operation(
        *(Side.PROVINCE, "ping", "post", "/agency/v1/ping"),
        *("连通性测试", "Test the connection", "pong", "ping"),
        caller="agency",
    ),
)
_AGENCY: Final = (
    Operation(
        *(Side.AGENCY, "deliverDispatches", "post", "/dispatches"),
        *("送达分派单", "Deliver dispatches", _BATCH, "dispatch-batch"),
    ),
    Operation(
        *(Side.AGENCY, "ping", "post", "/ping"),
        *("连通性测试", "Test the connection", "pong", "ping"),
    ),
)
_BY_HAND: Final = "豫人社办〔2020〕35号 附件1第1、2项"


def _act(name: str, path: str, title_zh: str, title_en: str, request: str) -> Operation:
    return Operation(
        *(Side.OPERATOR, name, "post", f"/operator/v1{path}", title_zh, title_en),
        *("resend-answer" if request == "resend-act" else "act-answer", request),
        profile=Profile.EXTENDED,
        source=_BY_HAND if request == "assign-act" else OURS,
        caller="operator",
    )


_OPERATOR: Final = (
    _act("assignCases", "/assignments", "改派", "Give cases to another agency", "assign-act"),
    _act("holdCases", "/holds", "挂起", "Hold cases", "hold-act"),
    _act("releaseCases", "/releases", "释放挂起", "Let held cases go on", "release-act"),
    _act("annotateCases", "/annotations", "备注", "Write about cases", "annotate-act"),
    _act(
        "returnCases", "/returns", "退回部端", "Give cases back to the national side", "return-act"
    ),
    _act("resendMessages", "/resends", "重发", "Send refused messages again", "resend-act"),
    Operation(
        *(Side.OPERATOR, "ping", "post", "/operator/v1/ping"),
        *("连通性测试", "Test the connection", "pong", "ping"),
        profile=Profile.EXTENDED,
        caller="operator",
    ),
)
OPERATIONS: Final = (*_NATIONAL, *_PROVINCE, *_AGENCY, *_OPERATOR)
"""Every operation, side by side in the order of a case's way."""


def served_by(side: Side) -> tuple[Operation, ...]:
    """Return what one side serves."""
    return tuple(operation for operation in OPERATIONS if operation.side is side)


def statuses_of(operation: Operation) -> tuple[int, ...]:
    """Return every status with which an operation may say no, in order.

    Nobody has to offer an extended one: it may be answered `operation.not-built`.
    """
    refused = () if operation.profile is Profile.CORE else (_NOT_BUILT,)
    return tuple(sorted({*operation.statuses, *refused}))
