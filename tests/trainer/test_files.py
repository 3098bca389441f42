from pathlib import Path

import pytest

from trainer.files import new_folder, whole_file


def test_a_file_takes_its_name_only_when_it_is_whole(tmp_path: Path):
    path = tmp_path / "epochs.csv"
    path.write_text("the one before")

    def write_half() -> None:
        with whole_file(path) as unfinished:
            unfinished.write_text("half")
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        write_half()
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("epochs.csv", "the one before")]
    with whole_file(path) as unfinished:
        unfinished.write_text("the new one")
        assert path.read_text() == "the one before"
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("epochs.csv", "the new one")]


def test_a_new_folder_appears_only_when_it_is_full(tmp_path: Path):
    def write_half() -> None:
        with new_folder(tmp_path / "bundle") as folder:
            (folder / "config.json").write_text("{}")
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        write_half()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_exists_is_never_overwritten(tmp_path: Path):
    with pytest.raises(FileExistsError, match="not overwritten"), new_folder(tmp_path):
        pass
