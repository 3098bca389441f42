"""Photos of a breed, from the operator's gallery."""

from rest_framework import serializers

from api.serializers.breed_rows import BreedSerializer
from api.serializers.plain import PlainSerializer


class GalleryPhotoSerializer(PlainSerializer):
    url = serializers.CharField(help_text="The address of a small JPEG. What it contains never changes.")
    width = serializers.IntegerField(min_value=1, help_text="Of the small JPEG, in pixels.")
    height = serializers.IntegerField(min_value=1)
    author = serializers.CharField()
    licence = serializers.CharField(help_text="As its source calls it, such as `CC BY-SA 4.0`.")
    licence_url = serializers.CharField(allow_null=True, help_text="The text of the licence.")
    source_url = serializers.CharField(allow_null=True, help_text="Where the photo comes from.")


class BreedPhotosSerializer(BreedSerializer):
    photos = GalleryPhotoSerializer(many=True, help_text="In the order of the gallery; at most 6.")
