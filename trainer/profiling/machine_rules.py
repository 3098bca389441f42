"""Rules about the use of the machine. Each is a function of the measured numbers."""

import statistics
from collections.abc import Sequence

from scipy.stats import kendalltau, theilslopes

from trainer.profiling.profile_numbers import Advice, Profile, quantile
from trainer.profiling.step_rules import WAITING_SHARE, larger_batch, room_for_more

FEWEST_SAMPLES = 5
BUSY_GPU = 0.7  # the 95th percentile of its use
FULL_CORE = 0.9
COMPUTING_PHASES = ("augmentation", "forward", "backward", "optimizer")
AUGMENTATION_SHARE = 0.3  # of a step
OTHERS_SHARE = 0.25  # of this process's cores, used by other programs
GROWTH_MB, GROWTH_ORDER = 64.0, 0.7  # in the measured steps; and Kendall's tau of memory over steps
UNEVEN = 0.15  # by which the slowest process works longer than the mean


def gpu_waits(profile: Profile) -> Advice | None:
    """The GPU is idle, though data do not keep it waiting."""
    use = [sample.gpu for sample in profile.window if sample.gpu is not None]
    if len(use) < FEWEST_SAMPLES or quantile(use, 0.95) >= BUSY_GPU:
        return None
    shares = profile.phase_shares()
    if shares["data"] >= WAITING_SHARE:
        return None  # `waiting_for_data` says it
    own = profile.mean_use(lambda sample: sample.process_cores - sample.children_cores) or 0.0
    core = f" One core of the processor is full ({own:.0%})." if own >= FULL_CORE else ""
    if not room_for_more(profile):
        return None
    return Advice(
        check="processor-limits" if core else "low-gpu-use",
        seen=f"95% of the time the GPU is at most {quantile(use, 0.95):.0%} busy.{core}",
        why="The processor prepares the GPU's work more slowly than the GPU does it: its steps are too small.",
        change="training.batch_size",
        advice=larger_batch(profile),
        gain=(1 - statistics.fmean(use)) / 2 * profile.steps_share,
    )


def augmentation_is_slow(profile: Profile) -> Advice | None:
    """Augmentation takes as long as learning."""
    share = profile.phase_shares()["augmentation"]
    if share < AUGMENTATION_SHARE:
        return None
    if profile.randaugment:
        change, advice = (
            "augmentation.randaugment",
            "RandAugment takes photo by photo: try --set augmentation.randaugment=0.",
        )
    else:
        change = "input.train_size"
        advice = "Its time grows with the pixels: smaller crops (input.train_size) take less, and may cost accuracy."
    return Advice(
        check="slow-augmentation",
        seen=f"{share:.0%} of a step is augmentation.",
        why="The network could learn from more photos in that time.",
        change=change,
        advice=advice,
        gain=share / 2 * profile.steps_share,
    )


def few_threads(profile: Profile) -> Advice | None:
    """PyTorch uses fewer threads than there are cores."""
    if profile.on_gpu or profile.threads >= profile.cores or len(profile.own_work) > 1:
        return None
    return Advice(
        check="few-threads",
        seen=f"PyTorch uses {profile.threads} of {profile.cores} cores.",
        why="Without a GPU the processor computes the steps.",
        change="OMP_NUM_THREADS",
        advice=f"Set OMP_NUM_THREADS={profile.cores}, or leave it out.",
        gain=(1 - profile.threads / profile.cores) * _computing(profile),
    )


def other_programs(profile: Profile) -> str | None:
    """A sentence about other programs that use the cores that train, if no core is free."""
    if len(profile.window) < FEWEST_SAMPLES or len(profile.own_work) > 1:
        return None
    others = statistics.fmean(max(sum(sample.cores) - sample.process_cores, 0.0) for sample in profile.window)
    busy = statistics.fmean(sum(sample.cores) for sample in profile.window)
    if others < OTHERS_SHARE * profile.cores or busy < FULL_CORE * profile.cores:
        return None  # what they use is not missing here
    return (
        f"Other programs used {others:.1f} of {profile.cores} core{'' if profile.cores == 1 else 's'} meanwhile, and "
        "none was free: on a quiet machine the training is faster."
    )


def _computing(profile: Profile) -> float:
    """The share of the whole training in which the processor computes steps."""
    shares = profile.phase_shares()
    return sum(shares[phase] for phase in COMPUTING_PHASES) * profile.steps_share


def memory_grows(profile: Profile) -> Advice | None:
    """The memory of the process grows with every step."""
    steps = sorted(profile.timed, key=lambda step: step.number)
    numbers, memory = [step.number for step in steps], [step.memory_mb for step in steps]
    if len(steps) < FEWEST_SAMPLES:
        return None
    a_step = _growth(numbers, memory)
    grown = a_step * (numbers[-1] - numbers[0])
    if grown < GROWTH_MB or kendalltau(numbers, memory).statistic < GROWTH_ORDER:
        return None
    in_all = memory[-1] + a_step * profile.epochs * profile.steps_per_epoch
    full = in_all > profile.memory_mb
    return Advice(
        check="memory-growth",
        seen=f"Memory grew by {a_step:.1f} MB with every step, {grown:.0f} MB in {len(steps)} steps."
        + (
            f" The whole training would need {in_all / 1000:.0f} GB of {profile.memory_mb / 1000:.0f} GB."
            if full
            else ""
        ),
        why="Something keeps what belongs to steps that are done: a list of losses with their graphs, for example.",
        change="code",
        advice="Look for a callback or a data set that keeps tensors of each step; keep numbers (loss.item()) instead.",
        gain=1.0 if full else 0.0,
    )


def _growth(numbers: Sequence[int], memory: Sequence[float]) -> float:
    """MB a step: the median of the slopes between all pairs of steps (Theil 1950, Sen 1968)."""
    return float(theilslopes(memory, numbers).slope)


def uneven_processes(profile: Profile) -> Advice | None:
    """One process works longer than the others, which wait for it."""
    work = profile.own_work
    if len(work) < 2:
        return None
    slowest, mean = max(work), statistics.fmean(work)
    if slowest / mean - 1 < UNEVEN:
        return None
    return Advice(
        check="uneven-processes",
        seen=f"Process {work.index(slowest)} works {1000 * slowest:.0f} ms in a step before the processes meet; the "
        f"mean of {len(work)} is {1000 * mean:.0f} ms.",
        why="All wait for the slowest one.",
        change="machines",
        advice="Give every process the same kind of GPU, disk and number of cores, and see what else runs beside it.",
        gain=(1 - mean / slowest) * profile.steps_share,
    )
