"""Traces that image generators write about themselves, each with the words for people. One table.

Formats as the generators' own sources write them: AUTOMATIC1111 `parameters`, ComfyUI `prompt` and `workflow`,
InvokeAI (`Dream`, `sd-metadata`, `invokeai_…`), NovelAI, Fooocus, SwarmUI, Easy Diffusion, Draw Things, Midjourney; the
IPTC digital source types and AI fields, and the label `AIGC` that GB 45438-2025 prescribes (1 = made by AI).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cgid.imaging.image_file import ImageFile
from cgid.metadata.digital_source_type import CAPTURE_TYPES, SOFTWARE_TYPES, SOURCE_TYPES, source_type
from cgid.metadata.generator_settings import graph, json_object, said_by
from cgid.metadata.text_fields import Text, texts
from cgid.metadata.xmp import Xmp
from cgid.metadata.xmp import read as read_xmp

# What is longer is no parameter text; every search below takes time in proportion to the length.
LONGEST = 200_000
MOST_FIELDS = 500


@dataclass(frozen=True, slots=True)
class Trace:
    """One statement found in a file. declares: `ai` or `partly_ai`. settings: (name, text) pairs such as prompt, model."""

    code: str
    generator: str
    place: str
    declares: str = "ai"
    settings: tuple[tuple[str, str], ...] = ()

    @property
    def sentence(self) -> str:
        if self.code == "source_type":
            what = "parts of it were" if self.declares == "partly_ai" else "it was"
            return f"Its {self.place} metadata says that {what} made by AI ({self.generator})."
        if self.code == "label":
            what = "parts of it were" if self.declares == "partly_ai" else "it was"
            return f"Its {self.place} declares that {what} made by AI ({self.generator})."
        if self.declares == "partly_ai":
            return f"Its {self.place} says that {self.generator} did a step of the work."
        return f"Its {self.place} holds what {self.generator} writes into the images it makes."


_STEPS = re.compile(r"\bSteps: \d+,")
_JOB = re.compile(r"\bJob ID: [0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_SOFTWARE = re.compile(
    r"\b(midjourney|dall[-·]?\s?e\b|stable[ _-]diffusion|dreamstudio|novelai|adobe firefly|comfyui|invokeai|fooocus|"
    r"draw things|leonardo\.ai|ideogram|google imagen|openai|swarmui|easy diffusion|automatic1111)",
    re.IGNORECASE,
)
_SOFTWARE_KEYS = {"Software", "software", "ProcessingSoftware", "Make", "Model", "OriginatingProgram"}
# A credit names who is to be thanked, which for a press photograph may be an AI company: only these words declare AI.
_CREDITS = {"made with google ai": "ai", "edited with google ai": "partly_ai"}
_COMMENTS = {"parameters", "usercomment", "comment", "imagedescription", "caption", "xpcomment"}


def _a1111(t: Text) -> bool:
    if t.key.lower() not in _COMMENTS or not (steps := _STEPS.search(t.text, 0, LONGEST)):
        return False
    rest = t.text[steps.end() : LONGEST]
    return "Sampler: " in rest or ("CFG scale: " in rest and "Seed: " in rest)


def _comfyui(t: Text) -> bool:
    """Its PNG fields, and the EXIF fields of its WebP files, which begin with the field's name."""
    named = t.key in ("prompt", "workflow") or t.text.startswith(("prompt:", "workflow:", "Prompt:", "Workflow:"))
    return named and graph(t.text) is not None


def _keys(*wanted: str, least: int = 0) -> Callable[[Text], bool]:
    names = set(wanted)

    def test(t: Text) -> bool:
        found = {k.lower().replace(" ", "_") for k in json_object(t.text)}
        return len(found & names) >= (least or len(names))

    return test


def _invokeai(t: Text) -> bool:
    fields = ("sd-metadata", "invokeai_metadata", "invokeai_graph", "invokeai_workflow")
    return t.place == "PNG text" and ((t.key == "Dream" and " -s" in t.text[:LONGEST]) or t.key in fields)


_fooocus_fields = _keys("base_model", "sharpness", "performance", "styles", least=3)
_novelai_fields = _keys("prompt", "uc", "sampler")
_draw_things_fields = _keys("c", "uc", "sampler", "seed")

