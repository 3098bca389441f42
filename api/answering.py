"""One photo, from its bytes to an answer that can be stored."""

import time
from collections.abc import Iterable, Iterator
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
from dogbreed.model.bundle import BundleConfig
from dogbreed.model.classifier import Classifier
from dogbreed.photos.decoding import PhotoError
from dogbreed.photos.formats import format_of


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
    `preview` is a data URI, or None where none was asked for."""

    data: bytes
    classifier: Classifier
    answer: Answer
    width: int
    height: int
    stopwatch: "Stopwatch"
    preview: str | None


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


def answer_photo(data: bytes, classifier: Classifier, max_pixels: int, wanted: Wanted) -> Answered:
    """Decodes and classifies a photo. Call it while the gate admits you.

    Advice takes as long as many photos, so it is given only while nobody else waits.

    Raises:
        PhotoError: the photo cannot be decoded, or has more than `max_pixels`.
    """
    stopwatch = Stopwatch()
    photo = classifier.open(data, max_pixels)
    stopwatch.lap("decode")
    answer = classifier.classify(photo.image, wanted.explain, wanted.advise and gate().is_idle)
    stopwatch.lap("inference")
    small = preview(photo.image) if wanted.preview else None
    return Answered(data, classifier, answer, photo.width, photo.height, stopwatch, small)


def answer_photos(
    photos: Iterable[bytes | PhotoError], classifier: Classifier, wanted: Wanted
) -> Iterator[Answered | PhotoError]:
    """An answer or an error for each photo, in order.

    Together they may have as many pixels as a single photo, so that decoding them takes no longer.
    """
    left: int = settings.DOGBREED_MAX_PIXELS
    for data in photos:
        if isinstance(data, PhotoError):
            yield data
            continue
        try:
            answered = answer_photo(data, classifier, left, wanted)
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


def said(answer: Answer, config: BundleConfig) -> dict[str, Any]:
    """The columns of a prediction that say what a model answered."""
    return {
        "model_name": config.name,
        "model_version": config.version,
        "breed": answer.breed,
        "probability": answer.probability,
        "probabilities": dict(zip(answer.label_names, answer.probabilities.tolist(), strict=True)),
        **conclusions(answer),
    }


def record(answered: Answered) -> Prediction:
    """The answer as a row of the database, not stored yet."""
    answer, config, stopwatch = answered.answer, answered.classifier.config, answered.stopwatch
    metrics.observe_stage("total", stopwatch.total_ms / 1000)
    prediction = Prediction(
        **said(answer, config),
        width=answered.width,
        height=answered.height,
        sha256=digest(answered.data),
        decode_ms=round(stopwatch.ms["decode"], 2),
        inference_ms=round(stopwatch.ms["inference"], 2),
        elapsed_ms=round(stopwatch.total_ms, 1),
    )
    verdict = prediction.verdict or {}
    metrics.count_verdict(kind_of(verdict), is_unfamiliar_dog(verdict), prediction.probability)
    prediction.advice = answer.advice
    if answered.preview:
        prediction.preview = answered.preview
    return prediction
