"""The errors that a user can cause and put right. Every other exception is a bug of ours."""


class DogbreedError(Exception):
    """The base of all expected errors. The message says what is wrong and what to do about it."""


class AlreadyExistsError(DogbreedError, FileExistsError):
    """The output exists already. Nothing of a user's is ever overwritten."""
