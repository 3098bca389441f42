"""ONNX Runtime on a CPU."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dogbreed.answers.outputs import INPUT, Outputs
from dogbreed.model.bundle import BundleConfig
from dogbreed.model.engines.compiled_files import CompiledFiles
from dogbreed.model.engines.engine import EngineError, Shape, check_precision, check_shapes, unreadable
from dogbreed.model.precision import Precision


class ONNXRuntimeEngine:
    """See `Engine`. It computes graphs in floating point in float32 on every CPU."""

    name = "ONNX Runtime"

    def __init__(
        self,
        network: Path,
        config: BundleConfig,
        precision: str = "auto",
        threads: int = 0,
        streams: bool = False,
        compiled: CompiledFiles | None = None,
    ) -> None:
        """Prepares `network` for this machine's CPU.

        Args:
            precision: `auto` or `float32`, or `int8` for a graph in int8.
            threads: for one inference; 0 for the library's default.
            streams: one thread for each inference: the caller's, who runs as many at once as there are threads.
            compiled: not used. Compiling takes it hardly any time.

        Raises:
            EngineError: ONNX Runtime cannot read the file, its input and outputs do not fit `config`, or `precision`
                is bfloat16.
            ValueError: there is no such precision.
        """
        check_precision(precision)
        if precision == "bfloat16":
            raise EngineError(
                "ONNX Runtime does not compute in bfloat16. Set DOGBREED_PRECISION to auto, float32 or int8, or "
                "DOGBREED_ENGINE to openvino."
            )
        self.precision: Precision = "int8" if precision == "int8" else "float32"
        self._session = open_session(network, 1 if streams else threads)
        outputs = _shapes(self._session.get_outputs())
        check_shapes(network, config, _shapes(self._session.get_inputs()), outputs)
        self.output_names = list(outputs)

    def outputs(self, batch: NDArray[np.float32]) -> Outputs:
        """float32 `[n, 3, h, w]`, normalized -> float32 arrays by output."""
        return dict(zip(self.output_names, self._session.run(self.output_names, {INPUT: batch}), strict=True))


def open_session(network: Path, threads: int = 0, as_written: bool = False) -> Any:
    """Opens an `onnxruntime.InferenceSession` on the CPU.

    Args:
        as_written: run every node of the graph without any optimization: slow, and exactly what the graph says.

    Raises:
        EngineError: ONNX Runtime cannot read the file.
    """
    import onnxruntime  # here, because it takes 20 MB of memory that a server with OpenVINO does not need

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3  # errors only; it warns about superfluous initializers
    # Threads that spin while they wait take the cores from those that work. On two cores, two concurrent requests were
    # answered 50 times a second with spinning and 62 times without; a single request took 14 and 15 ms.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if as_written:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    try:
        return onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its exceptions have no other common base class
        raise unreadable(network, error) from error


def _shapes(ports: Any) -> dict[str, Shape]:
    # A dynamic length is a name or None.
    return {port.name: tuple(n if isinstance(n, int) else None for n in port.shape) for port in ports}
