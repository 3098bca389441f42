"""What the checks of a training found: `findings.json` in the run's folder. Nothing here needs PyTorch."""

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from dogbreed.errors import DogbreedError
from trainer.files import whole_file

FINDINGS_FILE = "findings.json"
# Findings after which nothing useful can come out of the training any more.
HOPELESS = frozenset({"not-finite", "nothing-trained", "unchanged-weights", "loss-not-decreasing"})

# What is not said after another finding, because that one explains it.
EXPLAINED_BY = {
    "poor-initialization": {"input-not-normalized", "contradicting-labels"},
    "dead-relu": {"zero-weights", "exploding-loss"},
    "stuck-relu6": {"exploding-loss"},
    "vanishing-gradient": {"zero-weights", "exploding-loss", "dead-relu", "unchanged-weights", "not-finite"},
    "unchanged-part": {"zero-weights", "dead-relu"},
    "small-updates": {"unchanged-weights", "unchanged-part", "zero-weights", "dead-relu"},
    "loss-not-decreasing": {"unchanged-weights", "not-finite"},
    "stalled": {"small-updates", "unchanged-weights", "loss-not-decreasing", "not-finite", "exploding-loss"},
}

OnFinding = Literal["say", "stop"]


class HopelessTrainingError(DogbreedError):
    """Training was ended because of a finding; the message says what to change."""


@dataclass(frozen=True)
class Finding:
    """Something that goes wrong in a training, and what to do about it.

    Attributes:
        check: the name of the check, such as `loss-not-decreasing`.
        seen: what was measured.
        why: why it matters.
        change: the key of the recipe to change, such as `optimizer.lr`; or an option of the command, such as `--data`.
        advice: what to try.
        epoch, step: where it was found, counted from 1 over the whole run; 0 until that is filled in.
    """

    check: str
    seen: str
    why: str
    change: str
    advice: str
    epoch: int = 0
    step: int = 0

    @property
    def hopeless(self) -> bool:
        return self.check in HOPELESS

    def is_new(self, known: Collection[str]) -> bool:
        """Whether it says something, after findings of the checks `known`."""
        return self.check not in known and not EXPLAINED_BY.get(self.check, set()) & set(known)

    @property
    def line(self) -> str:
        """One line for the console."""
        return f"Step {self.step}: {self.seen} {self.why} Change {self.change}: {self.advice}"


def write_findings(run: Path, findings: Sequence[Finding]) -> None:
    """Writes `findings.json`, also if nothing was found."""
    order = ("check", "epoch", "step", "seen", "why", "change", "advice")
    rows = [{key: asdict(finding)[key] for key in order} for finding in findings]
    with whole_file(run / FINDINGS_FILE) as unfinished:
        unfinished.write_text(json.dumps({"findings": rows}, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_findings(run: Path) -> list[Finding]:
    """The findings of a run, in order of their steps; none for a run of an earlier version.

    Raises:
        DogbreedError: the file was damaged.
    """
    path = run / FINDINGS_FILE
    if not path.is_file():
        return []
    try:
        return [Finding(**row) for row in json.loads(path.read_text(encoding="utf-8"))["findings"]]
    except (ValueError, KeyError, TypeError) as error:
        raise DogbreedError(f"{path} is damaged ({error}). Remove it; a resumed run writes it again.") from error


def refuse_impossible(findings: Sequence[Finding]) -> None:
    """Checks that there is anything to train: without, PyTorch could not compute a gradient.

    Raises:
        HopelessTrainingError: there is nothing.
    """
    nothing = next((finding for finding in findings if finding.check == "nothing-trained"), None)
    if nothing:
        raise HopelessTrainingError(f"{nothing.seen} Change {nothing.change}: {nothing.advice}")


def refuse_hopeless(run: Path, findings: Sequence[Finding] | None = None) -> None:
    """Checks that no finding of a run was hopeless.

    Args:
        findings: by default those in its folder.

    Raises:
        HopelessTrainingError: one was.
    """
    found = read_findings(run) if findings is None else findings
    hopeless = next((finding for finding in found if finding.hopeless), None)
    if hopeless:
        raise HopelessTrainingError(
            f"Training was ended at step {hopeless.step}. {hopeless.seen} {hopeless.why} Change {hopeless.change}: "
            f"{hopeless.advice} Then start another run; --resume {run} --on-finding say trains this one on."
        )
