"""Reports the server's unexpected errors to Sentry, or to a service that speaks its protocol (GlitchTip, Bugsink).

Nothing that says who asked, and nothing of a photo, is sent.
"""

from typing import Any

from django.core.exceptions import ImproperlyConfigured

from dogbreed import __version__

MISSING = (
    "SENTRY_DSN is set, but the package sentry-sdk is not installed. Run: .venv/bin/python -m pip install sentry-sdk. "
    "Or unset SENTRY_DSN."
)
HEADERS = {"content-length", "content-type", "user-agent", "x-request-id"}  # these alone are sent
CLIENTS_MISTAKES = "django.security.*"  # such as a wrong host name, which scanners send all day


def report_errors(dsn: str) -> None:
    """Starts reporting to the project that `dsn` names; an empty one changes nothing. Call it before Django is set up.

    Raises:
        ImproperlyConfigured: sentry-sdk is not installed, or `dsn` is not well-formed.
    """
    if not dsn:
        return
    try:  # optional, and slow to import
        import sentry_sdk
        from sentry_sdk.integrations.logging import ignore_logger
        from sentry_sdk.utils import BadDsn
    except ImportError as error:
        raise ImproperlyConfigured(MISSING) from error
    try:
        sentry_sdk.init(
            dsn,
            release=f"dogbreed@{__version__}",
            send_default_pii=False,
            include_local_variables=False,  # a photo may be among them
            max_request_body_size="never",
            before_send=without_visitor,
            before_breadcrumb=lambda breadcrumb, hint: None,  # earlier log lines, of other visitors too
            auto_session_tracking=False,
            enable_metrics=False,
            send_client_reports=False,
        )
    except BadDsn as error:
        raise ImproperlyConfigured(
            f"SENTRY_DSN cannot be used: {error}. Copy it from your project's settings."
        ) from error
    ignore_logger(CLIENTS_MISTAKES)


def without_visitor(event: Any, hint: Any) -> Any:
    """The event without what may identify a visitor: of the request, its method, path and a few headers stay."""
    for part in ("user", "extra", "breadcrumbs"):
        event.pop(part, None)
    if request := event.get("request"):
        headers = request.get("headers", {})
        event["request"] = {
            "method": request.get("method"),
            "url": request.get("url", "").partition("?")[0],
            "headers": {name: value for name, value in headers.items() if name.lower() in HEADERS},
        }
    return event
