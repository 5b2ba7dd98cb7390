"""Why the URL or the pin of a peer (对端地址、证书公钥) cannot be one, as values."""

from schemas.reasons.reason import ReasonCode


class PeerReason(ReasonCode):
    """The closed list; no sentence repeats a part of the URL, for it may hold credentials."""

    TOO_LONG = "url.too-long", "longer than {characters} characters; use a shorter address"
    SCHEME = (
        "url.scheme",
        "neither http:// nor https:// at the beginning; write it as https://host[:port][/path]",
    )
    NOT_ASCII = "url.not-ascii", "a character that is not printable ASCII; percent-encode it"
    CREDENTIALS = (
        "url.credentials",
        "credentials inside; remove them: calls are authenticated by keys",
    )
    QUERY = "url.query", "a query or a fragment inside; end it with the path"
    PLAIN_HTTP = (
        "url.plain-http",
        "plain http to another machine can be read on the way; use https, or set "
        "allow_plain_http = true where the network itself is encrypted",
    )
    NO_HOST = (
        "url.no-host",
        "no host and port after the scheme; write it as https://host[:port][/path]",
    )
    NO_MACHINE = (
        "url.no-machine",
        "the host is no address of one machine; name the machine to call",
    )
    PORT = "url.port", "the port is not a number from 1 to 65535; correct it"
    NO_IPV6 = (
        "url.no-ipv6",
        "the host in brackets is no IPv6 address without a zone; correct it",
    )
    HOST = (
        "url.host",
        "the host is neither a name nor an IP address; names have labels of 1 to 63 letters, "
        "digits and hyphens between dots (a Chinese name in its xn-- form)",
    )
    NO_IPV4 = (
        "url.no-ipv4",
        "the host looks like an IPv4 address and is none; write four numbers",
    )
    EMPTY_SEGMENT = (
        "url.empty-segment",
        "an empty path segment or a slash at the end; remove it",
    )
    PATH = (
        "url.path",
        "a path that would be sent otherwise than it is signed; percent-encode everything but "
        "letters, digits and -._~!$&'()*+,;=:@ with capital hexadecimal digits, and only that",
    )
    DOT_SEGMENT = (
        "url.dot-segment",
        "a dot segment in the path; write the path that remains without it",
    )
    PIN = (
        "tls.pin",
        "no pin; write sha256/ and the SHA-256 of the certificate's public key in base64, as "
        "«duijie doctor» prints it",
    )
