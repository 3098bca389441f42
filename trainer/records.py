"""What a run leaves behind epoch by epoch: a CSV to compute with and a plot to look at."""

import time
from pathlib import Path

import matplotlib
import pandas as pd
from lightning.pytorch import Callback, LightningModule, Trainer

EPOCHS_FILE = "epochs.csv"
CURVES_FILE = "curves.png"
MEASURES = ("train_loss", "val_loss", "train_acc1", "val_acc1")


class EpochRecords(Callback):
    """After every epoch: a line on the terminal, a row in `epochs.csv`, `curves.png` drawn again."""

    def __init__(self, run: Path) -> None:
        self.run = run
        self.started = time.monotonic()

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self.started = time.monotonic()

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        metrics = {name: round(float(trainer.callback_metrics[name]), 6) for name in MEASURES}
        row = {"epoch": trainer.current_epoch + 1, **metrics, "seconds": round(time.monotonic() - self.started, 1)}
        records = read_epochs(self.run)
        records = pd.concat([records[records["epoch"] < row["epoch"]], pd.DataFrame([row])], ignore_index=True)
        _write_beside_then_rename(records, self.run / EPOCHS_FILE)
        plot_curves(records, self.run / CURVES_FILE)
        print(
            f"Epoch {row['epoch']}/{trainer.max_epochs}: "
            f"train loss {row['train_loss']:.3f}, accuracy {row['train_acc1']:.1%}; "
            f"validation loss {row['val_loss']:.3f}, accuracy {row['val_acc1']:.1%} ({row['seconds']:.0f} s)",
            flush=True,
        )


def read_epochs(run: Path) -> pd.DataFrame:
    """The epochs recorded so far: one row each, with `epoch` from 1 and accuracies in 0..1."""
    path = run / EPOCHS_FILE
    return pd.read_csv(path) if path.is_file() else pd.DataFrame({"epoch": pd.Series(dtype=int)})


def _write_beside_then_rename(records: pd.DataFrame, path: Path) -> None:
    unfinished = path.with_suffix(".unfinished")
    records.to_csv(unfinished, index=False)
    unfinished.replace(path)


def plot_curves(records: pd.DataFrame, path: Path) -> None:
    """Draws loss and accuracy of the train and the validation part by epoch."""
    matplotlib.use("Agg")  # a server has no screen
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    for axis, measure, title in zip(axes, ("loss", "acc1"), ("Loss", "Accuracy"), strict=True):
        for part, name in (("train", "train, augmented"), ("val", "validation")):
            axis.plot(records["epoch"], records[f"{part}_{measure}"], marker="o", markersize=3, label=name)
        axis.set(title=title, xlabel="Epoch")
        axis.xaxis.get_major_locator().set_params(integer=True)
        axis.grid(alpha=0.3)
        axis.legend()
    figure.savefig(path, dpi=120)
    plt.close(figure)
