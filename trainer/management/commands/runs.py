"""`manage.py runs [FOLDER…]`"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from dogbreed.commands import DogbreedCommand
from trainer.runs.found_runs import find_runs
from trainer.runs.run_differences import differences
from trainer.runs.run_list import Format, list_of_rows, list_of_runs
from trainer.runs.run_summary import sorted_by, summarize_all

SORTED_BY = ("started", "name", "recipe", "state", "epochs", "val_loss", "val_acc1", "test_acc1", "seconds", "findings")


class Command(DogbreedCommand):
    help = "Lists training runs with their states and results, and compares them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "folders",
            type=Path,
            nargs="*",
            default=[Path("runs")],
            metavar="FOLDER",
            help="a run, a study, whose trials are listed, or a folder of runs (default: runs)",
        )
        parser.add_argument(
            "--sort", choices=SORTED_BY, default="started", help="in ascending order (default: started, newest last)"
        )
        parser.add_argument("--format", choices=["table", "csv", "json"], default="table", help="of what is printed")
        parser.add_argument(
            "--differences",
            action="store_true",
            help="print the keys of their recipes in which they differ, instead of the list",
        )
        parser.add_argument(
            "--plot", type=Path, metavar="FILE", help="also draw their curves in one plot (.png, .svg or .pdf)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        found, skipped = find_runs(options["folders"])
        summaries, damaged = summarize_all(found)
        for sentence in [*skipped, *damaged]:
            self.stderr.write(sentence)
        readable = {summary.path for summary in summaries}
        found = [each for each in found if str(each.run.path) in readable]
        if not found:
            raise CommandError(f"There are no runs in {', '.join(map(str, options['folders']))}.")
        if options["differences"]:
            self._differences(differences(found), options["format"])
        else:
            self.stdout.write(list_of_runs(sorted_by(summaries, options["sort"]), options["format"]))
        if options["plot"]:
            # Only a plot needs matplotlib, which takes a second to import.
            from trainer.runs.run_plot import plot_runs

            plot_runs(found, options["plot"])
            if options["format"] == "table":
                self.stdout.write(f"Plot: {options['plot']}")

    def _differences(self, rows: list[dict[str, Any]], form: Format) -> None:
        if rows:
            self.stdout.write(list_of_rows(rows, form))
        else:
            self.stderr.write("These runs were started with the same settings.")
