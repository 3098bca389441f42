"""Measurements written into a bundle."""

from dogbreed.model.bundle import CONFIG_FILE, MODEL_CARD_FILE, Bundle, Metrics, read_bundle, write_json
from trainer.bundles.model_card import model_card
from trainer.files import whole_file


def record_metrics(bundle: Bundle, name: str, metrics: Metrics) -> Bundle:
    """Writes a measurement into the bundle's `config.json` and its model card, in place of one of the same name."""
    config = bundle.config.model_copy(update={"metrics": {**bundle.config.metrics, name: metrics}})
    with whole_file(bundle.path / CONFIG_FILE) as unfinished:
        write_json(unfinished, config)
    with whole_file(bundle.path / MODEL_CARD_FILE) as unfinished:
        unfinished.write_text(model_card(config), encoding="utf-8")
    return read_bundle(bundle.path)
