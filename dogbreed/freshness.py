"""How long browsers may cache the files that whitenoise serves. nginx does the same in deploy/nginx."""

from wsgiref.headers import Headers

FOREVER = "public, max-age=31536000, immutable"
AN_HOUR = "public, max-age=3600"
ASK_EACH_TIME = "no-cache"


def add_freshness(headers: Headers, path: str, url: str) -> None:
    """Sets Cache-Control. Only the URLs of the page's assets change with their content."""
    if url.startswith("/assets/"):
        headers["Cache-Control"] = FOREVER
    elif url.startswith("/static/"):
        headers["Cache-Control"] = AN_HOUR
    else:  # the page, its service worker and its manifest: a new version must be seen at once
        headers["Cache-Control"] = ASK_EACH_TIME
