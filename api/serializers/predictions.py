"""Stored answers: feedback, kept photos and statistics."""

from typing import Any

from rest_framework import serializers

from api.models import Feedback
from api.serializers.breed_rows import BreedSerializer
from api.serializers.predict_image import AnswerSerializer


class FeedbackSerializer(serializers.Serializer[Any]):
    breed = serializers.CharField(help_text="A label, `other` or `no_dog`.")
    right = serializers.BooleanField(help_text="Whether that is the breed that the model answered.")
    created = serializers.DateTimeField()


class FeedbackRequestSerializer(serializers.Serializer[Any]):
    """Either of the two."""

    right = serializers.BooleanField(required=False, help_text="True if the answer was right.")
    breed = serializers.CharField(
        required=False, help_text="What the dog is: one of the answer's labels, `other` or `no_dog`."
    )

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """The columns of `api.models.Feedback`, for the `prediction` in the context."""
        prediction = self.context["prediction"]
        breed, right = given.get("breed"), given.get("right", False)
        if right and breed not in (None, prediction.breed):
            raise serializers.ValidationError("Both were sent, and they contradict each other.")
        if not right and breed is None:
            raise serializers.ValidationError("Neither was sent.")
        if breed is not None and breed not in (*prediction.probabilities, Feedback.OTHER, Feedback.NO_DOG):
            raise serializers.ValidationError(f"The model does not know the breed {breed[:80]!r}.")
        breed = breed or prediction.breed
        return {"breed": breed, "right": breed == prediction.breed}


class StoredPredictionSerializer(AnswerSerializer):
    created = serializers.DateTimeField()
    width = serializers.IntegerField(min_value=1, help_text="Of the upright photo, in pixels.")
    height = serializers.IntegerField(min_value=1)
    sha256 = serializers.CharField(help_text="Of the uploaded file.")
    feedback = FeedbackSerializer(allow_null=True)
    photo_kept = serializers.BooleanField(help_text="Whether the photo was stored with the visitor's consent.")


class KeptPhotoSerializer(serializers.Serializer[Any]):
    prediction = serializers.UUIDField(source="prediction_id")
    created = serializers.DateTimeField()


class BreedCountSerializer(BreedSerializer):
    predictions = serializers.IntegerField(min_value=1)


class ConfidenceBinSerializer(serializers.Serializer[Any]):
    """Answers whose probability is at least `from` and below `to`; the last bin includes 1."""

    to = serializers.FloatField(source="upper")
    predictions = serializers.IntegerField(min_value=0)
    judged = serializers.IntegerField(min_value=0, help_text="How many of them received feedback.")
    right = serializers.IntegerField(min_value=0, help_text="How many of those were right.")

    def get_fields(self) -> dict[str, Any]:
        # `from` is a keyword in Python.
        return {"from": serializers.FloatField(source="lower"), **super().get_fields()}


class StatisticsSerializer(serializers.Serializer[Any]):
    predictions = serializers.IntegerField(min_value=0)
    breeds = BreedCountSerializer(many=True, help_text="The most frequent first.")
    confidence = ConfidenceBinSerializer(many=True)
