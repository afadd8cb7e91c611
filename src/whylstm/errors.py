"""The one error that a user is meant to read."""


class StudyError(Exception):
    """A mistake in what the study was given: one clear sentence that names the key, the value and what is allowed."""


class NothingToShowError(StudyError):
    """What a part of the study would show, and this study has no data for: no mistake, but left out and named."""
