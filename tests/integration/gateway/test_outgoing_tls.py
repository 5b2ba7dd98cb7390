"""TLS of outgoing calls against real certificates: who is not the peer receives nothing."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from shutil import copyfile

import httpx
import pytest
from cryptography.hazmat.primitives import serialization

from gateway.adapters.aiohttp_transport import AiohttpTransport
from gateway.setting_types import OutgoingLink, outgoing_context
from tests.support.certificates import Authority, Credential
from tests.support.serving import served_bytes
from transport.errors import TransportMisconfigured
from transport.tls import OutgoingTls, TlsInUse, client_context, read_again
from transport.tls_settings import LinkTls

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
HERE = "127.0.0.1"
ANOTHER_PIN = f"sha256/{'A' * 43}="


@dataclass
class ReadRequests:
    """What a server got to read after its handshakes."""

    requests: list[bytes] = field(default_factory=list)


@asynccontextmanager
async def a_tls_server(
    shown: Credential, *, client_ca: Path | None = None, newest: ssl.TLSVersion | None = None
) -> AsyncIterator[tuple[str, ReadRequests]]:
    """Serve one answer a connection over TLS; give the base URL and what was received."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown.certificate_file, shown.key_file)
    if client_ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(client_ca)
    if newest is not None:
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        with pytest.warns(DeprecationWarning, match="TLSv1"):
            context.minimum_version = ssl.TLSVersion.TLSv1
        _limit(context, newest)
    received = ReadRequests()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            received.requests.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(OK)
            await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()

    async with served_bytes(answer, tls=context) as url:
        yield url, received


def _limit(context: ssl.SSLContext, newest: ssl.TLSVersion) -> None:
    if newest < ssl.TLSVersion.TLSv1_2:
        with pytest.warns(DeprecationWarning, match="TLSv1"):
            context.maximum_version = newest
    else:
        context.maximum_version = newest


async def call(url: str, tls: OutgoingTls | None) -> int:
    """Return the status of one call; raises what the transport raises."""
    context = None if tls is None else TlsInUse(lambda: client_context(tls, "portal: tls"))
    transport = AiohttpTransport(tls=context)
    async with httpx.AsyncClient(transport=transport, trust_env=False) as client:
        return (await client.post(f"{url}/ping", content=b"{}")).status_code


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.make(tmp_path)


async def test_a_peer_with_a_certificate_of_the_set_authority_is_called(
    authority: Authority,
) -> None:
    async with a_tls_server(authority.issue(HERE)) as (url, received):
        assert await call(url, OutgoingTls(ca_file=authority.file)) == 200

    assert len(received.requests) == 1


@pytest.mark.parametrize(
    ("name", "valid_for"),
    [("portal.example", timedelta(days=1)), (HERE, -timedelta(minutes=1))],
    ids=["another-name", "expired"],
)
async def test_a_peer_with_an_unfit_certificate_receives_nothing(
    authority: Authority, name: str, valid_for: timedelta
) -> None:
    shown = authority.issue(name, valid_for=valid_for)
    tls = OutgoingTls(ca_file=authority.file, pins=frozenset({shown.pin}))
    async with a_tls_server(shown) as (url, received):
        with pytest.raises(httpx.ConnectError):
            await call(url, tls)

    assert received.requests == []


async def test_a_certificate_of_another_authority_is_not_believed(
    authority: Authority, tmp_path: Path
) -> None:
    shown = Authority.make(tmp_path).issue(HERE)
    pinned = OutgoingTls(ca_file=authority.file, pins=frozenset({shown.pin}))
    async with a_tls_server(shown) as (url, received):
        for tls in (OutgoingTls(ca_file=authority.file), pinned, OutgoingTls(), None):
            with pytest.raises(httpx.ConnectError):
                await call(url, tls)

    assert received.requests == []


async def test_a_pinned_key_is_believed_also_beside_its_successor(authority: Authority) -> None:
    shown = authority.issue(HERE)
    renewed = authority.issue(HERE, key=shown.key)
    for pins in ({shown.pin}, {ANOTHER_PIN, shown.pin}):
        tls = OutgoingTls(ca_file=authority.file, pins=frozenset(pins))
        for certificate in (shown, renewed):
            async with a_tls_server(certificate) as (url, _):
                assert await call(url, tls) == 200


async def test_a_trusted_certificate_over_a_key_that_is_not_pinned_receives_nothing(
    authority: Authority,
) -> None:
    tls = OutgoingTls(ca_file=authority.file, pins=frozenset({ANOTHER_PIN}))
    async with a_tls_server(authority.issue(HERE)) as (url, received):
        with pytest.raises(httpx.ConnectError):
            await call(url, tls)

    assert received.requests == []


async def test_a_peer_that_asks_for_our_certificate_is_shown_it(
    authority: Authority, tmp_path: Path
) -> None:
    clients = Authority.make(tmp_path)
    ours = clients.issue("gateway-410000")
    tls = OutgoingTls(
        ca_file=authority.file, certificate_file=ours.certificate_file, key_file=ours.key_file
    )
    async with a_tls_server(authority.issue(HERE), client_ca=clients.file) as (url, received):
        assert await call(url, tls) == 200

    assert len(received.requests) == 1


