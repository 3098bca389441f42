"""Engines run a bundle's `model.onnx`: OpenVINO (the default) or ONNX Runtime."""

from pathlib import Path

from dogbreed.model.bundle import BundleConfig
from dogbreed.model.engines.by_load import EngineByLoad
from dogbreed.model.engines.compiled_files import CompiledFiles
from dogbreed.model.engines.engine import Engine, EngineError
from dogbreed.model.engines.onnxruntime import ONNXRuntimeEngine
from dogbreed.model.engines.openvino import OpenVINOEngine
from dogbreed.model.engines.threads import inference_threads

__all__ = [
    "ENGINES",
    "CompiledFiles",
    "Engine",
    "EngineByLoad",
    "EngineError",
    "ONNXRuntimeEngine",
    "OpenVINOEngine",
    "load_engine",
]

ENGINES: dict[str, type[OpenVINOEngine] | type[ONNXRuntimeEngine]] = {
    "openvino": OpenVINOEngine,
    "onnxruntime": ONNXRuntimeEngine,
}


def load_engine(
    name: str,
    network: Path,
    config: BundleConfig,
    precision: str = "auto",
    processes: int = 1,
    streams: bool = False,
    compiled: CompiledFiles | None = None,
) -> Engine:
    """Compiles `network` for this process's share of the cores, which `processes` divide equally.

    Args:
        streams: for many photos: each is answered on one core, as many at once as there are cores, instead of one on
            all cores. The answers are the same.
        compiled: where the compiled network is looked for, and kept.

    Raises:
        EngineError: the network cannot be read, does not fit `config`, or cannot be run in `precision`.
        ValueError: there is no such engine, or no such precision.
    """
    if name not in ENGINES:
        raise ValueError(f"engine must be {' or '.join(ENGINES)}, got {name!r}.")
    return ENGINES[name](network, config, precision, inference_threads(processes), streams, compiled)
