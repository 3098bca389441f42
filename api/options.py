"""The query parameters of a request."""

from functools import cache
from typing import Any

from rest_framework.request import Request
from rest_framework.serializers import BooleanField, Serializer

from api.exceptions import BadOption


@cache
def _defaults(serializer: type[Serializer[Any]]) -> dict[str, Any]:
    """The options of most requests. Building a serializer takes longer than all else that is done for them."""
    options = serializer(data={})
    options.is_valid(raise_exception=True)
    return dict(options.validated_data)


def read_options(request: Request, serializer: type[Serializer[Any]]) -> dict[str, Any]:
    """The options that `serializer` describes. Raises `BadOption` for the first one that it does not accept."""
    if not request.query_params:
        return dict(_defaults(serializer))
    options = serializer(data=request.query_params)
    if not options.is_valid():
        name = next(iter(options.errors))
        is_switch = isinstance(options.fields[name], BooleanField)
        raise BadOption(name, "true or false" if is_switch else "a whole number of at least 1")
    return dict(options.validated_data)
