"""The numbers of a profile, as `profile.json` holds them, and what follows from them."""

import statistics
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from dogbreed.errors import DogbreedError
from dogbreed.strict_model import StrictModel

PROFILE_FILE, PAGE_FILE, TRACE_FILE = "profile.json", "profile.html", "trace.json"
PHASES = {
    "data": "waiting for data",
    "transfer": "moving it to the device",
    "augmentation": "augmentation",
    "forward": "forward",
    "backward": "backward",
    "optimizer": "optimizer",
    "logging": "logging and callbacks",
    "other": "everything else",
}
BEFORE_WAITING = ("data", "transfer", "augmentation", "forward")  # backward waits for the other processes


class ProfileError(DogbreedError):
    """A profile cannot be made or read; the message says why and what to do."""


class Step(StrictModel):
    """One step of training.

    Attributes:
        number: from 1 over the whole run.
        photos: in the whole batch, of all processes.
        phases: seconds by the keys of PHASES. On a GPU they are true only for traced steps, which wait for it.
        data_cpu: seconds of processor time of this process while it waited for data.
        memory_mb: memory of this process alone, without what it maps from files.
        traced: whether torch.profiler watched, which slows a step down.
    """

    number: int
    seconds: float
    photos: int
    phases: dict[str, float]
    data_cpu: float = 0.0
    memory_mb: float = 0.0
    traced: bool = False


class Sample(StrictModel):
    """What the machine did between the sample before and this one.

    Attributes:
        at: seconds since the sampling started.
        cores: how busy each core that this process may use was, by all programs, in 0..1.
        process_cores: cores that this process and its children used.
        children_cores: of them, its children.
        memory_mb: of this process and its children, without what they map from files.
        memory_used: share of the machine's memory that is used, by all programs.
        disk_mb_s: read from disks by this process and its children.
        gpu, gpu_memory_mb, pcie_mb_s: use of the GPU in 0..1, its memory, and what is sent to it.
    """

    at: float
    cores: list[float]
    process_cores: float
    children_cores: float
    memory_mb: float
    memory_used: float
    disk_mb_s: float
    gpu: float | None = None
    gpu_memory_mb: float | None = None
    pcie_mb_s: float | None = None


class StartPart(StrictModel):
    """Something that happens before the first step. `items` were worked on; 0 if all came from a cache.

    Attributes:
        busy: share of the processor's cores that all programs used meanwhile; None if it was too short to see.
        disk_mb_s: read from disks meanwhile.
    """

    title: str
    seconds: float
    items: int = 0
    busy: float | None = None
    disk_mb_s: float | None = None


class Operator(StrictModel):
    """An operator of PyTorch in the traced steps: how often it ran, and how long it took itself, for each step."""

    name: str
    calls: float
    cpu_ms: float
    gpu_ms: float


class Advice(StrictModel):
    """What to change.

    Attributes:
        check: the rule's name.
        seen: what was measured.
        why: why it matters.
        change: the key of the recipe or the option to change.
        gain: share of the whole training's time that it saves at most, in 0..1.
    """

    check: str
    seen: str
    why: str
    change: str
    advice: str
    gain: float


class Profile(StrictModel):
    """Everything that was measured.

    Attributes:
        notes: what to know about the measurement: what could not be measured, and what disturbed it.
        learned_from: what the steps had as input: photos, features of a frozen backbone, or activations.
        parts: in which a batch was taken, because it did not fit into the GPU's memory.
        cores: that this process may use; `threads` are those of PyTorch.
        gpu_memory_mb, gpu_peak_mb: of the GPU, and what PyTorch reserved at most; None without one.
        measured: seconds on the samples' clock between which the steps were measured.
        validation_seconds: of one epoch; None if no epoch ended.
        start_seconds: until the first step, and what that took longer than the others.
        own_work: mean seconds in which each process works before it waits for the others.
        overhead: share of a step's time that the measuring itself took, without tracing.
    """

    format_version: int = 1
    recipe: str
    architecture: str
    device: str
    on_gpu: bool
    notes: list[str] = []
    learned_from: str
    train_size: int
    randaugment: int
    batch_size: int
    parts: int = 1
    epochs: int
    steps_per_epoch: int
    cores: int
    threads: int
    memory_mb: float
    gpu_memory_mb: float | None = None
    gpu_peak_mb: float | None = None
    start: list[StartPart]
    start_seconds: float
    first_step_seconds: float
    validation_seconds: float | None = None
    steps: list[Step]
    steps_seen: int
    measured: tuple[float, float]
    use: list[Sample]
    operators: list[Operator] = []
    own_work: list[float] = []
    overhead: float = 0.0
    advice: list[Advice] = []

    @property
    def timed(self) -> list[Step]:
        """The steps that nothing but the clock watched."""
        return [step for step in self.steps if not step.traced]

    @property
    def phased(self) -> list[Step]:
        """The steps whose phases are true."""
        return [step for step in self.steps if step.traced] if self.on_gpu else self.timed

    @property
    def step_seconds(self) -> float:
        return statistics.fmean(step.seconds for step in self.timed)

    @property
    def photos_per_second(self) -> float:
        return sum(step.photos for step in self.timed) / sum(step.seconds for step in self.timed)

    @property
    def whole_seconds(self) -> float:
        """An estimate for the whole training, if it does not stop early."""
        return self.start_seconds + self.epochs * (
            self.steps_per_epoch * self.step_seconds + (self.validation_seconds or 0.0)
        )

    @property
    def steps_share(self) -> float:
        """The share of the whole training that its steps take."""
        return self.epochs * self.steps_per_epoch * self.step_seconds / self.whole_seconds

    @property
    def window(self) -> list[Sample]:
        """The samples while steps were measured."""
        return [sample for sample in self.use if self.measured[0] < sample.at <= self.measured[1]]

    def phase_shares(self) -> dict[str, float]:
        """The median share of a step that each phase takes, scaled so that they add up to 1."""
        steps = self.phased or self.timed
        shares = {
            phase: statistics.median(step.phases.get(phase, 0.0) / step.seconds for step in steps) for phase in PHASES
        }
        total = sum(shares.values()) or 1.0
        return {phase: share / total for phase, share in shares.items()}

    def mean_use(self, of: Callable[[Sample], float | None]) -> float | None:
        """The mean of something over the samples of the window; None if nothing was seen of it."""
        return mean(self.window, of)


def mean(samples: Sequence[Sample], of: Callable[[Sample], float | None]) -> float | None:
    values = [value for value in map(of, samples) if value is not None]
    return statistics.fmean(values) if values else None


def quantile(values: Sequence[float], q: float) -> float:
    return float(np.quantile(values, q))


def mean_phases(steps: Sequence[Step]) -> dict[str, float]:
    """Mean seconds of each phase."""
    total: dict[str, float] = defaultdict(float)
    for step in steps:
        for phase, seconds in step.phases.items():
            total[phase] += seconds / len(steps)
    return dict(total)


def read_profile(path: Path) -> Profile:
    """Reads a profile from its folder or its `profile.json`.

    Raises:
        ProfileError: there is none, or it is not valid.
    """
    file = path / PROFILE_FILE if path.is_dir() else path
    try:
        return Profile.model_validate_json(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ProfileError(
            f"{path} is no profile: {file} cannot be read ({error.strerror}). Name a folder that "
            "`manage.py profile` wrote."
        ) from error
    except (ValidationError, UnicodeDecodeError) as error:
        raise ProfileError(
            f"{file} is not a valid profile of this version. Make it again with `manage.py profile`."
        ) from error
