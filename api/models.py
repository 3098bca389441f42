"""What the server stores: answers, visitors' feedback, photos only with the visitor's consent, counts, and API keys."""

from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone

from api.fast_json import FastJSONField
from dogbreed.answers.coach import Advice
from dogbreed.rates import check_rate


class Prediction(models.Model):
    """One answer. It does not say who asked, and of the photo it has only the digest and the size."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    created = models.DateTimeField(default=timezone.now, db_index=True)
    model_name = models.CharField(max_length=200)
    model_version = models.CharField(max_length=200)
    model_digest = models.CharField(
        max_length=64,
        blank=True,
        default="",
        db_default="",  # so that an older server beside this one can store answers too
        help_text="Of the model's bundle. Empty in answers of earlier versions.",
    )
    breed = models.CharField(max_length=200, db_index=True)
    probability = models.FloatField()
    probabilities = FastJSONField(help_text="Label to probability, every class.")
    verdict = FastJSONField(null=True, help_text="As it was answered, like the three fields below.")
    shortlist = FastJSONField(null=True)
    look_alikes = FastJSONField(null=True)
    explanation = FastJSONField(null=True, help_text="Also null unless it was requested.")
    width = models.PositiveIntegerField(help_text="Pixels, of the upright photo.")
    height = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64, help_text="Of the uploaded file.")
    decode_ms = models.FloatField()
    inference_ms = models.FloatField()
    elapsed_ms = models.FloatField()
    other_model = FastJSONField(
        null=True,
        help_text="For some photos that a bundle on trial answered: the digest of the served one, and whether it said "
        "the same breed and the same verdict.",
    )

    # Set only on an answer that is being given: a data URI, if one was asked for, and advice for a better photo.
    preview: str
    advice: Advice | None = None

    class Meta:
        ordering = ("-created",)
        # All that the statistics by confidence read of this table, whose rows are long.
        indexes = [models.Index(fields=["probability", "id"], name="answer_by_confidence")]

    def __str__(self) -> str:
        return f"{self.breed} {self.probability:.0%}"

    @property
    def stored(self) -> bool:
        return not self._state.adding

    @property
    def model(self) -> dict[str, str | None]:
        """The model that answered."""
        return {"name": self.model_name, "version": self.model_version, "digest": self.model_digest or None}

    @property
    def class_index(self) -> int:
        """Of the answered breed, in sorted label order."""
        return sorted(self.probabilities).index(self.breed)

    @property
    def ranked(self) -> list[dict[str, Any]]:
        """Every breed with its probability, highest first; equal ones in label order."""
        ranked = sorted(self.probabilities.items(), key=lambda item: (-item[1], item[0]))
        return [{"breed": breed, "probability": probability} for breed, probability in ranked]

    @property
    def photo_kept(self) -> bool:
        return hasattr(self, "photo")


class Feedback(models.Model):
    """What a visitor says the dog is. Later feedback replaces earlier feedback."""

    OTHER, NO_DOG = "other", "no_dog"  # a breed that the model does not know; no dog at all

    prediction = models.OneToOneField(Prediction, models.CASCADE, primary_key=True, related_name="feedback")
    breed = models.CharField(max_length=200, help_text="A label of the model, `other` or `no_dog`.")
    right = models.BooleanField(help_text="Whether that is the breed that the model answered.")
    created = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering = ("-created",)
        verbose_name_plural = "feedback"

    def __str__(self) -> str:
        return "right" if self.right else f"wrong: {self.breed}"


class KeptPhoto(models.Model):
    """A photo that is stored with the visitor's consent: its pixels, upright, without any metadata."""

    UNFINISHED = ".part"  # the suffix of a file that is being written

    prediction = models.OneToOneField(Prediction, models.CASCADE, primary_key=True, related_name="photo")
    created = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-created",)

    def __str__(self) -> str:
        return self.path.name

    @property
    def path(self) -> Path:
        """Where the JPEG is."""
        return Path(settings.DOGBREED_PHOTOS) / f"{self.prediction_id}.jpg"


class Review(models.Model):
    """What a person of the staff decided about a kept photo: one event of its log, which nothing changes later.

    A photo is known by the digest of the uploaded file, so it is reviewed once, however many people sent it. Its state
    is that of its last event. Undoing is an event too. `api.pruning` deletes the events with the photo's last copy.
    """

    class Action(models.TextChoices):
        ACCEPT = "accept", "accepted"  # what the visitor said
        CHANGE = "change", "given another breed"
        REJECT = "reject", "rejected"
        NOT_A_DOG = "not_a_dog", "marked as not a dog"
        UNDO = "undo", "undone"

    class State(models.TextChoices):
        WAITING = "waiting", "waiting"
        ACCEPTED = "accepted", "accepted"
        REJECTED = "rejected", "rejected"
        NOT_A_DOG = "not_a_dog", "not a dog"

    sha256 = models.CharField(max_length=64, help_text="Of the uploaded file.")
    number = models.PositiveIntegerField(help_text="1 for the first event of the photo, and so on.")
    action = models.CharField(max_length=20, choices=Action)
    state = models.CharField(max_length=20, choices=State, help_text="Of the photo after the event.")
    label = models.CharField(max_length=200, blank=True, help_text="Of the photo after the event, if it is accepted.")
    undoes = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    by_name = models.CharField(max_length=150, help_text="The name of the account at that time.")
    created = models.DateTimeField(default=timezone.now)
    batch = models.UUIDField(db_index=True, help_text="The same for all photos of one action.")

    class Meta:
        ordering = ("-id",)
        verbose_name_plural = "corrections"
        constraints = [models.UniqueConstraint(fields=["sha256", "number"], name="one_review_at_a_time")]

    def __str__(self) -> str:
        return f"{self.get_action_display()} by {self.by_name}"


class CountedDay(models.Model):
    """Counts of the answers that one model gave on one day (UTC). They outlive the answers."""

    day = models.DateField()
    model_name = models.CharField(max_length=200)
    model_version = models.CharField(max_length=200)
    answers = models.PositiveIntegerField()
    figures = FastJSONField(help_text="See api/watching/day_figures.py.")
    counted = models.DateTimeField(help_text="When the count began.")
    seconds = models.FloatField(help_text="How long it took.")
    closed = models.BooleanField(
        default=False, help_text="Whether answers of this day have been deleted for their age."
    )

    class Meta:
        ordering = ("day",)
        verbose_name_plural = "week by week"
        constraints = [
            models.UniqueConstraint(fields=("day", "model_name", "model_version"), name="one_count_a_day_and_model")
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.answers}"


class ApiKey(models.Model):
    """A client's key. The key itself is not stored, only its digest."""

    name = models.CharField(max_length=100, unique=True, help_text="Whose key it is.")
    rate = models.CharField(
        max_length=20,
        blank=True,
        validators=[check_rate],
        help_text="Photos in a time, such as 1000/day. Empty: DOGBREED_THROTTLE.",
    )
    active = models.BooleanField(default=True, help_text="Whether it is accepted.")
    digest = models.CharField(max_length=64, unique=True, editable=False, help_text="SHA-256 of the key.")
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("name",)
        verbose_name = "API key"

    def __str__(self) -> str:
        return self.name
