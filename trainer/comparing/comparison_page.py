"""The page of a comparison: the outcome in a sentence, and the numbers behind it. Self-contained, without scripts."""

from pathlib import Path
from typing import Any

from django.template.loader import render_to_string

from dogbreed.answers.breeds import display_name
from dogbreed.answers.calibration import Kind
from dogbreed.answers.naming import KIND_NAMES, PROMISED
from dogbreed.model.bundle import Bundle
from dogbreed.model.comparison_result import ComparisonResult, Outcome
from trainer.comparing.compared import Compared
from trainer.comparing.comparison_charts import Change, Colour, changes_chart, small_chart
from trainer.comparing.comparison_tables import changed_confusions, differing_photos, unshared_table
from trainer.comparing.deciding import LEVEL, Decision
from trainer.comparing.guarded import Guarded, Member
from trainer.comparing.wording import MEASURES, TIMES, amount, change, least_said, member_name, p_value, signed
from trainer.evaluation.charts import reliability_diagram

PAGE_FILE = "comparison.html"
SHOWN_BREEDS = 12  # at each end

HEADINGS: dict[Outcome, str] = {
    "worse": "The new bundle is worse",
    "no_different": "The new bundle is no different",
    "better": "The new bundle is better",
}


def comparison_page(
    compared: Compared, measures: list[Guarded], decision: Decision, result: ComparisonResult, photos: bool
) -> str:
    by_name = {measure.measure: measure for measure in measures}
    first, *others = decision.reasons
    return render_to_string(
        "trainer/comparison.html",
        {
            "outcome": decision.outcome,
            "heading": HEADINGS[decision.outcome],
            "first": first,
            "others": others,
            "photos": f"{compared.photos:,}",
            "bundles": [
                ("old", compared.labelled.old.bundle.config, result.old),
                ("new", compared.labelled.new.bundle.config, result.new),
            ],
            "rows": [_row(*row) for row in zip(measures, decision.corrected, decision.least, strict=True)],
            "tests": len(measures),
            "breeds": _breeds(by_name.get("breeds"), decision),
            "groups": _members_chart(by_name["groups"].members, by_name["groups"], decision)
            if "groups" in by_name
            else "",
            "promises": _promises(by_name.get("promises"), decision),
            "sets": [_set(compared, name) for name in compared.sets],
            "confusions": changed_confusions(compared),
            "differing": differing_photos(compared, photos),
            "with_photos": photos,
            "missing": _names(compared.missing),
            "added": _names(compared.added),
            "unshared": unshared_table(compared),
            "unreadable": [(str(path), why) for path, why in sorted(compared.unreadable.items())],
            "no_heat_maps": _explains(compared.labelled.old.bundle) and not _explains(compared.labelled.new.bundle),
        },
    )


def _explains(bundle: Bundle) -> bool:
    return not bundle.config.no_explanation


def _names(labels: list[str]) -> str:
    return ", ".join(display_name(label) for label in labels)


def _row(guarded: Guarded, corrected: float, least: float | None) -> dict[str, Any]:
    measure = MEASURES[guarded.measure]
    row = {
        "title": measure.title,
        "explained": measure.explained,
        "of": guarded.of,
        "photos": f"{guarded.photos:,}",
        "accepted": f"{TIMES}{guarded.margin:g}" if measure.unit == "times" else change(guarded.margin, measure.unit),
        "p": p_value(corrected),
        "worse": corrected < LEVEL,
        "least": least_said(least, measure),
    }
    if guarded.members:
        worst = min(guarded.members, key=lambda member: (member.corrected, -member.loss))
        said = f"{member_name(guarded, worst)} {signed(worst.loss, measure)}"
        return {**row, "of": f"{len(guarded.members)}, {guarded.of}", "most_lost": said}
    assert guarded.interval is not None
    assert guarded.loss is not None
    assert guarded.old is not None
    assert guarded.new is not None
    bounds = reversed(guarded.interval) if measure.good else guarded.interval
    low, high = (signed(bound, measure) for bound in bounds)
    shown = {"old": amount(guarded.old, measure.unit), "new": amount(guarded.new, measure.unit)}
    shown |= {"change": signed(guarded.loss, measure), "between": f"{low} to {high}"}
    if measure.unit == "times":
        return {**row, **shown}
    interval = -guarded.interval[1], -guarded.interval[0]
    title = f"change {shown['change']}, 95 % interval {shown['between']}, accepted {row['accepted']}"
    drawn = Change("", -guarded.loss, interval, _colour(guarded.interval, guarded.margin, corrected), title=title)
    return {**row, **shown, "chart": small_chart(drawn, guarded.margin)}


