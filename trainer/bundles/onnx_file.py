"""Writes a bundle's `model.onnx`. Its large tensors are those of `weights.safetensors`, so they are on disk once."""

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import onnx
import onnxscript.optimizer
import torch

from dogbreed.model.bundle import WEIGHTS_FILE, BundleConfig, BundleError
from dogbreed.model.golden_input import golden_input
from trainer.bundles.shared_weights import share_weights
from trainer.machine import quiet_libraries
from trainer.networks.served import ServedNetwork


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
        share_weights(model, path.parent / WEIGHTS_FILE)
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
