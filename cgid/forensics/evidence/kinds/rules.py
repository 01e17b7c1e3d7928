"""Evidence: fixed rules that fired, and what they point to; rules alone never lead to a verdict."""

from __future__ import annotations

from cgid.features.registry import all_groups
from cgid.forensics.evidence.evidence import Evidence, Kind, Material

# A rule weighs less than any model; declarations in the metadata are evidence of kinds of their own.
MAX_STRENGTH = 0.35
# Reported in more detail by other kinds.
OTHER_KINDS = {
    *("credentials_ai", "credentials_partly_ai", "credentials_broken", "generator_trace", "declared_ai"),
    *("declared_partly_ai", "watermark", "thumbnail", "double_compression", "contradictions", "date_order"),
}
# code: (points to, limitations, maps that show it)
POINTS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "upsampling_peaks": (
        "ai",
        "Upscaled photographs and fine regular patterns in the scene cause such peaks too.",
        ("spectrum.power",),
    ),
    "generator_size": ("ai", "Photographs cropped for a web page or a game have such sizes too.", ()),
    "uneven_noise": ("edited", "A sharp object in front of a blurred background varies as well.", ("noise.residual",)),
    "wrong_extension": ("neither", "Websites rename files without converting them.", ()),
    "uneven_error": ("edited", "Text, logos and edges change more than smooth areas in every image.", ("ela.error",)),
}


def find(material: Material) -> list[Evidence]:
    """Every rule that fired and that no other kind reports."""
    group = all_groups()["rules"]
    evidence = []
    for rule in (material.check.get("rules") or {}).get("fired") or ():
        code, weight = str(rule["code"]), float(rule["weight"])
        if code in OTHER_KINDS:
            continue
        points_to, limitations, maps = POINTS.get(code, ("neither", group.weakness, ()))
        evidence.append(
            Evidence(
                key=f"rules.{code}",
                title="Fixed rule",
                sentence=str(rule["reason"]),
                strength=MAX_STRENGTH * min(max(weight, 0.0), 1.0),
                points_to=points_to,
                limitations=limitations,
                number=f"weight {weight:.2f} of 1",
                maps=maps,
                source=group.cite,
            )
        )
    return evidence


KIND = Kind("rules", find)
