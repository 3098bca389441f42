"""What is left of the client's quota, in the headers of each response that counted."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from api.throttling import HEADERS


def tell_rate_limit(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        for name, value in request.META.get(HEADERS, {}).items():
            response.headers[name] = value
        return response

    return middleware
