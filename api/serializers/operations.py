"""Health."""

from typing import Any

from rest_framework import serializers

from api.serializers.model import ModelNameSerializer


class HealthSerializer(serializers.Serializer[Any]):
    status = serializers.CharField()


class OnTrialSerializer(serializers.Serializer[Any]):
    model = ModelNameSerializer()
    share = serializers.FloatField(min_value=0, max_value=1, help_text="The share of photos that it answers.")


class ReadySerializer(HealthSerializer):
    model = ModelNameSerializer()
    precision = serializers.CharField(help_text="The number format that the network is computed in.")
    trial = OnTrialSerializer(allow_null=True, help_text="A model that answers some of the photos, or null.")
    refused = serializers.BooleanField(
        help_text="Whether another model was promoted than this process answers with: it could not be loaded, and the "
        "log says why."
    )
