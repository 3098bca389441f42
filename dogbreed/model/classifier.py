"""The classifier: a bundle and the engine that runs it, from a photo to a prediction."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, cached_property, partial
from pathlib import Path
from threading import Thread
from typing import Literal

import numpy as np
from django.conf import settings
from numpy.typing import NDArray
from PIL.Image import Image

from dogbreed.answers.breeds import display_name
from dogbreed.answers.calibration import LookAlikePair
from dogbreed.answers.coach import Advice, advice_on, is_certain
from dogbreed.answers.combining import combine
from dogbreed.answers.explanation import Box, Explanation, heat_map
from dogbreed.answers.naming import Promise, promises
from dogbreed.answers.outputs import CLASS_ACTIVATION_MAPS, OUTPUT, Outputs
from dogbreed.answers.scores import softmax
from dogbreed.answers.shortlists import shortlist
from dogbreed.answers.verdict import Verdict, is_no_dog, judge
from dogbreed.model.answer import Combined, Prediction
from dogbreed.model.bundle import Bundle, BundleConfig, BundleError, read_bundle
from dogbreed.model.engines import CompiledFiles, Engine, EngineByLoad, load_engine
from dogbreed.model.engines.threads import inference_threads
from dogbreed.model.file_digests import DIGESTS_FILE
from dogbreed.model.golden import check_golden
from dogbreed.model.packed import PackedModel
from dogbreed.model.serving_source import ServingSource, serving_source
from dogbreed.model.signatures import check_signature
from dogbreed.model.swap import ServedModels, Swap
from dogbreed.photos.decoding import Photo, open_photo
from dogbreed.photos.pixel_gate import PixelGate
from dogbreed.photos.preprocessing import framed_box, part_of, sufficient_side, to_input
from dogbreed.photos.quality import brightness, sharpness

Photos = Literal["one", "many", "varying"]

logger = logging.getLogger(__name__)


class Classifier:
    """A bundle with its compiled network, which passed the golden check.

    Any number of threads may share one.
    """

    def __init__(self, bundle: Bundle, engine: Engine) -> None:
        self.bundle = bundle
        self.engine = engine
        self._pairs = {pair.breeds: pair for pair in bundle.look_alikes.pairs} if bundle.look_alikes else {}

    @classmethod
    def load(
        cls,
        path: Path,
        precision: str = "auto",
        engine: str = "openvino",
        processes: int | None = None,
        photos: Photos = "one",
        compiled: Path | None = None,
    ) -> "Classifier":
        """Reads a bundle, compiles its network and runs the golden check.

        Args:
            precision: `float32`, `bfloat16`, `int8`, or `auto`: int8 if the bundle has such a network, and otherwise
                the engine's choice for this processor; float32 if the golden check does not pass in it.
            engine: `openvino` or `onnxruntime`.
            processes: how many divide the machine's cores; None for the setting `WEB_CONCURRENCY`.
            photos: how many come at once. `one`: each gets all cores. `many`: each gets one core, and as many are
                answered at once as there are cores. `varying`: see `EngineByLoad`. The answers are the same.
            compiled: a folder that keeps compiled networks, so that the next start is faster.

        Raises:
            BundleError: the bundle cannot be read or run, or its network does not reproduce the golden logits.
        """
        bundle, processes = read_bundle(path), processes or settings.WEB_CONCURRENCY
        kept = CompiledFiles(compiled, bundle.digest) if compiled else None

        def compiled_in(precision: str, streams: bool) -> Engine:
            network = bundle.network_in(precision)
            return load_engine(engine, network, bundle.config, precision, processes, streams, kept)

        loaded = _checked_engine(bundle, partial(compiled_in, streams=photos == "many"), precision)
        if photos != "varying" or inference_threads(processes) == 1:
            return cls(bundle, loaded)
        together = partial(_checked_engine, bundle, partial(compiled_in, streams=True), loaded.precision)
        return cls(bundle, EngineByLoad(loaded, together))

    @property
    def explains(self) -> bool:
        """Whether the network gives class activation maps, from which heat maps are made."""
        return CLASS_ACTIVATION_MAPS in self.engine.output_names

    @property
    def config(self) -> BundleConfig:
        return self.bundle.config

    @cached_property
    def for_browsers(self) -> PackedModel:
        """The bundle as a page downloads it that runs the network itself."""
        return PackedModel(self.bundle)

    @property
    def promises(self) -> list[Promise]:
        """What is promised of each kind of verdict."""
        return promises(self.config.calibration.verdict)

    def probabilities(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """softmax(logits / temperature).

        Args:
            batch: float32 `[n, 3, h, w]` as `to_input` makes it.

        Returns:
            float32 `[n, classes]` in 0..1; each row sums to 1.
        """
        return self.answer(batch)[0]

    def answer(self, batch: NDArray[np.float32]) -> tuple[NDArray[np.float32], Outputs]:
        """`probabilities`, and all outputs of the network: see `Engine.outputs`."""
        outputs = self.engine.outputs(batch)
        return softmax(outputs[OUTPUT], self.config.calibration.temperature).astype(np.float32), outputs

    def open(self, data: bytes, max_pixels: int) -> Photo:
        """Decodes a photo at the size that this model needs. Raises `PhotoError`: see `open_photo`."""
        return open_photo(data, max_pixels, sufficient_side(self.config), pixel_gate())

    def classify(self, photo: Image, explain: bool = False, advise: bool = False) -> Prediction:
        """Classifies an upright RGB photo.

        Args:
            explain: also give a heat map, if the network supports it.
            advise: where the answer is not certain, also say what would help. This takes up to 29 inferences more.
        """
        answer = self._classify(photo, explain)
        return replace(answer, advice=self._advise(photo, answer.verdict)) if advise else answer

    def _classify(self, photo: Image, explain: bool = False) -> Prediction:
        batch, outputs = self.answer(to_input(photo, self.config)[None])
        scores = {name: values for name, values in outputs.items() if name != CLASS_ACTIVATION_MAPS}
        explanation = self._explain(photo, outputs, int(batch[0].argmax())) if explain else None
        return self._prediction(batch[0], scores, explanation)

    def _advise(self, photo: Image, verdict: Verdict | None) -> Advice | None:
        if is_certain(verdict):
            return None

        def look(box: Box) -> Verdict | None:
            return self._classify(part_of(photo, box)).verdict

        return advice_on(verdict, brightness(photo), sharpness(photo), look)

    def combine(self, predictions: Sequence[Prediction]) -> Combined:
        """One answer from the answers to photos of one dog: at least one. See `dogbreed.answers.combining`."""
        probabilities = np.stack([prediction.probabilities for prediction in predictions])
        shows_dog = np.array([not is_no_dog(prediction.verdict) for prediction in predictions])
        combination = combine(probabilities, shows_dog, self.config.calibration.same_dog)
        shares = combination.weights / combination.weights.sum()
        scores = {
            name: np.sum([share * one.scores[name] for share, one in zip(shares, predictions, strict=True)], axis=0)
            for name in predictions[0].scores
        }
        return Combined(self._prediction(combination.probabilities.astype(np.float32), scores), combination.shares)

    def _prediction(
        self, probabilities: NDArray[np.float32], scores: Outputs, explanation: Explanation | None = None
    ) -> Prediction:
        labels = self.config.label_names
        index = int(probabilities.argmax())
        return Prediction(
            index,
            labels[index],
            display_name(labels[index]),
            float(probabilities[index]),
            probabilities,
            labels,
            verdict=judge(probabilities, scores, self.config.calibration, labels),
            shortlist=self._shortlist(probabilities),
            look_alikes=self._look_alikes(probabilities),
            explanation=explanation,
            scores=scores,
        )

    def _shortlist(self, probabilities: NDArray[np.float32]) -> list[int] | None:
        wanted = self.config.calibration.shortlist
        return shortlist(probabilities, wanted.penalty, wanted.threshold) if wanted else None

    def _look_alikes(self, probabilities: NDArray[np.float32]) -> LookAlikePair | None:
        first, second = sorted(int(index) for index in np.argsort(-probabilities, kind="stable")[:2])
        return self._pairs.get((first, second))

    def _explain(self, photo: Image, outputs: Outputs, index: int) -> Explanation | None:
        if CLASS_ACTIVATION_MAPS not in outputs:
            return None
        left, top, right, bottom = framed_box(photo.size, self.config)
        box = (left / photo.width, top / photo.height, right / photo.width, bottom / photo.height)
        return Explanation(index, heat_map(outputs[CLASS_ACTIVATION_MAPS][0], index), box)


def _checked_engine(bundle: Bundle, compiled_in: Callable[[str], Engine], precision: str) -> Engine:
    """A compiled network that has passed the golden check. Raises BundleError: see `Classifier.load`."""
    if precision == "auto" and bundle.int8_network:
        try:
            return _checked_engine(bundle, compiled_in, "int8")
        except BundleError:
            logger.info("The model does not run in int8 here, or not accurately enough.")
    engine = compiled_in(precision)
    try:
        check_golden(bundle, engine)
    except BundleError:
        if precision != "auto" or engine.precision == "float32":
            raise
        # Expected on processors that prefer bfloat16, so no warning.
        logger.info("The model runs in float32: %s is not accurate enough for it.", engine.precision)
        return _checked_engine(bundle, compiled_in, "float32")
    return engine


@cache
def pixel_gate() -> PixelGate:
    """The process's gate: it decodes one photo of the most permitted pixels at once, or several smaller ones."""
    return PixelGate(settings.DOGBREED_MAX_PIXELS)


