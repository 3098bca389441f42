"""Writes a bundle that knows more breeds than the one that it is made from."""

import shutil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dogbreed.model.bundle import (
    ALTERNATIVES_FILE,
    CONFIG_FILE,
    GOLDEN_FILE,
    INT8_NETWORK_FILE,
    LOOK_ALIKES_FILE,
    MODEL_CARD_FILE,
    NETWORK_FILE,
    TEACHING_FILE,
    Bundle,
    BundleConfig,
    read_bundle,
    write_json,
)
from dogbreed.model.classifier import Classifier
from dogbreed.model.file_digests import write_digests
from dogbreed.model.golden_file import Golden
from trainer.bundles.golden_outputs import TOLERANCE, golden_of, graph_outputs
from trainer.bundles.int8_golden import int8_golden
from trainer.bundles.model_card import model_card
from trainer.files import new_folder
from trainer.teaching.last_layer import LastLayer
from trainer.teaching.lesson_results import Learned
from trainer.teaching.reference import Reference, write_reference
from trainer.teaching.taught_config import look_alikes_with
from trainer.teaching.wider_network import write_wider


def write_taught(
    bundle: Bundle,
    layer: LastLayer,
    reference: Reference,
    learned: list[Learned],
    config: BundleConfig,
    out: Path,
) -> Bundle:
    """Writes the bundle with the learned breeds.

    Its golden outputs are ONNX Runtime's, because there is no network in PyTorch that has these breeds.

    Args:
        reference: the one that the new bundle has.
    """
    weight, bias = _rows(bundle.config, layer, learned, config.label_names)
    taught = [index for index, label in enumerate(config.label_names) if label in config.taught]
    with new_folder(out) as unfinished:
        write_wider(bundle, layer, weight, bias, taught, unfinished)
        write_json(unfinished / CONFIG_FILE, config)
        write_json(unfinished / GOLDEN_FILE, _golden(unfinished, config))
        if bundle.look_alikes:
            before, after = bundle.config.label_names, config.label_names
            write_json(unfinished / LOOK_ALIKES_FILE, look_alikes_with(bundle.look_alikes, before, after))
        if (bundle.path / ALTERNATIVES_FILE).is_file():
            shutil.copyfile(bundle.path / ALTERNATIVES_FILE, unfinished / ALTERNATIVES_FILE)
        write_reference(reference, unfinished / TEACHING_FILE)
        (unfinished / MODEL_CARD_FILE).write_text(model_card(config), encoding="utf-8")
        write_digests(unfinished)
        for precision in ("float32", *(["int8"] if bundle.int8_network else [])):
            Classifier.load(unfinished, precision)  # OpenVINO has to reproduce what ONNX Runtime computed
    return read_bundle(out)


def _golden(folder: Path, config: BundleConfig) -> Golden:
    golden = golden_of(graph_outputs(folder / NETWORK_FILE), config, TOLERANCE)
    if not (folder / INT8_NETWORK_FILE).is_file():
        return golden
    return golden.model_copy(update={"int8": int8_golden(folder / INT8_NETWORK_FILE, config, golden.photos)})


def _rows(
    before: BundleConfig, layer: LastLayer, learned: list[Learned], label_names: list[str]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The last layer's weight and bias, in the order of the labels."""
    rows = {label: (layer.weight[index], float(layer.bias[index])) for index, label in enumerate(before.label_names)}
    rows |= {one.label: (one.weight, one.bias) for one in learned}
    weight = np.stack([rows[label][0] for label in label_names])
    return weight, np.array([rows[label][1] for label in label_names], np.float32)
