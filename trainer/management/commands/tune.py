"""`manage.py tune --data OUT --recipe NAME`"""

import time
from argparse import SUPPRESS, ArgumentParser
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from dogbreed.commands import DogbreedCommand
from trainer.console import progress_bar
from trainer.recipes.recipe_files import DEFAULT_RECIPE, recipe_names
from trainer.training.stopping import TrainingStopped
from trainer.tuning.search_options import SearchOptions


class Command(DogbreedCommand):
    help = (
        "Searches better values for a recipe, such as its learning rate, on the train and validation part. The same "
        "command started again continues the study, or joins in from another machine."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--data", type=Path, help="folder that `manage.py organize` wrote")
        parser.add_argument(
            "--recipe",
            help=f"where the search starts: one of {', '.join(recipe_names())}, or a .toml file (default: "
            f"{DEFAULT_RECIPE}); its [search] says what is searched",
        )
        parser.add_argument(
            "--set", action="append", default=[], metavar="KEY=VALUE", dest="changes", help="as for `manage.py train`"
        )
        parser.add_argument(
            "--search",
            action="append",
            default=[],
            metavar="KEY=LOW..HIGH",
            help="search this range, or these choices (KEY=A,B,C), instead of the recipe's; can be repeated",
        )
        parser.add_argument("--weights", help="as for `manage.py train` (default: imagenet)")
        parser.add_argument(
            "--teacher", type=Path, nargs="+", default=[], metavar="BUNDLE", help="as for `manage.py train`"
        )
        parser.add_argument("--seed", type=int, help="of all trials and of the search (default: 0)")
        parser.add_argument("--cache", type=Path, default=settings.DOGBREED_CACHE, help="folder for decoded photos")

        budget = parser.add_argument_group("budget", "The search ends when one of them is used up.")
        budget.add_argument("--trials", type=int, help="number of trials in the study (default: 24)")
        budget.add_argument("--epochs", type=int, help="number of epochs of all trials together")
        budget.add_argument("--minutes", type=float, help="time for this command")

        how = parser.add_argument_group("how to search")
        how.add_argument("--measure", choices=["val_loss", "val_acc1"], help="what is compared (default: val_loss)")
        how.add_argument("--sampler", choices=["tpe", "random", "grid"], help="how values are chosen (default: tpe)")
        how.add_argument("--min-epochs", type=int, help="epochs of the first comparison (default: a ninth of all)")
        how.add_argument("--reduction", type=int, help="one trial in so many goes on after a comparison (default: 3)")
        how.add_argument("--no-halving", action="store_true", help="train every trial to its end")

        where = parser.add_argument_group("where")
        where.add_argument("--study", type=Path, help="the study's folder (default: runs/study-<recipe>-<time>)")
        where.add_argument("--jobs", type=int, default=1, help="processes on this machine (default: 1)")
        where.add_argument(
            "--storage",
            metavar="URL",
            help="database of the trials, such as postgresql://USER@HOST/NAME (default: a file in the study's folder)",
        )

        after = parser.add_argument_group("afterwards")
        after.add_argument("--train-best", action="store_true", help="write a bundle of the best trial")
        after.add_argument(
            "--repeat",
            type=int,
            metavar="N",
            help="train the best trial and the recipe on N new seeds and compare them",
        )
        after.add_argument(
            "--find-lr",
            action="store_true",
            help="instead of a search: Lightning's learning rate range test, with a plot",
        )
        parser.add_argument("--worker-of", type=int, help=SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["data"] is None:
            raise CommandError("Give --data, the folder that `manage.py organize` wrote.")
        for name, least in (
            ("trials", 1),
            ("epochs", 1),
            ("jobs", 1),
            ("min_epochs", 1),
            ("reduction", 2),
            ("repeat", 2),
        ):
            if options[name] is not None and options[name] < least:
                raise CommandError(f"--{name.replace('_', '-')} must be at least {least}, not {options[name]}.")
        given = SearchOptions.of(options, time.monotonic())
        try:
            self._run(given, options)
        except (KeyboardInterrupt, SystemExit, TrainingStopped):
            raise CommandError("Stopped. The same command continues.", returncode=130) from None

    def _run(self, given: SearchOptions, options: dict[str, Any]) -> None:
        # What takes seconds to import is imported where it is used.
        if options["worker_of"]:
            from trainer.tuning.study_worker import work_for

            work_for(options["worker_of"], given)
        elif options["find_lr"]:
            from trainer.tuning.lr_range import find_learning_rate

            self.stdout.write(f"Plot: {find_learning_rate(given, progress_bar)}")
        else:
            self._search(given, options["repeat"], options["train_best"])

    def _search(self, given: SearchOptions, repeat: int | None, train_best: bool) -> None:
        from trainer.tuning.search import search

        study = search(given)
        if repeat or train_best:
            from trainer.tuning.winner import compare_winner, train_winner

            # The study's folder, not another one for another time.
            found = replace(given, study=study.path)
            if repeat:
                compare_winner(study, found, repeat, progress_bar)
            if train_best:
                self.stdout.write(f"Bundle: {train_winner(study, found)}")
        self.stdout.write(f"Study: {study.page}")
