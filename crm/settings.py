"""All settings, in one file; differences between installations come from the environment.

The table of variables is in docs/settings.md; a test keeps both in step.
"""

import json
import logging
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
import django_stubs_ext
from csp import constants as csp
from django.utils.translation import gettext_lazy as _

from crm import env, production
from crm.core import addresses, logs
from crm.embedded import places
from crm.web import api_settings, theme_colors

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
EMBEDDED = places.find(base=BASE_DIR)

# --- what kind of installation this is
ENVIRONMENT = env.text("CRM_ENVIRONMENT", "development")
if ENVIRONMENT not in {"development", "demo", "test", "staging", "production"}:
    raise env.SettingError(
        "CRM_ENVIRONMENT must be development, demo, test, staging or production."
    )
IS_PRODUCTION = ENVIRONMENT == "production"
DEBUG = env.flag("DEBUG", default=False)
PRODUCT_NAME = _("Partnership CRM")
RELEASE = env.text("CRM_RELEASE", "0.1.0")

if IS_PRODUCTION:
    production.refuse_unless_ready(
        {
            "SECRET_KEY": env.secret("SECRET_KEY"),
            "DATABASE_URL": env.secret("DATABASE_URL"),
            "REDIS_URL": env.secret("REDIS_URL"),
            "ALLOWED_HOSTS": env.text("ALLOWED_HOSTS", ""),
            "PUBLIC_URL": env.text("PUBLIC_URL", ""),
            "EMAIL_URL": env.secret("EMAIL_URL"),
        },
        debug=DEBUG,
    )

# --- secrets, hosts and the address people open
SECRET_KEY = env.secret("SECRET_KEY") or env.kept_secret(EMBEDDED.state / "secret_key")
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
TOKEN_PEPPER = (
    env.secret("TOKEN_PEPPER") or SECRET_KEY
)  # key of the hashes of API tokens
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
PUBLIC_URL = env.text("PUBLIC_URL", "http://localhost:8000").rstrip("/")
CSRF_TRUSTED_ORIGINS = [f"https://{urlsplit(PUBLIC_URL).netloc}"]

# --- applications
INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "crm.web.apps.SiteConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "axes",
    "csp",
    "rest_framework",
    "django_filters",
    "oauth2_provider",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "crm.core",
    "crm.web",
    "crm.journal",
    "crm.rates",
    "crm.accounts",
    "crm.embedded",
    "partners",
    "deals",
    "crm.demo",
    "partners.usage",
    "partners.ai",
    "crm.figures",
    "crm.home",
    "crm.watch",
    "crm.reports",
    "crm.webhooks",
]
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

MIDDLEWARE = [
    "crm.web.health.HealthChecks",
    "crm.web.request_log.RequestLog",
    "crm.web.middleware.RefusePlainApi",
    "crm.web.api.middleware.ApiAnswers",
    "crm.web.api.programs.Programs",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "crm.web.middleware.SessionLimits",
    "crm.accounts.middleware.NoteSession",
    "crm.web.middleware.PersonalSettings",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "crm.web.middleware.NoStore",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "crm.urls"
WSGI_APPLICATION = "crm.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "crm.demo.notice.notice",
            ],
        },
    },
]

# --- data
DATABASE_URL = env.secret("DATABASE_URL") or EMBEDDED.database_url
DATABASES = {
    "default": dj_database_url.parse(
        DATABASE_URL, conn_max_age=60, conn_health_checks=True
    )
    | {"ENGINE": "crm.core.postgres"}
}

# --- language and time
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "crm" / "locale"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

# --- who may log in, and how often one may fail
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "crm.accounts.backends.PersonBackend",
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "/"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
PASSWORD_RESET_TIMEOUT = int(timedelta(hours=24).total_seconds())
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
AXES_FAILURE_LIMIT = env.number("LOGIN_ATTEMPTS", 5)
AXES_COOLOFF_TIME = timedelta(minutes=env.number("LOGIN_PAUSE_MINUTES", 15))
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_CLIENT_IP_CALLABLE = "crm.web.clients.address_of"
AXES_LOCKOUT_CALLABLE = "crm.web.views.login_paused"
AXES_USERNAME_CALLABLE = "crm.web.clients.login_of"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# --- sessions and cookies
SESSION_IDLE = timedelta(minutes=env.number("SESSION_IDLE_MINUTES", 120))
SESSION_LONGEST = timedelta(hours=env.number("SESSION_HOURS", 12))
SESSION_COOKIE_AGE = int(SESSION_LONGEST.total_seconds())
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "crm.web.views.csrf_failure"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True

