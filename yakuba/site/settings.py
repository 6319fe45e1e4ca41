"""Django's settings. What an installation may choose comes from the environment: see docs/settings.md."""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from yakuba.command_line import var_folder
from yakuba.site import database, secret

ROOT = Path(__file__).resolve().parents[2]
YAKUBA_VAR = var_folder()
YAKUBA_SERVICES = Path(os.environ.get("YAKUBA_SERVICES", ROOT / "services"))
YAKUBA_BASE_URL = os.environ.get("YAKUBA_BASE_URL", "http://127.0.0.1:8000")
HTTPS = YAKUBA_BASE_URL.startswith("https:")

SECRET_KEY = os.environ.get("YAKUBA_SECRET_KEY") or secret.kept(YAKUBA_VAR / "secret.key")
SECRET_KEY_FALLBACKS = os.environ.get("YAKUBA_OLD_SECRET_KEYS", "").split()
YAKUBA_SEAL_KEYS = os.environ.get("YAKUBA_SEAL_KEYS", "").split() or [
    secret.kept_fernet(YAKUBA_VAR / "seal.key")
]
# What signs checkpoints and certificates, and the public keys (hexadecimal) that did before; where checkpoints are put.
YAKUBA_CHECKPOINT_KEY = Path(os.environ.get("YAKUBA_CHECKPOINT_KEY", YAKUBA_VAR / "checkpoint.key"))
YAKUBA_CHECKPOINT_TRUSTED = os.environ.get("YAKUBA_CHECKPOINT_TRUSTED", "").split()
YAKUBA_CHECKPOINT_FOLDER = os.environ.get("YAKUBA_CHECKPOINT_FOLDER", "")
YAKUBA_CHECKPOINT_MAIL = os.environ.get("YAKUBA_CHECKPOINT_MAIL", "").split()
YAKUBA_ACCESS_LOG_YEARS = int(os.environ.get("YAKUBA_ACCESS_LOG_YEARS", "5"))
DEBUG = False
ALLOWED_HOSTS = os.environ.get("YAKUBA_ALLOWED_HOSTS", "127.0.0.1 localhost testserver").split()
CSRF_FAILURE_VIEW = "yakuba.site.views.stale"
CSRF_TRUSTED_ORIGINS = [YAKUBA_BASE_URL]
TRUSTED_PROXIES = int(os.environ.get("YAKUBA_TRUSTED_PROXIES", "0"))
# What a town that declares no networks of its own works with (ZONE=CIDR), and where a trusted proxy writes the SHA-256 of a
# client certificate that it has checked.
YAKUBA_NETWORKS: list[tuple[str, str]] = [
    (one.partition("=")[0], one.partition("=")[2])
    for one in os.environ.get("YAKUBA_NETWORKS", "counter=127.0.0.0/8 counter=::1/128").split()
]
YAKUBA_CERTIFICATE_HEADER = os.environ.get("YAKUBA_CERTIFICATE_HEADER", "X-Client-Certificate-SHA256")

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "procrastinate.contrib.django",
    "yakuba.access",
    "yakuba.register",
    "yakuba.cases",
    "yakuba.money",
    "yakuba.booking",
    "yakuba.workbench",
    "yakuba.messages",
    "yakuba.robots",
    "yakuba.field",
    "yakuba.records",
    "yakuba.assistant",
    "yakuba.audit",
    "yakuba.progress",
    "yakuba.channels",
    "yakuba.site",
]
AUTH_USER_MODEL = "access.Staff"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MIDDLEWARE = [
    "yakuba.site.telemetry.middleware.ObservedMiddleware",
    "yakuba.site.headers.PackedMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "yakuba.site.headers.HeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "yakuba.site.pages.LanguageMiddleware",
    "yakuba.site.edge.EdgeMiddleware",
    "yakuba.access.middleware.TownMiddleware",
    "yakuba.access.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "yakuba.access.middleware.WorkerMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "yakuba.site.urls"
WSGI_APPLICATION = "yakuba.site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": ["django.template.context_processors.request", "yakuba.site.pages.page"]
        },
    }
]

# The application works as `yakuba_app`, which owns nothing; YAKUBA_DB_ROLE is empty only while migrating.
DATABASES = {
    "default": database.django_settings(
        os.environ.get("YAKUBA_DB_ADDRESS")
        or os.environ.get("DATABASE_URL")
        or database.embedded_address(YAKUBA_VAR / "postgres"),
        role=os.environ.get("YAKUBA_DB_ROLE", "yakuba_app"),
    )
}
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

LANGUAGE_CODE = "ja"
TIME_ZONE = "Asia/Tokyo"
USE_TZ = True
USE_I18N = False

# Style sheet, icons and one script are served from where they lie in the rooms: nothing to collect.
STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True

SESSION_ENGINE = "yakuba.access.sessions"
# Behind https a browser takes these names from this host alone and over TLS alone (RFC 6265bis, section 4.1.3). A session's
# cookie is shown to its town only, and a path of its own is what `__Host-` does not allow: docs/security.md.
SESSION_COOKIE_NAME = "__Secure-yakuba_session" if HTTPS else "yakuba_session"
CSRF_COOKIE_NAME = "__Host-csrftoken" if HTTPS else "csrftoken"
YAKUBA_COOKIE_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = int(os.environ.get("YAKUBA_HSTS_SECONDS", "31536000")) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024  # of all that is typed in a form; files do not count
FILE_UPLOAD_MAX_MEMORY_SIZE = 30 * 1024 * 1024
# A request of more than that is kept on disk while it is looked at: twenty photos of a damaged house come in one.
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "yakuba.access.passwords.NotLeaked"},
    {"NAME": "yakuba.access.passwords.NotNamedAfterTheTown"},
]

