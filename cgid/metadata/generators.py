"""Marks that image generators leave in metadata: one table of known formats, with readable sentences.

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
from cgid.metadata.generator_settings import comfyui_graph, json_object, settings_from
from cgid.metadata.text_fields import TextField, text_fields
from cgid.metadata.xmp import Xmp, read_xmp

# Longer texts are not generation parameters; the time of every search below grows with the length.
MAX_TEXT_CHARS = 200_000
MAX_FIELDS = 500


@dataclass(frozen=True, slots=True)
class GeneratorMark:
    """One mark of a generator in a file. declares: `ai` or `partly_ai`. settings: (name, text) pairs such as prompt,
    model.
    """

    code: str
    generator: str
    place: str
    declares: str = "ai"
    settings: tuple[tuple[str, str], ...] = ()

    @property
    def sentence(self) -> str:
        if self.code == "source_type":
            what = "parts of it were" if self.declares == "partly_ai" else "it was"
            return f"Its {self.place} metadata state that {what} made by AI ({self.generator})."
        if self.code == "label":
            what = "parts of it were" if self.declares == "partly_ai" else "it was"
            return f"Its {self.place} declares that {what} made by AI ({self.generator})."
        if self.declares == "partly_ai":
            return f"Its {self.place} says that {self.generator} performed an editing step."
        return f"Its {self.place} contains data that {self.generator} writes into its images."


_STEPS = re.compile(r"\bSteps: \d+,")
_JOB = re.compile(r"\bJob ID: [0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_SOFTWARE = re.compile(
    r"\b(midjourney|dall[-·]?\s?e\b|stable[ _-]diffusion|dreamstudio|novelai|adobe firefly|comfyui|invokeai|fooocus|"
    r"draw things|leonardo\.ai|ideogram|google imagen|openai|swarmui|easy diffusion|automatic1111)",
    re.IGNORECASE,
)
_SOFTWARE_KEYS = {"Software", "software", "ProcessingSoftware", "Make", "Model", "OriginatingProgram"}
# A press photograph may credit an AI company: only these phrases declare AI.
_CREDITS = {"made with google ai": "ai", "edited with google ai": "partly_ai"}
_COMMENTS = {"parameters", "usercomment", "comment", "imagedescription", "caption", "xpcomment"}


def _a1111(t: TextField) -> bool:
    if t.key.lower() not in _COMMENTS or not (steps := _STEPS.search(t.text, 0, MAX_TEXT_CHARS)):
        return False
    rest = t.text[steps.end() : MAX_TEXT_CHARS]
    return "Sampler: " in rest or ("CFG scale: " in rest and "Seed: " in rest)


def _comfyui(t: TextField) -> bool:
    """ComfyUI's PNG fields, and the EXIF fields of its WebP files, which begin with the field's name."""
    named = t.key in ("prompt", "workflow") or t.text.startswith(("prompt:", "workflow:", "Prompt:", "Workflow:"))
    return named and comfyui_graph(t.text) is not None


def _keys(*required: str, minimum: int = 0) -> Callable[[TextField], bool]:
    names = set(required)

    def test(t: TextField) -> bool:
        present = {k.lower().replace(" ", "_") for k in json_object(t.text)}
        return len(present & names) >= (minimum or len(names))

    return test


def _invokeai(t: TextField) -> bool:
    fields = ("sd-metadata", "invokeai_metadata", "invokeai_graph", "invokeai_workflow")
    return t.place == "PNG text" and ((t.key == "Dream" and " -s" in t.text[:MAX_TEXT_CHARS]) or t.key in fields)


_fooocus_fields = _keys("base_model", "sharpness", "performance", "styles", minimum=3)
_novelai_fields = _keys("prompt", "uc", "sampler")
_draw_things_fields = _keys("c", "uc", "sampler", "seed")

# code, display name, test on one text field
GENERATORS: tuple[tuple[str, str, Callable[[TextField], bool]], ...] = (
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
            and bool(_JOB.search(t.text, 0, MAX_TEXT_CHARS))
        ),
    ),
)


def find_marks(image: ImageFile, fields: list[TextField] | None = None, xmp: Xmp | None = None) -> list[GeneratorMark]:
    """Every generator mark in the image's metadata, one per (code, generator, place). Never raises."""
    fields = text_fields(image) if fields is None else fields
    xmp = read_xmp(image) if xmp is None else xmp
    fields = fields[:MAX_FIELDS]
    marks = [*_fields(fields, fields), *_declared(fields, xmp)]
    marks += _fields([TextField("XMP", "items", v) for v in xmp.values.get("items", ())[:200]], fields)
    marks += _software(fields, xmp)
    return list({(t.code, t.generator, t.place): t for t in reversed(marks)}.values())[::-1]