# --- transport
TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXY_COUNT", 0)
USE_HTTPS = env.flag("USE_HTTPS", default=IS_PRODUCTION)
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXY_COUNT else None
)
SECURE_SSL_REDIRECT = USE_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^api/", r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if USE_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = USE_HTTPS
SECURE_HSTS_PRELOAD = USE_HTTPS
SESSION_COOKIE_SECURE = USE_HTTPS
CSRF_COOKIE_SECURE = USE_HTTPS
LANGUAGE_COOKIE_SECURE = USE_HTTPS
COOKIE_PREFIX = "__Host-" if USE_HTTPS else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}session"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrf"
LANGUAGE_COOKIE_NAME = f"{COOKIE_PREFIX}language"

# --- what a browser may do with our pages
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [csp.NONE],
        "script-src": [csp.SELF],
        # the theme sets styles from scripts and in attributes
        "style-src": [csp.SELF, csp.UNSAFE_INLINE],
        "img-src": [csp.SELF, "data:"],
        "font-src": [csp.SELF],
        "connect-src": [csp.SELF],
        "manifest-src": [csp.SELF],
        "form-action": [csp.SELF],
        "base-uri": [csp.NONE],
        "object-src": [csp.NONE],
        "frame-src": [csp.NONE],
        "frame-ancestors": [csp.NONE],
    }
}

# --- limits of what is sent to us
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_PERMISSIONS = 0o600

# --- API (docs/api.md); classes stand on the kit's Door, these serve what is not one
API_AUTHENTICATION = [
    "crm.accounts.api.TokenAuthentication",
    "rest_framework.authentication.SessionAuthentication",
]
REQUEST_SECONDS = env.number("REQUEST_SECONDS", 15)
API_RATE = env.text("API_RATE", "600/60")
API_FAILURE_RATE = env.text("API_FAILURE_RATE", "30/60")
REST_FRAMEWORK = api_settings.REST_FRAMEWORK
SPECTACULAR_SETTINGS = api_settings.SPECTACULAR_SETTINGS
OAUTH2_PROVIDER = api_settings.OAUTH2_PROVIDER
OAUTH2_PROVIDER_APPLICATION_MODEL = "oauth2_provider.Application"

# --- what we send to other systems (crm.core.outbound): public https only
OUTBOUND_ALLOW_LOOPBACK = (
    env.flag("OUTBOUND_ALLOW_LOOPBACK", default=False) and not IS_PRODUCTION
)
OUTBOUND_ALLOWED_HOSTS = env.words("OUTBOUND_ALLOWED_HOSTS")
OUTBOUND_CA_FILE = env.text("OUTBOUND_CA_FILE", "") or None

# --- static files: hashed names, compressed once
STATIC_URL = "/static/"
STATIC_ROOT = EMBEDDED.state / "static"
# attachments; never served from here, only by doors that check who asks
MEDIA_ROOT = env.text("MEDIA_ROOT", str(EMBEDDED.state / "media"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "crm.web.staticfiles.Storage"},
}
WHITENOISE_USE_FINDERS = not IS_PRODUCTION

# --- admin web interface (the theme calls what it finds under a dotted path)
SEARCH_CALLBACK = "crm.home.search.results"
UNFOLD = {
    "SITE_TITLE": PRODUCT_NAME,
    "SITE_HEADER": PRODUCT_NAME,
    "SITE_URL": None,
    "SITE_SYMBOL": "handshake",
    "SITE_FAVICONS": [{"rel": "icon", "href": "crm.web.theme.favicon"}],
    "SHOW_LANGUAGES": True,
    "LANGUAGES": {"action": "crm.web.theme.language_action"},
    "SHOW_BACK_BUTTON": True,
    "ENVIRONMENT": "crm.web.theme.environment",
    "ENVIRONMENT_TITLE_PREFIX": "crm.web.theme.title_prefix",
    "DASHBOARD_CALLBACK": "crm.home.first_page.fill",
    "STYLES": ["crm.web.theme.stylesheet"],
    "COMMAND": {"search_callback": SEARCH_CALLBACK, "show_history": False},
    "SIDEBAR": {
        "show_search": True,
        "command_search": True,
        "navigation": "crm.web.navigation.sidebar",
    },
    "BORDER_RADIUS": "6px",
    "COLORS": theme_colors.COLORS,
}

