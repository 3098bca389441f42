"""The audit as a self-contained page with thumbnails and charts."""

import base64
from collections import Counter
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from django.template.loader import render_to_string

from dogbreed.answers.breeds import display_name
from dogbreed.photos.decoding import PhotoError
from trainer.auditing.findings import DROP, KINDS, RELABEL, Audited, Finding, relative
from trainer.photos.layouts import SourcePhoto
from trainer.photos.reading import open_photo_file
from trainer.progress import Progress, ProgressBar, silent

TEMPLATE = "trainer/audit.html"
SHOWN = 120  # findings of each kind: a page with thousands of pictures does not open on a phone
THUMBNAIL = 176  # pixels of the longer side
BINS = 24

EXPLANATIONS = {
    "unreadable": "These files cannot be decoded completely. manage.py clean finds them too.",
    "label": "A classifier that was not trained on the photo or its near-duplicates predicts another breed.",
    "same photo, other breed": "At most one of the two labels is right. The less probable one is shown first.",
    "same scene, other part": "A model that was trained on one of them is measured on the other.",
    "same photo": "The photo counts twice. The one to drop is shown first.",
    "dark": "Much darker than the other photos.",
    "bright": "Much brighter than the other photos.",
    "blurred": "Much less sharp than the other photos, or drawings.",
    "small": "Much smaller than the other photos.",
}


def write_page(
    audited: Audited, findings: list[Finding], data: Path, source: str, path: Path, progress: ProgressBar = silent
) -> None:
    """Writes the page.

    Args:
        source: the model whose features were compared; empty if labels were not checked.
    """
    shown = _shown(findings)
    pictured = [photo for its in shown.values() for finding in its for photo in _photos(finding)]
    with progress("Drawing thumbnails") as drawing:
        thumbnails = _thumbnails(pictured, drawing)
    counts = Counter(finding.kind for finding in findings)
    sections = [
        {
            "kind": kind,
            "title": KINDS[kind],
            "anchor": kind.replace(" ", "-").replace(",", ""),
            "explanation": EXPLANATIONS[kind],
            "count": counts[kind],
            "hidden": counts[kind] - len(its),
            "cards": [_card(finding, data, thumbnails) for finding in its],
        }
        for kind, its in shown.items()
    ]
    context = {
        "name": data.resolve().name,
        "photos": len(audited.photos),
        "breeds": _breeds(audited.photos),
        "parts": dict(Counter(photo.part for photo in audited.photos if photo.part)),
        "source": source,
        "errors": audited.errors,
        "accuracy": f"{100 * audited.errors.accuracy:.1f} %" if audited.errors else "",
        "charts": _charts(audited),
        "sections": sections,
    }
    path.write_text(render_to_string(TEMPLATE, context), encoding="utf-8")


def _shown(findings: list[Finding]) -> dict[str, list[Finding]]:
    by_kind: dict[str, list[Finding]] = {}
    for finding in findings:
        its = by_kind.setdefault(finding.kind, [])
        if len(its) < SHOWN:
            its.append(finding)
    return by_kind


def _photos(finding: Finding) -> list[SourcePhoto]:
    return [finding.photo, finding.beside] if finding.beside else [finding.photo]


def _thumbnails(photos: list[SourcePhoto], progress: Progress) -> dict[Path, str]:
    """A thumbnail for each photo as a data URL; none for an unreadable file."""
    thumbnails: dict[Path, str] = {}
    paths = sorted({photo.path for photo in photos})
    for done, path in enumerate(paths, start=1):
        try:
            image = open_photo_file(path, sufficient_side=THUMBNAIL).image
        except PhotoError:
            continue
        image.thumbnail((2 * THUMBNAIL, 2 * THUMBNAIL))  # sharp on high-density screens
        file = BytesIO()
        image.save(file, "WEBP", quality=60)
        thumbnails[path] = "data:image/webp;base64," + base64.b64encode(file.getvalue()).decode()
        progress(done, len(paths))
    return thumbnails


def _card(finding: Finding, data: Path, thumbnails: dict[Path, str]) -> dict[str, Any]:
    action, _, breed = finding.suggestion.partition(":")
    return {
        "detail": finding.detail,
        "action": action,
        "suggestion": {DROP: "drop the first" if finding.beside else DROP, RELABEL[:-1]: display_name(breed)}.get(
            action, "look"
        ),
        "photos": [
            {
                "picture": thumbnails.get(photo.path, ""),
                "breed": display_name(photo.breed),
                "part": photo.part or "",
                "path": relative(photo, data),
            }
            for photo in _photos(finding)
        ],
    }


def _breeds(photos: Sequence[SourcePhoto]) -> list[dict[str, Any]]:
    counts = Counter(photo.breed for photo in photos)
    most = max(counts.values())
    return [
        {"name": display_name(breed), "count": count, "percent": round(100 * count / most, 1)}
        for breed, count in sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    ]


def _charts(audited: Audited) -> list[dict[str, Any]]:
    facts = audited.facts
    return [
        _histogram("Shorter side, pixels", [min(f.width, f.height) for f in facts]),
        _histogram("Longer side by shorter side", [max(f.width, f.height) / min(f.width, f.height) for f in facts]),
        _histogram("Mean brightness, 0 to 255", [f.brightness for f in facts]),
        _histogram("Sharpness", [f.sharpness for f in facts]),
    ]


def _histogram(title: str, values: Sequence[float]) -> dict[str, Any]:
    """Bars in percent of the highest. Values above the 99.5th percentile are counted in the last bar."""
    low, high = float(min(values)), float(np.percentile(values, 99.5))
    counts, _ = np.histogram(np.minimum(values, high), BINS, (low, high if high > low else low + 1))
    return {
        "title": title,
        "low": f"{low:.4g}",
        "median": f"{float(np.median(values)):.4g}",
        "high": f"{float(max(values)):.4g}",
        "bars": [round(100 * float(count) / max(int(counts.max()), 1), 1) for count in counts],
    }
