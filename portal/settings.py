"""All settings, top to bottom. Machines differ only by environment variables (see `docs/runbook.md`).

`DEMO=1` gives the embedded demo: SQLite, a filesystem broker, an on-screen outbox and invented people. Without
it the settings are production's, and anything missing or weak stops the start with a sentence.
"""

import sys
from base64 import b64encode, urlsafe_b64decode
from datetime import time
from hashlib import sha256
from pathlib import Path

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.conf.locale import LANG_INFO
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# ----------------------------------------------------------------------------------------------------------
# Which machine is this?

DEMO = env.bool("DEMO", default=False)
TESTING = env.bool("TESTING", default=False)  # set by tests/settings.py and nothing else
EMBEDDED = DEMO or TESTING
COLLECTING = len(sys.argv) > 1 and sys.argv[1] in {
    "collectstatic",
    "makemigrations",
    "makemessages",
    "compilemessages",
}

_missing: list[str] = []


def needed(name: str, *, why: str, embedded: str = "", at_least: int = 1) -> str:
    """A value production must be given; the demo has one of its own. What is missing is told all at once."""
    value: str = env.str(name, default=embedded if EMBEDDED or COLLECTING else "")
    if len(value) < at_least and not COLLECTING:
        short = f" of at least {at_least} characters" if at_least > 1 else ""
        _missing.append(f"{name} must be set{short}: {why}.")
    return value


DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var")))
if EMBEDDED:
    (DATA_DIR / "static").mkdir(parents=True, exist_ok=True)

DEBUG = False
SECRET_KEY = needed(
    "SECRET_KEY", why="it signs sign-ins and links", embedded="demo-only-" + "not-a-secret-" * 4, at_least=50
)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
# Keys for what is encrypted in the database, newest first; apart from SECRET_KEY, so either can change alone.
DEMO_FIELD_KEY = "ZGVtby1vbmx5LWtleS1ub3QtYS1zZWNyZXQtMzJieXQ="
FIELD_KEYS = needed(
    "FIELD_KEYS",
    why="it encrypts bank details (one or more Fernet keys, newest first, commas between)",
    embedded=DEMO_FIELD_KEY,
    at_least=44,
).split(",")
FIELD_KEYS = [_key for _key in map(str.strip, FIELD_KEYS) if _key]
ALLOWED_HOSTS = needed(
    "ALLOWED_HOSTS", why="the host names this site answers to, commas between", embedded="*"
).split(",")
BASE_URL = needed(
    "BASE_URL",
    why="the https address people use, such as https://portal.example.gov.uk",
    embedded="http://127.0.0.1:8000",
)
WAGTAILADMIN_BASE_URL = BASE_URL
SECURE = not EMBEDDED
if SECURE and not COLLECTING:
    if not BASE_URL.startswith("https://"):
        _missing.append("BASE_URL must start with https://.")
    if "*" in ALLOWED_HOSTS:
        _missing.append("ALLOWED_HOSTS must name the hosts, not *.")
    for _key in FIELD_KEYS:
        try:
            _strong = len(set(urlsafe_b64decode(_key))) >= 16 and len(urlsafe_b64decode(_key)) == 32
        except ValueError:
            _strong = False
        if not _strong or _key == DEMO_FIELD_KEY:
            _missing.append(
                "FIELD_KEYS holds a weak key: make each with Fernet.generate_key(), as docs/runbook.md shows."
            )
            break

# ----------------------------------------------------------------------------------------------------------
# What the house is made of (imports between packages are held by the contracts in pyproject.toml)

INSTALLED_APPS = [
    "portal.ops",
    "portal.me",
    "portal.desk",
    "portal.finance",
    "portal.complaints",
    "portal.coming_back",
    "portal.advocates",
    "portal.take_up",
    "portal.payments",
    "portal.spot_help",
    "portal.drop_ins",
    "portal.ledger",
    "portal.case_notes",
    "portal.people",
    "portal.accounts",
    "portal.notifications",
    "portal.audit",
    "local_offer",
    "entitlements",
    "cms",
    "wagtail_localize",
    "wagtail_localize.locales",
    "wagtail.contrib.forms",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.contrib.table_block",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "django_cotton.apps.SimpleAppConfig",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.sitemaps",
    "django.contrib.humanize",
    "django.forms",  # its own templates, found after ours
]

