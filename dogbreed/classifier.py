"""Classifier: a bundle and the engine that runs it, from a photo to a prediction."""

import logging
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock

import numpy as np
from django.conf import settings
from numpy.typing import NDArray
from PIL.Image import Image

from dogbreed.breeds import display_name
from dogbreed.bundle import Bundle, BundleConfig, BundleError, golden_input, read_bundle
from dogbreed.decoding import Photo, open_photo
from dogbreed.engines import Engine, load_engine
from dogbreed.preprocessing import sufficient_side, to_input

RETRY_SECONDS = 60  # a bundle that was refused is not compiled again for every request

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class RankedBreed:
    """One line of a prediction: a label, the name people use for it, and its probability in 0..1."""

    breed: str
    name: str
    probability: float


@dataclass(frozen=True, eq=False)
class Prediction:
    """What the model says about one photo.

    `index` is the class in sorted label order, `breed` its label, `probability` in 0..1, and `probabilities` float32
    `[classes]` in label order, summing to 1.
    """

    index: int
    breed: str
    name: str
    probability: float
    probabilities: NDArray[np.float32]
    label_names: list[str]

    def ranked(self) -> list[RankedBreed]:
        """Every class, highest probability first; equal ones in label order."""
        order = np.argsort(-self.probabilities, kind="stable")
        return [
            RankedBreed(self.label_names[i], display_name(self.label_names[i]), float(self.probabilities[i]))
            for i in order
        ]


class Classifier:
    """A bundle whose network is compiled and was found to compute what its trainer computed.

    Any number of threads may share one.
    """

    def __init__(self, bundle: Bundle, engine: Engine) -> None:
        self.bundle = bundle
        self.engine = engine

    @classmethod
    def load(cls, path: Path, precision: str = "auto", engine: str = "openvino") -> "Classifier":
        """Reads a bundle, compiles its network and checks it against the golden logits.

        Args:
            precision: what the engine computes in: `float32`, `bfloat16`, or `auto`, the processor's own choice where
                the network reproduces its golden logits in it, and else float32.
            engine: `openvino` or `onnxruntime`.

        Raises:
            BundleError: the bundle cannot be read or run, or its network does not reproduce the golden logits.
        """
        bundle = read_bundle(path)
        classifier = cls(
            bundle, load_engine(engine, bundle.network, bundle.config, precision, settings.WEB_CONCURRENCY)
        )
        try:
            classifier._check_golden()
        except BundleError as error:
            if precision != "auto" or classifier.engine.precision == "float32":
                raise
            logger.warning("Not in %s: %s It is tried in float32.", classifier.engine.precision, error)
            return cls.load(path, "float32", engine)
        return classifier

    @property
    def config(self) -> BundleConfig:
        return self.bundle.config

    def _check_golden(self) -> None:
        golden, precision = self.bundle.golden, self.engine.precision
        if precision not in golden.tolerance:
            raise BundleError(
                f"The model bundle {self.bundle.path} states no tolerance for {precision}, in which this machine would "
                f"run it, only for {', '.join(golden.tolerance) or 'nothing'}. Choose another precision, or export it "
                "again."
            )
        tolerance = golden.tolerance[precision]
        for case in golden.cases:
            logits = self.engine.logits(golden_input(self.config, case.seed))[0]
            difference = float(np.abs(logits - np.asarray(case.logits)).max())
            if not difference <= tolerance:  # written so that a NaN is refused too
                raise BundleError(
                    f"The model bundle {self.bundle.path} does not compute what it was exported with: for seed "
                    f"{case.seed} the logits differ by up to {difference:.3g} in {precision}, and {tolerance:.3g} is "
                    "allowed. Export it again."
                )

    def probabilities(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """softmax(logits / temperature).

        Args:
            batch: float32 `[n, 3, h, w]` as `to_input` makes it.

        Returns:
            float32 `[n, classes]` in 0..1; each row sums to 1.
        """
        scores = self.engine.logits(batch).astype(np.float64) / self.config.calibration.temperature
        scores -= scores.max(axis=1, keepdims=True)  # exp then never overflows
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=1, keepdims=True)
        return scores.astype(np.float32)

    def open(self, data: bytes, max_pixels: int) -> Photo:
        """Decodes a photo, as large as this model needs it. Raises `PhotoError`: see `open_photo`."""
        return open_photo(data, max_pixels, sufficient_side(self.config))

    def classify(self, photo: Image) -> Prediction:
        """Says which breed an upright RGB photo shows."""
        probabilities = self.probabilities(to_input(photo, self.config)[None])[0]
        index = int(probabilities.argmax())
        breed = self.config.label_names[index]
        return Prediction(
            index, breed, display_name(breed), float(probabilities[index]), probabilities, self.config.label_names
        )


_loading = Lock()
_refusals: dict[tuple[Path, str, str], tuple[float, str]] = {}  # until when, and what was wrong


@lru_cache(maxsize=1)
def _load(path: Path, precision: str, engine: str) -> Classifier:
    started = time.perf_counter()
    classifier = Classifier.load(path, precision, engine)
    logger.info(
        "Serving %s %s in %s with %s, loaded in %.1f s.",
        classifier.config.name,
        classifier.config.version,
        classifier.engine.precision,
        classifier.engine.name,
        time.perf_counter() - started,
    )
    return classifier


def default_classifier() -> Classifier:
    """The classifier that the settings name: loaded once in a process and shared by its threads.

    Raises:
        BundleError: the bundle is missing or was refused. It is tried again when `RETRY_SECONDS` have passed.
    """
    key = (Path(settings.DOGBREED_BUNDLE), settings.DOGBREED_PRECISION, settings.DOGBREED_ENGINE)
    with _loading:
        until, reason = _refusals.get(key, (0.0, ""))
        if time.monotonic() < until:
            raise BundleError(reason)
        try:
            return _load(*key)
        except BundleError as error:
            _refusals[key] = (time.monotonic() + RETRY_SECONDS, str(error))
            raise


def forget_default_classifier() -> None:
    """Forgets the loaded model and the refusals, so that the next call loads again."""
    with _loading:
        _load.cache_clear()
        _refusals.clear()
