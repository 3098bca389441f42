"""How good a bundle is on labelled photos, measured through the very path that serves."""

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dogbreed.bundle import (
    CONFIG_FILE,
    MODEL_CARD_FILE,
    Bundle,
    Metrics,
    new_folder,
    read_bundle,
    write_json,
)
from dogbreed.classifier import Classifier
from trainer.datasets import serving_loader
from trainer.machine import worker_count
from trainer.model_card import model_card
from trainer.photos import LabelledPhoto, PhotosError

BATCH_SIZE = 32
METRICS_FILE = "metrics.json"
BREEDS_FILE = "breeds.csv"
PREDICTIONS_FILE = "predictions.csv"

Progress = Callable[[int, int], None]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Evaluation:
    """Probabilities float32 `[photos, classes]` beside the true class indices `[photos]`, and what they add up to."""

    photos: list[LabelledPhoto]
    label_names: list[str]
    probabilities: Floats
    targets: NDArray[np.int64]
    metrics: Metrics


def evaluate(classifier: Classifier, photos: list[LabelledPhoto], description: str, progress: Progress) -> Evaluation:
    """Classifies every photo and compares with its folder's breed.

    Raises:
        PhotosError: a folder's name is not a breed that the model knows.
    """
    labels = classifier.bundle.config.label_names
    unknown = sorted({photo.breed for photo in photos} - set(labels))
    if unknown:
        raise PhotosError(
            f"The model does not know {len(unknown)} of the breeds ({', '.join(unknown[:5])}). Expected folders named "
            "as its label_names are; take the others away."
        )
    targets = np.array([labels.index(photo.breed) for photo in photos])
    batches = []
    for done, images in batches_of(classifier.bundle, photos):
        batches.append(classifier.probabilities(images))
        progress(done, len(photos))
    probabilities = np.concatenate(batches)
    metrics = measure(probabilities, targets, description)
    return Evaluation(photos, labels, probabilities, targets, metrics)


def batches_of(bundle: Bundle, photos: list[LabelledPhoto]) -> Iterator[tuple[int, Floats]]:
    """Gives (photos so far, float32 `[n, 3, h, w]`), framed as the bundle says."""
    done = 0
    for images, targets in serving_loader(photos, bundle.config, BATCH_SIZE, worker_count()):
        done += len(targets)
        yield done, images.numpy()


def measure(probabilities: Floats, targets: NDArray[np.int64], description: str) -> Metrics:
    """Top-1, top-5 and log loss, the first two with 95 % Wilson intervals.

    Args:
        probabilities: float32 `[photos, classes]`, each row adding up to 1.
        targets: true class indices `[photos]`.
    """
    n = len(targets)
    rank_of_truth = (probabilities > probabilities[np.arange(n), targets][:, None]).sum(axis=1)
    top1, top5 = int((rank_of_truth < 1).sum()), int((rank_of_truth < 5).sum())
    # Log loss is infinite for one probability of zero; float32's smallest normal number bounds it.
    truth = np.maximum(probabilities[np.arange(n), targets].astype(np.float64), np.finfo(np.float32).tiny)
    return Metrics(
        description=description,
        photos=n,
        breeds=len(np.unique(targets)),
        top1=top1 / n,
        top1_interval=wilson_interval(top1, n),
        top5=top5 / n,
        top5_interval=wilson_interval(top5, n),
        log_loss=float(-np.log(truth).mean()),
    )


def wilson_interval(hits: int, n: int, z: float = 1.959964) -> tuple[float, float]:
    """The 95 % score interval of a share (Wilson 1927): right also near 0 and 1 and for few photos."""
    share = hits / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(centre - half, 0.0), min(centre + half, 1.0)


def breed_table(evaluation: Evaluation) -> pd.DataFrame:
    """One row a breed: photos, top-1, top-5, and what it is most often taken for."""
    table = prediction_table(evaluation)
    rows = []
    for breed, its in table.groupby("breed"):
        mistaken = its.loc[its["predicted"] != breed, "predicted"].value_counts()
        rows.append(
            {
                "breed": breed,
                "photos": len(its),
                "top1": round(float((its["rank_of_truth"] == 1).mean()), 4),
                "top5": round(float((its["rank_of_truth"] <= 5).mean()), 4),
                "most_often_taken_for": str(mistaken.index[0]) if len(mistaken) else "",
                "times": int(mistaken.iloc[0]) if len(mistaken) else 0,
            }
        )
    return pd.DataFrame(rows)


def prediction_table(evaluation: Evaluation) -> pd.DataFrame:
    """One row a photo: its path, breed, what was predicted how surely, and the rank (from 1) of the truth."""
    e = evaluation
    positions = np.arange(len(e.photos))
    predicted = e.probabilities.argmax(axis=1)
    truth = e.probabilities[positions, e.targets]
    return pd.DataFrame(
        {
            "path": [str(photo.path) for photo in e.photos],
            "breed": [photo.breed for photo in e.photos],
            "predicted": [e.label_names[index] for index in predicted],
            "probability": e.probabilities[positions, predicted].round(6),
            "probability_of_truth": truth.round(6),
            "rank_of_truth": (e.probabilities > truth[:, None]).sum(axis=1) + 1,
        }
    )


def write_evaluation(evaluation: Evaluation, out: Path) -> None:
    """Writes `metrics.json`, `breeds.csv` and `predictions.csv` into a new folder.

    Raises:
        FileExistsError: `out` exists.
    """
    with new_folder(out) as unfinished:
        text = json.dumps(evaluation.metrics.model_dump(mode="json"), indent=2)
        (unfinished / METRICS_FILE).write_text(text + "\n", encoding="utf-8")
        breed_table(evaluation).to_csv(unfinished / BREEDS_FILE, index=False)
        prediction_table(evaluation).to_csv(unfinished / PREDICTIONS_FILE, index=False)


def record_metrics(bundle: Bundle, name: str, metrics: Metrics) -> Bundle:
    """Writes a measurement into the bundle's `config.json` and its model card, in place of one of the same name."""
    config = bundle.config.model_copy(update={"metrics": {**bundle.config.metrics, name: metrics}})
    unfinished = bundle.path / f".{CONFIG_FILE}"
    write_json(unfinished, config)
    unfinished.replace(bundle.path / CONFIG_FILE)
    (bundle.path / MODEL_CARD_FILE).write_text(model_card(config), encoding="utf-8")
    return read_bundle(bundle.path)
