"""Django's settings. No other module reads the environment.

Names that start with DOGBREED_ are ours. deploy/settings.md lists the environment variables.
"""

from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import dj_database_url
from corsheaders.defaults import default_headers

from dogbreed import __version__
from dogbreed import environment as env
from dogbreed.freshness import add_freshness
from dogbreed.secret import lasting_secret

BASE_DIR = Path(__file__).resolve().parent.parent
# Where the server writes: the database, collected static files, photos that visitors agreed to store, decoded photos.
VAR_DIR = Path(env.text("DOGBREED_VAR", str(BASE_DIR / "var")))


# Model
DOGBREED_BUNDLE = Path(env.text("DOGBREED_BUNDLE", str(BASE_DIR / "models" / "default")))
DOGBREED_PRECISION = env.choice("DOGBREED_PRECISION", "auto", ("auto", "float32", "bfloat16", "int8"))
DOGBREED_BUNDLE_KEY = env.text("DOGBREED_BUNDLE_KEY", "")  # a public key, by which served bundles must be signed
DOGBREED_COMPILED = VAR_DIR / "compiled"  # networks compiled for this processor, so that the next start is faster
DOGBREED_MODELS = VAR_DIR / "models"  # promoted bundles, and which of them is served: dogbreed/model/store.py
DOGBREED_ENGINE = env.choice("DOGBREED_ENGINE", "openvino", ("openvino", "onnxruntime"))

# Training
DOGBREED_CACHE = Path(env.text("DOGBREED_CACHE", str(VAR_DIR / "cache")))  # decoded photos; can be deleted at any time

# Limits of uploads
DOGBREED_MAX_UPLOAD_BYTES = env.number("DOGBREED_MAX_UPLOAD_BYTES", 20 * 1024 * 1024)
# So many are decoded at once in one process. Each takes 1 to 6 bytes then, with AVIF and HEIC up to 10, with WebP 16.
DOGBREED_MAX_PIXELS = env.number("DOGBREED_MAX_PIXELS", 80_000_000)

# Limits of load
WEB_CONCURRENCY = env.number("WEB_CONCURRENCY", 1)  # gunicorn's worker processes, which divide the cores
DOGBREED_MAX_PENDING = env.number("DOGBREED_MAX_PENDING", 16)  # predictions running or waiting in one process
DOGBREED_THROTTLE = env.rate("DOGBREED_THROTTLE")  # photos of one client, counted in the cache
DOGBREED_PROXIES = env.number("DOGBREED_PROXIES", 0, at_least=0)  # proxies in front that set the client's address

# Stored answers
DOGBREED_KEEP_DAYS = env.number("DOGBREED_KEEP_DAYS", 0, at_least=0)  # `manage.py prune` deletes older ones; 0: none
DOGBREED_KEEP_PHOTOS = env.yes("DOGBREED_KEEP_PHOTOS")  # if the visitor agrees, for each photo
DOGBREED_PHOTOS = VAR_DIR / "photos"

# Photos of breeds that may be shown: a folder as `manage.py collect` writes it; None: none are shown
DOGBREED_GALLERY = Path(_gallery) if (_gallery := env.text("DOGBREED_GALLERY", "")) else None

