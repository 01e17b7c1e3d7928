"""What models and rules say as evidence: weighed by their certainty, with the error rates of the models that answered."""

from __future__ import annotations

import numpy as np
import pytest

from cgid.features.groups.rules import RULES
from cgid.forensics.check import check
from cgid.forensics.evidence.evidence import Material, all_kinds, gather, material_of
from cgid.forensics.evidence.kinds import features, models, rules
from cgid.forensics.evidence.reference import answering_models, reference_of
from cgid.imaging.image_file import ImageFile
from cgid.runs.store import set_current
from cgid.settings import settings
from model_b_run import promoted
from planted_network import planted_run


def picture() -> ImageFile:
    import io

    from PIL import Image

    buffer = io.BytesIO()
    pixels = np.random.default_rng(0).normal(128, 20, (64, 64, 3)).clip(0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(buffer, "PNG")
    return ImageFile.from_bytes(buffer.getvalue(), "a.png")


def said(verdict: str, probability: float, **more) -> dict:
    return {"run": "r", "verdict": verdict, "probability": probability, "band": {"low": 0.3, "high": 0.7}} | more


def of(kind, **found):
    return kind.find(Material(None, found))


@pytest.mark.parametrize("kind", [models.MODEL_A, models.MODEL_B])
def test_a_model_weighs_more_the_surer_it_is_and_always_more_than_a_single_number(kind):
    name = kind.name
    sure, less, unsure = (
        of(kind, **{name: said(v, p)})[0] for v, p in (("likely_ai", 0.99), ("likely_real", 0.2), ("inconclusive", 0.5))
    )
    assert features.MAX_STRENGTH < unsure.strength < less.strength < sure.strength < 1
    assert [e.points_to for e in (sure, less, unsure)] == ["ai", "real", "neither"]
    assert "99 %" in sure.sentence and sure.limitations.endswith(".") and sure.source
    assert "over 99 %" in of(kind, **{name: said("likely_ai", 0.9999)})[0].sentence
    assert of(kind) == []


@pytest.mark.parametrize("kind", [models.MODEL_A, models.MODEL_B])
def test_of_a_picture_that_simulated_models_do_not_know_they_say_nothing(kind):
    (piece,) = of(kind, **{kind.name: said("likely_ai", 0.9)}, models={"simulated": True, "foreign": True})
    assert (piece.strength, piece.points_to) == (0, "neither") and "no finding" in piece.sentence
    assert not any("test" in label for label, _ in piece.rows)


def test_a_picture_that_model_a_learned_from_proves_little():
    (piece,) = of(models.MODEL_A, model_a=said("likely_ai", 0.9, trained_on=True))
    assert piece.strength < 0.1 and piece.points_to == "neither" and "trained on this exact image" in piece.sentence


def test_a_rule_is_a_piece_where_no_other_kind_tells_it_and_none_weighs_like_a_model():
    fired = [{"code": r.code, "reason": r.sentence, "weight": r.weight} for r in RULES]
    pieces = of(rules, rules={"fired": [*fired, {"code": "new", "reason": "Something new.", "weight": 9}]})
    assert [p.sentence for p in pieces[:-1]] == [r.sentence for r in RULES if r.code not in rules.OTHER_KINDS]
    assert set(rules.POINTS) | rules.OTHER_KINDS == {r.code for r in RULES} and not rules.OTHER_KINDS & set(
        rules.POINTS
    )
    assert max(p.strength for p in pieces) <= rules.MAX_STRENGTH < features.MAX_STRENGTH
    assert pieces[-1].points_to == "neither" and all(p.limitations.endswith(".") for p in pieces)


def test_a_whole_picture_with_both_models_strongest_first_with_the_reference_of_the_run_that_answered():
    image = picture()
    first = check(image).to_json()
    wanted = ("noise_sigma", "noise_spectral_flatness", "ela_mean_error", "spectrum_slope")
    promoted({c: first["features"][c] for c in wanted})
    weight = np.zeros((16, 16))
    weight[:4, :4] = 1
    set_current(planted_run(settings().runs / "model_a" / "planted", weight))
    found = check(image).to_json()
    material = material_of(image, found)
    assert material.reference["rows"] == {"real": 90, "ai": 90}
    pieces = gather(material)
    assert {"model_a", "model_b", "features.noise", "features.cfa"} <= {p.key for p in pieces}
    assert [p.strength for p in pieces] == sorted((p.strength for p in pieces), reverse=True)
    noise = next(p for p in pieces if p.key == "features.noise")
    assert noise.points_to == "ai" and noise.strength > 0.05 and noise.feature in wanted
    by_key = {p.key: p for p in pieces}
    assert by_key["features.cfa"].feature == "" and by_key["model_a"].maps == ("model_a.looked",)
    assert any(label.startswith("Real test photos") for label, _ in by_key["model_b"].rows)
    promoted({"noise_sigma": 1.0}, name="other")
    assert answering_models(found) is None and not reference_of(found)  # another Model B answers by now


def test_every_kind_is_named_as_its_file():
    assert {"features", "model_a", "model_b", "rules"} <= set(all_kinds())
