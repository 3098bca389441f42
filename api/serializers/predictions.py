"""Several photos at once; stored answers: feedback, kept photos and statistics."""

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field
from rest_framework import serializers

from api.models import Feedback, Prediction
from api.serializers.breed_rows import BreedSerializer
from api.serializers.dog import DogSerializer
from api.serializers.error import ErrorSerializer
from api.serializers.predict_image import AnswerSerializer, PredictionOptionsSerializer, PredictionSerializer
from api.serializers.represent import represent
from dogbreed.photos.formats import FORMAT_NAMES

MAX_PHOTOS = 16  # of one request


class PhotoFilesSerializer(serializers.Serializer[Any]):
    # An empty file is refused where photos are decoded.
    image = serializers.ListField(
        child=serializers.FileField(allow_empty_file=True),
        min_length=1,
        max_length=MAX_PHOTOS,
        help_text=f"The photos: {FORMAT_NAMES} files, each a part of the form with this name.",
    )


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string"},
            {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": MAX_PHOTOS},
        ],
    }
)
class OneOrMoreField(serializers.ListField):
    """A text, or a list of them."""

    def to_internal_value(self, data: Any) -> list[Any]:
        texts = [data] if isinstance(data, str) else data
        if isinstance(texts, list) and not all(isinstance(text, str) for text in texts):
            self.fail("not_a_list", input_type="list of other things")  # CharField would take numbers
        return super().to_internal_value(texts)


class PhotoTextsSerializer(serializers.Serializer[Any]):
    image = OneOrMoreField(
        child=serializers.CharField(allow_blank=True),
        min_length=1,
        max_length=MAX_PHOTOS,
        help_text="A photo's file in base64, as a data URI (`data:image/jpeg;base64,…`) or without its beginning, or a "
        "list of such photos.",
    )


class TopSerializer(serializers.Serializer[Any]):
    """The query parameter of all answers here."""

    top = serializers.IntegerField(
        min_value=1, required=False, help_text="How many breeds `probabilities` lists. All of them if left out."
    )


class PredictionsOptionsSerializer(PredictionOptionsSerializer, TopSerializer):
    """The query parameters."""

    same_dog = serializers.BooleanField(
        default=False, help_text="All photos show one dog: answer for the dog too, in `dog`."
    )


@extend_schema_field(PolymorphicProxySerializer("AnswerOrError", [PredictionSerializer, ErrorSerializer], None))
class AnswerOrErrorField(serializers.Field[Any, Any, Any, Any]):
    def to_representation(self, value: Any) -> dict[str, Any]:
        return represent(PredictionSerializer if isinstance(value, Prediction) else ErrorSerializer, value)


class AnswersSerializer(serializers.Serializer[Any]):
    answers = serializers.ListField(
        child=AnswerOrErrorField(),
        help_text="For each photo, in order: its answer, or what is wrong with it. Codes: `empty_file`, "
        "`broken_image`, `unsupported_image`, `too_many_pixels`, `too_complex`, `not_base64`.",
    )
    dog = DogSerializer(
        allow_null=True,
        help_text="What all photos together say of the dog, with `same_dog=true`; otherwise, or if no photo could be "
        "answered, null. It is not stored; the answers to the photos are.",
    )


def shortened(answer: dict[str, Any], top: int | None) -> dict[str, Any]:
    """An answer with the `top` most probable breeds alone, or with all of them."""
    return answer if "probabilities" not in answer else {**answer, "probabilities": answer["probabilities"][:top]}


class FeedbackSerializer(serializers.Serializer[Any]):
    breed = serializers.CharField(help_text="A label, `other` or `no_dog`.")
    right = serializers.BooleanField(help_text="Whether that is the breed that the model answered.")
    created = serializers.DateTimeField()


class FeedbackRequestSerializer(serializers.Serializer[Any]):
    """Either of the two."""

    right = serializers.BooleanField(required=False, help_text="True if the answer was right.")
    breed = serializers.CharField(
        required=False,
        allow_blank=True,  # a form sends its empty fields too
        help_text="What the dog is: one of the answer's labels, `other` or `no_dog`. Empty is like left out.",
    )

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """The columns of `api.models.Feedback`, for the `prediction` in the context."""
        prediction = self.context["prediction"]
        breed, right = given.get("breed") or None, given.get("right", False)
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
