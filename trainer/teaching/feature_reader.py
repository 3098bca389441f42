"""Photos -> the inputs of a network's last layer and its outputs, with OpenVINO."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from PIL import Image

from dogbreed.answers.outputs import CLASS_ACTIVATION_MAPS, INPUT, KNOWN_BREED, Outputs
from dogbreed.model.bundle import Bundle
from dogbreed.model.engines.openvino import CORE
from dogbreed.model.engines.threads import inference_threads
from dogbreed.photos.preprocessing import to_input
from trainer.progress import Progress
from trainer.teaching.wider_network import KNOWN_BEFORE

PhotoT = TypeVar("PhotoT")


@dataclass(frozen=True)
class Looked:
    """Of some photos: the inputs of the last layer `[n, d]`, and the network's outputs but the maps."""

    features: NDArray[np.float32]
    outputs: Outputs


class FeatureReader:
    """A bundle's network in float32, which also gives the tensor `features`.

    Its output `known_breed` is the one of the trained breeds alone, in a bundle that was taught others too.
    """

    def __init__(self, bundle: Bundle, features: str) -> None:
        self._config = bundle.config
        model = CORE.read_model(bundle.network)
        self._inner = {features}
        if bundle.config.taught and any(port.any_name == KNOWN_BREED for port in model.outputs):
            self._inner.add(KNOWN_BEFORE)
        self._features = features
        model.add_outputs(sorted(self._inner))
        options = {
            "INFERENCE_PRECISION_HINT": ov.Type.f32,
            "INFERENCE_NUM_THREADS": inference_threads(1),
            "PERFORMANCE_HINT": "LATENCY",
            "ENABLE_CPU_PINNING": False,
        }
        self._request = CORE.compile_model(model, "CPU", options).create_infer_request()

    def look(self, photos: Sequence[PhotoT], read: Callable[[PhotoT], Image.Image], progress: Progress) -> Looked:
        """Looks at every photo alone, so that the result does not depend on the others.

        Args:
            read: opens a photo, upright and in RGB.
        """
        rows: list[Outputs] = []
        for photo in photos:
            rows.append(self._one(read(photo)))
            progress(len(rows), len(photos))
        outputs = {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}
        if KNOWN_BEFORE in outputs:
            outputs[KNOWN_BREED] = outputs.pop(KNOWN_BEFORE)
        return Looked(outputs.pop(self._features), outputs)

    def _one(self, photo: Image.Image) -> Outputs:
        found = self._request.infer({INPUT: to_input(photo, self._config)[None]})
        named = {self._name(port): array for port, array in found.items()}
        return {name: array.copy() for name, array in named.items() if name != CLASS_ACTIVATION_MAPS}

    def _name(self, port: Any) -> str:
        return next(iter(self._inner & set(port.names)), str(port.any_name))
