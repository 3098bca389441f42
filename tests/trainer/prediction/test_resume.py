"""`manage.py predict --output` is killed, and the same command continues."""

import shutil
import signal

import pytest
from django.core.management.base import CommandError

from tests.http import wait_until
from tests.image_files import BLUE, encoded, plain
from tests.trainer.prediction.conftest import rows_of, started, write_list, write_photos
from trainer.prediction import file_writing
from trainer.prediction.unfinished import UnfinishedOutput

FORMATS = ["out.parquet", "out.csv", "out.jsonl"]
slow = pytest.mark.slow


@pytest.fixture
def small_parts(monkeypatch):
    monkeypatch.setattr(file_writing, "ROWS_IN_A_PART", 2)


@pytest.fixture
def stopped(predict, photos, tmp_path, small_parts, monkeypatch):
    """A prediction that got as far as its first part of two photos, `a.jpg` and `b.jpg`."""

    def stop_before_the_second(self, rows):
        if self.parts:
            raise KeyboardInterrupt
        write(self, rows)

    def begin(name="out.csv", **options):
        with monkeypatch.context() as patch:
            patch.setattr(UnfinishedOutput, "write_part", stop_before_the_second)
            with pytest.raises(CommandError, match="The same command continues"):
                predict(photos, output=tmp_path / name, **options)
        return tmp_path / name

    write = UnfinishedOutput.write_part
    return begin


@slow
@pytest.mark.parametrize("name", FORMATS)
def test_a_killed_prediction_continues_and_asks_no_photo_twice(tmp_path, trusted_bundle, server, name):
    red = write_photos(tmp_path / "photos", 1100)
    names = write_list(tmp_path / "names.txt", [*red, f"{server.url}/green.jpg"])
    output, unfinished = tmp_path / name, tmp_path / f"{name}.unfinished"
    words = (names, "--output", output, "--bundle", trusted_bundle)
    with started(*words) as first:
        wait_until(lambda: server.asked.is_set() and list(unfinished.glob("part-*")) != [], "a part is written")
        with started(*words) as second:  # while the first waits for the last photo
            assert "Another process is writing" in second.communicate()[1]
        first.kill()
    assert not output.exists()
    answered = sum(len(rows_of(part)) for part in unfinished.glob("part-*"))
    for photo in red[:answered]:
        photo.write_bytes(encoded(plain(BLUE)))  # and would get another answer now
    server.free.set()
    with started(*words) as last:
        said, problems = last.communicate()
    assert last.returncode == 0, problems
    assert f"1,101 photos. {answered:,} had been answered before" in said
    rows = rows_of(output)
    assert [row["path"] for row in rows] == [*map(str, red), f"{server.url}/green.jpg"]
    assert [row["breed"] for row in rows] == ["red_hound"] * 1100 + ["green_hound"]
    assert not unfinished.exists()


@slow
def test_ctrl_c_keeps_all_answers(tmp_path, trusted_bundle, server):
    red = write_photos(tmp_path / "photos", 60)
    names = write_list(tmp_path / "names.txt", [*red, *(f"{server.url}/{n}.jpg" for n in range(40))])
    words = (names, "--output", tmp_path / "out.csv", "--bundle", trusted_bundle)
    with started(*words) as process:
        wait_until(server.asked.is_set, "the photos that wait are asked for")
        process.send_signal(signal.SIGINT)
        server.free.set()
        problems = process.communicate()[1]
    assert f"Stopped. The same command continues from {tmp_path / 'out.csv.unfinished'}." in problems
    assert "Traceback" not in problems
    kept = sum(len(rows_of(part)) for part in (tmp_path / "out.csv.unfinished").glob("part-*"))
    assert kept > 0
    with started(*words) as again:
        assert f"100 photos. {kept} had been answered before" in again.communicate()[0]


@pytest.mark.parametrize("name", FORMATS)
def test_photos_that_came_and_went_meanwhile_have_one_row_each(predict, photos, tmp_path, stopped, name):
    output = stopped(name)
    (photos / "A0.jpg").write_bytes(encoded(plain(BLUE)))  # before the answered ones
    (photos / "b.jpg").unlink()  # an answered one: its row stays
    (photos / "deep.webp").unlink()  # one without an answer
    predict(photos, output=output)
    found = [row["path"].removeprefix(f"{photos}/") for row in rows_of(output)]
    assert found == ["a.jpg", "b.jpg", "A0.jpg", "deep/green.PNG"]


def test_a_part_that_was_not_finished_is_not_used(predict, photos, tmp_path, stopped):
    output = stopped()
    for remnant in (".part-0000002.csv.unfinished", "joined.csv"):
        (tmp_path / "out.csv.unfinished" / remnant).write_text("half a ro")
    predict(photos, output=output)
    assert len(rows_of(output)) == 4
    assert not (tmp_path / "out.csv.unfinished").exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"bundle": "other"}, "bundle trusted 1.0"),
        ({"more": True}, "sources"),
        ({"no_probabilities": True}, "probabilities True. This one has probabilities False"),
    ],
)
def test_another_prediction_does_not_continue_it(predict, photos, tmp_path, stopped, trusted_bundle, changes, said):
    output = stopped()
    parts = sorted((tmp_path / "out.csv.unfinished").glob("part-*"))
    if "bundle" in changes:
        changes = {"bundle": shutil.copytree(trusted_bundle, tmp_path / "other")}
        config = changes["bundle"] / "config.json"
        config.write_text(config.read_text().replace('"made up"', '"changed"'))
    more = [photos / "b.jpg"] if changes.pop("more", False) else []
    with pytest.raises(CommandError, match=f"holds the beginning of another prediction: {said}"):
        predict(photos, *more, output=output, **changes)
    assert sorted((tmp_path / "out.csv.unfinished").glob("part-*")) == parts
    predict(photos, output=output)
    assert len(rows_of(output)) == 4


def test_a_kill_while_parts_are_removed_leaves_a_complete_file(predict, photos, tmp_path, monkeypatch, capsys):
    def killed(self):
        raise KeyboardInterrupt

    output = tmp_path / "out.parquet"
    with monkeypatch.context() as patch:
        patch.setattr(UnfinishedOutput, "remove", killed)
        with pytest.raises(CommandError, match="Stopped"):
            predict(photos, output=output)
    rows = rows_of(output)
    assert (tmp_path / "out.parquet.unfinished").exists()
    predict(photos, output=output)
    assert "was complete already" in capsys.readouterr().out
    assert rows_of(output) == rows
    assert not (tmp_path / "out.parquet.unfinished").exists()
    with pytest.raises(CommandError, match="exists already"):
        predict(photos, output=output)


def test_a_file_that_appeared_meanwhile_is_kept_and_so_are_the_parts(predict, photos, tmp_path, stopped):
    output = stopped()
    output.write_text("mine")
    with pytest.raises(CommandError, match="exists already"):
        predict(photos, output=output)
    assert output.read_text() == "mine"
    output.unlink()
    predict(photos, output=output)
    assert len(rows_of(output)) == 4


@pytest.mark.parametrize("name", ["out.parquet", "out.jsonl"])
def test_a_damaged_part_is_named(predict, photos, tmp_path, stopped, name):
    output = stopped(name)
    [part] = (tmp_path / f"{name}.unfinished").glob("part-*")
    part.write_bytes(part.read_bytes()[:50])
    with pytest.raises(CommandError, match=f"{part.name} is damaged.*Remove it and start the same command again"):
        predict(photos, output=output)
    part.unlink()
    predict(photos, output=output)
    assert len(rows_of(output)) == 4
