"""The served model."""

from typing import Any

from rest_framework import serializers
from rest_framework.reverse import reverse

from api.gallery import listed_photos
from api.serializers.breed_rows import BreedSerializer
from api.serializers.conclusions import KINDS, MeasuredKindSerializer
from api.serializers.plain import PlainSerializer


class ModelNameSerializer(PlainSerializer):
    name = serializers.CharField()
    version = serializers.CharField()
    digest = serializers.CharField(
        allow_null=True,
        help_text="SHA-256 of the model's `SHA256SUMS`: it differs where any of its files does. Null in answers of "
        "earlier versions and of private mode.",
    )


class ReferenceSerializer(PlainSerializer):  # represents a `dogbreed.answers.breeds.Reference`
    id = serializers.CharField()
    url = serializers.CharField(help_text="The address of its page.")


class CatalogueBreedSerializer(BreedSerializer):  # represents a `dogbreed.answers.breeds.Breed`
    group = serializers.CharField(help_text="The American Kennel Club's group, `wild`, or empty if none is known.")
    aliases = serializers.ListField(child=serializers.CharField(), help_text="Other names of the breed.")
    vbo = ReferenceSerializer(
        allow_null=True,
        help_text="The breed in the Vertebrate Breed Ontology (CC BY 4.0). This and the two others are null where that "
        "catalogue has no such breed, or no single one. Varieties may share an id.",
    )
    fci = ReferenceSerializer(
        allow_null=True, help_text="The breed's number at the Fédération Cynologique Internationale."
    )
    taught_from = serializers.IntegerField(
        min_value=1,
        allow_null=True,
        help_text="The number of photos that the breed was taught from after training. Null: it was trained.",
    )
    wikidata = ReferenceSerializer(allow_null=True, help_text="The breed's item in Wikidata.")
    photos = serializers.CharField(
        allow_null=True, help_text="The address of photos of the breed. Null if this server has none to show."
    )

    def to_representation(self, instance: Any) -> dict[str, Any]:
        photos = reverse("breed-photos", args=[instance.id]) if listed_photos(instance.id) else None
        return super().to_representation({**vars(instance), "breed": instance.id, "photos": photos})


class MetricsSerializer(serializers.Serializer[Any]):
    description = serializers.CharField(help_text="Which photos these are.")
    photos = serializers.IntegerField(min_value=1)
    breeds = serializers.IntegerField(min_value=1)
    top1 = serializers.FloatField(min_value=0, max_value=1)
    top1_interval = serializers.ListField(child=serializers.FloatField(), min_length=2, max_length=2)
    top5 = serializers.FloatField(min_value=0, max_value=1)
    top5_interval = serializers.ListField(child=serializers.FloatField(), min_length=2, max_length=2)
    log_loss = serializers.FloatField(min_value=0)


class PromiseSerializer(serializers.Serializer[Any]):  # represents a `dogbreed.answers.naming.Promise`
    kind = serializers.ChoiceField(KINDS)
    promised = serializers.FloatField(
        min_value=0, max_value=1, help_text="The least share of such verdicts that are right."
    )
    measured = MeasuredKindSerializer(
        allow_null=True, help_text="How many were right on validation photos. Null if it is not known."
    )


class TrustSerializer(serializers.Serializer[Any]):
    """What the model's thresholds were calibrated for. Null: the model does not have them."""

    shortlist_coverage = serializers.FloatField(
        source="config.calibration.shortlist.coverage",
        allow_null=True,
        help_text="How often the right breed is in the shortlist.",
    )
    precision = serializers.FloatField(
        source="config.calibration.verdict.precision",
        allow_null=True,
        help_text="How often a named breed or group is right.",
    )
    verdicts = PromiseSerializer(
        source="promises", many=True, help_text="The kinds of verdicts that name something, in order."
    )
    dogs_kept = serializers.FloatField(
        source="config.calibration.dog.kept",
        allow_null=True,
        help_text="The share of dogs that are recognized as dogs.",
    )
    explains = serializers.BooleanField(help_text="Whether `explain=true` gives a class activation map.")
    photos = serializers.IntegerField(
        source="config.calibration.verdict.photos",
        allow_null=True,
        help_text="How many photos the thresholds were chosen on.",
    )


class ReportAddressField(serializers.CharField):
    """The address of the report, if the bundle has the file."""

    def to_representation(self, value: Any) -> str:
        return reverse("model-report")


class NetworkAddressField(serializers.CharField):
    """The address of a packed model, which has its digest."""

    def to_representation(self, digest: Any) -> str:
        return reverse("network", kwargs={"digest": digest})


class NetworkSerializer(serializers.Serializer[Any]):  # represents a `dogbreed.model.packed.PackedModel`
    """The model for programs that run it themselves, such as a browser."""

    address = NetworkAddressField(source="digest", help_text="It changes with the model.")
    bytes = serializers.IntegerField(source="size", min_value=1, help_text="Its length before compression.")


class ModelSerializer(serializers.Serializer[Any]):  # represents a `dogbreed.model.classifier.Classifier`
    name = serializers.CharField(source="config.name")
    version = serializers.CharField(source="config.version")
    digest = serializers.CharField(source="bundle.digest", help_text="As in the answers that this model gives.")
    input_size = serializers.ListField(
        source="config.input_size",
        child=serializers.IntegerField(),
        min_length=3,
        max_length=3,
        help_text="Channels, height, width.",
    )
    breeds = CatalogueBreedSerializer(
        source="config.breeds", many=True, help_text="In label order: entry i is class i."
    )
    metrics = serializers.DictField(
        source="config.metrics",
        child=MetricsSerializer(),
        help_text="For each set of test photos; intervals are 95 % Wilson intervals.",
    )
    card = serializers.CharField(source="bundle.card", allow_blank=True, help_text="The model card, in Markdown.")
    report = ReportAddressField(
        source="bundle.report",
        allow_null=True,
        help_text="The address of the evaluation report, an HTML page. Null if the model has none.",
    )
    trust = TrustSerializer(source="*")
    network = NetworkSerializer(source="for_browsers")
