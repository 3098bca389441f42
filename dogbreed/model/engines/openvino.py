"""OpenVINO on a CPU."""

import logging
from collections import deque
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from dogbreed.answers.outputs import INPUT, NAMES, Outputs
from dogbreed.model.bundle import BundleConfig
from dogbreed.model.engines.compiled_files import CompiledFiles
from dogbreed.model.engines.engine import Shape, check_precision, check_shapes, not_compiled, unreadable
from dogbreed.model.precision import Precision

HINT = "INFERENCE_PRECISION_HINT"
OF_CPU = ("FULL_DEVICE_NAME", "OPTIMIZATION_CAPABILITIES")  # what compiling depends on
# What a graph in int8 leaves in floating point is computed in float32, so that its answers are nearly the same on every
# processor.
OPENVINO_TYPES: dict[Precision, Any] = {"float32": ov.Type.f32, "bfloat16": ov.Type.bf16, "int8": ov.Type.f32}
# One for the process, and never released. OpenVINO's CPU plugin gives the thread that first compiles a network an
# alternate signal stack, and unmaps it with the last `Core` and network. If another thread releases those, the first
# thread still uses that stack, and the next signal ends the process (seen with OpenVINO 2026.4).
CORE = ov.Core()

logger = logging.getLogger(__name__)


class OpenVINOEngine:
    """See `Engine`."""

    name = "OpenVINO"

    def __init__(
        self,
        network: Path,
        config: BundleConfig,
        precision: str = "auto",
        threads: int = 0,
        streams: bool = False,
        compiled: CompiledFiles | None = None,
    ) -> None:
        """Compiles `network` for this machine's CPU.

        Args:
            precision: `auto` (OpenVINO's choice for this CPU), `float32`, `bfloat16`, or `int8` for a graph in int8.
            threads: of the engine; 0 for the library's default.
            streams: one inference per thread, as many at once as there are threads, instead of all threads for each.
            compiled: where the compiled network is looked for, and kept.

        Raises:
            EngineError: OpenVINO cannot read or compile the file, or its input and outputs do not fit `config`.
            ValueError: there is no such precision.
        """
        check_precision(precision)
        runnable = _compiled(network, _options(precision, threads, streams), compiled)
        if _precision_of(runnable) is None:
            # On some CPUs OpenVINO chooses float16, for which no bundle states a tolerance.
            runnable = _compiled(network, _options("float32", threads, streams), compiled)
        inputs = {_name(port): _shape(port) for port in runnable.inputs}
        outputs = {name: _shape(port) for port in runnable.outputs for name in port.names}
        check_shapes(network, config, inputs, outputs)
        self.precision: Precision = "int8" if precision == "int8" else (_precision_of(runnable) or "float32")
        self._compiled = runnable
        self.output_names = [_name(port) for port in runnable.outputs]
        # An infer request serves one thread at a time. `pop` and `append` of a deque are thread-safe.
        self._idle_requests: deque[ov.InferRequest] = deque()

    def outputs(self, batch: NDArray[np.float32]) -> Outputs:
        """float32 `[n, 3, h, w]`, normalized -> float32 arrays by output."""
        try:
            request = self._idle_requests.pop()
        except IndexError:
            request = self._compiled.create_infer_request()
        try:
            # The outputs are copies, because another thread may use the request next.
            arrays = request.infer({INPUT: batch}, share_inputs=True).values()
            return dict(zip(self.output_names, arrays, strict=True))
        finally:
            self._idle_requests.append(request)


# One stream, so that one photo gets all threads, and with `streams` one for each thread: see `EngineByLoad`.
# Threads are not pinned, because every process would pin its first thread to the same core. Two processes of one thread
# each answered 34 photos a second with pinning and 73 without.
ONE_STREAM = {"PERFORMANCE_HINT": "LATENCY", "ENABLE_CPU_PINNING": False}


def _options(precision: str, threads: int, streams: bool) -> dict[str, object]:
    options: dict[str, object] = {**ONE_STREAM, "INFERENCE_NUM_THREADS": threads}
    if streams:
        options |= {"PERFORMANCE_HINT": "THROUGHPUT", "NUM_STREAMS": threads or "AUTO"}
    if precision != "auto":
        options[HINT] = OPENVINO_TYPES[cast(Precision, precision)]
    return options


def _compiled(network: Path, options: dict[str, object], kept: CompiledFiles | None) -> ov.CompiledModel:
    """The network as it was compiled before in the same way, or compiled now. Raises EngineError."""
    how = repr((network.name, ov.__version__, *(CORE.get_property("CPU", name) for name in OF_CPU), options))
    if kept and (content := kept.read(how)):
        try:
            return CORE.import_model(BytesIO(content), "CPU", options)
        except RuntimeError:
            logger.info("OpenVINO does not read the network that it has compiled before, and compiles it again.")
    try:
        model = CORE.read_model(network)
    except RuntimeError as error:
        raise unreadable(network, error) from error
    try:
        compiled = _compile(model, options)
    except RuntimeError as error:
        raise not_compiled(network, error) from error
    if kept:
        kept.write(how, compiled.export_model().getvalue())
    return compiled


def _compile(model: ov.Model, options: dict[str, object]) -> ov.CompiledModel:
    return CORE.compile_model(model, "CPU", options)


def _precision_of(compiled: ov.CompiledModel) -> Precision | None:
    """None for a precision that no bundle can state a tolerance for."""
    used = compiled.get_property(HINT)
    return next((name for name, kind in OPENVINO_TYPES.items() if kind == used), None)


def _name(port: Any) -> str:
    """A compiled network's ports have more names: of the tensors that compiling found to be the same."""
    return next((name for name in NAMES if name in port.names), str(port.any_name))


def _shape(port: Any) -> Shape:
    shape = port.partial_shape
    if shape.rank.is_dynamic:
        return None
    return tuple(None if length.is_dynamic else length.get_length() for length in shape)
