"""Engines run a bundle's `model.onnx`. OpenVINO does it on a CPU."""

from collections import deque
from pathlib import Path
from typing import get_args

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from dogbreed.bundle import BundleConfig, BundleError, Precision

INPUT, OUTPUT = "image", "logits"
HINT = "INFERENCE_PRECISION_HINT"
OPENVINO_TYPES = {"float32": ov.Type.f32, "bfloat16": ov.Type.bf16}


class EngineError(BundleError):
    """The bundle's network cannot be run: the file is broken, or it is not the network that `config.json` describes."""


class OpenVINOEngine:
    """A compiled network. Any number of threads may call it at once.

    `precision` is what the compiled network really computes in, whatever was asked for.
    """

    def __init__(self, network: Path, config: BundleConfig, precision: str = "auto") -> None:
        """Compiles `network` for this machine's CPU.

        Args:
            precision: `auto` (OpenVINO's own choice for this CPU), `float32` or `bfloat16`.

        Raises:
            EngineError: OpenVINO cannot read or compile the file, or its input and outputs do not fit `config`.
            ValueError: there is no such precision.
        """
        if precision != "auto" and precision not in OPENVINO_TYPES:
            raise ValueError(f"precision must be auto, {' or '.join(OPENVINO_TYPES)}, got {precision!r}.")
        core = ov.Core()
        try:
            model = core.read_model(network)
        except RuntimeError as error:
            raise EngineError(
                f"{network} cannot be read as an ONNX network ({_reason(error)}). Export it again."
            ) from error
        _check_shapes(model, network, config)
        try:
            compiled = _compile(core, model, precision)
            if _precision_of(compiled) not in get_args(Precision):
                # On some CPUs OpenVINO's own choice is float16, for which no bundle states a tolerance.
                compiled = _compile(core, model, "float32")
        except RuntimeError as error:
            raise EngineError(
                f"{network} cannot be compiled for this CPU ({_reason(error)}). Export it again."
            ) from error
        self.precision = _precision_of(compiled)
        self._compiled = compiled
        # An infer request serves one thread at a time. A deque's ends are safe to use from many threads.
        self._idle_requests: deque[ov.InferRequest] = deque()

    def logits(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Runs the network.

        Args:
            batch: float32 `[n, 3, h, w]`, normalized.

        Returns:
            float32 `[n, classes]`.
        """
        try:
            request = self._idle_requests.pop()
        except IndexError:
            request = self._compiled.create_infer_request()
        try:
            logits: NDArray[np.float32] = request.infer({INPUT: batch})[OUTPUT]
        finally:
            self._idle_requests.append(request)
        return logits


def _compile(core: ov.Core, model: ov.Model, precision: str) -> ov.CompiledModel:
    options: dict[str, object] = {"PERFORMANCE_HINT": "LATENCY"}
    if precision != "auto":
        options[HINT] = OPENVINO_TYPES[precision]
    return core.compile_model(model, "CPU", options)


def _precision_of(compiled: ov.CompiledModel) -> str:
    used = compiled.get_property(HINT)
    return next((name for name, kind in OPENVINO_TYPES.items() if kind == used), str(used))


def _check_shapes(model: ov.Model, network: Path, config: BundleConfig) -> None:
    inputs = {port.any_name: port.partial_shape for port in model.inputs}
    outputs = {name: port.partial_shape for port in model.outputs for name in port.names}
    expected_input = ov.PartialShape([-1, *config.input_size])
    expected_output = ov.PartialShape([-1, len(config.label_names)])
    if list(inputs) != [INPUT] or not inputs[INPUT].compatible(expected_input):
        raise EngineError(
            f"{network} should have one input, {INPUT} {expected_input} as config.json says, and has "
            f"{_listed(inputs)}. Export it again."
        )
    if OUTPUT not in outputs or not outputs[OUTPUT].compatible(expected_output):
        raise EngineError(
            f"{network} should have an output {OUTPUT} {expected_output}, one for each label name, and has "
            f"{_listed(outputs)}. Export it again."
        )


def _listed(ports: dict[str, ov.PartialShape]) -> str:
    return ", ".join(f"{name} {shape}" for name, shape in ports.items()) or "none"


def _reason(error: RuntimeError) -> str:
    # OpenVINO's messages carry the lines of its own source first; the last line says what is wrong.
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
