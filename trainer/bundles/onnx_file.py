"""Writes a bundle's `model.onnx`. Its large tensors are those of `weights.safetensors`, so they are on disk once."""

import json
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxscript.optimizer
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

from dogbreed.model.bundle import WEIGHTS_FILE, BundleConfig, BundleError
from dogbreed.model.golden_input import golden_input
from trainer.machine import quiet_libraries
from trainer.networks.served import ServedNetwork

SMALLEST_SHARED = 1024  # bytes: smaller tensors stay in model.onnx
ONNX_TYPES = {np.dtype(np.float16): TensorProto.FLOAT16, np.dtype(np.float32): TensorProto.FLOAT}


def write_onnx(network: ServedNetwork, config: BundleConfig, path: Path) -> None:
    """Exports to ONNX: `image` float32 `[n, 3, h, w]` -> `logits` `[n, classes]` and the other outputs, n dynamic.

    If `weights.safetensors` lies beside `path`, the tensors that it holds are not written again.
    """
    example = torch.from_numpy(np.concatenate([golden_input(config, seed) for seed in range(2)]))
    quiet_libraries()
    with warnings.catch_warnings(), _clear_errors(config.architecture):
        warnings.simplefilter("ignore")  # the exporter's deprecation warnings do not concern users
        program = torch.onnx.export(
            network.to(memory_format=torch.contiguous_format),
            (example,),
            input_names=["image"],
            output_names=network.names,
            dynamic_shapes=({0: torch.export.Dim("n")},),
            dynamo=True,
            external_data=False,
            optimize=False,  # it would merge batch normalization into other weights than those in the file
            verbose=False,
        )
        assert program is not None  # it is None only for the older exporter
        onnxscript.optimizer.fold_constants(program.model)
        onnxscript.optimizer.remove_unused_nodes(program.model)
    with tempfile.TemporaryDirectory() as folder:
        program.save(Path(folder) / path.name)
        model = onnx.load(Path(folder) / path.name)
    _remove_notes(model)
    if (path.parent / WEIGHTS_FILE).is_file():
        _share_weights(model, path.parent / WEIGHTS_FILE)
    onnx.save(model, path)


@contextmanager
def _clear_errors(architecture: str) -> Iterator[None]:
    try:
        yield
    except torch.onnx.OnnxExporterError as error:
        reason = str(error.__cause__ or error).splitlines()[0]
        raise BundleError(
            f"PyTorch cannot export {architecture} to ONNX, in which networks are served ({reason}). Choose another "
            "architecture. Once PyTorch can, `manage.py export` exports this run."
        ) from error


def _remove_notes(model: onnx.ModelProto) -> None:
    """Removes the exporter's notes on the source code, with its paths, from which each node was made."""
    for noted in (model, model.graph, *model.graph.node, *model.graph.value_info, *model.graph.initializer):
        del noted.metadata_props[:]
        noted.doc_string = ""


def _share_weights(model: onnx.ModelProto, weights: Path) -> None:
    """Replaces tensors by references to equal ones in the file, and converts those that are in half precision."""
    tensors, offsets = load_file(weights), _offsets(weights)
    casts = []
    for initializer in model.graph.initializer:
        values = numpy_helper.to_array(initializer)
        name = _equal_tensor(values, tensors) if values.nbytes >= SMALLEST_SHARED else None
        if name is None:
            continue
        stored, wanted = ONNX_TYPES[tensors[name].dtype], initializer.data_type
        if stored != wanted:
            half = f"{initializer.name}.stored"
            casts.append(helper.make_node("Cast", [half], [initializer.name], to=wanted))
            initializer.name, initializer.data_type = half, stored
        _refer(initializer, weights.name, *offsets[name])
    for node in reversed(casts):
        model.graph.node.insert(0, node)


def _equal_tensor(values: NDArray[Any], tensors: dict[str, NDArray[Any]]) -> str | None:
    """The name of a tensor with these values after conversion, perhaps in another shape, if there is one."""
    flat = values.reshape(-1)
    candidates = (name for name, tensor in tensors.items() if tensor.size == flat.size and tensor.dtype in ONNX_TYPES)
    return next(
        (name for name in candidates if np.array_equal(tensors[name].reshape(-1).astype(flat.dtype), flat)), None
    )


def _offsets(weights: Path) -> dict[str, tuple[int, int]]:
    """Where each tensor's bytes begin in a safetensors file, and how many there are."""
    with weights.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
    begin = 8 + length
    return {
        name: (begin + entry["data_offsets"][0], entry["data_offsets"][1] - entry["data_offsets"][0])
        for name, entry in header.items()
        if name != "__metadata__"
    }


def _refer(initializer: onnx.TensorProto, location: str, offset: int, length: int) -> None:
    for field in ("raw_data", "float_data", "int32_data"):
        initializer.ClearField(field)
    initializer.data_location = TensorProto.EXTERNAL
    del initializer.external_data[:]
    for key, value in (("location", location), ("offset", offset), ("length", length)):
        entry = initializer.external_data.add()
        entry.key, entry.value = key, str(value)
