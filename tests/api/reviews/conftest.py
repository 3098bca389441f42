"""Kept photos, and people of the staff who review them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from api.models import Review
from api.reviews.cases import Case, all_cases
from tests.http import upload
from tests.image_files import encoded, plain

QUEUE = "/admin/api/review/"
SHADES = iter(range(10_000))


@pytest.fixture
def keeping(served, settings, tmp_path):
    settings.DOGBREED_KEEP_PHOTOS = True
    settings.DOGBREED_PHOTOS = tmp_path / "photos"
    return settings.DOGBREED_PHOTOS


@pytest.fixture
def send(keeping, client) -> Callable[..., dict[str, Any]]:
    """A visitor sends a photo, says something, and permits to keep the photo: the answer."""

    def send(said: str = "", data: bytes = b"", kept: bool = True) -> dict[str, Any]:
        data = data or red_photo()
        answer = upload(client, data).json()
        if said:
            response = client.post(f"/api/predictions/{answer['id']}/feedback", {"breed": said})
            assert response.status_code == 201
        if kept:
            assert upload(client, data, f"/api/predictions/{answer['id']}/photo").status_code == 201
        return dict(answer)

    return send


def red_photo() -> bytes:
    """Another one each time. The model is sure that it is a red hound, and all but excludes a blue one."""
    shade = next(SHADES)
    return encoded(plain((210, 42, 0), (80 + shade % 50, 60 + shade // 50)))


def withdraw(client: Client, answer: dict[str, Any]) -> None:
    headers = {"X-Prediction-Secret": answer["secret"]}
    assert client.delete(f"/api/predictions/{answer['id']}", headers=headers).status_code == 204


def only_case() -> Case:
    (case,) = all_cases()
    return case


def last_review() -> Review:
    event = only_case().last
    assert event is not None
    return event


@pytest.fixture
def staff(settings, db) -> Callable[..., Client]:
    """A client of the admin site who is logged in, with these permissions on reviews."""
    settings.INSTALLED_APPS = [
        *("django.contrib.admin", "django.contrib.sessions", "django.contrib.messages"),
        *settings.INSTALLED_APPS,
    ]
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, *(name for name in settings.ADMIN_MIDDLEWARE if "axes" not in name)]
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"  # the table is not made for tests
    settings.ROOT_URLCONF = "tests.api.reviews.admin_urls"

    def logged_in(name: str = "ann", *permissions: str) -> Client:
        user = User.objects.create(username=name, is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=permissions or ("change_review",)))
        client = Client()
        client.force_login(user)
        return client

    return logged_in


def act(client: Client, do: str, *cases: Case, **fields: Any) -> str:
    """Sends the form of the queue as it was shown when `cases` were read; returns the text of the page after it."""
    seen = {f"seen-{case.id}": case.seen for case in cases}
    ticked = [] if ":" in do else [str(case.id) for case in cases]
    response = client.post(f"{QUEUE}act/", {"do": do, "photo": ticked, **seen, **fields}, follow=True)
    assert response.status_code == 200
    return str(response.content.decode())
