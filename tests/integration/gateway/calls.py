"""Every call of a peer (对外调用), made by what watches it, whatever the peer answers."""

from typing import Final

from gateway.adapters.portal import HttpPortal
from gateway.adapters.push import HttpAgencySystem
from gateway.adapters.signed_client import SignedClient
from gateway.adapters.table_source import HttpTableSource
from gateway.adapters.watched_calls import (
    WatchedAgencyCalls,
    WatchedDirectoryCalls,
    WatchedPortalCalls,
    WatchedStatements,
    WatchedTableCalls,
)
from gateway.domain.outbox_rules import MessageKind
from gateway.metrics import Metrics
from gateway.ports.peers import PeerCall
from schemas.records.agencies import AgencyDirectory
from schemas.records.receipts import Acknowledgement
from schemas.signing import Link
from tests.builders.extended import deregistration_json, directory_json, registration_json
from tests.builders.records import JINSHUI, dispatch_json, outcome_json
from tests.integration.gateway.answering import BASE, KEY, NOW

UPLOADS: Final = {
    PeerCall.REPORT: (MessageKind.REPORT, [outcome_json()]),
    PeerCall.REPORT_REGISTRATIONS: (MessageKind.REGISTRATION, [registration_json()]),
    PeerCall.REPORT_DEREGISTRATIONS: (MessageKind.DEREGISTRATION, [deregistration_json()]),
    PeerCall.RETURN: (MessageKind.APPLICATION_RETURN, [b"{}"]),
}


def a_client(peer: str) -> SignedClient:
    return SignedClient(BASE, Link(KEY, KEY), peer=peer, now=lambda: NOW)


def the_portal(metrics: Metrics) -> WatchedPortalCalls:
    return WatchedPortalCalls(HttpPortal(a_client("portal")), metrics)


def the_agency(metrics: Metrics) -> WatchedAgencyCalls:
    system = HttpAgencySystem(a_client(JINSHUI), agency=JINSHUI)
    return WatchedAgencyCalls(system, JINSHUI, metrics)


def the_tables(metrics: Metrics) -> WatchedTableCalls:
    return WatchedTableCalls(HttpTableSource(a_client("portal")), metrics)


async def call_peer(call: PeerCall, metrics: Metrics) -> None:
    portal = the_portal(metrics)
    match call:
        case PeerCall.DOWNLOAD:
            await portal.download(limit=1, wait_s=0)
        case PeerCall.ACKNOWLEDGE:
            stored = Acknowledgement(application_no="SY1", kind="application", stored_at=NOW)
            await portal.acknowledge([stored])
        case upload if upload in UPLOADS:
            await portal.upload(*UPLOADS[upload])
        case PeerCall.PUSH:
            await the_agency(metrics).deliver([dispatch_json()])
        case PeerCall.PUBLISH:
            called = WatchedDirectoryCalls(HttpPortal(a_client("portal")), metrics)
            await called.publish(AgencyDirectory.read(directory_json()))
        case PeerCall.STATEMENT:
            statements = WatchedStatements(HttpPortal(a_client("portal")), metrics)
            await statements.fetch_statement(NOW.date(), part=1)
        case PeerCall.CODE_TABLES:
            await the_tables(metrics).code_tables(1)
        case PeerCall.DIVISIONS:
            await the_tables(metrics).divisions("410105")
        case PeerCall.PING:
            await portal.ping()
