"""Traces that image generators write about themselves, each with the words for people. One table.

Formats as the generators' own sources write them: AUTOMATIC1111 `parameters`, ComfyUI `prompt` and `workflow`,
InvokeAI, NovelAI, Fooocus, SwarmUI, Midjourney, and the IPTC digital source types
(https://cv.iptc.org/newscodes/digitalsourcetype/).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from cgid.features.image import ImageFile
from cgid.features.text_fields import Text, texts
from cgid.features.xmp import Xmp
from cgid.features.xmp import read as read_xmp


@dataclass(frozen=True, slots=True)
class Trace:
    """One statement found in a file. declares: `ai` or `partly_ai`."""

    code: str
    generator: str
    place: str
    declares: str = "ai"

    @property
    def sentence(self) -> str:
        if self.code == "source_type":
            what = "parts of it were" if self.declares == "partly_ai" else "it was"
            return f"Its {self.place} metadata says that {what} made by AI ({self.generator})."
        return f"Its {self.place} holds what {self.generator} writes into the images it makes."


_PARAMETERS = re.compile(r"\bSteps: \d+,.*\bSampler: ", re.DOTALL)
_JOB = re.compile(r"\bJob ID: [0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_NODE = re.compile(r'"class_type"\s*:')
_GRAPH = re.compile(r'"(?:last_node_id|nodes)"\s*:')
_SOFTWARE = re.compile(
    r"\b(midjourney|dall[-·e ]*e\b|stable diffusion|dreamstudio|novelai|adobe firefly|comfyui|invokeai|fooocus|"
    r"draw things|leonardo\.ai|ideogram|google imagen|openai|made with google ai|swarmui|easy diffusion|automatic1111)",
    re.IGNORECASE,
)


def _json(text: str) -> dict:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _software(t: Text) -> bool:
    return t.key in ("Software", "software", "Source", "ProcessingSoftware", "Make", "Model") and bool(
        _SOFTWARE.search(t.text)
    )


# code, name for people, test on one text field
TABLE: tuple[tuple[str, str, Callable[[Text], bool]], ...] = (
    (
        "a1111",
        "Stable Diffusion web UI",
        lambda t: (
            t.key.lower() in ("parameters", "usercomment", "comment") and bool(_PARAMETERS.search(t.text[:100_000]))
        ),
    ),
    ("comfyui", "ComfyUI", lambda t: t.key == "prompt" and t.text.lstrip()[:1] == "{" and bool(_NODE.search(t.text))),
    (
        "comfyui",
        "ComfyUI",
        lambda t: t.key == "workflow" and t.text.lstrip()[:1] == "{" and bool(_GRAPH.search(t.text)),
    ),
    (
        "invokeai",
        "InvokeAI",
        lambda t: (
            t.place == "PNG text"
            and (
                t.key in ("sd-metadata", "invokeai_metadata", "invokeai_graph", "invokeai_workflow")
                or (t.key == "Dream" and " -s" in t.text)
            )
        ),
    ),
    ("novelai", "NovelAI", lambda t: t.key == "Software" and t.text.strip() == "NovelAI"),
    ("novelai", "NovelAI", lambda t: t.key == "Comment" and {"prompt", "uc", "sampler"} <= set(_json(t.text))),
    ("fooocus", "Fooocus", lambda t: t.key == "fooocus_scheme"),
    (
        "fooocus",
        "Fooocus",
        lambda t: (
            t.key.lower() in ("parameters", "comment", "usercomment")
            and len(
                {k.lower().replace(" ", "_") for k in _json(t.text)}
                & {"base_model", "sharpness", "performance", "styles"}
            )
            >= 3
        ),
    ),
    ("swarmui", "SwarmUI", lambda t: "sui_image_params" in _json(t.text)),
    (
        "midjourney",
        "Midjourney",
        lambda t: t.key in ("Description", "ImageDescription", "comment") and bool(_JOB.search(t.text)),
    ),
    ("software", "an image generator", _software),
)

# IPTC NewsCodes: last part of the identifier -> what it declares.
SOURCE_TYPES = {
    "trainedAlgorithmicMedia": "ai",
    "algorithmicMedia": "ai",
    "compositeWithTrainedAlgorithmicMedia": "partly_ai",
    "compositeSynthetic": "partly_ai",
    "trainedAlgorithmicData": "ai",
}
CAPTURE_TYPES = (
    "digitalCapture",
    "computationalCapture",
    "negativeFilm",
    "positiveFilm",
    "print",
    "minorHumanEdits",
    "composite",
)
_IPTC_URI = re.compile(r"cv\.iptc\.org/newscodes/digitalsourcetype/(\w+)")


def source_type(value: str) -> str:
    """The code at the end of an IPTC digital source type, given as identifier or bare code."""
    return value.strip().rstrip("/").rsplit("/", 1)[-1]


def find(image: ImageFile, fields: list[Text] | None = None, xmp: Xmp | None = None) -> list[Trace]:
    """Every trace in the image's proper metadata places, one per (code, place). Never raises."""
    fields = texts(image) if fields is None else fields
    xmp = read_xmp(image) if xmp is None else xmp
    found = [
        Trace(code, _SOFTWARE.search(t.text).group(0) if code == "software" else name, f"{t.place} field “{t.key}”")
        for t in fields
        for code, name, test in TABLE
        if test(t)
    ]
    kinds = [(source_type(v), "XMP") for k in ("DigitalSourceType", "digitalSourceType") for v in xmp.values.get(k, ())]
    kinds += [(m, "IPTC") for t in fields if t.place == "IPTC" for m in _IPTC_URI.findall(t.text)]
    found += [Trace("source_type", kind, place, SOURCE_TYPES[kind]) for kind, place in kinds if kind in SOURCE_TYPES]
    for key in ("CreatorTool", "Credit", "softwareAgent"):
        for value in xmp.values.get(key, ()):
            if match := _SOFTWARE.search(value):
                found.append(Trace("software", match.group(0), f"XMP field “{key}”"))
    return list(dict.fromkeys(found))


def captured(xmp: Xmp) -> bool:
    """The XMP says that a camera took the picture (IPTC `digitalCapture` and its kin)."""
    values = [v for k in ("DigitalSourceType", "digitalSourceType") for v in xmp.values.get(k, ())]
    return any(source_type(v) in CAPTURE_TYPES for v in values)
