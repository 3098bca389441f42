"""Examples of what the page computes itself in private mode, as the server computes it.

`python -m tests.private_examples` writes them to the file that the page's tests read. A test fails while the file is
not what the server computes.
"""

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

FILE = Path(__file__).parents[1] / "frontend" / "src" / "testing" / "privateExamples.json"
TERRIERS, RETRIEVERS = ["airedale", "border_terrier"], ["golden_retriever", "labrador_retriever"]
LABELS = sorted(["beagle", "my_own_breed", "toy_poodle", *TERRIERS, *RETRIEVERS])
FITTED = {"photos": 100}
GATE = {"kept": 0.95, **FITTED}
MEASURED = {"breed": {"right": 98, "photos": 100}, "one_of": {"right": 19, "photos": 20}}
OF_FIRST_VERSION = {"precision": 0.95, "breed": 0.8, "group": 0.9, **FITTED}
VERDICT = {**OF_FIRST_VERSION, "probably": 0.6, "one_of": 0.9, "group": 0.7, "measured": MEASURED}
SHORTLIST = {"coverage": 0.95, "penalty": 0.05, "threshold": 0.9, **FITTED}
CALIBRATIONS: dict[str, dict[str, Any]] = {
    "all": {
        "temperature": 0.949,
        "shortlist": SHORTLIST,
        "verdict": VERDICT,
        "dog": {"score": "imagenet", "threshold": 0.5, **GATE},
        "familiar": {"score": "known_breed", "threshold": -0.3, **GATE},
    },
    "first version": {"verdict": OF_FIRST_VERSION, "familiar": {"score": "cosine", "threshold": 0.3, **GATE}},
    "other scores": {
        "temperature": 2.0,
        "shortlist": {**SHORTLIST, "penalty": 0.0, "threshold": -1.0},
        "verdict": {**VERDICT, "probably": None, "one_of": None, "group": 2.0},
        "dog": {"score": "energy", "threshold": 2.0, **GATE},
        "familiar": {"score": "max_logit", "threshold": 1.0, **GATE},
    },
    "probability": {"verdict": VERDICT, "dog": {"score": "max_probability", "threshold": 0.3, **GATE}},
    "taught": {"verdict": {**VERDICT, "taught": {"my_own_breed": {"photos": 10, "breed": 0.95, "probably": 0.5}}}},
    "bare": {},
}
PAIRS = [
    {"breeds": [3, 4], "photos": 46, "told_apart": 41, "accuracy": 0.88, "interval": [0.77, 0.95]},
    {"breeds": [0, 2], "photos": 12, "told_apart": 7, "accuracy": 0.6, "interval": [0.4, 0.8]},
]
# Logits with which a rule is at its edge, or that are hard to compute with.
EDGES = {
    "sure": [0, 0, 0, 12, 0, 0, 0],
    "enormous": [900, 0, 0, 0, -900, 0, 0],
    "all equal": [1, 1, 1, 1, 1, 1, 1],
    "two equal": [0, 0, 0, 5, 5, 0, 0],
    "three likely": [-1, 4, -1, 4.2, 4.1, -1, -1],
    "a group": [3, 0, 3.3, 0, 0, 0, 0],
    "one and a rest": [0, 0, 0, 3.6, 0.5, 0, 0],
    "a breed outside the catalogue": [0, 0, 0, 0, 0, 6, 1],
}
PHOTOS = [(640, 480), (300, 300), (90, 500)]


def answers() -> list[dict[str, Any]]:
    """Made-up outputs of networks, and the answers of the API to them."""
    random = np.random.RandomState(7)
    found = []
    for place, (model, calibration) in enumerate(CALIBRATIONS.items()):
        logits = {**EDGES, **{f"random {i}": random.normal(0, 2.5, len(LABELS)).tolist() for i in range(4)}}
        for number, (name, values) in enumerate(logits.items()):
            outputs = _outputs(values, random, number)
            if model == "bare":
                outputs = {"logits": outputs["logits"]}
            size = PHOTOS[(number + place) % len(PHOTOS)]
            found.append(
                {
                    "name": f"{model}: {name}",
                    "model": model,
                    "photo": size,
                    "outputs": {name: np.round(array.astype(float), 4).tolist() for name, array in outputs.items()},
                    "answer": _answer(calibration, outputs, size),
                }
            )
    return found


def _outputs(logits: list[float], random: np.random.RandomState, number: int) -> dict[str, NDArray[np.float32]]:
    outputs = {
        "logits": [logits],
        "evidence": random.normal(0, 1, (1, len(LABELS), 2, 3)),
        "dog": [-1.0 if number % 5 == 4 else 3.0],
        "familiarity": [0.1 if number % 4 == 3 else 0.6],
        "known_breed": [[4.0, -2.0, 1.0, 0.2][number % 4]],
    }
    return {name: np.round(np.asarray(values, float), 4).astype(np.float32) for name, values in outputs.items()}


