import logging
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from dogbreed.commands import DogbreedCommand
from dogbreed.errors import AlreadyExistsError, DogbreedError

ROOT = Path(__file__).parents[2]


class Command(DogbreedCommand):
    requires_system_checks = ()

    def handle(self, *args, **options):
        logger = logging.getLogger("trainer.training.fit")
        logger.debug("too detailed")
        logger.info("Epoch 1")
        logger.warning("The photos are few.")
        if options.get("fail"):
            raise AlreadyExistsError("runs/a exists already. Name another folder.")


def test_what_the_trainer_logs_is_printed_as_it_is():
    out, err = StringIO(), StringIO()
    call_command(Command(), stdout=out, stderr=err, no_color=True)
    assert out.getvalue() == "Epoch 1\n"
    assert err.getvalue() == "The photos are few.\n"
    assert logging.getLogger("trainer").propagate
    assert not logging.getLogger("trainer").handlers


def test_an_expected_error_is_the_last_sentence_of_a_command():
    with pytest.raises(CommandError, match=r"^runs/a exists already\. Name another folder\.$"):
        Command(stdout=StringIO(), stderr=StringIO()).execute(
            fail=True, force_color=False, no_color=True, skip_checks=True
        )
    assert logging.getLogger("trainer").propagate


def test_an_existing_output_is_also_a_file_exists_error():
    assert issubclass(AlreadyExistsError, DogbreedError)
    assert issubclass(AlreadyExistsError, FileExistsError)


def test_where_only_a_server_is_installed_other_commands_say_what_they_need():
    program = (
        "import runpy, sys; sys.modules['filelock'] = None; sys.argv = ['manage.py', 'compare', 'a', 'b', 'c']; "
        "runpy.run_path('manage.py', run_name='__main__')"
    )
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1] == (
        "This command needs filelock, which is not installed. Install what training needs: make install."
    )
    assert "Traceback" not in ended.stderr
