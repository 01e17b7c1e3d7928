"""Each fixed rule that fired, with what it points to; rules never accuse alone."""

from __future__ import annotations

from cgid.features.registry import all_groups
from cgid.forensics.evidence.piece import Evidence, Kind, Material

# A rule weighs less than any model: what a file declares has pieces of its own, which say how far to trust it.
MOST = 0.35
COPIED = "Marks can be copied into another file, and any screenshot or re-save removes them."
STATED = "Anybody can write or remove such data."
# code: (points to, what could fool it, map that shows it)
POINTS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "credentials_ai": ("ai", COPIED, ()),
    "credentials_partly_ai": ("edited", COPIED, ()),
    "generator_trace": ("ai", STATED, ()),
    "declared_ai": ("ai", STATED, ()),
    "declared_partly_ai": ("edited", STATED, ()),
    "watermark": ("ai", "The mark can be written into any picture on purpose; resizing and cropping remove it.", ()),
    "credentials_broken": (
        "edited",
        "A program that saves anew without signing breaks them without any bad intent.",
        (),
    ),
    "thumbnail": ("edited", "Programs that crop or turn a picture often leave the old thumbnail behind.", ()),
    "upsampling_peaks": (
        "ai",
        "A photograph that was enlarged, and fine regular patterns in the scene, peak there too.",
        ("spectrum.power",),
    ),
    "generator_size": ("ai", "Photographs that were cropped for a web page or a game have such sizes too.", ()),
    "uneven_noise": ("edited", "A sharp object before a blurred background is uneven as well.", ("noise.residual",)),
    "double_compression": ("neither", "Every messenger and web page saves again.", ("jpeg_history.ghost",)),
    "contradictions": ("edited", "Unusual but honest encoders contradict the common ones.", ()),
    "wrong_extension": ("neither", "Web sites rename files without converting them.", ()),
    "date_order": ("edited", "A camera with a wrong clock, and copying between systems.", ()),
    "uneven_error": ("edited", "Text, logos and edges change more than sky in every picture.", ("ela.error",)),
}


def find(material: Material) -> list[Evidence]:
    """Every rule that fired, in the words of the table."""
    group = all_groups()["rules"]
    pieces = []
    for one in (material.found.get("rules") or {}).get("fired") or ():
        code, weight = str(one["code"]), float(one["weight"])
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