# --- cloud usage: where typed originals lie, and the bounds of one load
USAGE_STORE = Path(env.text("USAGE_STORE", str(EMBEDDED.state / "usage")))
USAGE_MEMORY_LIMIT = env.text("USAGE_MEMORY_LIMIT", "900MiB")
USAGE_THREADS = env.number("USAGE_THREADS", 2)
USAGE_LINE_LIMIT = env.number("USAGE_LINE_LIMIT", 2 * 1024**2)
USAGE_FILE_LIMIT = env.number("USAGE_FILE_LIMIT", 64 * 1024**3)
USAGE_REJECT_SHARE = env.text("USAGE_REJECT_SHARE", "0.001")
# --- and their ways in: uploads in parts, and a folder or object-store prefix to watch
USAGE_UPLOAD_LIMIT = env.number("USAGE_UPLOAD_LIMIT", 8 * 1024**3)
USAGE_PART_LIMIT = env.number("USAGE_PART_LIMIT", 64 * 1024**2)
USAGE_DROP = env.text("USAGE_DROP", "")
USAGE_DROP_OPTIONS = json.loads(env.secret("USAGE_DROP_OPTIONS") or "{}")
USAGE_DROP_SECONDS = env.number("USAGE_DROP_SECONDS", 60)

# --- mail: a server, or files where none is configured
EMAIL_URL = env.secret("EMAIL_URL") or ""
MAIL_SERVER = addresses.mail_server(EMAIL_URL, folder=EMBEDDED.state / "mail")
MAIL_FOLDER = MAIL_SERVER.folder
MAIL_FROM = env.text("MAIL_FROM", f"crm@{urlsplit(PUBLIC_URL).hostname}")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = MAIL_FROM
EMAIL_BACKEND = (
    "crm.core.mail_folder.EmailBackend"
    if MAIL_FOLDER
    else "django.core.mail.backends.smtp.EmailBackend"
)
EMAIL_HOST, EMAIL_PORT = MAIL_SERVER.host, MAIL_SERVER.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL_SERVER.user, MAIL_SERVER.password
EMAIL_USE_SSL = MAIL_SERVER.kind == "smtps"
EMAIL_USE_TLS = MAIL_SERVER.kind == "smtp+starttls"
EMAIL_TIMEOUT = 30

# --- report mails (reasons: crm/decisions/0080)
REPORTS_LEASE_SECONDS = env.number("REPORTS_LEASE_SECONDS", 300)
REPORTS_REPLY_SECONDS = env.number("REPORTS_REPLY_SECONDS", 600)

# --- jobs and cache (reasons: crm/decisions/0020)
REDIS_URL = addresses.redis_client_url(env.secret("REDIS_URL") or EMBEDDED.valkey_url)
CACHES = {
    "default": {
        "BACKEND": "crm.core.cache.ForgivingRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "crm",
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
    }
}
CRM_TICK_SECONDS = env.number("CRM_TICK_SECONDS", 60)
CELERY_BROKER_URL = addresses.redis_broker_url(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_CONNECTION_TIMEOUT = 5
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "global_keyprefix": "crm:",
    "socket_timeout": 5,
    "socket_connect_timeout": 5,
    "socket_keepalive": True,
    "visibility_timeout": 3600,
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
}
CELERY_TASK_SERIALIZER = CELERY_EVENT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 30 * 60
CELERY_TASK_SOFT_TIME_LIMIT = 28 * 60
CELERY_TASK_PUBLISH_RETRY_POLICY = {
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.2,
    "interval_max": 0.2,
}
CELERY_WORKER_CONCURRENCY = env.number("CRM_WORKER_PROCESSES", 2)
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_DISABLE_PREFETCH = True
CELERY_WORKER_MAX_TASKS_PER_CHILD = 1000
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 4
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
CELERY_TIMEZONE = "UTC"

# --- logs: one line per event, with the number of the request
logs.configure_structlog()
LOGGING = logs.configuration(
    is_json=env.flag("LOG_JSON", default=IS_PRODUCTION),
    level=env.text("LOG_LEVEL", "INFO").upper(),
)
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = True
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG
DJANGO_STRUCTLOG_STATUS_4XX_LOG_LEVEL = logging.INFO
