"""One photo, from its bytes to an answer that can be stored."""

import time
from dataclasses import dataclass

from django.conf import settings

from api import metrics
from api.history import digest
from api.models import Prediction
from api.previews import preview
from api.serializers.conclusions import conclusions
from dogbreed.model.classifier import Classifier
from dogbreed.model.classifier import Prediction as Answer


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
        metrics.STAGES.labels(stage).observe(now - self._last)
        self.ms[stage] = (now - self._last) * 1000
        self._last = now

    @property
    def total_ms(self) -> float:
        return sum(self.ms.values())


def answer_photo(data: bytes, classifier: Classifier, wants_explanation: bool, wants_preview: bool) -> Answered:
    """Decodes and classifies a photo. Call it while the gate admits you.

    Raises:
        PhotoError: the photo cannot be decoded, or is too large.
    """
    stopwatch = Stopwatch()
    photo = classifier.open(data, settings.DOGBREED_MAX_PIXELS)
    stopwatch.lap("decode")
    answer = classifier.classify(photo.image, wants_explanation)
    stopwatch.lap("inference")
    small = preview(photo.image) if wants_preview else None
    return Answered(data, classifier, answer, photo.width, photo.height, stopwatch, small)


def record(answered: Answered) -> Prediction:
    """The answer as a row of the database, not stored yet."""
    answer, config, stopwatch = answered.answer, answered.classifier.config, answered.stopwatch
    metrics.STAGES.labels("total").observe(stopwatch.total_ms / 1000)
    prediction = Prediction(
        model_name=config.name,
        model_version=config.version,
        breed=answer.breed,
        probability=answer.probability,
        probabilities=dict(zip(answer.label_names, answer.probabilities.tolist(), strict=True)),
        **conclusions(answer),
        width=answered.width,
        height=answered.height,
        sha256=digest(answered.data),
        decode_ms=round(stopwatch.ms["decode"], 2),
        inference_ms=round(stopwatch.ms["inference"], 2),
        elapsed_ms=round(stopwatch.total_ms, 1),
    )
    if answered.preview:
        prediction.preview = answered.preview
    return prediction
