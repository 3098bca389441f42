"""Made-up profiles: a good one, and changes of it."""

from typing import Any

from trainer.profiling.profile_numbers import Profile, Sample, Step

PHASES = {
    "data": 0.002,
    "transfer": 0.0,
    "augmentation": 0.015,
    "forward": 0.03,
    "backward": 0.045,
    "optimizer": 0.003,
    "logging": 0.003,
    "other": 0.002,
}


def step(number: int, **changes: Any) -> Step:
    phases = {**PHASES, **changes.pop("phases", {})}
    given = {"number": number, "seconds": sum(phases.values()), "photos": 64, "phases": phases, "memory_mb": 800.0}
    return Step.model_validate({**given, **changes})


def steps(count: int = 100, **changes: Any) -> list[Step]:
    return [step(number, **changes) for number in range(11, 11 + count)]


def samples(count: int = 100, **changes: Any) -> list[Sample]:
    given = {
        "cores": [0.95, 0.95],
        "process_cores": 1.85,
        "children_cores": 0.0,
        "memory_mb": 800.0,
        "memory_used": 0.4,
        "disk_mb_s": 0.0,
    }
    return [Sample.model_validate({"at": 0.1 * (number + 1), **given, **changes}) for number in range(count)]


def profile(**changes: Any) -> Profile:
    """A profile of a training on two cores, about which there is nothing to say."""
    given = {
        "recipe": "made-up",
        "architecture": "simple-cnn",
        "device": "2 CPU cores, 32-true",
        "on_gpu": False,
        "learned_from": "photos",
        "train_size": 96,
        "randaugment": 0,
        "batch_size": 64,
        "epochs": 60,
        "steps_per_epoch": 20,
        "cores": 2,
        "threads": 2,
        "memory_mb": 8000.0,
        "start": [{"title": "Decoding photos", "seconds": 0.5}, {"title": "Weights and network", "seconds": 0.5}],
        "start_seconds": 1.2,
        "first_step_seconds": 0.2,
        "validation_seconds": 0.3,
        "steps": steps(),
        "steps_seen": 100,
        "measured": (0.0, 10.0),
        "use": samples(),
        "own_work": [0.05],
    }
    return Profile.model_validate({**given, **changes})


def gpu_profile(**changes: Any) -> Profile:
    """A profile of a training on a GPU that is busy. Its phases are those of the traced steps."""
    given = {
        "on_gpu": True,
        "gpu_memory_mb": 80_000.0,
        "gpu_peak_mb": 60_000.0,
        "cores": 16,
        "threads": 16,
        "use": samples(gpu=0.97, cores=[0.2] * 16, process_cores=0.8),
        "steps": [*steps(), *(step(number, traced=True) for number in range(111, 116))],
    }
    return profile(**{**given, **changes})
