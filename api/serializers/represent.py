"""How a serializer's answer is made."""

from functools import cache
from typing import Any

from rest_framework.serializers import Serializer


@cache
def _built(serializer: type[Serializer[Any]]) -> Serializer[Any]:
    return serializer()


def represent(serializer: type[Serializer[Any]], instance: Any) -> dict[str, Any]:
    """The plain dictionary that a serializer makes of an instance.

    Each serializer is built once in a process, and its threads share it: it keeps nothing of an instance, and copying
    an answer's fifty fields for each request takes longer than using them.
    """
    return dict(_built(serializer).to_representation(instance))
