"""The measurements of a server as tables."""

from typing import Any

from trainer.tables import Row, table

ENGINE = ("engine_as_served_per_second", "engine_for_throughput_per_second")  # the larger one is shown


def serving_tables(report: dict[str, Any]) -> str:
    """The whole report as text."""
    photos = report["photos"]
    parts = [
        f"{measured_on(report)}\nPhotos: made from {photos['source']}. Server: gunicorn, one worker, ready after "
        f"{report['ready_seconds']:.1f} s.",
        table(_stages(report)),
        table(_load(report)),
        table([{"memory": moment.replace("_", " "), **_known(sizes)} for moment, sizes in report["memory"].items()]),
        table([{"ratio": name.replace("_", " "), "times": value} for name, value in report["ratios"].items()]),
    ]
    if report["pytorch_left_out"]:
        parts.append(f"Without a comparison with PyTorch: {report['pytorch_left_out']}.")
    return "\n\n".join(parts)


def measured_on(report: dict[str, Any]) -> str:
    """A sentence on the bundle and the machine."""
    bundle, machine = report["bundle"], report["machine"]
    return (
        f"{bundle['name']} {bundle['version']} ({bundle['architecture']}) in {bundle['precision']}, "
        f"{machine['cores']} cores of {machine['processor']}, load before: {machine['load_average_before'][0]}."
    )


def counted(statuses: dict[str, int]) -> str:
    """How often each status came, as text."""
    return ", ".join(f"{count} x {status}" for status, count in statuses.items())


def _stages(report: dict[str, Any]) -> list[Row]:
    return [
        {"photo": photo, "stage": stage.replace("_", " "), **summary}
        for photo, stages in report["stages"].items()
        for stage, summary in stages.items()
    ]


def _load(report: dict[str, Any]) -> list[Row]:
    rows: list[Row] = []
    for entry in report["load"]:
        shown = {key: value for key, value in entry.items() if key not in (*ENGINE, "statuses")}
        rows.append(
            {**shown, "engine_per_second": max(entry[key] for key in ENGINE), "statuses": counted(entry["statuses"])}
        )
    return rows


def _known(sizes: dict[str, float | None]) -> dict[str, float | str]:
    return {name: "unknown" if size is None else size for name, size in sizes.items()}
