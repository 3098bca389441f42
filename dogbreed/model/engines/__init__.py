"""Engines run a bundle's `model.onnx`: OpenVINO (the default) or ONNX Runtime."""

from pathlib import Path
from typing import Literal

from dogbreed.model.bundle import BundleConfig
from dogbreed.model.engines.by_load import EngineByLoad
from dogbreed.model.engines.engine import Engine, EngineError
from dogbreed.model.engines.onnxruntime import ONNXRuntimeEngine
from dogbreed.model.engines.openvino import OpenVINOEngine
from dogbreed.model.engines.threads import inference_threads

__all__ = ["ENGINES", "Engine", "EngineByLoad", "EngineError", "ONNXRuntimeEngine", "OpenVINOEngine", "load_engine"]

Photos = Literal["one", "many", "varying"]

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
    photos: Photos = "one",
) -> Engine:
    """Compiles `network` for this process's share of the cores, which `processes` divide equally.

    Args:
        photos: how many come at once. `one`: each gets all cores. `many`: each gets one core, and as many are answered
            at once as there are cores. `varying`: as with `one` while a photo is alone, and otherwise as with `many`;
            that takes twice the time to compile and some more memory. The answers are the same.

    Raises:
        EngineError: the network cannot be read, does not fit `config`, or cannot be run in `precision`.
        ValueError: there is no such engine, or no such precision.
    """
    if name not in ENGINES:
        raise ValueError(f"engine must be {' or '.join(ENGINES)}, got {name!r}.")
    threads = inference_threads(processes)
    engine = ENGINES[name](network, config, precision, threads, streams=photos == "many")
    if photos != "varying" or threads == 1:
        return engine
    return EngineByLoad(engine, ENGINES[name](network, config, engine.precision, threads, streams=True))