def _bundle(calibration: dict[str, Any]) -> Any:
    from dogbreed.answers.calibration import LookAlikePair, LookAlikes
    from dogbreed.model.bundle import Bundle
    from dogbreed.model.golden_file import Golden, GoldenCase
    from tests.conftest import tiny_config

    config = tiny_config(
        label_names=LABELS, calibration=calibration, crop_mode="center", crop_pct=0.875, interpolation="bicubic"
    )
    golden = Golden(tolerance={"float32": 1}, cases=[GoldenCase(seed=0, logits=[0.0] * len(LABELS))])
    pairs = [LookAlikePair.model_validate_json(json.dumps(pair)) for pair in PAIRS]
    return Bundle(Path("made-up"), config, golden, LookAlikes(description="made up", pairs=pairs))


class _Engine:
    """Gives the same outputs for every photo."""

    name, precision = "made up", "float32"

    def __init__(self, outputs: dict[str, NDArray[np.float32]]) -> None:
        self._outputs, self.output_names = outputs, list(outputs)

    def outputs(self, batch: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        return self._outputs


def _answer(calibration: dict[str, Any], outputs: dict[str, NDArray[np.float32]], size: tuple[int, int]) -> Any:
    from api.answering import Answered, Stopwatch, record
    from api.serializers.predict_image import PredictionSerializer
    from api.serializers.represent import represent
    from dogbreed.model.classifier import Classifier

    classifier = Classifier(_bundle(calibration), _Engine(outputs))  # type: ignore[arg-type]
    stopwatch = Stopwatch()
    answer = classifier.classify(Image.new("RGB", size), explain=True)
    stopwatch.lap("decode")
    stopwatch.lap("inference")
    answered = represent(PredictionSerializer, record(Answered(b"", classifier, answer, *size, stopwatch, None)))
    return {key: value for key, value in answered.items() if key not in ("id", "elapsed_ms")}


def models() -> dict[str, Any]:
    from dogbreed.model.packed import answering

    return {name: answering(_bundle(calibration)) for name, calibration in CALIBRATIONS.items()}


def framings() -> list[dict[str, Any]]:
    """Small photos, and what the network gets of them."""
    from dogbreed.photos.preprocessing import Preprocessing, frame, to_input

    random = np.random.RandomState(3)
    found = []
    for size in [(40, 30), (23, 61), (5, 7), (1, 1), (200, 3), (10, 8)]:
        pixels = random.randint(0, 256, (size[1], size[0], 3), np.uint8)
        photo = Image.fromarray(pixels)
        for mode, interpolation, kept in [("squash", "bicubic", 1.0), ("center", "bilinear", 0.875)]:
            config = Preprocessing.model_validate_json(
                json.dumps(
                    {
                        "input_size": [3, 8, 10],
                        "interpolation": interpolation,
                        "crop_pct": kept,
                        "crop_mode": mode,
                        "mean": [0.4, 0.5, 0.6],
                        "std": [0.2, 0.3, 0.4],
                    }
                )
            )
            found.append(
                {
                    "name": f"{size[0]} x {size[1]}, {mode}, {interpolation}",
                    "size": size,
                    "pixels": _base64(pixels.tobytes()),
                    "preprocessing": config.model_dump(mode="json"),
                    "framed": _base64(frame(photo, config).tobytes()),
                    "first_inputs": to_input(photo, config).ravel()[:5].astype(float).tolist(),
                }
            )
    return found


def tensors() -> list[dict[str, Any]]:
    """Packed weights, and what they are when they are unpacked."""
    from dogbreed.model.packed import packed_numbers

    random = np.random.RandomState(5)
    found = []
    for bits, kind in [(8, "float32"), (10, "float16"), (12, "float16"), (10, "float32")]:
        numbers = random.normal(0, np.array([[1], [1e-5], [300]]), (3, 11)).astype(np.float32)
        most = 2 ** (bits - 1) - 1
        scales = np.abs(numbers).max(axis=1, keepdims=True) / np.float32(most)
        unpacked = (np.rint(numbers / scales) * scales).astype(np.float32).astype(kind)
        described = {"type": kind, "offset": 0, "values": numbers.size, "channels": 3, "bits": bits}
        packed = _base64(packed_numbers(numbers, bits))
        found.append({"tensor": described, "packed": packed, "unpacked": _base64(unpacked.tobytes())})
    return found


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def examples() -> dict[str, Any]:
    return {"models": models(), "answers": answers(), "framings": framings(), "tensors": tensors()}


def written(found: dict[str, Any]) -> str:
    """JSON with one line for each example."""
    parts = [f'"models": {json.dumps(found["models"])}']
    for name in ("answers", "framings", "tensors"):
        lines = ",\n".join(json.dumps(example) for example in found[name])
        parts.append(f'"{name}": [\n{lines}\n]')
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dogbreed.settings")
    django.setup()
    FILE.write_text(written(examples()), encoding="utf-8")
