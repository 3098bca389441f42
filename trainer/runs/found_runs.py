"""Finds training runs in folders. Folders that hold none, or a damaged one, are named."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dogbreed.errors import DogbreedError
from trainer.training.run_config import RUN_FILE, RunConfig, TrainingError, read_run_config
from trainer.training.run_folder import RETRAINED_RUN, Run

TRIALS, REPEATS = "trials", "repeats"  # folders of runs in the folder of a study
TRIALS_TABLE = "trials.csv"


class RunsError(DogbreedError):
    """There are no runs to look at; the message says why and what to do."""


@dataclass(frozen=True)
class FoundRun:
    """A run with what it was started with, and its name for people."""

    name: str
    run: Run
    config: RunConfig

    @property
    def is_trial(self) -> bool:
        """Whether a search trained it; it then writes no bundle."""
        return self.run.path.resolve().parent.name in (TRIALS, REPEATS)


def find_runs(folders: Sequence[Path]) -> tuple[list[FoundRun], list[str]]:
    """The runs in some folders, and a sentence for each folder that was skipped.

    Args:
        folders: each is a run, a study, whose trials are found, or a folder of runs.

    Raises:
        RunsError: a folder does not exist.
    """
    found, skipped = [], []
    for folder in folders:
        if not folder.is_dir():
            raise RunsError(f"There is no folder {folder}. Name a run, a study, or a folder of runs.")
        for name, path in _candidates(folder):
            try:
                found.append(FoundRun(name, Run(path), _config(path)))
            except (TrainingError, OSError) as error:
                skipped.append(f"Skipped: {error}")
    return _told_apart(found), skipped


def _told_apart(found: list[FoundRun]) -> list[FoundRun]:
    """Runs of the same name in different folders are named by their paths."""
    often = Counter(each.name for each in found)
    return [each if often[each.name] == 1 else replace(each, name=str(each.run.path)) for each in found]


def _candidates(folder: Path) -> Iterator[tuple[str, Path]]:
    """The folders that may be runs, with their names."""
    if (_run_in(folder) / RUN_FILE).is_file():
        yield folder.resolve().name, _run_in(folder)
    elif _is_study(folder):
        for part in (TRIALS, REPEATS):
            yield from ((f"{folder.resolve().name}/{path.name}", path) for path in _folders_in(folder / part))
    else:
        yield from ((path.name, _run_in(path)) for path in _folders_in(folder))


def _run_in(path: Path) -> Path:
    """The folder itself, or the run in the folder of a retraining."""
    inner = path / RETRAINED_RUN
    return inner if (inner / RUN_FILE).is_file() else path


def _folders_in(folder: Path) -> list[Path]:
    """Without hidden ones: they are unfinished."""
    paths = folder.iterdir() if folder.is_dir() else ()
    return sorted(path for path in paths if path.is_dir() and not path.name.startswith("."))


def _config(path: Path) -> RunConfig:
    if _is_study(path):
        raise TrainingError(f"{path} is a study. Name it to see its trials.")
    return read_run_config(path)


def _is_study(path: Path) -> bool:
    return (path / TRIALS).is_dir()
