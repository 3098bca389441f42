"""One training run on disk: its folder and the files in it. Nothing here needs PyTorch."""

import platform
import time
from dataclasses import dataclass
from pathlib import Path

from dogbreed.errors import AlreadyExistsError
from dogbreed.model.file_digests import sha256
from trainer.training.run_config import RUN_FILE, TrainingError

BEST_CHECKPOINT = "best.ckpt"
LAST_CHECKPOINT = "last.ckpt"
RETRAINED_RUN = "training"  # the run in the folder of a retraining
START_FILE = "start.safetensors"
SCORE_TENSORS_FILE = "score_tensors.safetensors"
VISIBLE_WITHIN_SECONDS = 120  # network disks remember for up to a minute that a file was not there


@dataclass(frozen=True)
class Run:
    """A run's folder: its configuration, checkpoints, records by epoch, and at the end a bundle."""

    path: Path

    @property
    def checkpoints(self) -> Path:
        return self.path / "checkpoints"

    @property
    def bundle(self) -> Path:
        return self.path / "bundle"

    @property
    def evaluation(self) -> Path:
        return self.path / "evaluation"

    @property
    def best(self) -> Path:
        return self.checkpoints / BEST_CHECKPOINT

    @property
    def last(self) -> Path:
        return self.checkpoints / LAST_CHECKPOINT

    @property
    def score_tensors(self) -> Path:
        """The tensors that the served scores are computed from: see `ScoreTensors`."""
        return self.path / SCORE_TENSORS_FILE

    @property
    def start(self) -> Path:
        """The weights that the run starts from."""
        return self.path / START_FILE


def check_not_started(run: Run) -> None:
    """Checks that a new run may have this folder.

    Raises:
        AlreadyExistsError: the folder exists.
    """
    if run.path.exists():
        raise AlreadyExistsError(
            f"{run.path} exists already. Name another folder for the run, or continue it: with --resume {run.path}, or "
            "with this command and --continue."
        )


def run_digest(run: Run) -> str:
    """The SHA-256 of `run.json`, which tells a run's folder from any other."""
    return sha256(run.path / RUN_FILE)


def wait_for_folder(run: Run, digest: str) -> None:
    """Waits until this process sees the folder that the first process of the run has started or resumed.

    Args:
        digest: its `run_digest`.

    Raises:
        TrainingError: it sees none, or another one. A network disk shows new files after some seconds.
    """
    end = time.monotonic() + VISIBLE_WITHIN_SECONDS
    while not ((run.path / RUN_FILE).is_file() and run_digest(run) == digest):
        if time.monotonic() > end:
            raise TrainingError(
                f"{run.path} on {platform.node()} is not the folder that the first process of this run uses. All "
                "machines need the same folder at the same path, on a shared disk."
            )
        time.sleep(0.1)
