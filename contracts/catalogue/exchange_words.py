"""前置库用词: what each table and column of the exchange tables is called, and what it holds."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from schemas.records.exchange_tables import TableName

TABLE_WORDS: Final[Mapping[TableName, str]] = MappingProxyType(
    {
        TableName.DISPATCH: "分派单表：网关写入，经办机构读取",
        TableName.RESULT: "结果表：经办机构写入，网关读取",
        TableName.ERROR: "错误表：网关写入未接收的原因，经办机构读取",
    }
)
_DISPATCH: Final = {
    "dispatch_no": "分派单号",
    "application_no": "失业登记申请编号",
    "due_on": "办结时限，北京日期 YYYY-MM-DD；未知时为空",
    "dispatched_at": "分派时刻，RFC 3339",
    "payload": "分派单 dispatch 的 JSON，与接口报文相同",
    "digest": "分派单规范形式的 SHA-256",
    "status": "READY 待取；TAKEN 已取；CLOSED 已办结；REVOKED 已失效；TEST 测试，不得办理",
    "changed_at": "网关最近一次写入本行的时刻，UTC",
}
_RESULT: Final = {
    "result_id": "行的编号，由经办机构确定，不得重复",
    "kind": "outcome 审核结果；return 退回；registration 本地受理登记；deregistration 注销",
    "application_no": "失业登记申请编号；填写时须与 payload 相同",
    "dispatch_no": "分派单号；填写时须与 payload 相同",
    "division": "登记键的行政区划代码；填写时须与 payload 相同",
    "local_serial": "登记键的本地系统流水号；填写时须与 payload 相同",
    "revision": "版次；填写时须与 payload 相同",
    "payload": "该类报文的 JSON，与接口报文中的一条相同",
    "status": "DRAFT 编写中；READY 待取；TAKEN 已接收；REFUSED 未接收；CHANGED 接收后被改动",
    "taken_at": "网关接收的时刻，UTC",
    "taken_digest": "网关读到的 payload 的 SHA-256",
    "receipt": "回执 receipt 的 JSON；重复报送时为第一次的回执",
}
_ERROR: Final = {
    "error_id": "错误的编号",
    "result_id": "结果表中的行",
    "kind": "该行的 kind",
    "code": "错误代码，见 errors.csv",
    "title": "错误名称",
    "detail": "处理办法",
    "errors": "逐项的错误：JSON 数组，成员为 pointer、code、message",
    "payload_digest": "当时读到的 payload 的 SHA-256",
    "noticed_at": "网关写入的时刻，UTC",
    "status": "NEW 未处理；SEEN 已处理，由经办机构填写",
}
COLUMN_WORDS: Final[Mapping[TableName, Mapping[str, str]]] = MappingProxyType(
    {TableName.DISPATCH: _DISPATCH, TableName.RESULT: _RESULT, TableName.ERROR: _ERROR}
)
