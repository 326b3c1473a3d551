"""Finding a model in the base by the name that a person gives it."""

from __future__ import annotations

import difflib

import registry
from evidence.store import Store
from registry.identity import identify_model
from registry.lookup import UnknownNameError
from registry.tables import fold


def find_subject(store: Store, name: str) -> str:
    """The id of the model that a name means. Raises `UnknownNameError` with names that are like it."""
    subjects = {fold(subject): subject for subject in store.subjects()}
    wanted = fold(name)
    for meant in (wanted, fold(identify_model(name, registry.load()))):
        if meant in subjects:
            return subjects[meant]
    within = [folded for folded in subjects if wanted and wanted in folded]
    close = within or difflib.get_close_matches(wanted, subjects, n=4, cutoff=0.5)
    raise UnknownNameError("model in the base", name, tuple(subjects[folded] for folded in close[:4]))