@pytest.mark.parametrize("shows_one", [False, True], ids=["none", "of-another-authority"])
async def test_without_the_certificate_that_the_peer_asks_for_nothing_is_exchanged(
    authority: Authority, tmp_path: Path, *, shows_one: bool
) -> None:
    ours = authority.issue("gateway-410000")
    tls = OutgoingTls(
        ca_file=authority.file,
        certificate_file=ours.certificate_file if shows_one else None,
        key_file=ours.key_file if shows_one else None,
    )
    clients = Authority.make(tmp_path)
    async with a_tls_server(authority.issue(HERE), client_ca=clients.file) as (url, received):
        with pytest.raises(httpx.TransportError):
            await call(url, tls)

    assert received.requests == []


@pytest.mark.parametrize(
    ("newest", "accepted"), [(ssl.TLSVersion.TLSv1_1, False), (ssl.TLSVersion.TLSv1_2, True)]
)
async def test_nothing_older_than_tls_1_2_is_spoken(
    authority: Authority, newest: ssl.TLSVersion, *, accepted: bool
) -> None:
    async with a_tls_server(authority.issue(HERE), newest=newest) as (url, received):
        if accepted:
            assert await call(url, OutgoingTls(ca_file=authority.file)) == 200
        else:
            with pytest.raises(httpx.ConnectError):
                await call(url, OutgoingTls(ca_file=authority.file))

    assert bool(received.requests) is accepted


def test_the_settings_of_a_link_become_its_context(authority: Authority) -> None:
    link = OutgoingLink(
        url="https://portal.example", tls=LinkTls(ca_file=authority.file, pins=(ANOTHER_PIN,))
    )
    context = outgoing_context(link, "portal")

    assert context is not None
    assert context.check_hostname
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert len(context.get_ca_certs()) == 1
    assert outgoing_context(OutgoingLink(url="https://portal.example"), "portal") is None


def test_a_file_that_is_not_what_it_should_be_is_named_with_its_setting(
    authority: Authority, tmp_path: Path
) -> None:
    ours, other = authority.issue("a"), authority.issue("b")
    text = tmp_path / "text.pem"
    text.write_text("no certificate", "utf-8")
    absent = tmp_path / "absent.pem"
    unfit = {
        "tls.ca_file: .*absent.pem: No such file": OutgoingTls(ca_file=absent),
        "tls.ca_file: .*no certificate in PEM": OutgoingTls(ca_file=text),
        "tls: .*No such file": OutgoingTls(certificate_file=ours.certificate_file, key_file=absent),
        "tls: .*absent.pem and .*No such file": OutgoingTls(
            certificate_file=absent, key_file=ours.key_file
        ),
        "tls: .*with its own key": OutgoingTls(
            certificate_file=ours.certificate_file, key_file=other.key_file
        ),
        "tls: .*no certificate in PEM": OutgoingTls(certificate_file=text, key_file=ours.key_file),
    }
    for message, tls in unfit.items():
        with pytest.raises(TransportMisconfigured, match=message):
            client_context(tls, "portal: tls")


def test_a_client_key_that_others_can_read_is_refused(authority: Authority) -> None:
    ours = authority.issue("gateway-410000")
    ours.key_file.chmod(0o640)

    with pytest.raises(
        TransportMisconfigured, match=r"tls: .*mode 0640 opens a private key.*chmod 600"
    ):
        client_context(
            OutgoingTls(certificate_file=ours.certificate_file, key_file=ours.key_file),
            "portal: tls",
        )


def test_an_encrypted_client_key_is_refused_without_asking_for_a_passphrase(
    authority: Authority,
) -> None:
    ours = authority.issue("gateway-410000")
    encryption = serialization.BestAvailableEncryption(b"1234")
    ours.key_file.write_bytes(
        ours.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
        )
    )

    with pytest.raises(TransportMisconfigured, match="encrypted, and nobody is there"):
        client_context(
            OutgoingTls(certificate_file=ours.certificate_file, key_file=ours.key_file),
            "portal: tls",
        )


async def test_what_the_files_of_a_link_hold_after_a_renewal_binds_each_new_handshake(
    authority: Authority, tmp_path: Path
) -> None:
    # Given a link that trusts one authority and shows a certificate of another
    later, ca_file = Authority.make(tmp_path), tmp_path / "ca.pem"
    copyfile(authority.file, ca_file)
    ours = authority.issue("gateway")
    files = OutgoingTls(ca_file, frozenset(), ours.certificate_file, ours.key_file)
    in_use = TlsInUse(lambda: client_context(files, "portal: tls"))
    transport = AiohttpTransport(tls=in_use)
    async with (
        httpx.AsyncClient(transport=transport, trust_env=False) as client,
        a_tls_server(authority.issue(HERE)) as (before, _),
        a_tls_server(later.issue(HERE), client_ca=later.file) as (after, received),
    ):
        assert (await client.get(before)).status_code == 200
        with pytest.raises(httpx.ConnectError):
            await client.get(after)

        # When both are renewed, first badly
        copyfile(later.file, ca_file)
        ours.key_file.chmod(0o644)
        with pytest.raises(TransportMisconfigured):
            read_again([in_use])
        assert (await client.get(before)).status_code == 200
        renewed = later.issue("gateway")
        copyfile(renewed.certificate_file, ours.certificate_file)
        copyfile(renewed.key_file, ours.key_file)
        ours.key_file.chmod(0o600)
        read_again([in_use])

        # Then the new ones are shown and believed, and the old authority is not
        assert (await client.get(after)).status_code == 200
        assert len(received.requests) == 1
        with pytest.raises(httpx.ConnectError):
            await client.get(before)
