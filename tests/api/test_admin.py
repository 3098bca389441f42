"""Logging in to the admin site of a real server, with the right password and with wrong ones."""

import re
from collections.abc import Iterator
from http.cookiejar import CookieJar
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest

from tests.http import RED_JPEG, Answer, Gunicorn, ask, gunicorn, manage, multipart

pytestmark = pytest.mark.slow

PASSWORD = "only-for-this-test"
LOGIN = "/admin/login/?next=/admin/"


@pytest.fixture(scope="module")
def admin(tiny_bundle, tmp_path_factory) -> Iterator[Gunicorn]:
    """Two workers behind one proxy."""
    settings: dict[str, Any] = {
        "DOGBREED_ADMIN": "yes",
        "DOGBREED_API_KEYS": "optional",
        "DOGBREED_PROXIES": "1",
        "WEB_CONCURRENCY": "2",
    }
    with gunicorn(tiny_bundle, tmp_path_factory.mktemp("admin") / "var", **settings) as server:
        account = ("createsuperuser", "--no-input", "--username", "ann", "--email", "ann@example.org")
        manage(
            *account, DJANGO_SUPERUSER_PASSWORD=PASSWORD, **settings, DOGBREED_VAR=server.environment["DOGBREED_VAR"]
        )
        yield server


def log_in(server: Gunicorn, password: str, address: str) -> Answer:
    """Fills in the form as a browser does, from an address that the proxy names."""
    form = ask(server.port, "GET", LOGIN, headers={"X-Forwarded-For": address})
    assert form.status == 200
    token = SimpleCookie(form.headers["set-cookie"])["csrftoken"].value
    body = urlencode({"username": "ann", "password": password, "csrfmiddlewaretoken": token}).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": f"csrftoken={token}"}
    return ask(server.port, "POST", LOGIN, body, {**headers, "X-Forwarded-For": address})


def test_the_right_password_opens_the_admin_site(admin):
    answer = log_in(admin, PASSWORD, "192.0.2.1")
    assert (answer.status, answer.headers["location"]) == (302, "/admin/")


def test_an_address_with_five_wrong_passwords_is_locked_out_and_no_other(admin):
    attempts = [log_in(admin, f"wrong-{number}", "192.0.2.2") for number in range(5)]
    assert [attempt.status for attempt in attempts] == [200, 200, 200, 200, 429]
    assert log_in(admin, PASSWORD, "192.0.2.2").status == 429  # not even with the right one
    # An address that the client itself puts into the header does not help: the last one is the proxy's.
    assert log_in(admin, PASSWORD, "198.51.100.1, 192.0.2.2").status == 429
    assert log_in(admin, PASSWORD, "192.0.2.3").status == 302
    manage("axes_reset", **{name: admin.environment[name] for name in ("DOGBREED_ADMIN", "DOGBREED_VAR")})
    assert log_in(admin, PASSWORD, "192.0.2.2").status == 302


def test_a_right_password_forgives_the_wrong_ones_before_it(admin):
    for _ in range(2):
        assert [log_in(admin, "wrong", "192.0.2.4").status for _ in range(4)] == [200] * 4
        assert log_in(admin, PASSWORD, "192.0.2.4").status == 302


def test_a_key_that_the_admin_site_makes_is_shown_once_and_works(admin):
    cookies = CookieJar()
    browser = build_opener(HTTPCookieProcessor(cookies))
    browser.addheaders = [("X-Forwarded-For", "192.0.2.5")]

    def submit(path: str, **fields: str) -> str:
        """Opens the page of a form, fills it in and follows to the page after it."""
        browser.open(admin.url + path).close()
        token = next(cookie.value for cookie in cookies if cookie.name == "csrftoken")
        form = urlencode({**fields, "csrfmiddlewaretoken": token}).encode()
        with browser.open(admin.url + path, form) as page:
            return str(page.read().decode())

    submit(LOGIN, username="ann", password=PASSWORD)
    shown = submit("/admin/api/apikey/add/", name="ann", rate="1000/day", active="on")
    (key,) = re.findall(r"dogbreed_[\w-]{43}", shown)
    body, described = multipart(RED_JPEG)
    allowed = ask(admin.port, "POST", "/predictImage", body, described | {"Authorization": f"Bearer {key}"})
    assert (allowed.status, allowed.headers["ratelimit-policy"]) == (200, '"predictions";q=1000;w=86400')
    with browser.open(f"{admin.url}/admin/api/apikey/") as page:
        assert key not in page.read().decode()