# What sign-in asks of the rooms above it.
YAKUBA_PEOPLE = "yakuba.channels.sign_in.people"
YAKUBA_REFERENCE = "yakuba.channels.sign_in.reference_of"
# What concerns a person, for the access log: ids of what the rooms above keep, by type.
YAKUBA_CONCERNING = "yakuba.audit.concerning.resources"
# What open data asks of them: the rows of a dataset that they know.
YAKUBA_OPEN_DATA = "yakuba.channels.open_data_sources.rows"
YAKUBA_OIDC = {
    "issuer": os.environ.get("YAKUBA_OIDC_ISSUER", "http://127.0.0.1:8010"),
    "client_id": os.environ.get("YAKUBA_OIDC_CLIENT_ID", "yakuba"),
    "client_secret": os.environ.get("YAKUBA_OIDC_CLIENT_SECRET", "yakuba-local-only"),
    "private_key_file": os.environ.get("YAKUBA_OIDC_PRIVATE_KEY", ""),
    "private_key_id": os.environ.get("YAKUBA_OIDC_PRIVATE_KEY_ID", ""),
    "acr": os.environ.get("YAKUBA_OIDC_ACR", ""),
}

YAKUBA_PAYMENTS = {
    "url": os.environ.get("YAKUBA_PAYMENTS_URL", ""),
    "key": os.environ.get("YAKUBA_PAYMENTS_KEY", ""),
    "secret": os.environ.get("YAKUBA_PAYMENTS_SECRET", ""),
}

_smtp = urlsplit(os.environ.get("YAKUBA_SMTP_URL", "smtp://127.0.0.1:8025"))
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST, EMAIL_PORT = _smtp.hostname or "127.0.0.1", _smtp.port or 25
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_smtp.username or ""), unquote(_smtp.password or "")
EMAIL_USE_TLS = _smtp.scheme == "smtp+tls"
EMAIL_USE_SSL = _smtp.scheme == "smtps"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("YAKUBA_MAIL_FROM", "noreply@yakuba.invalid")

# Files that come in are shown to this scanner (clamd) first; other systems are told of changes in these networks, too.
YAKUBA_VIRUS_SCANNER = os.environ.get("YAKUBA_VIRUS_SCANNER", "")
YAKUBA_WEBHOOK_NETWORKS = os.environ.get("YAKUBA_WEBHOOK_NETWORKS", "").split()

# Texts (SMS) go through the gateway there; empty: nobody is offered any. The secret signs those that people send; empty: none
# is taken in.
YAKUBA_SMS_URL = os.environ.get("YAKUBA_SMS_URL", "")
YAKUBA_SMS_TOKEN = os.environ.get("YAKUBA_SMS_TOKEN", "")
YAKUBA_SMS_SECRET = os.environ.get("YAKUBA_SMS_SECRET", "")

# Talks: what each town adds to the answers (CODE/town.yaml), whether meaning is looked at beside words, and where LINE is.
YAKUBA_ANSWERS = Path(os.environ.get("YAKUBA_ANSWERS", YAKUBA_VAR / "answers"))
YAKUBA_MEANING = os.environ.get("YAKUBA_MEANING", "1") != "0"
YAKUBA_VOICE_MODEL = os.environ.get("YAKUBA_VOICE_MODEL", "")
YAKUBA_LINE_URL = os.environ.get("YAKUBA_LINE_URL", "https://api.line.me")

# A larger model: asked by those towns alone that let masked questions leave. Without an address there is none.
YAKUBA_MODEL: dict[str, Any] = {
    "url": os.environ.get("YAKUBA_MODEL_URL", ""),
    "name": os.environ.get("YAKUBA_MODEL_NAME", ""),
    "key": os.environ.get("YAKUBA_MODEL_KEY", ""),
    "seconds": float(os.environ.get("YAKUBA_MODEL_SECONDS", "8")),
    "towns": os.environ.get("YAKUBA_MODEL_TOWNS", "").split(),
}

# Metrics are shown to these networks (CIDR, separated by blanks), or to who has the token; with neither, to nobody.
YAKUBA_METRICS_NETWORKS = [
    ipaddress.ip_network(one) for one in os.environ.get("YAKUBA_METRICS_NETWORKS", "").split()
]
YAKUBA_METRICS_TOKEN = os.environ.get("YAKUBA_METRICS_TOKEN", "")

LOG_FORMAT = os.environ.get("YAKUBA_LOG_FORMAT", "line")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "yakuba.site.log_format.Impersonal",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        },
        "json": {"()": "yakuba.site.log_format.AsJson"},
    },
    "filters": {"unexpected": {"()": "yakuba.site.log_format.Unexpected"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "loggers": {"django.request": {"filters": ["unexpected"]}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("YAKUBA_LOG_LEVEL", "WARNING")},
}
