"""Why an address or a file of TLS is unfit, as values; no sentence repeats a value."""

from schemas.reasons.reason import ReasonCode


class TransportReason(ReasonCode):
    """The closed list: what is wrong with an address to listen on, or with a file of TLS."""

    CA_UNREADABLE = (
        "tls.ca-unreadable",
        "{said}; name a PEM file with the certificate of the authority",
    )
    CA_NOT_PEM = (
        "tls.ca-not-pem",
        "no certificate in PEM; name a PEM file with the certificate of the authority",
    )
    KEY_ENCRYPTED = (
        "tls.key-encrypted",
        "encrypted, and nobody is there to give the passphrase; store it unencrypted with mode "
        "0600",
    )
    PAIR_UNREADABLE = (
        "tls.pair-unreadable",
        "{certificate} and {key}: {said}; name the PEM files of one certificate (with its chain) "
        "and of its own key",
    )
    NO_PAIR = (
        "tls.no-pair",
        "{certificate} and {key}: no certificate in PEM with its own key; name the PEM files of "
        "one certificate (with its chain) and of its own key",
    )
    KEY_OPEN_TO_OTHERS = (
        "tls.key-open-to-others",
        "mode {mode} opens a private key to others; chmod 600",
    )
    NO_PATH = (
        "tls.no-path",
        "no path: empty, too long or with a control character; name a file",
    )
    HALF_A_PAIR = (
        "tls.half-a-pair",
        "client_certificate_file and client_key_file go together; name both",
    )
    IN_USE = (
        "listen.in-use",
        "cannot listen on {address}: {said}; end what uses it, or set another address",
    )
    NOT_OURS = (
        "listen.not-ours",
        "cannot listen on {address}: {said}; set an address that this machine has",
    )
    NOT_ALLOWED = (
        "listen.not-allowed",
        "cannot listen on {address}: {said}; set a port or a path that this user may take",
    )
    NO_FOLDER = (
        "listen.no-folder",
        "cannot listen on {address}: {said}; make the folder first",
    )
    CANNOT_LISTEN = (
        "listen.failed",
        "cannot listen on {address}: {said}; set another address",
    )
    NO_ADDRESS = (
        "address.none",
        "needs a host and a port, such as 127.0.0.1:8080 or [::1]:8080",
    )
    PORT = "address.port", "the port is above {last}; choose one from 1 to {last}"
    HOST = (
        "address.host",
        "the host is neither an IP address nor a host name; correct it",
    )
    NO_SOCKET = (
        "address.no-socket",
        "unix: needs the path of a socket, such as unix:console.sock",
    )
    SOCKET_TOO_LONG = (
        "address.socket-too-long",
        "the path of a socket has at most {bytes} bytes",
    )
