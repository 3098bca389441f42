"""What is left of an event before it is sent to the error reporter."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from dogbreed.error_reports import report_errors, without_visitor


def test_an_event_keeps_nothing_of_the_visitor():
    event = {
        "message": "failed",
        "user": {"ip_address": "203.0.113.7"},
        "extra": {"photo": "taken in a garden"},
        "breadcrumbs": {"values": ["an earlier visitor"]},
        "request": {
            "method": "POST",
            "url": "http://localhost/predictImage?explain=true",
            "headers": {"Cookie": "session=1", "User-Agent": "a browser", "X-Forwarded-For": "203.0.113.7"},
            "data": "taken in a garden",
            "env": {"REMOTE_ADDR": "203.0.113.7"},
        },
    }
    assert without_visitor(event, {}) == {
        "message": "failed",
        "request": {
            "method": "POST",
            "url": "http://localhost/predictImage",
            "headers": {"User-Agent": "a browser"},
        },
    }


def test_an_event_without_a_request_is_sent_too():
    assert without_visitor({"message": "failed"}, {}) == {"message": "failed"}


@pytest.mark.filterwarnings("ignore:The send_default_pii option")
def test_an_address_that_is_none_is_refused_with_a_sentence():
    pytest.importorskip("sentry_sdk")
    report_errors("")
    with pytest.raises(
        ImproperlyConfigured, match=r"SENTRY_DSN cannot be used: .* Copy it from your project's settings"
    ):
        report_errors("not an address")
