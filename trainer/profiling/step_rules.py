"""Rules about the start and the steps of a training. Each is a function of the measured numbers."""

import statistics

from trainer.profiling.profile_numbers import PHASES, Advice, Profile, StartPart, Step, mean_phases

WAITING_SHARE = 0.15  # of a step, for data
BUSY_WHILE_WAITING = 0.5  # cores used by this process while it waits: below, it waits for a disk
FIXED_SHARE = 0.3  # of a step, for what does not depend on the number of photos
FIXED_PHASES = ("optimizer", "logging", "other")
ROOM_IN_MEMORY = 0.45  # of the GPU's memory: up to here twice the batch fits
FULL_MEMORY = 0.92  # of the machine's memory
OUTLIER_SIGMAS = 5.0
OUTLIER_FACTOR = 1.5  # of the median: regular steps have a tiny sigma
OUTLIERS_SHARE = 0.02  # of all steps' time, in excess of the median
MAD_TO_SIGMA = 1.4826  # of a normal distribution
LONG_PART_SECONDS, LONG_PART_SHARE = 2.0, 0.01  # of a part of the start, and its share of the whole training
COMPILING_SHARE = 0.1  # of the whole training, for the first step
DECODING = "Decoding"  # how the titles of such parts begin
BUSY_SHARE = 0.6  # of the cores, while photos are decoded: above, the decoder is the limit


def waiting_for_data(profile: Profile) -> Advice | None:
    """A step waits for its batch."""
    share = profile.phase_shares()["data"]
    if share < WAITING_SHARE:
        return None
    waited = sum(step.phases["data"] for step in profile.timed)
    cores = sum(step.data_cpu for step in profile.timed) / max(waited, 1e-9)
    children = profile.mean_use(lambda sample: sample.children_cores) or 0.0
    read = profile.mean_use(lambda sample: sample.disk_mb_s) or 0.0
    seen = f"{share:.0%} of a step is waiting for data ({read:.0f} MB/s from disks)"
    if max(cores, children) < BUSY_WHILE_WAITING:
        return Advice(
            check="waiting-for-disk",
            seen=f"{seen}, and this process computes nothing meanwhile.",
            why="The cache is larger than the free memory, or on a slow or remote disk.",
            change="--cache",
            advice="Name a folder on a fast local disk with --cache, or make the stored photos smaller: "
            f"--set input.train_size={_smaller(profile.train_size)}.",
            gain=share * profile.steps_share,
        )
    return Advice(
        check="waiting-for-loading",
        seen=f"{seen}, and {max(cores, children):.1f} cores gather batches meanwhile.",
        why="Photos are copied from the cache into batches more slowly than the network learns from them.",
        change="input.train_size",
        advice=f"Make the stored photos smaller: --set input.train_size={_smaller(profile.train_size)}.",
        gain=share * profile.steps_share,
    )


def small_batch(profile: Profile) -> Advice | None:
    """What every step costs, however few photos it has, takes much of it."""
    shares = profile.phase_shares()
    fixed = sum(shares[phase] for phase in FIXED_PHASES)
    if fixed < FIXED_SHARE or not room_for_more(profile):
        return None
    parts = ", ".join(f"{PHASES[phase]} {shares[phase]:.0%}" for phase in FIXED_PHASES)
    return Advice(
        check="batch-too-small",
        seen=f"With batches of {profile.batch_size}, {fixed:.0%} of a step does not depend on the photos ({parts}).",
        why="Larger batches pay that for more photos at once.",
        change="training.batch_size",
        advice=larger_batch(profile),
        gain=fixed / 2 * profile.steps_share,
    )


