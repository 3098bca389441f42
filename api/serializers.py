"""The shapes of requests and answers, from which the OpenAPI schema and the front end's types are made."""

from typing import Any

from rest_framework import serializers

from dogbreed.formats import FORMAT_NAMES


class PhotoUploadSerializer(serializers.Serializer[Any]):
    image = serializers.FileField(help_text=f"The photo: a {FORMAT_NAMES} file.")


class PredictionOptionsSerializer(serializers.Serializer[Any]):
    """What may stand behind the question mark."""

    preview = serializers.BooleanField(
        default=False, help_text="Answer with a small JPEG of the photo too, for browsers that cannot draw its format."
    )


class BreedSerializer(serializers.Serializer[Any]):
    breed = serializers.CharField(help_text="The label, as in the training data.")
    name = serializers.CharField(help_text="What people call the breed.")


class CatalogueBreedSerializer(BreedSerializer):
    group = serializers.CharField(help_text="The American Kennel Club's, `wild`, or empty where none is known.")
    aliases = serializers.ListField(child=serializers.CharField(), help_text="Other names of the breed.")


class BreedProbabilitySerializer(BreedSerializer):
    probability = serializers.FloatField(min_value=0, max_value=1)


class ModelNameSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    version = serializers.CharField()


class AnswerSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(help_text="Names this answer, for instance when reporting a mistake.")
    prediction = serializers.IntegerField(min_value=0, help_text="The class's index in sorted label order.")
    breed = serializers.CharField(help_text="The most probable breed's label.")
    name = serializers.CharField(help_text="What people call that breed.")
    probability = serializers.FloatField(min_value=0, max_value=1)
    probabilities = BreedProbabilitySerializer(many=True, help_text="Every class, highest first.")
    model = ModelNameSerializer()
    elapsed_ms = serializers.FloatField(min_value=0, help_text="From decoding the photo to the answer.")


class PredictionSerializer(AnswerSerializer):
    stored = serializers.BooleanField(help_text="Whether it can be asked for again and be given feedback by its id.")
    preview = serializers.CharField(required=False, help_text="The small JPEG as a data URI, where it was asked for.")


class FeedbackSerializer(serializers.Serializer[Any]):
    breed = serializers.CharField(help_text="A label, `other` or `no_dog`.")
    right = serializers.BooleanField(help_text="Whether that is what the model had said.")
    created = serializers.DateTimeField()


class FeedbackRequestSerializer(serializers.Serializer[Any]):
    """Either of the two."""

    right = serializers.BooleanField(required=False, help_text="True: the answer was right.")
    breed = serializers.CharField(
        required=False, help_text="What the dog is: a label of the answer's, `other` or `no_dog`."
    )


class StoredPredictionSerializer(AnswerSerializer):
    created = serializers.DateTimeField()
    width = serializers.IntegerField(min_value=1, help_text="Pixels, of the upright photo.")
    height = serializers.IntegerField(min_value=1)
    sha256 = serializers.CharField(help_text="Of the file as it was uploaded.")
    feedback = FeedbackSerializer(allow_null=True)
    photo_kept = serializers.BooleanField(help_text="Whether somebody agreed that the photo is kept.")


class KeptPhotoSerializer(serializers.Serializer[Any]):
    prediction = serializers.UUIDField()
    created = serializers.DateTimeField()


class BreedCountSerializer(BreedSerializer):
    predictions = serializers.IntegerField(min_value=1)


class ConfidenceBinSerializer(serializers.Serializer[Any]):
    """Answers whose probability lies in this range, which has its lower end and not its upper."""

    to = serializers.FloatField()
    predictions = serializers.IntegerField(min_value=0)
    judged = serializers.IntegerField(min_value=0, help_text="How many of them somebody has given feedback on.")
    right = serializers.IntegerField(min_value=0, help_text="How many of those were right.")

    def get_fields(self) -> dict[str, Any]:
        # `from` is a word of Python's own.
        return {"from": serializers.FloatField(), **super().get_fields()}


class StatisticsSerializer(serializers.Serializer[Any]):
    predictions = serializers.IntegerField(min_value=0)
    breeds = BreedCountSerializer(many=True, help_text="The most frequent first.")
    confidence = ConfidenceBinSerializer(many=True)


class HealthSerializer(serializers.Serializer[Any]):
    status = serializers.CharField()


class ReadySerializer(HealthSerializer):
    model = ModelNameSerializer()
    precision = serializers.CharField(help_text="What the network is computed in.")


class UploadRulesSerializer(serializers.Serializer[Any]):
    detail = serializers.CharField()
    accepts = serializers.ListField(child=serializers.CharField(), help_text="Media types.")
    max_bytes = serializers.IntegerField(min_value=1, help_text="The longest file that is read.")
    max_pixels = serializers.IntegerField(min_value=1, help_text="Width times height of the largest photo.")
    keeps_photos = serializers.BooleanField(help_text="Whether a photo is kept when its visitor agrees.")


class MetricsSerializer(serializers.Serializer[Any]):
    description = serializers.CharField(help_text="Which photos, for people.")
    photos = serializers.IntegerField(min_value=1)
    breeds = serializers.IntegerField(min_value=1)
    top1 = serializers.FloatField(min_value=0, max_value=1)
    top1_interval = serializers.ListField(child=serializers.FloatField(), min_length=2, max_length=2)
    top5 = serializers.FloatField(min_value=0, max_value=1)
    top5_interval = serializers.ListField(child=serializers.FloatField(), min_length=2, max_length=2)
    log_loss = serializers.FloatField(min_value=0)


class ModelSerializer(ModelNameSerializer):
    input_size = serializers.ListField(
        child=serializers.IntegerField(), min_length=3, max_length=3, help_text="Channels, height, width."
    )
    breeds = CatalogueBreedSerializer(many=True, help_text="In label order: entry i is class i.")
    metrics = serializers.DictField(
        child=MetricsSerializer(), help_text="By set of photos; intervals are 95 % Wilson intervals."
    )
    card = serializers.CharField(allow_blank=True, help_text="The model card, in Markdown.")


class ApiRootSerializer(serializers.Serializer[Any]):
    predictImage = serializers.URLField()  # noqa: N815 - the address's own spelling
    model = serializers.URLField()
    stats = serializers.URLField()
    health = serializers.URLField()
    schema = serializers.URLField()
    docs = serializers.URLField()


class ErrorSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="For programs.")
    detail = serializers.CharField(help_text="For people: what was expected, what came, what to do.")
