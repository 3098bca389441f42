"""Health."""

from typing import Any

from rest_framework import serializers

from api.serializers.model import ModelNameSerializer


class HealthSerializer(serializers.Serializer[Any]):
    status = serializers.CharField()


class ReadySerializer(HealthSerializer):
    model = ModelNameSerializer()
    precision = serializers.CharField(help_text="The number format that the network is computed in.")
