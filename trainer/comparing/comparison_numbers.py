"""All numbers of a comparison for programs: `comparison_numbers.json`."""

import json
from dataclasses import asdict
from typing import Any

from trainer.comparing.compared import Compared
from trainer.comparing.deciding import LEVEL, Decision
from trainer.comparing.guarded import Guarded
from trainer.comparing.paired_tests import POWER, RESAMPLES, SEED
from trainer.comparing.wording import MEASURES

NUMBERS_FILE = "comparison_numbers.json"


def numbers(compared: Compared, measures: list[Guarded], decision: Decision) -> str:
    """One entry for each measure. A loss is positive where the new bundle is worse, whatever the measure."""
    rows = [
        _row(measure, corrected, least)
        for measure, corrected, least in zip(measures, decision.corrected, decision.least, strict=True)
    ]
    everything = {
        "outcome": decision.outcome,
        "reasons": decision.reasons,
        "level": LEVEL,
        "power": POWER,
        "resamples": RESAMPLES,
        "seed": SEED,
        "measures": rows,
        "breeds_missing": compared.missing,
        "breeds_added": compared.added,
        "unreadable": {str(path): why for path, why in compared.unreadable.items()},
    }
    return json.dumps(everything, indent=2, ensure_ascii=False) + "\n"


def _row(measure: Guarded, corrected: float, least: float | None) -> dict[str, Any]:
    row = asdict(measure)
    del row["least"]
    return {**row, "title": MEASURES[measure.measure].title, "corrected_p": corrected, "least_found": least}