MIDDLEWARE = [
    "portal.headers.PublicCompressionMiddleware",
    "portal.public_pages.HoldPublicPagesMiddleware",
    "portal.headers.SecurityHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.clock.RequestTimeMiddleware",
    "portal.headers.NoNulMiddleware",
    "portal.languages.LanguageMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.accounts.middleware.SignInMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "portal.headers.PortalCSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "portal.public_redirects.PublicRedirectMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "django.templatetags.i18n",
                "django.templatetags.static",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cms.context_processors.brand",
            ],
        },
    },
]
FORM_RENDERER = "cms.form_renderer.PortalFormRenderer"
COTTON_DIR = "cotton"
COTTON_ISOLATE_BY_DEFAULT = True

# ----------------------------------------------------------------------------------------------------------
# Where things are kept

DATABASE_URL = needed(
    "DATABASE_URL",
    why="PostgreSQL, such as postgres://user:password@host:5432/portal",
    embedded=f"sqlite:///{DATA_DIR / 'portal.sqlite3'}",
)
DATABASES = {"default": env.db_url_config(DATABASE_URL or "sqlite://:memory:")}
ON_POSTGRESQL = DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql"
if ON_POSTGRESQL:
    DATABASES["default"] |= {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_HEALTH_CHECKS": True,
        "CONN_MAX_AGE": env.int("DATABASE_CONN_MAX_AGE", default=60),
        "OPTIONS": {
            # Rule 66: a row somebody holds gives "busy, try again" after 3 s; nothing forgotten holds one long.
            # Our queries are short: compiling one costs up to a second and gains nothing.
            "options": "-c lock_timeout=3000 -c idle_in_transaction_session_timeout=10000 -c jit=off",
            **DATABASES["default"].get("OPTIONS", {}),
        },
    }
else:
    DATABASES["default"] |= {
        "CONN_MAX_AGE": 60,  # opening the file anew, and reading what is in it, costs more than a page
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
        },
    }
    if SECURE and not COLLECTING:
        _missing.append("DATABASE_URL must name a PostgreSQL server: SQLite is for the demo.")

REDIS_URL = (
    needed("REDIS_URL", why="Redis, such as redis://host:6379/0")
    if not EMBEDDED
    else env.str("REDIS_URL", default="")
)
CACHES = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        else {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": DATA_DIR / "cache",
        }
    )
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"  # never in Redis alone (rule 14)

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # What a young person sends: never under a path the web server serves (rule 42).
    "evidence": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "evidence"},
    },
    "exports": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "exports"},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if EMBEDDED
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = EMBEDDED
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000  # Wagtail's editor posts many fields
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# ----------------------------------------------------------------------------------------------------------
# Jobs: the database knows what is due, the broker only rings

CELERY_BROKER_URL = REDIS_URL or "filesystem://localhost"
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 120
CELERY_TASK_TIME_LIMIT = 150
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
# The one beat entry (rule 64): each minute, do what is due. What that is, is listed in portal/ops/due.py.
CELERY_BEAT_SCHEDULE = {"run-due": {"task": "portal.ops.tasks.run_due", "schedule": crontab()}}
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object]
if REDIS_URL:
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 300,
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,
        "socket_timeout": 3,
        "socket_connect_timeout": 1,
    }
else:
    _QUEUE = DATA_DIR / "queue"
    if EMBEDDED:
        for _name in ("messages", "control"):
            (_QUEUE / _name).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_QUEUE / "messages"),
        "data_folder_out": str(_QUEUE / "messages"),
        "control_folder": str(_QUEUE / "control"),
        "store_processed": False,
        "polling_interval": 0.1,
    }

