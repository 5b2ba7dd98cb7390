"""文件权限与证书有效期: file modes that let others in, and certificates that are about to end."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from duijie.checks.result import CheckResult, warning
from duijie.system_causes import system_cause
from gateway.config import Settings
from portable.files import permissions
from schemas.signing.certificates import CertificateFacts
from storage.urls import has_password, sqlite_path

EXPIRES_SOON: Final = timedelta(days=30)
_OTHERS: Final = 0o077
_OTHERS_WRITE: Final = 0o022


def check_files(settings: Settings, now: datetime) -> Iterator[CheckResult]:
    """Check what lies on disk: modes, and how long our certificates and authorities hold."""
    database = sqlite_path(settings.store)
    if database is not None and database.exists():
        yield from _exposed(f"台账文件 {database.name}", database, _OTHERS, "600")
    if has_password(settings.store):
        yield warning(
            "台账口令",
            "写在 store 中",
            "能读取设置文件或环境变量的人均可看到",
            "请放入 PGPASSFILE 指向的文件（权限 0600），并从 store 中删去",
        )
    certificates = tuple(_certificate_files(settings))
    for folder in sorted({path.parent for path in _guarded(settings, database, certificates)}):
        yield from _exposed(f"文件夹 {folder}", folder, _OTHERS_WRITE, "700")
    for path in certificates:
        yield from _exposed(f"证书 {path.name}", path, _OTHERS_WRITE, "644")
        yield certificate_file(path, now)


def certificate_file(path: Path, now: datetime) -> CheckResult:
    """Report until when the certificates in a PEM file hold, by the first of them to end."""
    subject = f"证书 {path.name}"
    try:
        facts = CertificateFacts.all_from_pem(path.read_bytes())
    except OSError as exc:
        return CheckResult(subject, "无法读取", system_cause(exc), f"请将证书放到 {path}")
    except ValueError:
        return CheckResult(subject, "不可用", "不是 PEM 格式的证书", "请换用 PEM 格式的证书文件")
    return validity(subject, min(facts, key=lambda one: one.valid_until), now)


def validity(subject: str, facts: CertificateFacts, now: datetime) -> CheckResult:
    """Report until when a certificate holds: a fault where it does not, a warning for 30 days."""
    seen = f"{facts.valid_from:%Y-%m-%d} 至 {facts.valid_until:%Y-%m-%d}（UTC）"
    if now > facts.valid_until:
        return CheckResult(subject, seen, "已过期", "请换发证书")
    if now < facts.valid_from:
        return CheckResult(subject, seen, "尚未生效", "请核对本机时钟，或换发证书")
    if facts.valid_until - now < EXPIRES_SOON:
        days = (facts.valid_until - now).days
        return warning(subject, seen, f"{days} 天后过期", "请及时换发；用原密钥续签时 pins 不变")
    return CheckResult(subject, seen)


def _certificate_files(settings: Settings) -> Iterator[Path]:
    links = [settings.portal.tls, *(agency.tls for agency in settings.agency)]
    named = [path for tls in links if tls for path in (tls.ca_file, tls.client_certificate_file)]
    if settings.listen_tls is not None:
        named += [settings.listen_tls.certificate_file, settings.listen_tls.client_ca_file]
    yield from dict.fromkeys(path for path in named if path is not None)


def _guarded(
    settings: Settings, database: Path | None, certificates: tuple[Path, ...]
) -> Iterator[Path]:
    portal = settings.portal
    yield from (settings.ledger_keys, portal.key_file, portal.answer_key_file)
    if portal.push_key_file is not None:
        yield portal.push_key_file
    for agency in settings.agency:
        yield from agency.key_files
        if agency.tables is not None and agency.tables.password_file is not None:
            yield agency.tables.password_file
    yield from certificates
    if database is not None:
        yield database


def _exposed(subject: str, path: Path, open_to_others: int, mode: str) -> Iterator[CheckResult]:
    """Yield a warning where the mode of a file or folder lets others at it."""
    try:
        found = permissions(path.stat().st_mode) & 0o777
    except OSError:
        return  # that it is not there is told where it is read
    if found & open_to_others:
        cause = "本机其他用户可以读取" if open_to_others & 0o044 else "本机其他用户可以改动或替换"
        yield warning(subject, f"权限 {found:04o}", cause, f"请执行 chmod {mode} {path}")
