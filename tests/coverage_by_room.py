"""`python -m tests.coverage_by_room`, after tests have run with `--cov`: covered lines of each room, in percent.

Ends with status 2 where the total is below `fail_under` in pyproject.toml.
"""

import sys
from collections import defaultdict
from pathlib import Path

from coverage import Coverage

ROOT = Path(__file__).parents[1]


def room(file: Path) -> str:
    """The package that a module lies in: `dogbreed/model`, or `dogbreed` for its own modules."""
    return "/".join(file.relative_to(ROOT).parts[:2] if len(file.relative_to(ROOT).parts) > 2 else file.parts[-2:-1])


def main() -> int:
    coverage = Coverage()
    coverage.load()
    lines: dict[str, int] = defaultdict(int)
    covered: dict[str, int] = defaultdict(int)
    for name in coverage.get_data().measured_files():
        _, statements, _, missing, _ = coverage.analysis2(name)
        for key in (room(Path(name)), "total"):
            lines[key] += len(statements)
            covered[key] += len(statements) - len(missing)
    print(f"{'room':<26}{'lines':>7}{'covered':>10}")
    for key in [*sorted(lines.keys() - {"total"}), "total"]:
        if lines[key]:
            print(f"{key:<26}{lines[key]:>7}{100 * covered[key] / lines[key]:>9.1f}%")
    floor = coverage.config.fail_under
    total = 100 * covered["total"] / lines["total"]
    if total < floor:
        print(f"Coverage is {total:.1f}%. The floor is {floor:.1f}%: fail_under in pyproject.toml.", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
