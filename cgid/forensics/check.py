"""One image in, evidence and verdict out: the answer of `cgid check` and of the page *Check an image*."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from cgid.artifacts import demo_images
from cgid.features.group import extract
from cgid.features.groups.rules import fired
from cgid.features.registry import all_groups
from cgid.files import plain
from cgid.forensics.agreement import agreement
from cgid.forensics.evidence.evidence import gather, material_of
from cgid.forensics.models import Models, current_models
from cgid.forensics.provenance.summary import provenance
from cgid.forensics.verdict import decide
from cgid.forensics.versions import versions
from cgid.imaging.image_file import ImageFile, UnreadableImage
from cgid.schema import Agreement, FusionAnswer, NetworkAnswer, RuleHit, RuleResult

_ABSENT: dict[str, Any] = {"model_a": None, "model_b": None, "rules": {}, "agreement": {}}  # of an unreadable image
NO_NUMBER = "Model A gave no finite probability for this image and does not contribute to the answer."


@dataclass(frozen=True)
class CheckResult:
    """The result of a check.

    verdict: `likely_real`, `inconclusive`, `likely_ai`, `declared_ai` or `unreadable`. reason: sentences. why: the most
    important one. probability_ai: calibrated, of the deciding model (Model B before Model A); None without one.
    model_a, model_b: see `Models.answer_a`, `answer_b`. rules: score and rules that fired. provenance: declared origin.
    agreement: the sources of evidence, see `agreement`. evidence: strongest first, see `Evidence.to_json`. features:
    {column: value or None}. error_rates: of the deciding model on its test images; None where no model decided. models:
    the runs that answered, whether they are simulated, whether this image is out of their domain (key `foreign`), and
    what could not be used. versions: see `versions`. error: one sentence where unreadable.
    """

    file: str
    sha256: str
    verdict: str
    reason: str
    why: str = ""
    probability_ai: float | None = None
    model_a: NetworkAnswer | None = None
    model_b: FusionAnswer | None = None
    rules: RuleResult | None = None
    provenance: dict[str, Any] = field(default_factory=dict)
    agreement: Agreement | None = None
    evidence: list[dict[str, Any]] = field(default_factory=list)
    features: dict[str, float | None] = field(default_factory=dict)
    error_rates: dict[str, Any] | None = None
    models: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, Any] = field(default_factory=dict)
    error: str = ""

    def to_json(self) -> dict[str, Any]:
        """The contract's object: plain values, null for NaN."""
        content = {each.name: getattr(self, each.name) for each in fields(self)}
        for name in ("model_a", "model_b", "rules", "agreement"):
            content[name] = content[name].to_dict() if content[name] is not None else _ABSENT[name]
        return dict(plain(content))


def check(
    path_or_bytes: Path | str | bytes | ImageFile,
    name: str | None = None,
    models: Models | None = None,
    *,
    out_of_domain: bool | None = None,
    evidence: bool = True,
) -> CheckResult:
    """Check one image. Never raises for a bad image: the verdict is then `unreadable`, with the reason.

    name: the file's name where bytes are given. models: the promoted ones by default. out_of_domain: whether the image
    is outside the data of simulated models; derived from its content unless given (for a copy). evidence: gather it
    too.
    """
    label = name or (
        "image" if isinstance(path_or_bytes, bytes) else str(getattr(path_or_bytes, "name", path_or_bytes))
    )
    if isinstance(path_or_bytes, Path | str):
        label = name or str(path_or_bytes)
    try:
        image = _open(path_or_bytes, label)
    except UnreadableImage as problem:
        sentence = str(problem)
        return CheckResult(label, _sha256(path_or_bytes), "unreadable", sentence, sentence, error=sentence)
    models = models or current_models()
    groups = {key: group for key, group in all_groups().items() if key != "model_a"}
    values, failed = extract(image, groups)
    declared = provenance(image)
    model_a = models.answer_a(image)
    values["ml_probability"] = models.column_a(image, model_a)
    values["ml_missing"] = float(math.isnan(values["ml_probability"]))  # as the feature table has it
    model_b = models.answer_b(values)
    score = values.get("rule_forensic_score", math.nan)
    rules = RuleResult(
        None if math.isnan(score) else score, tuple(RuleHit(f.code, f.sentence, f.weight) for f in fired(values))
    )
    thresholds = models.thresholds_b if model_b else models.thresholds_a if model_a else None
    if out_of_domain is None:
        out_of_domain = models.simulated and image.sha256 not in demo_images()
    rates = thresholds.error_rates if thresholds and not out_of_domain else None
    verdict = decide(
        *(declared, model_a, model_b, rules),
        simulated=models.simulated,
        out_of_domain=out_of_domain,
        problems=models.problems,
        error_rates=rates,
    )
    about = models.to_json()
    about |= {"decided_by": verdict.decided_by, "foreign": out_of_domain}
    if models.network and not model_a:
        about["problems"].append(NO_NUMBER)
    about["problems"] += [f"The feature group {key} failed: {reason}" for key, reason in failed.items()]
    result = CheckResult(
        file=label,
        sha256=image.sha256,
        verdict=verdict.verdict,
        reason=verdict.reason,
        why=verdict.why,
        probability_ai=verdict.probability,
        model_a=model_a,
        model_b=model_b,
        rules=rules,
        provenance=declared,
        agreement=agreement(declared, model_a, model_b, rules, verdict.decided_by, out_of_domain),
        features={column: None if math.isnan(value) else value for column, value in values.items()},
        error_rates=rates if verdict.decided_by in ("model_a", "model_b") else None,
        models=about,
        versions=versions(models),
    )
    if not evidence:
        return result
    pieces = gather(material_of(image, result.to_json()))
    return replace(result, evidence=[item.to_json() for item in pieces])


def _open(source: Path | str | bytes | ImageFile, name: str) -> ImageFile:
    if isinstance(source, ImageFile):
        return source
    return ImageFile.from_bytes(source, name) if isinstance(source, bytes) else ImageFile.open(source)


def _sha256(source: Any) -> str:
    """Of an unreadable image; empty where there is no file to read."""
    from cgid.files import sha256_of

    try:
        return sha256_of(source)
    except (OSError, ValueError):
        return ""