def _fields(checked: list[TextField], everything: list[TextField]) -> Iterator[GeneratorMark]:
    for t in checked:
        for code, name, test in GENERATORS:
            if test(t):
                yield GeneratorMark(code, name, _field_location(t), settings=settings_from(code, t, everything))


def _software(fields: list[TextField], xmp: Xmp) -> Iterator[GeneratorMark]:
    """Generators named as the creating software, as the software of an editing step, or in a known credit line."""
    software_fields = [t for t in fields if t.key in _SOFTWARE_KEYS or (t.key == "Source" and t.place != "IPTC")]
    software_fields += [TextField("XMP", "CreatorTool", v) for v in xmp.values.get("CreatorTool", ())]
    steps = [TextField("XMP", "softwareAgent", v) for v in xmp.values.get("softwareAgent", ())[:MAX_FIELDS]]
    for declares, candidates in (("ai", software_fields), ("partly_ai", steps)):
        for t in candidates:
            if match := _SOFTWARE.search(t.text, 0, 2000):
                yield GeneratorMark("software", match.group(0), _field_location(t), declares)
    for t in [t for t in fields if t.key == "Credit"] + [
        TextField("XMP", "Credit", v) for v in xmp.values.get("Credit", ())
    ]:
        if credited := _CREDITS.get(t.text.strip().lower()):
            yield GeneratorMark("label", t.text.strip(), _field_location(t), credited)


def _declared(fields: list[TextField], xmp: Xmp) -> Iterator[GeneratorMark]:
    """Declarations in standardised fields: digital source type, AI system used, the label AIGC."""
    for value in xmp.values.get("DigitalSourceType", []) + xmp.values.get("digitalSourceType", []):
        if (kind := source_type(value)) in SOURCE_TYPES:
            yield GeneratorMark("source_type", kind, "XMP", SOURCE_TYPES[kind])
    for t in fields:
        # IIM has no dedicated field; the full identifier in any field of the record counts.
        if t.place == "IPTC" and "cv.iptc.org/newscodes/digitalsourcetype/" in t.text:
            for kind in re.findall(r"digitalsourcetype/(\w+)", t.text[:MAX_TEXT_CHARS]):
                if kind in SOURCE_TYPES:
                    yield GeneratorMark("source_type", kind, "IPTC", SOURCE_TYPES[kind])
    for value in xmp.values.get("AISystemUsed", [])[:1]:
        yield GeneratorMark("label", value[:60], "XMP field “AISystemUsed”")
    labels = [TextField("XMP", "AIGC", v) for v in xmp.values.get("AIGC", ())] + [t for t in fields if t.key == "AIGC"]
    for t in labels:
        if str(json_object(t.text).get("Label", "")) == "1":
            yield GeneratorMark("label", "AIGC label", _field_location(t))


def _field_location(t: TextField) -> str:
    return f"{t.place} field “{t.key}”"


def _types(xmp: Xmp) -> set[str]:
    return {source_type(v) for k in ("DigitalSourceType", "digitalSourceType") for v in xmp.values.get(k, ())}


def declares_capture(xmp: Xmp) -> bool:
    """XMP declares that a camera or scanner captured the image."""
    return bool(_types(xmp) & CAPTURE_TYPES)


def declares_software(xmp: Xmp) -> bool:
    """XMP declares that software created the image without a trained model."""
    return bool(_types(xmp) & SOFTWARE_TYPES)
