"""Why a store or its keys cannot be used, in Chinese."""

from types import MappingProxyType
from typing import Final

from schemas.reasons.reason_texts import ReasonText, ReasonTexts
from storage.reasons import StoreReason

_KEYS: Final = "请从密钥备份中恢复台账密钥文件；缺少它，台账无法读取"
_NEW_KEYS: Final = "请用 duijie up --only-keys 为新台账生成新密钥"
_SERVER: Final = "请核对 store 中的主机、端口、用户和数据库名，以及数据库是否已启动"
_RESTORE: Final = "请运行与数据库相符的程序版本，或恢复升级前的备份"
_DISK: Final = "请检查磁盘空间、权限和磁盘健康状况后重试"
_RETRY: Final = "请稍后重试；反复出现的，请检查数据库服务器"

STORE_REASON_TEXTS: Final[ReasonTexts] = MappingProxyType(
    {
        StoreReason.OWNED: ReasonText(
            "另一个网关进程正独占此 SQLite 台账",
            "请先停止正在运行的网关；需要多个进程时，请改用 PostgreSQL",
        ),
        StoreReason.NO_FOLDER: ReasonText(
            "无法在台账所在的文件夹中写入：{said}", "请将 store 指向可以写入的文件夹"
        ),
        StoreReason.NOT_OURS: ReasonText(
            "无法作为台账打开：{said}", "请将 store 指向本程序建立的台账文件"
        ),
        StoreReason.DAMAGED: ReasonText(
            "台账文件损坏，或旁边的 -wal 文件属于另一个台账",
            "请先将这些文件全部另存一份，再恢复备份；恢复时不得带 -wal 和 -shm 文件",
        ),
        StoreReason.NO_WAL: ReasonText("此文件系统不支持 WAL", "请将台账放在本地磁盘"),
        StoreReason.REPLACED: ReasonText(
            "台账文件与进度文件不符（{fault}）：进度文件写到 {head_at}，台账文件写到 {file_at}",
            "请换回最后使用的台账文件；有意恢复备份的，请执行 "
            "duijie gateway ledger accept-restored --operator 姓名",
        ),
        StoreReason.NO_STANDBY: ReasonText(
            "SQLite 台账没有备库", "请将 store 改为 PostgreSQL 数据库"
        ),
        StoreReason.SQLITE_FAILED: ReasonText("台账无法读写：{said}", _DISK),
        StoreReason.STOPPED: ReasonText("台账已停止写入：{said}", _DISK),
        StoreReason.HEAD_FAILED: ReasonText("无法写入进度文件：{said}", _DISK),
        StoreReason.LOW_SPACE: ReasonText("磁盘剩余空间不足 {mib} MiB", "请清理磁盘"),
        StoreReason.CLOSING: ReasonText("台账正在关闭", "请在重启后重试"),
        StoreReason.SCHEME: ReasonText(
            "store 以 {scheme} 开头，不是可用的台账",
            "请写作 sqlite:///路径 或 postgresql://用户@主机/数据库",
        ),
        StoreReason.DRIVER_MISSING: ReasonText(
            "缺少 PostgreSQL 驱动 {driver}", "请执行 pip install 'duijie[pg]'"
        ),
        StoreReason.POSTGRESQL_FAILED: ReasonText("{said}", _SERVER),
        StoreReason.TRIED: ReasonText("与其他写入冲突（{error}），已连续 {times} 次", _RETRY),
        StoreReason.CONNECTION_LOST: ReasonText("与数据库服务器的连接中断", _RETRY),
        StoreReason.TOO_OLD: ReasonText(
            "PostgreSQL 的版本为 {version}，低于 {oldest}", "请使用 PostgreSQL {oldest} 或更高版本"
        ),
        StoreReason.FSYNC_OFF: ReasonText(
            "fsync = off，断电时会丢失已返回回执的数据", "请在数据库服务器上设置 fsync = on"
        ),
        StoreReason.TORN_PAGES: ReasonText(
            "full_page_writes = off，断电时数据页可能残缺",
            "请在数据库服务器上设置 full_page_writes = on",
        ),
        StoreReason.COMMIT_OFF: ReasonText(
            "synchronous_commit = off，崩溃时会丢失已返回回执的数据",
            "请在数据库服务器上设置 synchronous_commit = on",
        ),
        StoreReason.ENCODING: ReasonText(
            "数据库的编码为 {encoding}，须为 UTF8",
            "请用 ENCODING 'UTF8' TEMPLATE template0 重新建立数据库",
        ),
        StoreReason.READ_ONLY: ReasonText("数据库服务器只读", "请将 store 指向主库"),
        StoreReason.STANDBY_MISSING: ReasonText(
            "synchronous_standby 要求同步备库，而数据库的复制方式为 {replication}",
            "请在数据库服务器上设置 synchronous_standby_names 和 synchronous_commit = on",
        ),
        StoreReason.NEWER: ReasonText("数据库已升级到 {name}，新于本程序", _RESTORE),
        StoreReason.ALTERED: ReasonText(
            "数据库的迁移 {name} 与本程序的 {known} 内容不同", _RESTORE
        ),
        StoreReason.NO_SM4: ReasonText(
            "已安装的 cryptography 不支持 SM4-GCM", "请用 pip 安装其发布的安装包（wheel）"
        ),
        StoreReason.KEYS_OF_ANOTHER: ReasonText("文件中的密钥不是此台账的密钥", _KEYS),
        StoreReason.KEYS_UNREADABLE: ReasonText("无法读取台账密钥文件：{said}", _KEYS),
        StoreReason.NO_KEYS: ReasonText("不是台账密钥文件", _KEYS),
        StoreReason.KEY_WEAK: ReasonText("{part} 不是随机生成的：{rule}", _NEW_KEYS),
        StoreReason.KEY_TWICE: ReasonText("同一密钥以两个名称出现", _NEW_KEYS),
        StoreReason.KEY_PREPARED: ReasonText(
            "已有一个备好而未启用的密钥", "请先执行 duijie gateway keys activate"
        ),
        StoreReason.KEY_IN_USE: ReasonText(
            "第 {epoch} 代密钥正在使用，不能移除", "请先启用下一代密钥"
        ),
        StoreReason.KEY_EXHAUSTED: ReasonText(
            "第 {epoch} 代数据密钥的使用次数已满", "请轮换台账密钥，见 docs/howto/rotate-keys.md"
        ),
        StoreReason.OTHER_CIPHER: ReasonText(
            "台账密钥用于 {cipher}，而 crypto_profile 为 {profile}，要求 {wanted}；"
            "台账的加密算法在建立时确定",
            '请设置 crypto_profile = "{fitting}"；或在空文件夹中新建台账和密钥：'
            "duijie up --only-keys --crypto {profile} --folder 新文件夹",
        ),
        StoreReason.URL_CONTROL: ReasonText("台账地址含控制字符", "请删去控制字符"),
        StoreReason.URL_SCHEME: ReasonText(
            "不是可用的台账地址", "请写作 sqlite:///路径 或 postgresql://用户@主机/数据库"
        ),
        StoreReason.URL_ESCAPE: ReasonText(
            "百分号之后不是两位十六进制数字", "百分号本身请写作 %25"
        ),
        StoreReason.URL_QUERY: ReasonText(
            "文件名之后有查询串或片段", "文件名中的 ? 和 # 请写作 %3F 和 %23"
        ),
        StoreReason.URL_NO_FILE: ReasonText(
            "没有写明文件", "请写作 sqlite:///路径；绝对路径有第四个斜杠"
        ),
        StoreReason.URL_SIGN: ReasonText("有须写作百分号编码的字符", "请将该字符写作百分号编码"),
        StoreReason.URL_AT_OR_SLASH: ReasonText(
            "多出 @ 或斜杠", "用户名和口令中的 @ 和斜杠请写作百分号编码"
        ),
        StoreReason.URL_HOST: ReasonText("主机部分不合法", "请写作 主机[:端口]，多台以逗号分隔"),
        StoreReason.URL_PORT: ReasonText("端口须为 1 至 65535", "请改正端口"),
        StoreReason.URL_NO_DATABASE: ReasonText(
            "没有写明数据库", "请写作 postgresql://用户@主机/数据库"
        ),
    }
)
