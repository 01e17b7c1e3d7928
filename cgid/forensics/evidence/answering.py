"""The models that gave an answer, so that what lies beside them (error rates, training data, maps) is theirs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cgid.errors import InputError
from cgid.forensics.models import Models


def answering(found: Mapping[str, Any]) -> Models | None:
    """The models of a check's object; None where they are not to be had any more, or others are current by now.

    `found["models"]["chosen"]` says which ones a person chose; without it the current ones answered.
    """
    from cgid.forensics.choice import Choice, chosen_models

    about = found.get("models") or {}
    chosen = about.get("chosen") or {}
    try:
        models = chosen_models(Choice(*(str(chosen.get(name) or "") for name in ("model_a", "model_b"))))
    except InputError:
        return None
    for name, run in (("model_a", models.run_a), ("model_b", models.run_b)):
        said = found.get(name)
        if said and (run is None or run.id != said.get("run")):
            return None
    return models
