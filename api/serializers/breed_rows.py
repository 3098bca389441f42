"""Breeds: a label, its name, and what else is said of it."""

from typing import Any

from rest_framework import serializers

from api.serializers.plain import PlainSerializer
from dogbreed.answers.breeds import display_name


class BreedNameField(serializers.CharField):
    """The breed's name, of its label."""

    def to_representation(self, label: str) -> str:
        return display_name(label)


class RowsSerializer(serializers.ListSerializer[Any]):
    """Rows that are mappings with a value for each field.

    Each field converts its value, as everywhere, but it does not look for it in objects, for defaults and for null:
    for the 120 breeds of an answer that takes five times as long.
    """

    child: serializers.Serializer[Any]

    def to_representation(self, data: Any) -> list[Any]:
        columns = [(name, field.source, field.to_representation) for name, field in self.child.fields.items()]
        return [{name: convert(row[source]) for name, source, convert in columns} for row in data]


class BreedSerializer(PlainSerializer):
    breed = serializers.CharField(help_text="The label, as in the training data.")
    name = BreedNameField(source="breed", help_text="The breed's display name.")

    class Meta:
        list_serializer_class = RowsSerializer


class BreedProbabilitySerializer(BreedSerializer):
    probability = serializers.FloatField(min_value=0, max_value=1)
