"""Charts of a profile as HTML and SVG that fit any width: lines are stretched, and labels are text beside them."""

from collections.abc import Mapping, Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from trainer.profiling.profile_numbers import PHASES, Profile
from trainer.profiling.step_rules import outlying

WIDTH, HEIGHT = 1000, 100  # in SVG units, which are stretched
MARGIN = 4  # above, so that a line at the top is seen
MOST_CORES = 8  # that are drawn


def phase_bars(shares: Mapping[str, float], step_seconds: float) -> SafeString:
    """One bar for each phase of a step, the longest first."""
    ordered = sorted(shares.items(), key=lambda item: -item[1])
    longest = max(ordered[0][1], 1e-9)
    rows = [
        (PHASES[phase], f"{100 * share / longest:.1f}", f"{share:.0%}", _duration(share * step_seconds))
        for phase, share in ordered
    ]
    return format_html(
        '<div class="bars">{}</div>',
        format_html_join(
            "",
            '<span>{}</span><span class="track"><i style="width:{}%"></i></span><span class="number">{} · {}</span>',
            rows,
        ),
    )


def steps_chart(profile: Profile) -> SafeString:
    """The time of each step; outliers are marked. The traced steps are left out."""
    steps = sorted(profile.timed, key=lambda step: step.number)
    slow = outlying(steps)
    top = max(step.seconds for step in steps)
    first, last = steps[0].number, steps[-1].number
    places = {step.number: WIDTH * (step.number - first + 0.5) / (last - first + 1) for step in steps}
    bars = [
        (
            f"{places[step.number]:.1f}",
            f"{HEIGHT * (1 - step.seconds / top):.2f}",
            "slow" if step in slow else "step",
            f"step {step.number}: {_duration(step.seconds)}",
        )
        for step in steps
    ]
    drawn = format_html_join("", '<path d="M{} ' + str(HEIGHT) + ' V{}" class="{}"><title>{}</title></path>', bars)
    note = f"step {first} to {last}; {len(slow)} outlier{'' if len(slow) == 1 else 's'}"
    return _chart(
        "Time of each step", f"up to {_duration(top)}", note, drawn, f"{0.7 * WIDTH / (last - first + 1):.2f}"
    )


def use_charts(profile: Profile) -> SafeString:
    """The use of the machine over time, a chart for each thing that was seen. The steps were measured in the shade."""
    charts: list[tuple[str, list[float | None], float | None, str]] = [
        (
            "Processor",
            [_mean(sample.cores) for sample in profile.use],
            1.0,
            f"of {profile.cores} core{'' if profile.cores == 1 else 's'}",
        ),
        *(
            (f"Core {core + 1}", [_at(sample.cores, core) for sample in profile.use], 1.0, "")
            for core in range(min(profile.cores, MOST_CORES) if profile.cores > 1 else 0)
        ),
        ("This process", [sample.process_cores for sample in profile.use], None, "cores"),
        ("Memory", [sample.memory_mb for sample in profile.use], None, "MB, without files"),
        ("Read from disks", [sample.disk_mb_s for sample in profile.use], None, "MB/s"),
        ("GPU", [sample.gpu for sample in profile.use], 1.0, ""),
        ("GPU memory", [sample.gpu_memory_mb for sample in profile.use], None, "MB"),
        ("PCIe, to the GPU", [sample.pcie_mb_s for sample in profile.use], None, "MB/s"),
    ]
    drawn = [
        _line(profile, title, values, top, unit)
        for title, values, top, unit in charts
        if any(value is not None for value in values)
    ]
    return format_html('<div class="charts">{}</div>', format_html_join("", "{}", [(chart,) for chart in drawn]))


def _line(profile: Profile, title: str, values: Sequence[float | None], top: float | None, unit: str) -> SafeString:
    seen = [(sample.at, value) for sample, value in zip(profile.use, values, strict=True) if value is not None]
    highest = top or max(value for _, value in seen) or 1.0
    end = max(profile.use[-1].at, 1e-9)
    points = " ".join(f"{WIDTH * at / end:.1f},{HEIGHT * (1 - min(value / highest, 1)):.2f}" for at, value in seen)
    since, to = (WIDTH * at / end for at in profile.measured)
    drawn = format_html(
        '<rect class="window" x="{}" y="0" width="{}" height="{}"/><polyline class="line" points="{}"/>',
        f"{since:.1f}", f"{max(to - since, 0):.1f}", HEIGHT, points,
    )  # fmt: skip
    average = sum(value for _, value in seen) / len(seen)
    most = max(value for _, value in seen)
    said = f"mean {average:.0%}" if top else f"mean {_short(average)}, up to {_short(most)}"
    return _chart(title, f"{said} {unit}".strip(), f"0 to {end:.1f} s", drawn, "1.5")


def _chart(title: str, said: str, note: str, drawn: SafeString, stroke: str) -> SafeString:
    return format_html(
        '<figure><figcaption><b>{}</b> <span class="quiet">{}</span></figcaption>'
        '<svg viewBox="0 -{} {} {}" preserveAspectRatio="none" role="img" aria-label="{}" style="--stroke:{}">{}</svg>'
        '<p class="quiet">{}</p></figure>',
        title, said, MARGIN, WIDTH, HEIGHT + MARGIN, title, stroke, drawn, note,
    )  # fmt: skip


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _at(values: Sequence[float], place: int) -> float | None:
    return values[place] if place < len(values) else None


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _duration(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{1000 * seconds:.3g} ms"
