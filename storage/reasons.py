"""Why a store or its keys cannot be used (台账不可用), as values; no sentence carries a secret."""

from schemas.reasons.reason import ReasonCode


class StoreReason(ReasonCode):
    """The closed list: what is wrong with a database, its file, its settings or its keys."""

    OWNED = (
        "sqlite.owned",
        "another gateway process owns it; stop that one, or use PostgreSQL for several processes",
    )
    NO_FOLDER = "sqlite.no-folder", "{said}; choose a writable folder"
    NOT_OURS = "sqlite.not-ours", "{said}; name a file of this program"
    DAMAGED = (
        "sqlite.damaged",
        "the file is damaged, or the -wal beside it is of another file; keep copies of all of "
        "them, and restore a backup without any -wal and -shm",
    )
    NO_WAL = "sqlite.no-wal", "no WAL on this file system; use a local disk"
    REPLACED = (
        "sqlite.replaced",
        "{fault}; the head beside it is of {head_at}, the file of {file_at}; put the right file "
        "back, or run duijie gateway ledger accept-restored for a backup that was restored on "
        "purpose",
    )
    NO_STANDBY = (
        "sqlite.no-standby",
        "a SQLite file has no standby; name a PostgreSQL database",
    )
    SQLITE_FAILED = "sqlite.failed", "{said}"
    STOPPED = "sqlite.stopped", "{said}; the store has stopped writing"
    HEAD_FAILED = "sqlite.head-failed", "head: {said}"
    LOW_SPACE = "sqlite.low-space", "less than {mib} MiB of disk left"
    CLOSING = "store.closing", "the store is closing"
    SCHEME = "store.scheme", "{scheme}:…: use sqlite:///path or postgresql://user@host/name"
    DRIVER_MISSING = (
        "postgresql.driver-missing",
        "the driver {driver} is missing; pip install 'duijie[pg]'",
    )
    POSTGRESQL_FAILED = "postgresql.failed", "{said}"
    TRIED = "postgresql.tried", "{error}, {times} times in a row"
    CONNECTION_LOST = "postgresql.connection-lost", "the connection is lost"
    TOO_OLD = "postgresql.too-old", "version {version}; use {oldest} or newer"
    FSYNC_OFF = (
        "postgresql.fsync",
        "fsync = off loses acknowledged work at a power cut; set fsync = on",
    )
    TORN_PAGES = (
        "postgresql.full-page-writes",
        "full_page_writes = off may tear pages at a power cut; set full_page_writes = on",
    )
    COMMIT_OFF = (
        "postgresql.synchronous-commit",
        "synchronous_commit = off loses acknowledged work at a crash; set synchronous_commit = on",
    )
    ENCODING = (
        "postgresql.encoding",
        "the database is encoded in {encoding}; create it with ENCODING 'UTF8' TEMPLATE template0",
    )
    READ_ONLY = "postgresql.read-only", "the server only reads; name the primary in the URL"
    STANDBY_MISSING = (
        "postgresql.standby-missing",
        "a synchronous standby is demanded and replication is {replication}; set "
        "synchronous_standby_names and synchronous_commit = on at the database server",
    )
    NEWER = (
        "migration.newer",
        "the database is at migration {name}, newer than this program; run the newer program, or "
        "restore a backup made before it",
    )
    ALTERED = (
        "migration.altered",
        "migration {name} was applied with another text than this program's {known}; run the "
        "program that applied it, or restore a backup",
    )
    NO_SM4 = (
        "ledger-keys.no-sm4",
        "this build of the package cryptography has no SM4-GCM; install its published wheel",
    )
    KEYS_OF_ANOTHER = (
        "ledger-keys.of-another-ledger",
        "the keys in the file are not those of this ledger; restore the file",
    )
    KEYS_UNREADABLE = "ledger-keys.unreadable", "{said}"
    NO_KEYS = (
        "ledger-keys.no-keys",
        "not a key file; restore it from the backup of the keys; without it the ledger cannot be "
        "read",
    )
    KEY_WEAK = (
        "ledger-keys.weak",
        "{part} is {rule}; make new keys (duijie up --only-keys) for a new ledger",
    )
    KEY_TWICE = (
        "ledger-keys.twice",
        "one key stands under two names; make new keys (duijie up --only-keys) for a new ledger",
    )
    KEY_PREPARED = (
        "ledger-keys.prepared",
        "a prepared key is there already; activate it first",
    )
    KEY_IN_USE = "ledger-keys.in-use", "epoch {epoch} seals; it cannot go"
    KEY_EXHAUSTED = (
        "ledger-keys.exhausted",
        "no more uses of the data key of epoch {epoch}; rotate the ledger keys",
    )
    OTHER_CIPHER = (
        "ledger-keys.other-cipher",
        'cipher {cipher}, and crypto_profile = "{profile}" wants {wanted}; a ledger keeps the '
        'cipher it was made with: set crypto_profile = "{fitting}", or begin a new ledger with '
        "new keys in an empty folder (duijie up --only-keys --crypto {profile} --folder NEW)",
    )
    URL_CONTROL = "store-url.control-character", "a control character inside; remove it"
    URL_SCHEME = (
        "store-url.scheme",
        "no store; write sqlite:///path or postgresql://user@host/name",
    )
    URL_ESCAPE = (
        "store-url.escape",
        "a % without two hexadecimal digits; write %25 for the sign itself",
    )
    URL_QUERY = (
        "store-url.query",
        "a query or fragment after the file; write %3F or %23 for a sign of a name",
    )
    URL_NO_FILE = (
        "store-url.no-file",
        "no file; write sqlite:///path, with a fourth slash for an absolute one",
    )
    URL_SIGN = (
        "store-url.sign",
        "a sign that stands for itself only percent-encoded; encode it",
    )
    URL_AT_OR_SLASH = (
        "store-url.at-or-slash",
        "an @ or a slash too many; percent-encode those in user and password",
    )
    URL_HOST = (
        "store-url.host",
        "a host that is none; write host[:port], several with commas between",
    )
    URL_PORT = "store-url.port", "the port is not a number from 1 to 65535; correct it"
    URL_NO_DATABASE = (
        "store-url.no-database",
        "no database; write postgresql://user@host/name",
    )
