"""ONNX Runtime on a CPU."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dogbreed.answers.outputs import INPUT, Outputs
from dogbreed.model.bundle import BundleConfig, Precision
from dogbreed.model.engines.engine import EngineError, Shape, check_precision, check_shapes, unreadable


class ONNXRuntimeEngine:
    """See `Engine`. It computes in float32 on every CPU."""

    name = "ONNX Runtime"
    precision: Precision = "float32"

    def __init__(self, network: Path, config: BundleConfig, precision: str = "auto", threads: int = 0) -> None:
        """Prepares `network` for this machine's CPU.

        Args:
            precision: `auto` or `float32`.
            threads: for one inference; 0 leaves it to the library.

        Raises:
            EngineError: ONNX Runtime cannot read the file, its input and outputs do not fit `config`, or it is asked
                for bfloat16.
            ValueError: there is no such precision.
        """
        check_precision(precision)
        if precision == "bfloat16":
            raise EngineError(
                "ONNX Runtime computes in float32, and was asked for bfloat16. Set DOGBREED_PRECISION to auto or "
                "float32, or DOGBREED_ENGINE to openvino."
            )
        self._session = open_session(network, threads)
        outputs = _shapes(self._session.get_outputs())
        check_shapes(network, config, _shapes(self._session.get_inputs()), outputs)
        self.output_names = list(outputs)

    def outputs(self, batch: NDArray[np.float32]) -> Outputs:
        """float32 `[n, 3, h, w]`, normalized -> float32 arrays by output."""
        return dict(zip(self.output_names, self._session.run(self.output_names, {INPUT: batch}), strict=True))


def open_session(network: Path, threads: int = 0, as_written: bool = False) -> Any:
    """Opens an `onnxruntime.InferenceSession` on the CPU.

    Args:
        as_written: run every node of the graph as it stands, fusing nothing: slow, and what the graph means exactly.

    Raises:
        EngineError: ONNX Runtime cannot read the file.
    """
    import onnxruntime  # here, because it costs 20 MB that a server with OpenVINO has no use for

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3  # errors; it warns of initializers that it could do without
    # Threads that wait for work would turn in circles and take the cores from those that have some: two requests at
    # once were answered 50 times a second with it and 62 without, on two cores; a lone one in 14 ms and in 15.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if as_written:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    try:
        return onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its exceptions have nothing else in common
        raise unreadable(network, error) from error


def _shapes(ports: Any) -> dict[str, Shape]:
    # A length that the network leaves open has a name, or none.
    return {port.name: tuple(n if isinstance(n, int) else None for n in port.shape) for port in ports}