def _colour(loss: tuple[float, float], margin: float, corrected: float) -> Colour:
    if corrected < LEVEL:
        return "worse"
    return "better" if loss[1] < 0 else "same"


def _breeds(guarded: Guarded | None, decision: Decision) -> dict[str, Any] | None:
    if guarded is None:
        return None
    ordered = sorted(guarded.members, key=lambda member: (-member.loss, member.name))
    changed = [member for member in ordered if member.loss != 0]
    shown = changed
    if len(changed) > 2 * SHOWN_BREEDS:
        shown = changed[:SHOWN_BREEDS] + changed[-SHOWN_BREEDS:]
    return {
        "number": len(ordered),
        "worse": sum(member.loss > 0 for member in ordered),
        "better": sum(member.loss < 0 for member in ordered),
        "all_shown": len(shown) == len(changed),
        "chart": _members_chart(shown, guarded, decision) if shown else "",
        "all": _members_chart(ordered, guarded, decision),
    }


def _members_chart(members: list[Member], guarded: Guarded, decision: Decision) -> str:
    measure = MEASURES[guarded.measure]
    changes = []
    for member in members:
        interval = -member.interval[1], -member.interval[0]
        old, new = (f"{value:.0%}" for value in (member.old or 0.0, member.new or 0.0))
        is_worse = (guarded.measure, member.name) in decision.worse_members
        colour: Colour = "worse" if is_worse else "better" if interval[0] > 0 else "same"
        name, said = member_name(guarded, member), signed(member.loss, measure)
        title = f"{name}: {old} before, {new} now, of {member.photos} photos"
        changes.append(Change(name, -member.loss, interval, colour, said, title))
    return changes_chart(changes, f"Change of top-1 by {guarded.measure}")


def _promises(guarded: Guarded | None, decision: Decision) -> list[dict[str, Any]]:
    """Each kind of verdict: what is promised, and whether both bundles keep it."""
    rows = []
    promised: dict[str, float] = dict(PROMISED.items())
    for member in guarded.members if guarded else []:
        assert guarded is not None
        least = promised[member.name]
        rows.append(
            {
                "name": member_name(guarded, member),
                "promised": least,
                "old": member.old,
                "new": member.new,
                "photos": member.photos,
                "old_kept": member.old is not None and member.old >= least,
                "kept": (member.new or 0.0) >= least,
                "worse": ("promises", member.name) in decision.worse_members,
            }
        )
    return rows


def _set(compared: Compared, name: str) -> dict[str, Any]:
    chosen = compared.set_names == name
    old, new = compared.old.where(chosen), compared.new.where(chosen)
    return {
        "name": Path(name).name,
        "photos": f"{int(chosen.sum()):,}",
        "old": reliability_diagram(old.confidence, old.right),
        "new": reliability_diagram(new.confidence, new.right),
        "kinds": _kinds(old.kinds, new.kinds),
    }


def _kinds(old: Any, new: Any) -> list[tuple[str, float, float]]:
    if old is None or new is None:
        return []
    kinds: list[Kind] = list(KIND_NAMES)
    return [(KIND_NAMES[kind], float((old == kind).mean()), float((new == kind).mean())) for kind in kinds]
