from wsgiref.headers import Headers

import pytest

from dogbreed.freshness import add_freshness


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/", "no-cache"),
        ("/sw.js", "no-cache"),
        ("/manifest.webmanifest", "no-cache"),
        ("/assets/page-C32zVlVp.css", "public, max-age=31536000, immutable"),
        ("/static/rest_framework/css/default.css", "public, max-age=3600"),
    ],
)
def test_only_what_changes_its_address_is_kept_for_ever(url, expected):
    headers = Headers([("Cache-Control", "max-age=60, public")])
    add_freshness(headers, "/srv" + url, url)
    assert headers.get_all("Cache-Control") == [expected]
