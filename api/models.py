"""What the server remembers: its answers, what visitors said of them, and photos only where a visitor agreed."""

from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone


class Prediction(models.Model):
    """One answer. Nothing here says who asked, and the photo itself is not here: only its digest and its size."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    created = models.DateTimeField(default=timezone.now, db_index=True)
    model_name = models.CharField(max_length=200)
    model_version = models.CharField(max_length=200)
    breed = models.CharField(max_length=200, db_index=True)
    probability = models.FloatField()
    probabilities = models.JSONField(help_text="Label to probability, every class.")
    verdict = models.JSONField(null=True, help_text="As it was answered, like the three below.")
    shortlist = models.JSONField(null=True)
    look_alikes = models.JSONField(null=True)
    explanation = models.JSONField(null=True, help_text="Null too unless it was asked for.")
    width = models.PositiveIntegerField(help_text="Pixels, of the upright photo.")
    height = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64, help_text="Of the file as it was uploaded.")
    decode_ms = models.FloatField()
    inference_ms = models.FloatField()
    elapsed_ms = models.FloatField()

    class Meta:
        ordering = ("-created",)

    def __str__(self) -> str:
        return f"{self.breed} {self.probability:.0%}"


class Feedback(models.Model):
    """What a visitor says the dog is. A second opinion replaces the first."""

    OTHER, NO_DOG = "other", "no_dog"  # a breed that the model does not know; no dog at all

    prediction = models.OneToOneField(Prediction, models.CASCADE, primary_key=True, related_name="feedback")
    breed = models.CharField(max_length=200, help_text="A label of the model's, `other` or `no_dog`.")
    right = models.BooleanField(help_text="Whether that is what the model had said.")
    created = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-created",)
        verbose_name_plural = "feedback"

    def __str__(self) -> str:
        return "right" if self.right else f"wrong: {self.breed}"


class KeptPhoto(models.Model):
    """A visitor agreed that this prediction's photo is kept: its pixels, upright, without any metadata."""

    prediction = models.OneToOneField(Prediction, models.CASCADE, primary_key=True, related_name="photo")
    created = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-created",)

    def __str__(self) -> str:
        return self.path.name

    @property
    def path(self) -> Path:
        """Where its JPEG lies."""
        return Path(settings.DOGBREED_PHOTOS) / f"{self.prediction_id}.jpg"
