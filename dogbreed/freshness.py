"""How long browsers may keep the files that whitenoise serves; deploy/nginx says the same where nginx serves them."""

from wsgiref.headers import Headers

FOREVER = "public, max-age=31536000, immutable"
AN_HOUR = "public, max-age=3600"
ASK_EACH_TIME = "no-cache"


def add_freshness(headers: Headers, path: str, url: str) -> None:
    """Sets Cache-Control: `url` of the page's assets changes with their content, that of everything else stays."""
    if url.startswith("/assets/"):
        headers["Cache-Control"] = FOREVER
    elif url.startswith("/static/"):
        headers["Cache-Control"] = AN_HOUR
    else:  # the page itself, its service worker and its manifest: a new version has to be seen at once
        headers["Cache-Control"] = ASK_EACH_TIME