def _load(source: ServingSource, path: Path, digest: str | None) -> Classifier:
    """Loads what is to be served. `digest` is the one that a promoted bundle must have."""
    started = time.perf_counter()
    check_signature(path, source.key)
    classifier = Classifier.load(path, source.precision, source.engine, photos="varying", compiled=source.compiled)
    bundle = classifier.bundle
    if digest not in (None, bundle.digest):
        raise BundleError(f"{path} is not the bundle that its name says. Promote it again.")
    if not bundle.is_listed:
        logger.warning("The model bundle %s has no %s: whether its files were changed is unknown.", path, DIGESTS_FILE)
    logger.info(
        "Serving %s %s (%s) in %s with %s, loaded in %.1f s.",
        classifier.config.name,
        classifier.config.version,
        bundle.digest[:12],
        classifier.engine.precision,
        classifier.engine.name,
        time.perf_counter() - started,
    )
    return classifier


_swap = Swap(_load)


def served_models() -> ServedModels[Classifier]:
    """What answers photos now: the bundle that the settings name or that was promoted, and perhaps one on trial.

    They are loaded once per process and shared by its threads. Ask once for each request: it then ends with the models
    that it began with.

    Raises:
        BundleError: the bundle is missing or was refused. Loading is tried again after `RETRY_SECONDS`.
    """
    return _swap.current(serving_source())


def default_classifier() -> Classifier:
    """The served bundle, without the one on trial: see `served_models`."""
    return served_models().model


def follow_promotions() -> None:
    """From now on this process loads what is promoted, in the background, and swaps it in."""
    Thread(target=_swap.follow, args=(serving_source(),), daemon=True, name="follow promotions").start()


def look_for_promotions() -> None:
    """Looks once, and waits until what was promoted is served or refused."""
    if loading := _swap.look(serving_source()):
        loading.join()


def forget_default_classifier() -> None:
    """Drops the loaded models and the refusals, so that the next call loads again."""
    _swap.forget()
