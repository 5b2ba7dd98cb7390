"""Why the gateway cannot start as it is configured (设置不可用), as values."""

from schemas.reasons.reason import ReasonCode


class SettingReason(ReasonCode):
    """The closed list: what is wrong with a setting, or between settings, files and the ledger."""

    LOOPBACK_ONLY = (
        "setting.loopback-only",
        "must be a loopback address such as 127.0.0.1:8082, or unix: and a path; other machines "
        "reach it through an SSH tunnel",
    )
    NO_NUMBER = "setting.no-number", "true and false are no numbers; write a number"
    TLS_WITHOUT_HTTPS = (
        "setting.tls-without-https",
        "for a url that begins with https://; correct the url",
    )
    PUSH_AND_URL = "setting.push-and-url", "url is given exactly when delivery is push"
    PUSH_WITHOUT_URL = "setting.push-without-url", "delivery {delivery} needs a url"
    KEYS_MISSING = (
        "setting.keys-missing",
        "key_file and our_key_file are given where delivery is push or fetch",
    )
    KEYS_WITHOUT_MESSAGES = (
        "setting.keys-without-messages",
        "key_file, our_key_file and client_pins have no effect where delivery is {delivery}",
    )
    TABLES_AND_DELIVERY = (
        "setting.tables-and-delivery",
        "tables is given exactly when delivery is exchange_table",
    )
    TABLES_SCHEME = (
        "setting.tables-scheme",
        "must begin with postgresql://, mysql:// or sqlite:///",
    )
    TABLES_URL = (
        "setting.tables-url",
        "must name user, host and database and nothing else, as postgresql://user@host/db",
    )
    TABLES_PASSWORD_IN_URL = (
        "setting.tables-password-in-url",
        "holds a password; put it into a file of its own, password_file",
    )
    TABLES_PLAIN = (
        "setting.tables-plain",
        "another machine without TLS; name the authority of its certificate in ca_file, or set "
        "allow_plain where the network itself is encrypted",
    )
    TABLES_OF_A_FILE = (
        "setting.tables-of-a-file",
        "a SQLite file has no schema_name and no password_file",
    )
    TABLES_NO_PASSWORD = "setting.tables-no-password", "holds no password in UTF-8"
    TABLES_SHARED = (
        "setting.tables-shared",
        "two agencies have the same exchange tables; give each its own schema_name or prefix",
    )
    TABLES_NO_DRIVER = (
        "setting.tables-no-driver",
        "the driver is not installed; pip install 'duijie[{extra}]'",
    )
    AUTHORITY = (
        "setting.authority",
        "must name one host and port, as callers write them in their URL",
    )
    CODE_TWICE = "setting.code-twice", "agency code {values} stands twice"
    DIVISION_TWICE = "setting.division-twice", "agency division {values} stands twice"
    PINS_MISSING = (
        "setting.pins-missing",
        "client_pins is missing; listen_tls.client_ca_file asks for certificates, so name the "
        "public key of the caller's own",
    )
    PINS_WITHOUT_CA = (
        "setting.pins-without-ca",
        "client_pins has no effect without listen_tls.client_ca_file; set both or neither",
    )
    PINS_SHARED = (
        "setting.pins-shared",
        "two callers share one; each needs a key of its own",
    )
    FILE_WITHOUT_STANDBY = (
        "setting.file-without-standby",
        "a SQLite file has none; use postgresql in store",
    )
    SAME_PORT = (
        "setting.same-port",
        "{one} and {other} name the same port; give each its own",
    )
    KEY_ID_SHARED = (
        "setting.key-id-shared",
        "two connections share a key id; each needs a key of its own",
    )
    KEY_OF_THE_LEDGER = (
        "setting.key-of-the-ledger",
        "a key of the ledger; make a key of its own for each connection, party and purpose",
    )
    SAME_KEY = (
        "setting.same-key",
        "the same key as {other}; make a key of its own for each connection, party and purpose",
    )
    KEY_OF_OURS = (
        "setting.key-of-ours",
        "is our own key ({other}); each party makes a pair of its own",
    )
    PUBLIC_KEY_ONLY = (
        "setting.public-key-only",
        "holds a public key only; name the file of our private key",
    )
    OTHER_SUITE = (
        "setting.other-suite",
        'suite {suite}, and crypto_profile = "national" takes {fit} only; agree on a key of such '
        'a suite with the other party, or set crypto_profile = "international"',
    )
    LEDGER_KEYS_MISSING = (
        "setting.ledger-keys-missing",
        "keys are missing: {rows} rows need epoch {epoch}; restore the file of the keys from its "
        "newest backup; remove keys with «duijie gateway keys retire» only",
    )
    AGENCY_ABSENT = (
        "setting.agency-absent",
        "{count} open cases ({cases}); missing in the settings, so nobody would decide them; put "
        "the section back until its cases are decided («duijie gateway cases --agency CODE»), "
        "with the division it had; give a new agency of that division its section afterwards",
    )
    DIRECTORY_UNREADABLE = (
        "setting.directory-unreadable",
        "version {version} of the agency directory in the ledger is not as it was written; restore "
        "the ledger from a backup, or find out who altered it",
    )
    DIVISION_OUTSIDE = (
        "setting.division-outside",
        "division {division} is not within {province}",
    )
    DIVISION_ABOLISHED = (
        "setting.division-abolished",
        "division {division} is abolished; what lay in it is in {successor} now",
    )
    EDITION_UNREADABLE = (
        "tables.edition-unreadable",
        "edition {edition} of the tables was put in force and cannot be read; put another in force "
        "(«duijie gateway tables adopt», the shipped one is always there)",
    )
    NO_LEDGER = "setting.no-ledger", "no such file; the gateway makes it when it starts"
