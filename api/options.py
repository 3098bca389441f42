"""The query parameters of a request."""

from typing import Any

from rest_framework.request import Request
from rest_framework.serializers import BooleanField, Serializer

from api.exceptions import BadOption


def read_options(request: Request, serializer: type[Serializer[Any]]) -> dict[str, Any]:
    """The options that `serializer` describes. Raises `BadOption` for the first one that it does not accept."""
    options = serializer(data=request.query_params)
    if not options.is_valid():
        name = next(iter(options.errors))
        is_switch = isinstance(options.fields[name], BooleanField)
        raise BadOption(name, "true or false" if is_switch else "a whole number of at least 1")
    return dict(options.validated_data)
