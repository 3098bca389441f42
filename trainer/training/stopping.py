"""Training that somebody asked to stop."""


class TrainingStopped(Exception):  # noqa: N818 - not an error: it was requested
    """The user or the system asked training to stop; everything so far is in the last checkpoint."""
