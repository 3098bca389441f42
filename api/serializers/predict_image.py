"""`/predictImage`: the photo, the options, and the answer."""

from typing import Any

from rest_framework import serializers

from api.ownership import HEADER, secret_of
from api.serializers.breed_rows import BreedNameField, BreedProbabilitySerializer
from api.serializers.conclusions import ConclusionsSerializer
from api.serializers.model import ModelNameSerializer
from api.serializers.plain import PlainSerializer
from dogbreed.answers.coach import ADVICE_CODES
from dogbreed.photos.formats import FORMAT_NAMES


class PhotoUploadSerializer(serializers.Serializer[Any]):
    # An empty file is refused where photos are decoded.
    image = serializers.FileField(allow_empty_file=True, help_text=f"The photo: a {FORMAT_NAMES} file.")


class PredictionOptionsSerializer(serializers.Serializer[Any]):
    """The query parameters."""

    explain = serializers.BooleanField(
        default=False, help_text="Include a class activation map, if the model can compute one."
    )
    preview = serializers.BooleanField(
        default=False, help_text="Include a small JPEG of the photo, for browsers that cannot display its format."
    )


class OnePhotoOptionsSerializer(PredictionOptionsSerializer):
    """The query parameters where one photo is sent. Advice for many photos would take too long."""

    advise = serializers.BooleanField(
        default=False,
        help_text="Where the answer is not certain, say what would help (`advice`). It takes up to 29 inferences more, "
        "and is left out while other clients wait.",
    )


class FormatSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="Such as JPEG.")
    media_types = serializers.ListField(child=serializers.CharField(), help_text="Such as `image/jpeg`.")
    extensions = serializers.ListField(child=serializers.CharField(), help_text="Of file names, such as `.jpg`.")


class UploadRulesSerializer(serializers.Serializer[Any]):
    detail = serializers.CharField()
    accepts = serializers.ListField(child=serializers.CharField(), help_text="Media types of the accepted formats.")
    formats = FormatSerializer(many=True, help_text="The accepted formats.")
    max_bytes = serializers.IntegerField(min_value=1, help_text="Maximum size of the file.")
    max_pixels = serializers.IntegerField(min_value=1, help_text="Maximum width times height of the photo.")
    keeps_photos = serializers.BooleanField(help_text="Whether photos are stored if the visitor consents.")


class RankingSerializer(PlainSerializer):
    prediction = serializers.IntegerField(
        source="class_index", min_value=0, help_text="The class's index in sorted label order."
    )
    breed = serializers.CharField(help_text="The label of the most probable breed.")
    name = BreedNameField(source="breed", help_text="The display name of that breed.")
    probability = serializers.FloatField(min_value=0, max_value=1)
    probabilities = BreedProbabilitySerializer(many=True, source="ranked", help_text="Every class, highest first.")


class AnswerIdSerializer(PlainSerializer):
    id = serializers.UUIDField(help_text="Identifies this answer, for instance when reporting a mistake.")


class AnswerSerializer(  # represents an `api.models.Prediction`
    AnswerIdSerializer, RankingSerializer, ConclusionsSerializer
):
    model = ModelNameSerializer()
    elapsed_ms = serializers.FloatField(min_value=0, help_text="From decoding the photo to the answer.")


class SecretField(serializers.CharField):
    """The secret of a stored answer."""

    def to_representation(self, prediction: Any) -> Any:
        return secret_of(prediction.id) if prediction.stored else None


class AdviceSerializer(PlainSerializer):
    """The one change that would help."""

    code = serializers.ChoiceField(
        ADVICE_CODES,
        help_text="`closer`: come closer, or crop. `brighter`: more light. `steady`: hold still, or focus. `one_dog`: "
        "one dog at a time.",
    )
    frame = serializers.ListField(
        child=serializers.FloatField(min_value=0, max_value=1),
        min_length=4,
        max_length=4,
        allow_null=True,
        help_text="The part of the upright photo that would be better alone: left, top, right, bottom, each in 0..1.",
    )


class PhotoAdviceSerializer(PlainSerializer):
    advice = AdviceSerializer(
        allow_null=True, help_text="Null if the answer to the photo is certain, or if nothing is known to help."
    )


class PredictionSerializer(AnswerSerializer):
    advice = AdviceSerializer(
        allow_null=True,
        help_text="Null unless requested with `advise=true`, if the answer is certain, or if nothing is known to help.",
    )
    stored = serializers.BooleanField(help_text="Whether the answer can be retrieved and given feedback by its id.")
    secret = SecretField(
        source="*",
        allow_null=True,
        help_text=f"In the header `{HEADER}` it permits to delete the stored answer and to change the feedback on it. "
        "Only the sender of the photo gets it. Null if the answer is not stored.",
    )
    preview = serializers.CharField(required=False, help_text="The small JPEG as a data URI, if it was requested.")
