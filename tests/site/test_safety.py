"""What an installation must be set to, and keys that are changed."""

from __future__ import annotations

import ast
import runpy
import stat
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.apps import apps

from tests.access.people import SECRET, TOWN, make_staff
from yakuba.access import SYSTEM, actions, sealed, towns
from yakuba.access.models import Staff
from yakuba.site import database, safety, secret

ROOT = Path(__file__).parents[2]
IN_SERVICE = {
    "YAKUBA_BASE_URL": "https://yakuba.example.lg.jp",
    "YAKUBA_ALLOWED_HOSTS": "yakuba.example.lg.jp",
    "YAKUBA_TRUSTED_PROXIES": "1",
    "YAKUBA_OIDC_ISSUER": "https://id.example.go.jp",
    "YAKUBA_OIDC_CLIENT_SECRET": "given by the provider",
    "YAKUBA_OIDC_ACR": "aal3",
    "YAKUBA_SMTP_URL": "smtp+tls://mail.example.lg.jp:587",
    "YAKUBA_VIRUS_SCANNER": "unix:/run/clamav/clamd.ctl",
    "YAKUBA_DB_ADDRESS": "postgresql://yakuba@db.example.lg.jp/yakuba",
}
#: The variable that is left as it is for the demo, or set badly, and what is then found.
SLIPS = [
    ("YAKUBA_BASE_URL", "http://yakuba.example.lg.jp", "https"),
    ("YAKUBA_ALLOWED_HOSTS", "*", "hosts"),
    ("YAKUBA_TRUSTED_PROXIES", "0", "proxy"),
    ("YAKUBA_HSTS_SECONDS", "60", "hsts"),
    ("YAKUBA_OIDC_ISSUER", "http://id.example.go.jp", "identity provider"),
    ("YAKUBA_OIDC_CLIENT_SECRET", "yakuba-local-only", "sign-in secret"),
    ("YAKUBA_OIDC_ACR", "", "levels"),
    ("YAKUBA_SMTP_URL", "smtp://mail.example.lg.jp", "mail"),
    ("YAKUBA_VIRUS_SCANNER", "", "virus scanner"),
    ("YAKUBA_PAYMENTS_URL", "http://pay.example.jp", "payments"),
    ("YAKUBA_DB_ADDRESS", "postgresql://yakuba@db.example.lg.jp/yakuba?sslmode=prefer", "database"),
]


def found(monkeypatch, **changed: str) -> set[str]:
    """What is not as it must be, with the settings of a site in service but for those that are `changed`."""
    for name, value in {**IN_SERVICE, **changed}.items():
        monkeypatch.setenv(name, value)
    read = runpy.run_path(str(ROOT / "yakuba" / "site" / "settings.py"))
    return {look.name for look in safety.looks(SimpleNamespace(**read)) if not look.good}


def test_a_site_in_service_is_set_up_safely_or_is_told_what_to_do(monkeypatch):
    assert found(monkeypatch) == set()
    for name, value, expected in SLIPS:
        with monkeypatch.context() as slip:
            assert expected in found(slip, **{name: value}), name


@pytest.mark.parametrize(
    ("address", "mode"),
    [
        ("postgresql://u:p@db.example.lg.jp:5432/y", "verify-full"),
        ("postgresql://u:p@10.0.0.5/y", "verify-full"),
        ("postgresql://u@db/y?sslmode=verify-ca&sslrootcert=/etc/ca.pem", "verify-ca"),
        ("postgresql://u@127.0.0.1/y", None),
        ("postgresql://u@/y?host=/run/postgresql", None),
    ],
)
def test_a_database_elsewhere_is_spoken_to_over_tls_with_a_checked_certificate(address, mode):
    options = database.django_settings(address, role=None)["OPTIONS"]
    assert options.get("sslmode") == mode
    if mode == "verify-full":
        assert options["sslrootcert"] == "system"
    assert ("sslmode=" in database.encrypted(address)) == bool(mode)


def test_keys_are_made_at_random_and_only_their_owner_reads_them(tmp_path):
    first, again = secret.kept(tmp_path / "secret.key"), secret.kept(tmp_path / "secret.key")
    other = secret.kept(tmp_path / "other.key")
    assert first == again != other
    assert len(first) >= 64
    for made in (tmp_path / "secret.key", Path(tmp_path / "other.key")):
        assert stat.S_IMODE(made.stat().st_mode) == 0o600
    Fernet(secret.kept_fernet(tmp_path / "seal.key"))


@pytest.mark.django_db
def test_what_is_sealed_is_sealed_anew_with_the_first_key(settings):
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.YAKUBA_SEAL_KEYS = [old]
    make_staff()
    with towns.inside(TOWN):
        actions.add_client("school", webhook="https://school.test/", by=SYSTEM(TOWN))
        settings.YAKUBA_SEAL_KEYS = [new, old]
        assert safety.seal_anew(settings.YAKUBA_SEAL_KEYS) == 2
        settings.YAKUBA_SEAL_KEYS = [new]
        assert sealed.unseal(Staff.objects.get().totp_secret) == SECRET
        settings.YAKUBA_SEAL_KEYS = [old]
        with pytest.raises(safety.NotOpened):
            safety.seal_anew(settings.YAKUBA_SEAL_KEYS)


def test_everything_that_seals_is_sealed_anew():
    """Whoever seals something in another file adds its field to `safety.SEALED`."""
    sealing = set()
    for file in (ROOT / "yakuba").rglob("*.py"):
        text = file.read_text("utf-8")
        names = {"sealed.seal"} | ({"seal"} if "yakuba.access.sealed import" in text else set())
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in names:
                sealing.add(str(file.relative_to(ROOT / "yakuba")))
    assert sealing == {
        "access/actions.py", "field/actions.py", "robots/actions.py", "assistant/line_account.py", "assistant/talks.py",
        "channels/disaster/pack.py", "channels/reach/texts.py",
    }  # fmt: skip
    for room, model, field in safety.SEALED:
        assert apps.get_model(room, model)._meta.get_field(field)


def test_a_sealed_secret_that_was_changed_does_not_open(settings):
    key = Fernet.generate_key().decode()
    settings.YAKUBA_SEAL_KEYS = [key]
    stored = sealed.seal("secret")
    middle = len(stored) // 2
    changed = stored[:middle] + ("A" if stored[middle] != "A" else "B") + stored[middle + 1 :]
    with pytest.raises(sealed.SealBroken):
        sealed.unseal(changed)
    with pytest.raises(InvalidToken):
        Fernet(key).decrypt(changed.encode())
