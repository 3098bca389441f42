"""The root of the API."""

from typing import Any

from rest_framework import serializers


class ApiRootSerializer(serializers.Serializer[Any]):
    predictImage = serializers.URLField()  # noqa: N815 - the address's own spelling
    model = serializers.URLField()
    stats = serializers.URLField()
    health = serializers.URLField()
    schema = serializers.URLField()
    docs = serializers.URLField()
