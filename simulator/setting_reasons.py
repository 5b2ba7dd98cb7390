"""Why the simulator cannot start as it is configured (设置不可用), as values."""

from schemas.reasons.reason import ReasonCode


class SimulatorReason(ReasonCode):
    """The closed list: what is wrong with a setting of the simulator, or between some of them."""

    PUSH_AND_LISTEN = (
        "simulator.push-and-listen",
        "listen is given exactly when delivery is push",
    )
    TABLES_AND_DELIVERY = (
        "simulator.tables-and-delivery",
        "tables is given exactly when delivery is exchange_table",
    )
    TLS_WITHOUT_HTTPS = (
        "simulator.tls-without-https",
        "for a gateway that begins with https://; correct the gateway",
    )
    TLS_WITHOUT_LISTEN = (
        "simulator.tls-without-listen",
        "for an agency that listens; set both or neither",
    )
    PINS_SHARED = (
        "simulator.pins-shared",
        "two provinces share one; each needs a key of its own",
    )
    PINS_AND_CA = (
        "simulator.pins-and-ca",
        "client_pins goes with listen_tls.client_ca_file; set both or neither",
    )
    DIVISION_TWICE = "simulator.division-twice", "a division is given twice"
    CODE_TWICE = "simulator.code-twice", "a code is given twice"
    KEY_ID_SHARED = "simulator.key-id-shared", "two provinces share one key id"
    FOLDER = "simulator.folder", "{said}; choose one that can be written"
    CONTROL_OPEN = (
        "simulator.control-open",
        "{host} is open to others and the control interface is unsigned; use 127.0.0.1, or set "
        "control_beyond_loopback = true",
    )
