"""What may be concluded from the probabilities. It is stored as it was answered."""

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers

from api.serializers.breed_rows import BreedProbabilitySerializer, BreedSerializer
from api.serializers.plain import PlainSerializer
from api.serializers.represent import represent
from dogbreed.answers.naming import GROUP_NOUNS, KIND_NAMES
from dogbreed.model.answer import Prediction

KINDS = list(KIND_NAMES)


class RoundedField(serializers.FloatField):
    """Rounded to four decimal places."""

    def to_representation(self, value: Any) -> Any:
        return round(float(value), 4)


class ReadingSerializer(PlainSerializer):
    score = RoundedField()
    threshold = serializers.FloatField(help_text="The lowest score that passes.")


class MeasuredKindSerializer(PlainSerializer):
    """How many verdicts of this kind were right on validation photos."""

    right = serializers.IntegerField(min_value=0)
    photos = serializers.IntegerField(min_value=1)


class TaughtFromSerializer(BreedSerializer):
    photos = serializers.IntegerField(min_value=1, help_text="The number of photos that it was taught from.")


class VerdictSerializer(PlainSerializer):
    """What can be said about the photo. The text says which breeds a dog resembles, never what its ancestry is."""

    kind = serializers.ChoiceField(
        KINDS,
        help_text="`breed`: one breed. `probably`: one breed, less surely. `one_of`: two or three breeds, one of which "
        "is right. `group`: a group of breeds. `uncertain`: nothing is promised. `not_a_dog`: no dog. Answers that "
        "were stored before there were six kinds have their level here.",
    )
    promised = serializers.FloatField(
        min_value=0, max_value=1, allow_null=True, help_text="The least share of such verdicts that are right, or null."
    )
    measured = MeasuredKindSerializer(
        allow_null=True, help_text="How often such verdicts were right on validation photos. Null if it is not known."
    )
    level = serializers.ChoiceField(
        ["breed", "group", "uncertain", "not_a_dog"],
        help_text="The kind, in the four words of the first version: `probably` and `one_of` are `uncertain` here.",
    )
    text = serializers.CharField(help_text="The verdict as an English sentence.")
    probability = serializers.FloatField(
        min_value=0,
        max_value=1,
        allow_null=True,
        help_text="Of the named breed, of the named breeds together, or of the whole group; null for `uncertain` and "
        "`not_a_dog`.",
    )
    group = serializers.ChoiceField(
        sorted(GROUP_NOUNS), allow_null=True, help_text="The group for the kind `group`, otherwise null."
    )
    breeds = BreedProbabilitySerializer(
        many=True,
        help_text="The named breeds, most probable first: one for `breed` and `probably`, two or three for `one_of`, "
        "up to three of the group for `group`, up to three of all breeds for `uncertain`, none for `not_a_dog`.",
    )
    taught = TaughtFromSerializer(
        many=True,
        help_text="Those of `breeds` that were not trained but taught afterwards, from a few photos each.",
    )
    familiar = serializers.BooleanField(
        help_text="False if the photo may show a breed that the model does not know, or no dog; the kind is then "
        "`uncertain` or `not_a_dog`."
    )
    dog_score = ReadingSerializer(
        allow_null=True, help_text="Decides `not_a_dog`. Null if the model has no such score."
    )
    familiarity_score = ReadingSerializer(
        allow_null=True, help_text="Decides `familiar`. Null if the model has no such score."
    )

    def to_representation(self, instance: Any) -> dict[str, Any]:
        if "kind" not in instance:  # stored before there were six kinds
            instance = {"kind": instance["level"], "promised": None, "measured": None, **instance}
        instance = {"taught": [], **instance}  # stored before breeds could be taught
        return super().to_representation(instance)


class LookAlikesSerializer(PlainSerializer):
    """How often the model tells the two most probable breeds apart, measured on photos it was not trained on."""

    breeds = BreedSerializer(many=True, help_text="Two, the more probable one first.")
    accuracy = serializers.FloatField(
        min_value=0, max_value=1, help_text="An estimate, to which similar pairs contribute a little."
    )
    interval = serializers.ListField(
        child=serializers.FloatField(min_value=0, max_value=1),
        min_length=2,
        max_length=2,
        help_text="95 % interval of the accuracy.",
    )
    photos = serializers.IntegerField(min_value=1, help_text="How many photos of either breed were tested.")
    told_apart = serializers.IntegerField(min_value=0, help_text="How many of them were told apart correctly.")


class ExplanationSerializer(BreedSerializer):
    """A class activation map: a coarse grid that shows which parts of the photo support the breed."""

    rows = serializers.IntegerField(min_value=1)
    columns = serializers.IntegerField(min_value=1)
    heat = serializers.ListField(
        child=serializers.ListField(child=RoundedField(min_value=0, max_value=1)),
        help_text="One list for each row, from the top; 1 is the place that supports the breed most.",
    )
    box = serializers.ListField(
        child=RoundedField(min_value=0, max_value=1),
        min_length=4,
        max_length=4,
        help_text="The part of the upright photo that the grid covers: left, top, right, bottom, each in 0..1.",
    )


class ConclusionsSerializer(PlainSerializer):
    verdict = VerdictSerializer(allow_null=True, help_text="Null if the model has no thresholds for a verdict.")
    shortlist = BreedProbabilitySerializer(
        many=True,
        allow_null=True,
        help_text="At least one breed, most probable first. The right breed is among them as often as "
        "`trust.shortlist_coverage` in `/api/model` says. Null if the model gives no such list.",
    )
    look_alikes = LookAlikesSerializer(
        allow_null=True, help_text="Null if the two are hardly ever confused, or were not measured."
    )
    explanation = ExplanationSerializer(
        allow_null=True, help_text="Null unless requested with `explain=true`, or if the model cannot compute it."
    )


def conclusions(answer: Prediction) -> dict[str, Any]:
    """The columns `verdict`, `shortlist`, `look_alikes` and `explanation`; None where the bundle has no such data."""
    found = {
        "verdict": _verdict(answer),
        "shortlist": None if answer.shortlist is None else _rows(answer, answer.shortlist),
        "look_alikes": _look_alikes(answer),
        "explanation": _explanation(answer),
    }
    return represent(ConclusionsSerializer, found)


def _rows(answer: Prediction, indices: Iterable[int]) -> list[dict[str, Any]]:
    """Class indices -> labels with their probabilities."""
    return [{"breed": answer.label_names[index], "probability": answer.probabilities[index]} for index in indices]


def _verdict(answer: Prediction) -> dict[str, Any] | None:
    verdict = answer.verdict
    if verdict is None:
        return None
    return {
        **vars(verdict),
        "level": verdict.level,
        "breeds": _rows(answer, verdict.breeds),
        "taught": [{"breed": answer.label_names[index], "photos": photos} for index, photos in verdict.taught.items()],
        "dog_score": verdict.dog,
        "familiarity_score": verdict.familiarity,
    }


def _look_alikes(answer: Prediction) -> dict[str, Any] | None:
    pair = answer.look_alikes
    if pair is None:
        return None
    most_probable_first = sorted(pair.breeds, key=lambda index: -answer.probabilities[index])
    return {**dict(pair), "breeds": _rows(answer, most_probable_first)}


def _explanation(answer: Prediction) -> dict[str, Any] | None:
    explanation = answer.explanation
    if explanation is None:
        return None
    rows, columns = explanation.heat.shape
    return {**vars(explanation), "breed": answer.label_names[explanation.index], "rows": rows, "columns": columns}
