"""Writes measurements into a bundle."""

from dogbreed.model.bundle import (
    ALTERNATIVES_FILE,
    CONFIG_FILE,
    MODEL_CARD_FILE,
    Bundle,
    Metrics,
    read_bundle,
    write_json,
)
from dogbreed.model.file_digests import write_digests
from trainer.bundles.model_card import model_card
from trainer.calibration.alternatives import read_alternatives
from trainer.files import whole_file


def record_metrics(bundle: Bundle, name: str, metrics: Metrics) -> Bundle:
    """Writes a measurement into the bundle's `config.json` and model card; it replaces one of the same name.

    Both files are written as this version of the program writes them; the network is not touched. The digests are
    written anew, so a signed bundle has to be signed again.
    """
    config = bundle.config.model_copy(update={"metrics": {**bundle.config.metrics, name: metrics}})
    alternatives = read_alternatives(bundle)  # a bundle of an earlier version keeps them in its config.json
    with whole_file(bundle.path / ALTERNATIVES_FILE) as unfinished:
        write_json(unfinished, alternatives)
    with whole_file(bundle.path / CONFIG_FILE) as unfinished:
        write_json(unfinished, config)
    with whole_file(bundle.path / MODEL_CARD_FILE) as unfinished:
        unfinished.write_text(model_card(config), encoding="utf-8")
    write_digests(bundle.path)
    return read_bundle(bundle.path)
