"""The answer to several photos of one dog."""

from rest_framework import serializers

from api.serializers.conclusions import ConclusionsSerializer, RoundedField
from api.serializers.model import ModelNameSerializer
from api.serializers.plain import PlainSerializer
from api.serializers.predict_image import RankingSerializer


class DogPhotoSerializer(PlainSerializer):
    """What one photo adds to the answer."""

    photo = serializers.IntegerField(min_value=0, help_text="Its place in `answers`, from 0.")
    weight = RoundedField(
        min_value=0,
        max_value=1,
        help_text="How much of an independent photo it counts: photos that resemble each other share a weight.",
    )
    duplicate_of = serializers.IntegerField(
        min_value=0, allow_null=True, help_text="The place of an earlier photo that is nearly the same, or null."
    )
    agrees = serializers.BooleanField(
        help_text="False if it seems to show another dog, or no dog. Such a photo is not counted."
    )
    probability = serializers.FloatField(
        min_value=0, max_value=1, help_text="What this photo alone gives the dog's breed."
    )
    without = serializers.FloatField(
        min_value=0,
        max_value=1,
        allow_null=True,
        help_text="What the other counted photos give the dog's breed, without this one. Null if there is no other.",
    )


class DogSerializer(RankingSerializer, ConclusionsSerializer):
    photos = DogPhotoSerializer(many=True, help_text="One for each photo that was answered, in order.")
    model = ModelNameSerializer()