# code, name for people, test on one text field
TABLE: tuple[tuple[str, str, Callable[[Text], bool]], ...] = (
    ("a1111", "Stable Diffusion web UI", _a1111),
    ("comfyui", "ComfyUI", _comfyui),
    ("invokeai", "InvokeAI", _invokeai),
    ("novelai", "NovelAI", lambda t: t.key == "Software" and t.text.strip() == "NovelAI"),
    ("novelai", "NovelAI", lambda t: t.key == "Comment" and _novelai_fields(t)),
    ("fooocus", "Fooocus", lambda t: t.key == "fooocus_scheme"),
    ("fooocus", "Fooocus", lambda t: t.key.lower() in _COMMENTS and _fooocus_fields(t)),
    ("swarmui", "SwarmUI", lambda t: t.key.lower() in _COMMENTS and "sui_image_params" in json_object(t.text)),
    ("easy_diffusion", "Easy Diffusion", lambda t: t.place == "PNG text" and t.key == "use_stable_diffusion_model"),
    ("draw_things", "Draw Things", lambda t: t.key in ("UserComment", "items") and _draw_things_fields(t)),
    (
        "midjourney",
        "Midjourney",
        lambda t: (
            t.key in ("Description", "ImageDescription", "comment", "Caption", "items")
            and bool(_JOB.search(t.text, 0, LONGEST))
        ),
    ),
)


def find(image: ImageFile, fields: list[Text] | None = None, xmp: Xmp | None = None) -> list[Trace]:
    """Every trace in the image's proper metadata places, one per (code, place). Never raises."""
    fields = texts(image) if fields is None else fields
    xmp = read_xmp(image) if xmp is None else xmp
    fields = fields[:MOST_FIELDS]
    found = [*_fields(fields, fields), *_declared(fields, xmp)]
    found += _fields([Text("XMP", "items", v) for v in xmp.values.get("items", ())[:200]], fields)
    found += _software(fields, xmp)
    return list({(t.code, t.generator, t.place): t for t in reversed(found)}.values())[::-1]


def _fields(own: list[Text], everything: list[Text]) -> Iterator[Trace]:
    for t in own:
        for code, name, test in TABLE:
            if test(t):
                yield Trace(code, name, _place(t), settings=said_by(code, t, everything))


def _software(fields: list[Text], xmp: Xmp) -> Iterator[Trace]:
    """Generators named as the software that made the picture, that made a step of it, or in a known credit line."""
    made = [t for t in fields if t.key in _SOFTWARE_KEYS or (t.key == "Source" and t.place != "IPTC")]
    made += [Text("XMP", "CreatorTool", v) for v in xmp.values.get("CreatorTool", ())]
    steps = [Text("XMP", "softwareAgent", v) for v in xmp.values.get("softwareAgent", ())[:MOST_FIELDS]]
    for declares, named in (("ai", made), ("partly_ai", steps)):
        for t in named:
            if match := _SOFTWARE.search(t.text, 0, 2000):
                yield Trace("software", match.group(0), _place(t), declares)
    for t in [t for t in fields if t.key == "Credit"] + [
        Text("XMP", "Credit", v) for v in xmp.values.get("Credit", ())
    ]:
        if declares := _CREDITS.get(t.text.strip().lower()):
            yield Trace("label", t.text.strip(), _place(t), declares)


def _declared(fields: list[Text], xmp: Xmp) -> Iterator[Trace]:
    """What standards have a field for: digital source type, AI system used, the label AIGC."""
    for value in xmp.values.get("DigitalSourceType", []) + xmp.values.get("digitalSourceType", []):
        if (kind := source_type(value)) in SOURCE_TYPES:
            yield Trace("source_type", kind, "XMP", SOURCE_TYPES[kind])
    for t in fields:
        # IIM has no field of its own for it; the full identifier in any field of the record says it all the same.
        if t.place == "IPTC" and "cv.iptc.org/newscodes/digitalsourcetype/" in t.text:
            for kind in re.findall(r"digitalsourcetype/(\w+)", t.text[:LONGEST]):
                if kind in SOURCE_TYPES:
                    yield Trace("source_type", kind, "IPTC", SOURCE_TYPES[kind])
    for value in xmp.values.get("AISystemUsed", [])[:1]:
        yield Trace("label", value[:60], "XMP field “AISystemUsed”")
    labels = [Text("XMP", "AIGC", v) for v in xmp.values.get("AIGC", ())] + [t for t in fields if t.key == "AIGC"]
    for t in labels:
        if str(json_object(t.text).get("Label", "")) == "1":
            yield Trace("label", "AIGC label", _place(t))


def _place(t: Text) -> str:
    return f"{t.place} field “{t.key}”"


def _types(xmp: Xmp) -> set[str]:
    return {source_type(v) for k in ("DigitalSourceType", "digitalSourceType") for v in xmp.values.get(k, ())}


def captured(xmp: Xmp) -> bool:
    """The XMP says that a camera or scanner took the picture."""
    return bool(_types(xmp) & CAPTURE_TYPES)


def software_made(xmp: Xmp) -> bool:
    """The XMP says that software made the picture, without a trained model."""
    return bool(_types(xmp) & SOFTWARE_TYPES)
