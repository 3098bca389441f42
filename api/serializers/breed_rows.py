"""Breeds: a label, its name, and what else is said of it."""

from rest_framework import serializers

from api.serializers.plain import PlainSerializer
from dogbreed.answers.breeds import display_name


class BreedNameField(serializers.CharField):
    """The breed's name, of its label."""

    def to_representation(self, label: str) -> str:
        return display_name(label)


class BreedSerializer(PlainSerializer):
    breed = serializers.CharField(help_text="The label, as in the training data.")
    name = BreedNameField(source="breed", help_text="The breed's display name.")


class BreedProbabilitySerializer(BreedSerializer):
    probability = serializers.FloatField(min_value=0, max_value=1)