# ----------------------------------------------------------------------------------------------------------
# Sign-in

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["portal.accounts.backends.AccountBackend"]
LOGIN_URL = "/account/login/"
LOGIN_REDIRECT_URL = "/account/home/"  # sends each person to their own front page
LOGOUT_REDIRECT_URL = "/"
WAGTAILADMIN_LOGIN_URL = LOGIN_URL
ACCOUNT_ADAPTER = "portal.accounts.adapters.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "portal.accounts.adapters.StaffAccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "username"
ACCOUNT_LOGIN_METHODS = {"email"}
# Nobody signs up; this is what makes the staff page ask for a password.
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # addresses come from the case record and from invitations
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = False  # our own SignInCode table does this (rule 10)
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
MFA_ADAPTER = "portal.accounts.adapters.StaffMFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
STAFF_SECOND_FACTOR = SECURE  # always, outside the demo (rule 13)
# The council's own directory, when it is given (OpenID Connect; Entra ID: https://login.microsoftonline.com/TENANT/v2.0).
SOCIALACCOUNT_LOGIN_ON_GET = True  # a link: our own policy lets no form lead to another site
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_PROVIDERS: dict[str, dict[str, object]] = {}
STAFF_DIRECTORY_SERVER = env.str("STAFF_DIRECTORY_SERVER", default="")
if STAFF_DIRECTORY_SERVER:
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "OAUTH_PKCE_ENABLED": True,
        "VERIFIED_EMAIL": True,
        "APPS": [
            {
                "provider_id": "council",
                "name": env.str("COUNCIL_NAME", default="Lewisham Council"),
                "client_id": needed(
                    "STAFF_DIRECTORY_CLIENT_ID", why="the directory knows this service by it"
                ),
                "secret": needed("STAFF_DIRECTORY_SECRET", why="the directory trusts this service by it"),
                "settings": {"server_url": STAFF_DIRECTORY_SERVER},
            }
        ],
    }
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
SESSION_EXPIRE_AT_BROWSER_CLOSE = True  # "my own phone" sets its own age (rule 13)
SESSION_COOKIE_NAME = "__Host-s" if SECURE else "s"
CSRF_COOKIE_NAME = "__Host-c" if SECURE else "c"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [BASE_URL] if BASE_URL.startswith("http") else []
CSRF_FAILURE_VIEW = "cms.error_views.csrf_failure"
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=1 if SECURE else 0)

# ----------------------------------------------------------------------------------------------------------
# Headers (rule 59)

if SECURE:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "no-referrer"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"  # Wagtail lets the page editor's own previews be framed
_FIRST = (
    BASE_DIR / "templates" / "after_first_paint.js"
).read_bytes()  # the one script that stands in a page
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, f"'sha256-{b64encode(sha256(_FIRST).digest()).decode()}'"],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    name: [] for name in ("camera", "microphone", "geolocation", "payment", "usb", "browsing-topics")
}

# ----------------------------------------------------------------------------------------------------------
# Words, languages, days

LANGUAGE_CODE = "en"
TIME_ZONE = "Europe/London"
USE_TZ = True
USE_I18N = WAGTAIL_I18N_ENABLED = True
FORMAT_MODULE_PATH = "cms.formats"  # days and hours as they are written here, in the page editor too
LANG_INFO["ps"] = {"bidi": True, "code": "ps", "name": "Pashto", "name_local": "پښتو"}
LANGUAGES = WAGTAIL_CONTENT_LANGUAGES = [
    ("en", _("English")),
    ("ar", _("Arabic")),
    ("ps", _("Pashto")),
    ("vi", _("Vietnamese")),
]
LANGUAGES_BIDI = ["ar", "ps"]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_NAME = "language"
# A translation service that speaks LibreTranslate's JSON. Empty: there is none. Its switch and monthly cap are kept in
# the page editor, and it is off until a publisher turns it on.
TRANSLATOR_URL = env.str("TRANSLATOR_URL", default="")
TRANSLATOR_KEY = env.str("TRANSLATOR_KEY", default="")
WAGTAILLOCALIZE_MACHINE_TRANSLATOR = {"CLASS": "cms.outside_translator.CappedTranslator"}

# ----------------------------------------------------------------------------------------------------------
# Wagtail

WAGTAIL_SITE_NAME = "Waymark"
# Whether links to other sites are tried each day; off on a machine that may not go out.
CHECK_OUTSIDE_LINKS = env.bool("CHECK_OUTSIDE_LINKS", default=False)
WAGTAIL_FINISH_WORKFLOW_ACTION = "cms.moderated.publish_when_agreed"
WAGTAILIMAGES_IMAGE_MODEL = "cms.PortalImage"
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_USER_TIME_ZONES = ["Europe/London"]
WAGTAILEMBEDS_FINDERS: list[dict[str, str]] = []  # nothing from elsewhere is embedded (rule 8)
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAILSEARCH_BACKENDS = {
    "default": {"BACKEND": "wagtail.search.backends.database", "SEARCH_CONFIG": "english"}
}
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
# Only the page editor would send mail this way. Whoever must read a page finds it on their first page there.
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
WAGTAILIMAGES_EXTENSIONS = ["jpg", "jpeg", "png", "webp"]

# ----------------------------------------------------------------------------------------------------------
# The council's own choices

