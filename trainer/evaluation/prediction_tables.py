"""Predictions as tables: one row per photo, and one row per breed."""

import numpy as np
import pandas as pd

from trainer.evaluation.evaluate import Evaluation


def breed_table(evaluation: Evaluation) -> pd.DataFrame:
    """One row per breed: photos, precision, recall (its top-1), F1, top-5, and the breed it is most often taken for."""
    table = prediction_table(evaluation)
    named = table["predicted"].value_counts()
    rows = []
    for breed, its in table.groupby("breed"):
        hits = int((its["rank_of_truth"] == 1).sum())
        mistaken = its.loc[its["predicted"] != breed, "predicted"].value_counts()
        rows.append(
            {
                "breed": breed,
                "photos": len(its),
                "precision": round(hits / int(named.get(breed, 0)), 4) if hits else 0.0,
                "f1": round(2 * hits / (len(its) + int(named.get(breed, 0))), 4),
                "top1": round(float((its["rank_of_truth"] == 1).mean()), 4),
                "top5": round(float((its["rank_of_truth"] <= 5).mean()), 4),
                "most_often_taken_for": str(mistaken.index[0]) if len(mistaken) else "",
                "times": int(mistaken.iloc[0]) if len(mistaken) else 0,
            }
        )
    return pd.DataFrame(rows)


def prediction_table(evaluation: Evaluation) -> pd.DataFrame:
    """One row per photo: path, breed, predicted breed with its probability, and the rank (from 1) of the right one."""
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
