"""What a profile leaves: a page for people, the numbers, and the trace."""

from pathlib import Path
from typing import Any

from django.template.loader import render_to_string

from trainer.files import new_folder
from trainer.profiling.advice import NOTHING, SHOWN, gain_text
from trainer.profiling.operators import Trace
from trainer.profiling.profile_charts import phase_bars, steps_chart, use_charts
from trainer.profiling.profile_numbers import PAGE_FILE, PROFILE_FILE, TRACE_FILE, Profile


def write_profile(profile: Profile, trace: Trace, out: Path) -> None:
    """Writes the folder `out` with `profile.html`, `profile.json` and `trace.json`.

    Raises:
        AlreadyExistsError: it exists.
    """
    with new_folder(out) as unfinished:
        (unfinished / PROFILE_FILE).write_text(profile.model_dump_json(indent=1) + "\n", encoding="utf-8")
        (unfinished / PAGE_FILE).write_text(profile_page(profile), encoding="utf-8")
        trace.write(unfinished / TRACE_FILE)


def profile_page(profile: Profile) -> str:
    """One self-contained HTML page."""
    shown = [{"advice": advice, "gain": gain_text(advice)} for advice in profile.advice[:SHOWN]]
    named = sum(part.seconds for part in profile.start)
    context: dict[str, Any] = {
        "profile": profile,
        "step_ms": f"{1000 * profile.step_seconds:.1f}",
        "photos_per_second": f"{profile.photos_per_second:.0f}",
        "whole": _minutes(profile.whole_seconds),
        "advice": shown,
        "more": len(profile.advice) - len(shown),
        "nothing": NOTHING,
        "phases": phase_bars(profile.phase_shares(), profile.step_seconds),
        "steps": steps_chart(profile),
        "use": use_charts(profile) if profile.use else "",
        "start": [
            *({"title": part.title, "seconds": f"{part.seconds:.1f}", "items": part.items} for part in profile.start),
            {"title": "Everything else", "seconds": f"{max(profile.start_seconds - named, 0):.1f}", "items": 0},
        ],
        "start_seconds": f"{profile.start_seconds:.1f}",
        "operators": [
            {
                "name": operator.name,
                "calls": f"{operator.calls:.0f}",
                "cpu": f"{operator.cpu_ms:.2f}",
                "gpu": f"{operator.gpu_ms:.2f}",
            }
            for operator in profile.operators
        ],
        "traced": sum(step.traced for step in profile.steps),
        "overhead": f"{profile.overhead:.2%}",
    }
    return render_to_string("trainer/profile.html", context)


def _minutes(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 2 * 3600 else f"{seconds / 3600:.1f} hours"
