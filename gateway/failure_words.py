"""响应不可用: why a call of a peer brought no usable answer, and what to do, in Chinese."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from gateway.domain.detail import Detail
from gateway.errors import PeerFailure
from schemas.records.problem_texts import PROBLEM_TEXTS
from schemas.signing import EXPLANATIONS, Explanation, SignatureErrorCode

FAILURES: Final[Mapping[PeerFailure, Explanation]] = MappingProxyType(
    {
        PeerFailure.NO_ANSWER: Explanation(
            "未能连接对方",
            "地址无法解析、端口拒绝连接，或响应接收完毕之前连接中断",
            "请核对 url、DNS、防火墙，以及对方系统是否已启动",
        ),
        PeerFailure.TLS: Explanation(
            "TLS 连接未建立",
            "证书不可信、过期、与主机名或 pins 不符，或对方要求客户端证书",
            "请运行 duijie doctor 查看对方证书，并核对 tls 的 ca_file、pins 和客户端证书",
        ),
        PeerFailure.CONNECT_TIMED_OUT: Explanation(
            "连接超时", "报文未能到达对方的端口", "请核对 url、路由和防火墙"
        ),
        PeerFailure.TIMED_OUT: Explanation(
            "未按时响应",
            "已连接对方，但规定时间内未接收完响应",
            "请对方查看系统负载；接收报文后应先入库，立即响应",
        ),
        PeerFailure.DRAINING: Explanation("网关正在停止", "未等待响应", "重启后自动再次发送"),
        PeerFailure.STATUS: Explanation(
            "对方返回了不可用的状态",
            "响应有对方的签名，状态不是成功",
            "请按状态和错误代码处理，见错误目录",
        ),
        PeerFailure.UNSIGNED: Explanation(
            "响应没有签名",
            "对方未能识别本方，或响应不是由对方系统发出（防火墙、代理的页面）",
            "请核对 url 和双方登记的密钥；请对方在响应中签名，并检查代理是否删除签名头",
        ),
        PeerFailure.WRONG_KEY: Explanation(
            "响应以另一个密钥签名",
            "密钥编号或算法套件与本方登记的不同，或该密钥已停用、尚未启用",
            "请与对方核对密钥编号、套件和启用日期，更换登记的公钥",
        ),
        PeerFailure.NOT_BOUND: Explanation(
            "响应未绑定本次请求",
            "属于对方对另一请求的响应，或对方签名时未覆盖本次请求的签名",
            "请按安全事件处理：查找缓存、调换响应的中间设备；请对方按接口约定绑定请求",
        ),
        PeerFailure.MISMATCH: Explanation(
            "响应的签名不符",
            "编号相同而密钥不同，响应在途中被改动，或签名基串的写法不同",
            "请与对方核对公钥，逐行比较签名基串；检查代理是否改写响应",
        ),
        PeerFailure.NOT_BELIEVED: Explanation(
            "响应的签名不符合接口约定",
            "签名头、时间、摘要或覆盖的内容不符合要求",
            "请按签名错误代码处理，见错误目录和签名附件",
        ),
        PeerFailure.NOT_HTTP: Explanation(
            "响应不是合法的 HTTP", "响应的头部或分块有误", "请核对 url 和端口是否为对方的接口"
        ),
        PeerFailure.ENCODED: Explanation(
            "响应被压缩或另行编码", "本方未请求编码", "请对方或中间代理不压缩响应"
        ),
        PeerFailure.TOO_LARGE: Explanation(
            "响应过大", "超过本方接受的长度", "请对方检查响应的内容"
        ),
        PeerFailure.HEADER_REPEATED: Explanation(
            "响应的头部重复", "只能出现一次的头部重复出现", "请检查对方和中间代理添加的头部"
        ),
        PeerFailure.NOT_JSON: Explanation(
            "响应的 Content-Type 不是 JSON", "不是 application/json", "请对方改正 Content-Type"
        ),
        PeerFailure.UNREADABLE: Explanation(
            "响应无法解析",
            "不是合法的 JSON，或与报文结构不符",
            "请对方用接口约定的 JSON Schema 校验响应",
        ),
        PeerFailure.NOT_UTF8: Explanation(
            "响应不是 UTF-8", "内容使用了 GBK 等其他编码", "请对方改用 UTF-8"
        ),
        PeerFailure.UNFIT: Explanation(
            "响应与请求不对应", "条数、次序或回显与所发的不同", "请对方逐条响应，次序与请求相同"
        ),
        PeerFailure.TABLES_LOGIN: Explanation(
            "前置库拒绝登录",
            "用户、口令有误，或该用户不得从本机连接",
            "请核对 tables 的 url 和 password_file，并请数据库管理员检查该用户的授权",
        ),
        PeerFailure.TABLES_MISSING: Explanation(
            "前置库中缺少数据库、表或列",
            "尚未建表，schema、prefix 与所建的不同，或表结构被改动",
            "请按接口约定 exchange-tables 中的建表脚本建表，并核对 tables 的 schema 和 prefix",
        ),
        PeerFailure.TABLES_DENIED: Explanation(
            "前置库的权限不足",
            "网关的用户不能读写三张表中的某一张，或数据库只读",
            "请数据库管理员按接口约定 exchange-tables 授权",
        ),
        PeerFailure.TABLES_LOCKED: Explanation(
            "前置库的表被长时间锁定",
            "对方的程序或人工会话持有未提交的事务",
            "请提交或回滚该事务；对方的程序写完一行应立即提交",
        ),
        PeerFailure.TABLES_CHARACTER_SET: Explanation(
            "前置库的字符集不能保存全部汉字",
            "数据库、表或连接不是 UTF-8（MariaDB、MySQL 须为 utf8mb4），生僻字将丢失或变为乱码",
            "请将数据库和三张表改为 UTF-8（utf8mb4），转换后核对已有的行",
        ),
        PeerFailure.TABLES_FAULT: Explanation(
            "前置库执行语句出错",
            "列过短、磁盘已满、约束或触发器不允许，或数据库内部错误",
            "请查看数据库的日志，并按接口约定 exchange-tables 核对表结构",
        ),
    }
)
_RULES: Final[Mapping[str, Explanation]] = MappingProxyType(
    {
        code.value: text
        for code, text in EXPLANATIONS.items()
        if code is not SignatureErrorCode.MISSING  # says no more than `UNSIGNED` does
    }
)
_SAYS_MORE: Final = frozenset({PeerFailure.NOT_BOUND, PeerFailure.MISMATCH, PeerFailure.WRONG_KEY})
"""Of these the texts above say more of an answer than those of the rule of signatures do."""
_OF_STATUS: Final[Mapping[int, str]] = MappingProxyType(
    {
        401: "请核对双方登记的密钥和时钟",
        403: "请对方放行本方的密钥或地址，并检查防火墙",
        404: "请核对 url 的路径",
        405: "请核对 url 的路径，并请对方按接口约定提供该接口",
        429: "对方限流，等待后自动再次发送",
        503: "对方暂停服务，等待后自动再次发送",
    }
)


def explain_failure(failure: PeerFailure, status: int = 0, problem: str = "") -> Explanation:
    """Return what happened, why, and what to do; `status` 0 where no answer came."""
    known = FAILURES[failure]
    of_problem = _said(problem)
    if of_problem and failure is PeerFailure.UNSIGNED:
        of_problem = f"称：{of_problem}"
    said = "，".join(part for part in (f"HTTP {status}" if status else "", of_problem) if part)
    title = f"{known.title}（{said}）" if said else known.title
    rule = _RULES.get(problem)
    if rule is not None and failure not in _SAYS_MORE:
        return Explanation(title, rule.cause.rstrip("。"), rule.cure.rstrip("。"))
    of_status = failure in {PeerFailure.STATUS, PeerFailure.UNSIGNED}
    cure = _OF_STATUS.get(status, known.cure) if of_status else known.cure
    return Explanation(title, known.cause, cure)


def explain_refusal(status: int, problem: str) -> Explanation:
    """Return the same of a signed no to the whole call."""
    text = _RULES.get(problem) or PROBLEM_TEXTS.get(problem)
    title = f"对方拒收（{'，'.join(part for part in (f'HTTP {status}', _said(problem)) if part)}）"
    if text is None:
        return Explanation(
            title, "未使用接口约定中的错误代码说明原因", "请对方说明原因，见错误目录"
        )
    return Explanation(title, text.cause, text.cure)


def describe_failure(detail: Detail) -> str | None:
    """Return why a message did not get through and what to do; None where it says another thing."""
    try:
        failure = PeerFailure(detail.code)
    except ValueError:
        return None
    status, problem = detail.params.get("status", ""), detail.params.get("problem", "")
    number = int(status) if status.isascii() and status.isdigit() else 0
    known = explain_failure(failure, number, problem)
    return f"{known.title}。处理办法：{known.cure}"


def _said(problem: str) -> str:
    """Return the title of a code of our catalogues, with the code."""
    text = _RULES.get(problem) or PROBLEM_TEXTS.get(problem)
    return "" if text is None else f"{text.title} {problem}"
