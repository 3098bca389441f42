"""A study is started, or one that exists is joined."""

from uuid import uuid4

from dogbreed.errors import AlreadyExistsError
from trainer.photos.manifest import manifest_digest
from trainer.tuning.database import StudyError, without_password
from trainer.tuning.search_options import SearchOptions, settings_of
from trainer.tuning.storage import StudyStorage
from trainer.tuning.study import Study, StudySettings, create_study, read_settings


def open_study(given: SearchOptions) -> tuple[Study, StudySettings]:
    """The study that was asked for; makes it if there is none.

    Raises:
        AlreadyExistsError: the folder holds something else.
        RecipeError: the recipe or the search is not valid.
        StudyError: the folder holds another study.
    """
    study = Study(given.folder("study"))
    if not study.exists:
        settings = settings_of(given, f"{study.path.name}-{uuid4().hex[:8]}")
        try:
            create_study(study, settings)
        except AlreadyExistsError:
            if not study.exists:  # otherwise another process has just made it
                raise
    settings = read_settings(study)
    _check_same(study, settings, given)
    if given.storage and without_password(study.address(given.storage)) != study.address(settings.storage):
        raise StudyError(
            f"The study {study.path} keeps its trials in {study.address(settings.storage)}. Leave --storage out."
        )
    address = study.address(given.storage or settings.storage).render_as_string(hide_password=False)
    return study, settings.model_copy(update={"storage": address})


def open_trials(study: Study, settings: StudySettings) -> StudyStorage:
    """The trials of an opened study.

    Raises:
        StudyError: the database cannot be reached.
    """
    return StudyStorage(study.address(settings.storage), settings.name, settings.space, settings.measure)


def _check_same(study: Study, settings: StudySettings, given: SearchOptions) -> None:
    if manifest_digest(given.data) != settings.data_manifest_sha256:
        raise StudyError(f"The photos in {given.data} are not those of the study {study.path}. Give the same --data.")
    if not given.describes_a_search:
        return
    different = settings.differences(settings_of(given, settings.name))
    if different:
        raise StudyError(
            f"{study.path} is a study with other settings ({', '.join(different)}). Name another folder with --study, "
            "or continue that study without these options."
        )
