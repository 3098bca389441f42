"""Django's settings, and the only place that reads the environment.

Every name that starts with DOGBREED_ is ours; each can be set as an environment variable of the same name.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"  # what the server writes: the database, collected static files


def _text(name: str, default: str) -> str:
    return os.environ.get(name, "").strip() or default


def _list(name: str, default: str = "") -> list[str]:
    return [item.strip() for item in _text(name, default).split(",") if item.strip()]


def _choice(name: str, default: str, choices: tuple[str, ...]) -> str:
    value = _text(name, default).lower()
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, got {value!r}.")
    return value


def _number(name: str, default: int) -> int:
    value = _text(name, str(default))
    if not value.isdecimal() or int(value) == 0:
        raise ImproperlyConfigured(f"{name} must be a whole number above zero, got {value!r}.")
    return int(value)


# Model
DOGBREED_BUNDLE = Path(_text("DOGBREED_BUNDLE", str(BASE_DIR / "models" / "default")))
DOGBREED_PRECISION = _choice("DOGBREED_PRECISION", "auto", ("auto", "float32", "bfloat16"))
DOGBREED_ENGINE = _choice("DOGBREED_ENGINE", "openvino", ("openvino", "onnxruntime"))
WEB_CONCURRENCY = _number("WEB_CONCURRENCY", 1)  # gunicorn's own name for its processes: they divide the cores

# Training
DOGBREED_CACHE = Path(_text("DOGBREED_CACHE", str(VAR_DIR / "cache")))  # decoded photos; may be deleted at any time

# What an upload may be
DOGBREED_MAX_UPLOAD_BYTES = _number("DOGBREED_MAX_UPLOAD_BYTES", 20 * 1024 * 1024)
DOGBREED_MAX_PIXELS = _number("DOGBREED_MAX_PIXELS", 80_000_000)  # a decoded pixel takes 3 to 7 bytes while it is read

# Who may ask
DEBUG = _choice("DOGBREED_DEBUG", "no", ("no", "yes")) == "yes"
# Nothing is signed yet that a second process or a restart would have to recognise, so a random key is enough.
SECRET_KEY = _text("DJANGO_SECRET_KEY", get_random_secret_key())
ALLOWED_HOSTS = _list("DOGBREED_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CORS_ALLOWED_ORIGINS = _list("DOGBREED_CORS_ORIGINS")
CORS_EXPOSE_HEADERS = ["Retry-After"]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.staticfiles",
    "corsheaders",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "api",
    "trainer",
]
MIDDLEWARE = [
    "api.middleware.read_the_rest",
    "django.middleware.security.SecurityMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "dogbreed.urls"
WSGI_APPLICATION = "dogbreed.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]

# Uploads stay in memory: the API refuses what is longer than the limit before it reads it.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = DOGBREED_MAX_UPLOAD_BYTES + 1024 * 1024  # the multipart frame around the file

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": VAR_DIR / "dogbreed.sqlite3",
        "OPTIONS": {
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            "transaction_mode": "IMMEDIATE",
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Static files are found in the installed packages as well, so that a fresh clone needs no collectstatic.
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
WHITENOISE_USE_FINDERS = True
with suppress(OSError):  # a read-only container serves without a database and without collected files
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)

# The built page, at the root of the site; dogbreed.urls says how to build it where it is missing.
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
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.MultiPartParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "api.exceptions.exception_handler",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Dogbreed",
    "DESCRIPTION": "A photo of a dog goes in, its breed comes out.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,  # an uploaded file is binary in a request and never part of an answer
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    # Django's own handlers would say everything twice and mail the errors to nobody.
    "loggers": {"django": {"handlers": [], "level": "INFO", "propagate": True}},
}