def large_batch(profile: Profile) -> Advice | None:
    """A batch does not fit into memory."""
    used = max((sample.memory_used for sample in profile.window), default=0.0)
    smaller = max(profile.batch_size // (2 if profile.parts == 1 else profile.parts), 1)
    if profile.parts > 1:
        seen = (
            f"A batch of {profile.batch_size} does not fit into the GPU's memory and is taken in {profile.parts} parts."
        )
        why = "Every part costs what a whole batch costs beside its photos."
    elif used > FULL_MEMORY and smaller < profile.batch_size:
        seen = f"{used:.0%} of the machine's memory is used."
        why = "The system begins to swap, or ends the training."
    else:
        return None
    return Advice(
        check="batch-too-large",
        seen=seen,
        why=why,
        change="training.batch_size",
        advice=f"Try --set training.batch_size={smaller}, with a learning rate that is lower by the same factor.",
        gain=0.1,
    )


def room_for_more(profile: Profile) -> bool:
    """Whether twice the batch fits into memory."""
    if profile.gpu_memory_mb and profile.gpu_peak_mb:
        return profile.gpu_peak_mb / profile.gpu_memory_mb <= ROOM_IN_MEMORY
    return max((sample.memory_used for sample in profile.window), default=0.0) <= FULL_MEMORY


def larger_batch(profile: Profile) -> str:
    return (
        f"Try --set training.batch_size={2 * profile.batch_size}. The best learning rate is then higher too, up to "
        "twice; compare the accuracy."
    )


def outlying(steps: list[Step]) -> list[Step]:
    """The steps that took more than OUTLIER_SIGMAS above the median, with a sigma that outliers do not change."""
    if len(steps) < 2:
        return []
    seconds = [step.seconds for step in steps]
    median = statistics.median(seconds)
    sigma = MAD_TO_SIGMA * statistics.median(abs(second - median) for second in seconds)
    limit = max(median + OUTLIER_SIGMAS * sigma, OUTLIER_FACTOR * median)
    return [step for step in steps if step.seconds > limit]


def step_outliers(profile: Profile) -> Advice | None:
    """A few steps take much longer than the others."""
    steps, slow = profile.timed, outlying(profile.timed)
    median = statistics.median(step.seconds for step in steps)
    excess = sum(step.seconds - median for step in slow) / sum(step.seconds for step in steps)
    if not slow or excess < OUTLIERS_SHARE:
        return None
    usual, unusual = mean_phases([step for step in steps if step not in slow]), mean_phases(slow)
    phase = max(PHASES, key=lambda name: unusual.get(name, 0.0) - usual.get(name, 0.0))
    change, advice = OUTLIER_ADVICE.get(phase, COMPUTING_ADVICE)
    slowest = max(slow, key=lambda step: step.seconds)
    return Advice(
        check="step-outliers",
        seen=f"{len(slow)} of {len(steps)} steps took more than {OUTLIER_SIGMAS:.0f} sigma longer than the median of "
        f"{1000 * median:.0f} ms, the slowest {1000 * slowest.seconds:.0f} ms (step {slowest.number}). "
        f"The time went into {PHASES[phase]}.",
        why=f"They take {excess:.0%} of the steps' time.",
        change=change,
        advice=advice,
        gain=excess * profile.steps_share,
    )


COMPUTING_ADVICE = ("machine", "Look at what else ran on this machine at those steps.")
OUTLIER_ADVICE = {
    "data": (
        "--cache",
        "Name a folder on a fast local disk with --cache; photos that memory does not hold come from it.",
    ),
    "logging": ("--run", "Name a folder on a fast local disk with --run: checkpoints and records are written there."),
}


def cold_cache(profile: Profile) -> Advice | None:
    """Parts of the start take long that another start need not repeat; or only reading the files does."""
    computed = [part for part in profile.start if part.items]
    seconds = sum(part.seconds for part in computed)
    if computed and _is_long(seconds, profile):
        return _computed_once(profile, max(computed, key=lambda part: part.seconds), seconds)
    read = [part for part in profile.start if part.title.startswith(DECODING) and not part.items]
    longest = max(read, key=lambda part: part.seconds, default=None)
    return _slow_reading(profile, longest) if longest and _is_long(longest.seconds, profile) else None


def _is_long(seconds: float, profile: Profile) -> bool:
    return seconds >= LONG_PART_SECONDS and seconds / profile.whole_seconds >= LONG_PART_SHARE


def long_first_step(profile: Profile) -> Advice | None:
    """Compiling the network takes much of the training."""
    compiling = profile.first_step_seconds - profile.step_seconds
    if compiling / profile.whole_seconds < COMPILING_SHARE:
        return None
    return Advice(
        check="long-first-step",
        seen=f"The first step took {profile.first_step_seconds:.0f} s, the others {profile.step_seconds:.2f} s.",
        why="It compiles the network.",
        change="TORCHINDUCTOR_CACHE_DIR",
        advice="Name a folder that outlives the training with TORCHINDUCTOR_CACHE_DIR: the next start finds there what "
        "was compiled.",
        gain=compiling / profile.whole_seconds,
    )


def _computed_once(profile: Profile, part: StartPart, seconds: float) -> Advice:
    rate = part.items / part.seconds
    limit, advice = "", ""
    if part.title.startswith(DECODING) and part.busy is not None:
        decoder = part.busy >= BUSY_SHARE
        limit = (
            f"; the processor is {part.busy:.0%} busy, {part.disk_mb_s or 0:.0f} MB/s from disks: "
            f"the {'decoder' if decoder else 'disk'} is the limit"
        )
        advice = " Large photos decode faster once they are stored smaller." if decoder else ""
    return Advice(
        check="cold-cache",
        seen=f"The start took {profile.start_seconds:.0f} s, of which {seconds:.0f} s filled the cache. "
        f"{part.title}: {part.items} in {part.seconds:.0f} s ({rate:.0f} a second){limit}.",
        why="That is done once for the same photos and the same folder --cache.",
        change="--cache",
        advice=f"Keep that folder on a disk that outlives this machine, and name it in every training.{advice}",
        gain=seconds / profile.whole_seconds,
    )


def _slow_reading(profile: Profile, part: StartPart) -> Advice | None:
    if part.busy is None or part.busy >= BUSY_SHARE:
        return None
    return Advice(
        check="slow-reading",
        seen=f"Reading the photos' files took {part.seconds:.0f} s of the start ({part.disk_mb_s or 0:.0f} MB/s from "
        "disks), though all were decoded before.",
        why="All files are read once to see whether they have changed.",
        change="--data",
        advice="Copy the photos to a local disk.",
        gain=part.seconds / profile.whole_seconds,
    )


def _smaller(size: int) -> int:
    """Three quarters of a size, as a multiple of 32."""
    return max(size * 3 // 4 // 32 * 32, 32)