# Access
DOGBREED_API_KEYS = env.choice("DOGBREED_API_KEYS", "off", ("off", "optional", "required"))  # api/keys.py
DEBUG = env.yes("DOGBREED_DEBUG")
SECRET_KEY = env.text("DJANGO_SECRET_KEY", "") or lasting_secret(VAR_DIR / "secret_key")
ALLOWED_HOSTS = env.hosts("DOGBREED_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CORS_ALLOWED_ORIGINS = env.items("DOGBREED_CORS_ORIGINS")
CORS_ALLOW_HEADERS = [*default_headers, "x-prediction-secret"]
CORS_EXPOSE_HEADERS = ["RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-ID"]
DOGBREED_ADMIN = env.yes("DOGBREED_ADMIN")
DOGBREED_METRICS_FROM = env.networks("DOGBREED_METRICS_FROM", "127.0.0.0/8,::1")
SENTRY_DSN = env.text("SENTRY_DSN", "")  # Sentry's own name; dogbreed/error_reports.py
PROMETHEUS_MULTIPROC_DIR = env.text("PROMETHEUS_MULTIPROC_DIR", "")  # prometheus_client's own name

# HTTPS, by a proxy in front
DOGBREED_HTTPS = env.yes("DOGBREED_HTTPS")
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = DOGBREED_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^api/health/", r"^metrics/?$"]  # requested from inside, without the proxy
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if DOGBREED_HTTPS else 0
if DOGBREED_HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Whether all subdomains use HTTPS too is the operator's decision, not ours.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

# Pages load nothing from other sites. Mantine and Swagger UI write styles into the page. The page may compile
# WebAssembly, with which it runs the model in private mode.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'", "'wasm-unsafe-eval'"],
        "worker-src": ["'self'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
# The page takes photos with the phone's own camera program, which needs no permission of the browser.
PERMISSIONS_POLICY = (
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), "
    "microphone=(), midi=(), payment=(), usb=()"
)
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "api.exceptions.csrf_failure"
SECURE_REFERRER_POLICY = "same-origin"

# The admin site. Passwords cannot be guessed: an address with too many wrong ones is locked out for a while.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)  # each further attempt starts it anew
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "api.admin.lockout.client_address"
AXES_DISABLE_ACCESS_LOG = True  # no addresses of those who have the password
if DOGBREED_ADMIN:
    AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
ADMIN_APPS = ["django.contrib.admin", "django.contrib.sessions", "django.contrib.messages", "axes"]
ADMIN_MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "axes.middleware.AxesMiddleware",
]
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.staticfiles",
    *(ADMIN_APPS if DOGBREED_ADMIN else []),
    "corsheaders",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "api",
    *(["trainer"] if (BASE_DIR / "trainer").is_dir() else []),  # its commands; serving does not need it
]
MIDDLEWARE = [
    "api.middleware.request_ids.identify",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "api.middleware.permissions_policy.add_permissions_policy",
    "corsheaders.middleware.CorsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Its random padding keeps the length of an answer from revealing what is in it (BREACH). Besides, no answer of the
    # API repeats a secret that was given before beside text that the request chose.
    "django.middleware.gzip.GZipMiddleware",
    "api.middleware.request_ids.log",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "api.middleware.rate_limits.tell_rate_limit",
    *(ADMIN_MIDDLEWARE if DOGBREED_ADMIN else []),
]
ROOT_URLCONF = "dogbreed.urls"
WSGI_APPLICATION = "dogbreed.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# Uploads stay in memory: the API refuses longer ones before it reads them.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = DOGBREED_MAX_UPLOAD_BYTES + 1024 * 1024  # for the multipart form around the file

# A database that does not answer must not delay a prediction for long.
SQLITE = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": VAR_DIR / "dogbreed.sqlite3",
    "CONN_MAX_AGE": None,  # closing the last connection writes back the whole log, which took longer than a prediction
    "OPTIONS": {
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        "transaction_mode": "IMMEDIATE",
        "timeout": 2,
    },
}
POSTGRESQL_OPTIONS = {"connect_timeout": 2, "tcp_user_timeout": 3000, "options": "-c statement_timeout=3000"}
DATABASE_URL = env.text("DATABASE_URL", "")
DATABASES: dict[str, Any] = {"default": SQLITE}
if DATABASE_URL:
    DATABASES["default"] = {**dj_database_url.parse(DATABASE_URL, conn_max_age=600, conn_health_checks=True)}
    if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
        DATABASES["default"]["OPTIONS"] = {**POSTGRESQL_OPTIONS, **DATABASES["default"].get("OPTIONS", {})}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# What the throttle counts and the statistics. Each process has its own unless instances share one.
CACHES = {"default": env.cache("DOGBREED_CACHE_URL")}

# Static files are also found in installed packages, so a fresh clone needs no collectstatic.
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_ADD_HEADERS_FUNCTION = add_freshness
WHITENOISE_MIMETYPES = {".webmanifest": "application/manifest+json"}
with suppress(OSError):  # a read-only container serves without collected files
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)

# The built page, at the root of the site. Where it is missing, dogbreed.urls explains how to build it.
FRONTEND_DIST = BASE_DIR / "frontend" / "dist"
if FRONTEND_DIST.is_dir():
    WHITENOISE_ROOT = FRONTEND_DIST
    WHITENOISE_INDEX_FILE = True

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": [
        "api.fast_json.FastJSONRenderer",
        "rest_framework.renderers.BrowsableAPIRenderer",
    ],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.MultiPartParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "api.exceptions.exception_handler",
    "DEFAULT_THROTTLE_RATES": {"predictions": DOGBREED_THROTTLE},
    "NUM_PROXIES": DOGBREED_PROXIES,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Dogbreed",
    "DESCRIPTION": "Identifies the breed of the dog in a photo and says how reliable the answer is.",
    "VERSION": __version__,
    "OAS_VERSION": "3.1.0",  # nullable fields are plain JSON Schema in it
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,  # an uploaded file is binary in a request and never part of a response
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "api.views.links.add_links"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "api.middleware.request_ids.WithRequestId"}},
    "formatters": {
        "text": {
            "()": "dogbreed.log_lines.LineFormatter",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        },
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "format": "{asctime}{levelname}{name}{message}{request_id}",
            "style": "{",
            "rename_fields": {"asctime": "time", "levelname": "level", "name": "logger"},
        },
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "filters": ["request_id"],
            "formatter": env.choice("DOGBREED_LOG", "text", ("text", "json")),
        }
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    # Django's own handlers would log everything twice and mail errors to nobody.
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.request": {"level": "ERROR"},  # a client's mistakes are in the line of its request
        "axes": {"level": "WARNING"},
    },
}
