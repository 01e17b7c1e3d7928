"""Fixed rules that fired, with what they point to; rules never accuse alone."""

from __future__ import annotations

from cgid.features.registry import all_groups
from cgid.forensics.evidence.evidence import Evidence, Kind, Material

# A rule weighs less than any model: what a file declares has pieces of its own, which say how far to trust it.
MOST = 0.35
# Told by kinds of their own, which know more of it.
ELSEWHERE = {
    *("credentials_ai", "credentials_partly_ai", "credentials_broken", "generator_trace", "declared_ai"),
    *("declared_partly_ai", "watermark", "thumbnail", "double_compression", "contradictions", "date_order"),
}
# code: (points to, what could fool it, map that shows it)
POINTS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "upsampling_peaks": (
        "ai",
        "A photograph that was enlarged, and fine regular patterns in the scene, peak there too.",
        ("spectrum.power",),
    ),
    "generator_size": ("ai", "Photographs that were cropped for a web page or a game have such sizes too.", ()),
    "uneven_noise": ("edited", "A sharp object before a blurred background is uneven as well.", ("noise.residual",)),
    "wrong_extension": ("neither", "Web sites rename files without converting them.", ()),
    "uneven_error": ("edited", "Text, logos and edges change more than sky in every picture.", ("ela.error",)),
}


def find(material: Material) -> list[Evidence]:
    """Every rule that fired and that no other kind tells, in the words of the table."""
    group = all_groups()["rules"]
    pieces = []
    for one in (material.found.get("rules") or {}).get("fired") or ():
        code, weight = str(one["code"]), float(one["weight"])
        if code in ELSEWHERE:
            continue
        points_to, fooled_by, maps = POINTS.get(code, ("neither", group.weakness, ()))
        pieces.append(
            Evidence(
                key=f"rules.{code}",
                title="A fixed rule",
                sentence=str(one["reason"]),
                strength=MOST * min(max(weight, 0.0), 1.0),
                points_to=points_to,
                fooled_by=fooled_by,
                number=f"weight {weight:.2f} of 1",
                maps=maps,
                source=group.cite,
            )
        )
    return pieces


KIND = Kind("rules", find)
