"""One file of settings; every variable it reads stands in docs/configuration.md."""

from __future__ import annotations

from pathlib import Path

from csp.constants import NONCE, NONE, SELF, STRICT_DYNAMIC
from django.utils.translation import gettext_lazy as _
from whitenoise.compress import Compressor

from config import environment

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_FOLDER = Path(environment.text("DATA", str(BASE_DIR / "var")))
KEY_FOLDER = Path(environment.text("KEYS", str(DATA_FOLDER / "keys")))
KEY_PROVIDER = environment.choice("KEY_PROVIDER", "file", "environment", "pkcs11")
PKCS11_MODULE = environment.text("PKCS11_MODULE", "")
PKCS11_TOKEN = environment.text("PKCS11_TOKEN", "tripseal")
PKCS11_PIN_FILE = environment.text("PKCS11_PIN_FILE", "")
# Whether this server may open receipts, or only seals them.
KEYS_OPEN = environment.flag("KEYS_OPEN", "1")
SHRED_STORE = str(Path(environment.text("SHRED_STORE", str(DATA_FOLDER / "shred"))))
# Sealed pictures and papers; worth nothing without the shred store.
FILE_STORE = str(Path(environment.text("FILE_STORE", str(DATA_FOLDER / "files"))))
# Files auditors take, sealed, for a week; in no backup.
EXPORT_STORE = str(Path(environment.text("EXPORT_STORE", str(DATA_FOLDER / "exports"))))
HEAD_FILE = str(Path(environment.text("HEAD_FILE", str(DATA_FOLDER / "head" / "checkpoint"))))
# The socket of the process that alone signs the log; empty: this one does.
SIGNER = environment.text("SIGNER", "")

DEBUG = False
DEMO = environment.flag("DEMO")
SCHEME, HOST, RP_ID = environment.origin()
ORIGIN = f"{SCHEME}://{HOST}"
LOG_ORIGIN = f"{HOST}/log"
SECURE = SCHEME == "https"

SECRET_KEY = environment.secret_key(KEY_FOLDER)
ALLOWED_HOSTS = [RP_ID]
CSRF_TRUSTED_ORIGINS = [ORIGIN]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "vault",
    "ledger",
    "accounts",
    "trips",
    "settlement",
    "audit",
    "config",
]

MIDDLEWARE = [
    "config.proxies.ProxyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.headers.SecurityHeaders",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.reading.ReaderMiddleware",
    "config.language.OwnLanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "config.refusals.RefusalMiddleware",
]

CSRF_FAILURE_VIEW = "config.refusals.csrf_refused"
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "libraries": {"modules": "config.modules", "words": "config.words"},
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.rooms.ui",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"

DATABASES = {"default": environment.database(DATA_FOLDER / "db.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "tripseal",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# Who signs in, and how.
AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = ["accounts.backends.NumberBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "ref"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
MFA_SUPPORTED_TYPES = ["webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True

# Sessions and cookies. The `__Host-` prefix needs https, which localhost has not.
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrf"
BROWSER_COOKIE_NAME = "__Host-browser" if SECURE else "browser"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 60 * 60
SECURE_SSL_REDIRECT = SECURE
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [NONCE, STRICT_DYNAMIC],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", "blob:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "worker-src": [SELF],
        "manifest-src": [SELF],
        "media-src": [SELF, "blob:"],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "require-trusted-types-for": ["'script'"],
    }
}

# How many proxies stand between a browser and this server.
PROXIES = environment.number("PROXIES", "0")

# Over this sum one person alone settles no batch.
BATCH_LIMIT_WON = environment.number("BATCH_LIMIT_WON", "10000000")
# An export of more rows, or of exact positions of more people, needs a second auditor.
EXPORT_ROWS_ALONE = environment.number("EXPORT_ROWS_ALONE", "10000")
EXPORT_PLACES_ALONE = environment.number("EXPORT_PLACES_ALONE", "100")

# Letters. Without a host none is sent; messages stand in the product all the same.
EMAIL_HOST = environment.text("MAIL_HOST", "")
EMAIL_PORT = environment.number("MAIL_PORT", "587")
EMAIL_HOST_USER = environment.text("MAIL_USER", "")
EMAIL_HOST_PASSWORD = environment.secret_file("MAIL_PASSWORD_FILE")
MAIL_SECURITY = environment.choice("MAIL_SECURITY", "starttls", "tls", "none")
EMAIL_USE_TLS, EMAIL_USE_SSL = MAIL_SECURITY == "starttls", MAIL_SECURITY == "tls"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = environment.text("MAIL_FROM", f"tripseal@{RP_ID}")
# Web push, where `manage.py keys push` made a key: which services notices may be handed to.
PUSH_HOSTS = environment.words("PUSH_HOSTS", environment.PUSH_SERVICES)
# A gateway inside the office's own network may be one of them; its authority's certificate.
PUSH_INSIDE = environment.flag("PUSH_INSIDE")
PUSH_CA_FILE = environment.text("PUSH_CA_FILE", "")
# Whether this process runs the worker beside its requests; else `manage.py worker` does.
WORKER = environment.flag("WORKER")
# How many days what is kept (docs/privacy-impact.md); the diary never less than the law asks.
KEEP_POSITION_DAYS = environment.number("KEEP_POSITION_DAYS", "60")
KEEP_UNSETTLED_DAYS = environment.number("KEEP_UNSETTLED_DAYS", "365")
KEEP_DRAFT_DAYS = environment.number("KEEP_DRAFT_DAYS", "30")
KEEP_DIARY_DAYS = environment.days("KEEP_DIARY_DAYS", "730", least=365)
# How long backups of the shred store are kept: until then an erased key could come back.
SHRED_BACKUP_DAYS = environment.number("SHRED_BACKUP_DAYS", "35")

# Bodies (security.md §3).
DATA_UPLOAD_MAX_MEMORY_SIZE = 262_144
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
FILE_UPLOAD_MAX_MEMORY_SIZE = 10 * 1_048_576

# Words.
LANGUAGE_CODE = "ko"
LANGUAGES = [("ko", _("Korean")), ("en", _("English"))]
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = SECURE
LOCALE_PATHS = sorted(p for p in (BASE_DIR / "locale").glob("*") if (p / "ko").is_dir())
USE_I18N = USE_TZ = True
TIME_ZONE = "Asia/Seoul"

# Files the browser gets.
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_FOLDER / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "config.delivery.OneSheetStorage"},
}
# Pages name hashed files alone; source maps are read by nobody, and take long to press.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["config.forgery.CheckedSession"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["config.bodies.BoundedJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "config.refusals.reply",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "TripSeal",
    "DESCRIPTION": "One touch, one scan, one payment, one export.",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    # Two sets of words that stand in several answers under one field's name.
    "ENUM_NAME_OVERRIDES": {
        "TripStateEnum": "trips.models.State",
        "TouchKindEnum": "trips.models.Kind",
        "PaperKindEnum": "trips.models.Paper.Kind",
        "UploadKindEnum": "trips.models.Upload.Kind",
        "HostAnswerEnum": "trips.models.HostAsk.Answer",
        "DeviceKindEnum": "accounts.models.Device.Kind",
        "ConsentAnswerEnum": "accounts.models.Consent.Answer",
        "RowFateEnum": "trips.standing_plan.FATES",
        "ExportPurposeEnum": "audit.stating.PURPOSES",
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": environment.text("LOG_LEVEL", "WARNING")},
}
