"""The shapes of requests and answers, from which the OpenAPI schema and the front end's types are made."""

from typing import Any

from rest_framework import serializers

from dogbreed.answers.verdict import GROUP_NOUNS
from dogbreed.photos.formats import FORMAT_NAMES


class PhotoUploadSerializer(serializers.Serializer[Any]):
    image = serializers.FileField(help_text=f"The photo: a {FORMAT_NAMES} file.")


class PredictionOptionsSerializer(serializers.Serializer[Any]):
    """What may stand behind the question mark."""

    explain = serializers.BooleanField(default=False, help_text="Answer with a heat map too, where the model can.")
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


class ReadingSerializer(serializers.Serializer[Any]):
    score = serializers.FloatField()
    threshold = serializers.FloatField(help_text="The least score that passes.")


class VerdictSerializer(serializers.Serializer[Any]):
    """What may be said of the photo. Dogs are said to resemble breeds; nothing is said of their ancestry."""

    level = serializers.ChoiceField(
        ["breed", "group", "uncertain", "not_a_dog"],
        help_text="`breed` and `group` are right as often as `/api/model` says under `trust.precision`.",
    )
    text = serializers.CharField(help_text="The same as an English sentence.")
    probability = serializers.FloatField(
        min_value=0, max_value=1, allow_null=True, help_text="Of the breed or of the whole group, at these two levels."
    )
    group = serializers.ChoiceField(sorted(GROUP_NOUNS), allow_null=True, help_text="At the level `group`.")
    breeds = BreedProbabilitySerializer(
        many=True,
        help_text="One at the level `breed`, up to three of the group at `group`, up to three of all at `uncertain`, "
        "none at `not_a_dog`; the likeliest first.",
    )
    familiar = serializers.BooleanField(
        help_text="False: it may be of a breed that the model does not know, or no dog; the level is then `uncertain` "
        "or `not_a_dog`."
    )
    dog_score = ReadingSerializer(allow_null=True, help_text="What decides `not_a_dog`; null: the model cannot say.")
    familiarity_score = ReadingSerializer(allow_null=True, help_text="What decides `familiar`.")


class LookAlikesSerializer(serializers.Serializer[Any]):
    """How often the model tells the two likeliest breeds apart, on photos that it did not learn from."""

    breeds = BreedSerializer(many=True, help_text="Two, the likelier one first.")
    accuracy = serializers.FloatField(min_value=0, max_value=1, help_text="An estimate: similar pairs count a little.")
    interval = serializers.ListField(
        child=serializers.FloatField(min_value=0, max_value=1), min_length=2, max_length=2, help_text="95 %."
    )
    photos = serializers.IntegerField(min_value=1, help_text="Of either breed, that it was tried on.")
    told_apart = serializers.IntegerField(min_value=0, help_text="How many of them came out right.")


class ExplanationSerializer(BreedSerializer):
    """Which places of the photo speak for the breed: a coarse grid, to be drawn over the photo."""

    rows = serializers.IntegerField(min_value=1)
    columns = serializers.IntegerField(min_value=1)
    heat = serializers.ListField(
        child=serializers.ListField(child=serializers.FloatField(min_value=0, max_value=1)),
        help_text="A list for each row, from the top; 1 is the place that speaks for the breed most.",
    )
    box = serializers.ListField(
        child=serializers.FloatField(min_value=0, max_value=1),
        min_length=4,
        max_length=4,
        help_text="The part of the upright photo that the grid covers: left, top, right, bottom in 0..1.",
    )


class AnswerSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(help_text="Names this answer, for instance when reporting a mistake.")
    prediction = serializers.IntegerField(min_value=0, help_text="The class's index in sorted label order.")
    breed = serializers.CharField(help_text="The most probable breed's label.")
    name = serializers.CharField(help_text="What people call that breed.")
    probability = serializers.FloatField(min_value=0, max_value=1)
    probabilities = BreedProbabilitySerializer(many=True, help_text="Every class, highest first.")
    verdict = VerdictSerializer(allow_null=True, help_text="Null: the model has no thresholds for one.")
    shortlist = BreedProbabilitySerializer(
        many=True,
        allow_null=True,
        help_text="One of these, as often as `/api/model` says under `trust.shortlist_coverage`: at least one breed, "
        "the likeliest first. Null: the model gives no such list.",
    )
    look_alikes = LookAlikesSerializer(
        allow_null=True, help_text="Null: the two are hardly ever confused, or it was not measured."
    )
    explanation = ExplanationSerializer(
        allow_null=True, help_text="Null unless `explain=true` was asked for, and where the network cannot say."
    )
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


class TrustSerializer(serializers.Serializer[Any]):
    """What was promised of the answers, and on how many photos that was settled. Null: the model does not do it."""

    shortlist_coverage = serializers.FloatField(allow_null=True, help_text="How often the breed is in the shortlist.")
    precision = serializers.FloatField(allow_null=True, help_text="How often a named breed or group is right.")
    dogs_kept = serializers.FloatField(allow_null=True, help_text="How many dogs pass as dogs.")
    explains = serializers.BooleanField(help_text="Whether `explain=true` gives a heat map.")
    photos = serializers.IntegerField(allow_null=True)


class ModelSerializer(ModelNameSerializer):
    input_size = serializers.ListField(
        child=serializers.IntegerField(), min_length=3, max_length=3, help_text="Channels, height, width."
    )
    breeds = CatalogueBreedSerializer(many=True, help_text="In label order: entry i is class i.")
    metrics = serializers.DictField(
        child=MetricsSerializer(), help_text="By set of photos; intervals are 95 % Wilson intervals."
    )
    card = serializers.CharField(allow_blank=True, help_text="The model card, in Markdown.")
    report = serializers.CharField(allow_null=True, help_text="Where the whole evaluation is shown, a page for people.")
    trust = TrustSerializer()


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