BRAND_NAME = env.str("BRAND_NAME", default="Waymark")
COUNCIL_NAME = env.str("COUNCIL_NAME", default="Lewisham Council")
COUNCIL_PLACE = env.str("COUNCIL_PLACE", default="Lewisham")
# Whether young people may give bank details here; off, finance holds them and nothing of it exists (decision 0014).
BANK_DETAILS_ENABLED = env.bool("BANK_DETAILS_ENABLED", default=False)
# Days that bank details stay here after the first payment file with them was loaded: finance has them by then.
BANK_DETAILS_KEPT_DAYS = env.int("BANK_DETAILS_KEPT_DAYS", default=14)
# The modulus tables of Vocalink, as published; without them only the format is checked, and staff are told so.
MODULUS_WEIGHTS_FILE = env.str("MODULUS_WEIGHTS_FILE", default="")
MODULUS_SUBSTITUTES_FILE = env.str("MODULUS_SUBSTITUTES_FILE", default="")
# The payment file in the council's own columns, as docs/payment-file.md says. Empty: ours.
PAYMENT_FILE_COLUMNS = env.list("PAYMENT_FILE_COLUMNS", default=[])
# The nightly file for the case record in the council's own columns, as docs/notes-file.md says. Empty: ours.
NOTES_FILE_COLUMNS = env.list("NOTES_FILE_COLUMNS", default=[])
PAYMENT_COST_CODE = env.str("PAYMENT_COST_CODE", default="")  # where the entitlement names none
# When the duty team answers on working days; at all other times the out-of-hours number is the one that is open.
OFFICE_OPENS, OFFICE_CLOSES = (
    time.fromisoformat(env.str(name, default=usual))
    for name, usual in (("OFFICE_OPENS", "09:00"), ("OFFICE_CLOSES", "17:00"))
)
# The most that one worker may ever be allowed to give one young person on the spot in a day; who may give what is data.
SPOT_HELP_MOST_PENCE = env.int("SPOT_HELP_MOST_PENCE", default=10_000)
FASTER_PAYMENTS = env.bool("FASTER_PAYMENTS", default=False)  # whether Finance can pay on the same day
# Where "Leave now" goes: a page that says nothing about who was here.
LEAVE_TO = env.str("LEAVE_TO", default="https://www.bbc.co.uk/weather")
DAILY_TEXT_LIMIT = env.int("DAILY_TEXT_LIMIT", default=1500)

# ----------------------------------------------------------------------------------------------------------
# Messages out: GOV.UK Notify in production; its recording twin in the demo and the tests

MESSAGE_PROVIDER = env.str(
    "MESSAGE_PROVIDER",
    default="portal.integrations.recording.Recording"
    if EMBEDDED
    else "portal.integrations.govuk_notify.GovukNotify",
)
NOTIFY_API_KEY = needed("NOTIFY_API_KEY", why="GOV.UK Notify sends the texts and emails", embedded="none")
NOTIFY_BASE_URL = env.str("NOTIFY_BASE_URL", default="https://api.notifications.service.gov.uk")
NOTIFY_SMS_TEMPLATE = env.str("NOTIFY_SMS_TEMPLATE", default="")
NOTIFY_EMAIL_TEMPLATE = env.str("NOTIFY_EMAIL_TEMPLATE", default="")
NOTIFY_CALLBACK_TOKEN = needed(
    "NOTIFY_CALLBACK_TOKEN",
    why="it proves that a delivery receipt comes from Notify",
    embedded="demo-callback-token-" * 2,
    at_least=32,
)

# ----------------------------------------------------------------------------------------------------------
# The demo

CLOCK_OFFSET_FILE = env.str("CLOCK_OFFSET_FILE", default=str(DATA_DIR / "clock-offset") if DEMO else "")
if SECURE and not COLLECTING:
    if CLOCK_OFFSET_FILE:
        _missing.append("CLOCK_OFFSET_FILE moves the clock: it is for the demo and the tests only.")
    if "recording" in MESSAGE_PROVIDER:
        _missing.append("MESSAGE_PROVIDER only records: production must send.")

# ----------------------------------------------------------------------------------------------------------
# Logs: one JSON line each, ids only (rule 40)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"ids_only": {"()": "portal.logs.IdsOnly"}},
    "formatters": {
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s",
        },
        "plain": {"format": "%(levelname)s %(name)s %(message)s"},
    },
    "handlers": {
        "out": {
            "class": "logging.StreamHandler",
            "formatter": "plain" if EMBEDDED else "json",
            "filters": ["ids_only"],
        }
    },
    "root": {"handlers": ["out"], "level": env.str("LOG_LEVEL", default="WARNING" if EMBEDDED else "INFO")},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"handlers": [], "propagate": False},
    },
}
# Nobody signs up here, so the two settings that this check compares do not meet.
SILENCED_SYSTEM_CHECKS = ["account.W001"]

if _missing:
    raise ImproperlyConfigured("The portal cannot start:\n" + "\n".join(f"  - {line}" for line in _missing))
