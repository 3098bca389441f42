"""`manage.py train --live`."""

import io
import logging
import re

from django.core.management import call_command
from rich.console import Console

from tests.trainer.training.short_runs import start_short_run, train_short_run
from tests.trainer.training.test_curves import made_up
from trainer.training.live_view import LiveView, live_page
from trainer.training.run_folder import Run

DOTS = {chr(code) for code in range(0x2801, 0x2900)}  # braille, which the curves are drawn with


def terminal(columns, lines):
    return Console(file=io.StringIO(), force_terminal=True, width=columns, height=lines, legacy_windows=False)


def words(text):
    """Without colours and other instructions to the terminal."""
    return re.sub(r"\x1b\[[?0-9;]*[A-Za-z]", "", text)


def printed(page, columns, lines):
    console = terminal(columns, lines)
    console.print(page)
    return words(console.file.getvalue())


def test_the_view_shows_curves_while_a_run_trains_and_leaves_its_lines_above(organized, tmp_path, monkeypatch):
    monkeypatch.setattr("trainer.training.live_view.REFRESH_SECONDS", 0)
    console, run = terminal(130, 40), start_short_run(Run(tmp_path / "run"), organized)
    handlers = logging.getLogger("trainer").handlers
    train_short_run(run, organized, [LiveView(run.path, console)])
    shown = words(console.file.getvalue())
    assert "Epoch 1/2: train loss" in shown
    assert "8/8" in shown
    assert set(shown) & DOTS
    for name in ("photos/s", "learning rate", "gradient norm", "validation loss", "left"):
        assert name in shown
    assert logging.getLogger("trainer").handlers == handlers


def test_the_view_fits_into_the_terminal():
    epochs, steps = made_up(3)
    for columns, lines in ((130, 40), (100, 24), (80, 24), (60, 20)):
        shown = printed(live_page(epochs, steps, "3/9", (15, 45), 75.2, (columns, lines)), columns, lines)
        assert "0:01:15" in shown
        assert len(shown.splitlines()) <= lines


def test_the_view_opens_before_anything_is_recorded():
    epochs, steps = (table[:0] for table in made_up(1))
    assert "step 0/45" in printed(live_page(epochs, steps, "1/9", (0, 45), None, (100, 30)), 100, 30)


def test_without_a_terminal_a_sentence_says_so(trained, capsys):
    call_command("train", data=trained.data, resume=trained.run.path, live=True)  # it is done already
    said = capsys.readouterr().out
    assert "There is no terminal for --live: a line is printed for each epoch." in said
