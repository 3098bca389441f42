"""Audits labelled photos in any layout: looks for problems, and writes a page and a CSV."""

from pathlib import Path

import pandas as pd

from trainer.auditing.features import Extractor, features_of
from trainer.auditing.findings import Audited, Finding, find_all, relative
from trainer.auditing.labels import find_label_errors
from trainer.auditing.page import write_page
from trainer.files import new_folder
from trainer.parallel import in_parallel
from trainer.photos.folders import PhotosError
from trainer.photos.inspection import Unreadable, inspect
from trainer.photos.layouts import read_layout
from trainer.photos.near_duplicates import SAME_SCENE, duplicate_groups
from trainer.progress import ProgressBar, silent

PAGE_FILE = "audit.html"
FINDINGS_FILE = "audit.csv"
FINDINGS_COLUMNS = ["path", "breed", "finding", "detail", "beside", "sha256", "suggestion", "action"]


def audit(
    data: Path, extractor: Extractor | None, out: Path, cache: Path, progress: ProgressBar = silent
) -> list[Finding]:
    """Writes `audit.html` and `audit.csv` into a new folder `out`; the data do not change.

    Args:
        extractor: the network whose features are compared; None to skip the labels.

    Raises:
        PhotosError: `data` has no readable labelled photos.
        AlreadyExistsError: `out` exists.
    """
    layout = read_layout(data)
    audited = Audited([], [], [], None)
    with progress("Reading photos") as reading:
        results = list(in_parallel(inspect, [photo.path for photo in layout.photos], reading))
    for photo, result in zip(layout.photos, results, strict=True):
        if isinstance(result, Unreadable):
            audited.unreadable.append((photo, result.reason))
        else:
            audited.photos.append(photo)
            audited.facts.append(result)
    if not audited.photos:
        raise PhotosError(f"None of the {len(layout.photos)} photos in {data} can be read.")
    if extractor:
        audited = _with_label_errors(audited, extractor, cache, progress)
    findings = find_all(audited)
    with new_folder(out) as unfinished:
        _table(findings, audited, data).to_csv(unfinished / FINDINGS_FILE, index=False, lineterminator="\n")
        write_page(audited, findings, data, extractor.source if extractor else "", unfinished / PAGE_FILE, progress)
    return findings


def _with_label_errors(audited: Audited, extractor: Extractor, cache: Path, progress: ProgressBar) -> Audited:
    photos, facts = audited.photos, audited.facts
    digests = [f.sha256 for f in facts]
    features = features_of(extractor, [photo.path for photo in photos], digests, cache, progress)
    group = list(range(len(photos)))
    for members in duplicate_groups(digests, [f.fingerprint for f in facts], SAME_SCENE):
        for position in members:
            group[position] = members[0]
    errors = find_label_errors(features, [photo.breed for photo in photos], group, progress)
    return Audited(photos, facts, audited.unreadable, errors)


def _table(findings: list[Finding], audited: Audited, data: Path) -> pd.DataFrame:
    digests = {photo.path: facts.sha256 for photo, facts in zip(audited.photos, audited.facts, strict=True)}
    rows = [
        {
            "path": relative(finding.photo, data),
            "breed": finding.photo.breed,
            "finding": finding.kind,
            "detail": finding.detail,
            "beside": relative(finding.beside, data) if finding.beside else "",
            "sha256": digests.get(finding.photo.path, ""),
            "suggestion": finding.suggestion,
            "action": finding.suggestion,
        }
        for finding in findings
    ]
    return pd.DataFrame(rows, columns=FINDINGS_COLUMNS)
