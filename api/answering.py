"""One photo, from its bytes to an answer that can be stored."""

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.conf import settings

from api import metrics
from api.admission import gate
from api.history import digest
from api.models import Prediction
from api.previews import preview
from api.serializers.conclusions import conclusions
from api.watching.day_figures import is_unfamiliar_dog, kind_of
from dogbreed.model.answer import Prediction as Answer
from dogbreed.model.bundle import Bundle
from dogbreed.model.classifier import Classifier
from dogbreed.model.swap import Chosen, ServedModels
from dogbreed.photos.decoding import PhotoError
from dogbreed.photos.formats import format_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Wanted:
    """What an answer should have beside the breeds, by the names of the query parameters."""

    explain: bool = False
    preview: bool = False
    advise: bool = False

    @classmethod
    def by(cls, options: dict[str, Any]) -> "Wanted":
        return cls(**{name: options[name] for name in ("explain", "preview", "advise") if name in options})


@dataclass(frozen=True, eq=False)
class Answered:
    """What a classifier said of the photo with the bytes `data`. `width` and `height` are the upright photo's pixels;
    `preview` is a data URI, or None where none was asked for. `compared` says whether another
    model said the same, if one was asked."""

    data: bytes
    classifier: Classifier
    answer: Answer
    width: int
    height: int
    stopwatch: "Stopwatch"
    preview: str | None
    compared: dict[str, Any] | None = None


class Stopwatch:
    """Milliseconds of one prediction's stages; each is reported to Prometheus too."""

    def __init__(self) -> None:
        self.ms: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        metrics.observe_stage(stage, now - self._last)
        self.ms[stage] = (now - self._last) * 1000
        self._last = now

    @property
    def total_ms(self) -> float:
        return sum(self.ms.values())


def answer_photo(data: bytes, chosen: Chosen[Classifier], max_pixels: int, wanted: Wanted) -> Answered:
    """Decodes and classifies a photo. Call it while the gate admits you.

    Advice takes as long as many photos, so it is given only while nobody else waits. The same is true of the second
    answer where a model is on trial.

    Raises:
        PhotoError: the photo cannot be decoded, or has more than `max_pixels`.
    """
    stopwatch, classifier = Stopwatch(), chosen.model
    photo = classifier.open(data, max_pixels)
    stopwatch.lap("decode")
    answer = classifier.classify(photo.image, wanted.explain, wanted.advise and gate().is_idle)
    stopwatch.lap("inference")
    small = preview(photo.image) if wanted.preview else None
    compared = _compare(data, answer, chosen.other, max_pixels) if chosen.other and gate().is_idle else None
    return Answered(data, classifier, answer, photo.width, photo.height, stopwatch, small, compared)


def _compare(data: bytes, answer: Answer, served: Classifier, max_pixels: int) -> dict[str, Any] | None:
    """Whether the served model says the same of a photo as the one on trial; it is counted too."""
    try:
        other = served.classify(served.open(data, max_pixels).image)  # decoded anew: at the size that this model needs
    except Exception:
        logger.exception("The served model could not answer a photo that the one on trial has answered.")
        return None  # the visitor's answer is there all the same
    kinds = [one.verdict.kind if one.verdict else None for one in (answer, other)]
    same = {"breed": answer.breed == other.breed, "verdict": kinds[0] == kinds[1]}
    metrics.TRIAL.labels(*("same" if is_same else "other" for is_same in same.values())).inc()
    return {"digest": served.bundle.digest, **same}


def answer_photos(
    photos: Sequence[bytes | PhotoError], models: ServedModels[Classifier], wanted: Wanted, same_dog: bool = False
) -> Iterator[Answered | PhotoError]:
    """An answer or an error for each photo, in order. Photos of the same dog have the same model.

    Together they may have as many pixels as a single photo, so that decoding them takes no longer.
    """
    left: int = settings.DOGBREED_MAX_PIXELS
    first = next((photo for photo in photos if isinstance(photo, bytes)), b"") if same_dog else None
    for data in photos:
        if isinstance(data, PhotoError):
            yield data
            continue
        try:
            answered = answer_photo(data, models.choose(data if first is None else first), left, wanted)
        except PhotoError as error:
            is_last_straw = error.code == "too_many_pixels" and left < settings.DOGBREED_MAX_PIXELS
            yield _too_many_together() if is_last_straw else error
            left -= _pixels_of_broken(data) if error.code == "broken_image" else 0
        else:
            yield answered
            left -= answered.width * answered.height


def _too_many_together() -> PhotoError:
    most = f"{settings.DOGBREED_MAX_PIXELS / 1e6:g} megapixels"
    return PhotoError(
        "too_many_pixels",
        f"this photo and those before it have more than {most} together.",
        "Send it in another request.",
    )


def _pixels_of_broken(data: bytes) -> int:
    """How many pixels a photo claims to have that was found to be broken, perhaps only after decoding most of it."""
    known = format_of(data)
    try:
        width, height = known.open(BytesIO(data)).size if known else (0, 0)
    except Exception:  # Pillow's parsers raise exceptions of many kinds; nothing was decoded
        return 0
    return width * height


def said(answer: Answer, bundle: Bundle) -> dict[str, Any]:
    """The columns of a prediction that say what a model answered."""
    return {
        "model_name": bundle.config.name,
        "model_version": bundle.config.version,
        "model_digest": bundle.digest,
        "breed": answer.breed,
        "probability": answer.probability,
        "probabilities": dict(zip(answer.label_names, answer.probabilities.tolist(), strict=True)),
        **conclusions(answer),
    }


def record(answered: Answered) -> Prediction:
    """The answer as a row of the database, not stored yet."""
    answer, bundle, stopwatch = answered.answer, answered.classifier.bundle, answered.stopwatch
    metrics.observe_stage("total", stopwatch.total_ms / 1000)
    prediction = Prediction(
        **said(answer, bundle),
        width=answered.width,
        height=answered.height,
        sha256=digest(answered.data),
        decode_ms=round(stopwatch.ms["decode"], 2),
        inference_ms=round(stopwatch.ms["inference"], 2),
        elapsed_ms=round(stopwatch.total_ms, 1),
        other_model=answered.compared,
    )
    verdict = prediction.verdict or {}
    metrics.count_verdict(kind_of(verdict), is_unfamiliar_dog(verdict), prediction.probability)
    prediction.advice = answer.advice
    if answered.preview:
        prediction.preview = answered.preview
    return prediction
