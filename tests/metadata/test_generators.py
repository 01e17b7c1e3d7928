"""Which generator left its data in a file, and what it says: in its proper place only, with prompt, model and seed."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from cgid.fileformat import photoshop
from cgid.imaging.image_file import ImageFile
from cgid.metadata import generator_settings, generators
from cgid.metadata.text_fields import TextField
from synthetic_images import photo

PARAMETERS = "a duck\nNegative prompt: cat\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512, Model: m"
GRAPH = {
    "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "model.safetensors"}},
    "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "a hill", "clip": ["1", 1]}},
    "3": {"class_type": "KSampler", "inputs": {"seed": 5, "positive": ["2", 0], "negative": ["9", 0], "steps": 4}},
}


def png(texts: dict[str, str] | None = None, compressed: bool = False) -> bytes:
    info = PngImagePlugin.PngInfo()
    for key, text in (texts or {}).items():
        info.add_text(key, text, zip=compressed)
    buffer = io.BytesIO()
    Image.fromarray(photo(16, 16)).save(buffer, "PNG", pnginfo=info)
    return buffer.getvalue()


def with_exif(kind: str, tags: dict[int, str], comment: bytes = b"") -> bytes:
    exif = Image.Exif()
    exif.update(tags)
    if comment:
        exif.get_ifd(0x8769)[0x9286] = comment
    buffer = io.BytesIO()
    Image.fromarray(photo(16, 16)).save(buffer, kind, exif=exif)
    return buffer.getvalue()


def traces(data: bytes) -> list[generators.GeneratorMark]:
    return generators.find_marks(ImageFile.from_bytes(data, "x"))


def codes(data: bytes) -> set[str]:
    return {t.code for t in traces(data)}


@pytest.mark.parametrize(
    ("texts", "code"),
    [
        ({"parameters": PARAMETERS}, "a1111"),
        ({"prompt": json.dumps(GRAPH)}, "comfyui"),
        ({"workflow": '{"last_node_id": 9, "nodes": []}'}, "comfyui"),
        ({"invokeai_metadata": "{}"}, "invokeai"),
        ({"Software": "NovelAI"}, "novelai"),
        ({"fooocus_scheme": "fooocus"}, "fooocus"),
        ({"parameters": json.dumps({"sui_image_params": {"prompt": "a"}})}, "swarmui"),
        ({"use_stable_diffusion_model": "sd-v1-4", "seed": "3"}, "easy_diffusion"),
        ({"Description": "a cat --v 6 Job ID: 0a1b2c3d-0000-1111-2222-333344445555"}, "midjourney"),
        ({"Software": "Adobe Firefly"}, "software"),
        ({"AIGC": '{"Label": "1", "ContentProducer": "x"}'}, "label"),
    ],
)
def test_every_generator_of_the_table_is_found(texts: dict[str, str], code: str) -> None:
    assert code in codes(png(texts))
    assert code in codes(png(texts, compressed=True))


@pytest.mark.parametrize(
    "texts",
    [
        {"parameters": "exposure 1/60"},
        {"parameters": "Steps: 3, then turn left"},
        {"prompt": "say something"},
        {"prompt": '{"a": 1}'},
        {"Software": "Adobe Photoshop"},
        {"Software": "Procesador de imagen"},
        {"Comment": "Steps: 20"},
        {"Description": "Job ID: 7"},
        {"AIGC": '{"Label": "2"}'},
        {"Author": "NovelAI"},
    ],
)
def test_ordinary_texts_are_no_trace(texts: dict[str, str]) -> None:
    assert codes(png(texts)) == set()


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "PNG", "AVIF"])
def test_parameters_in_the_exif_comment_of_every_container(kind: str) -> None:
    comment = b"UNICODE\0" + PARAMETERS.encode("utf-16-be")
    found = traces(with_exif(kind, {0x0131: "some program"}, comment))
    assert [(t.code, t.place) for t in found] == [("a1111", "EXIF field “UserComment”")]
    assert dict(found[0].settings) == {
        "prompt": "a duck", "negative prompt": "cat", "model": "m", "seed": "1", "sampler": "Euler a", "steps": "20",
    }  # fmt: skip


def test_comfyui_in_a_webps_exif_is_no_camera() -> None:
    from cgid.features.groups.metadata import GROUP

    data = with_exif("WEBP", {0x010F: "workflow:" + '{"nodes": []}', 0x0110: "prompt:" + json.dumps(GRAPH)})
    found = traces(data)
    assert {t.code for t in found} == {"comfyui"}
    assert {"prompt": "a hill", "model": "model.safetensors", "seed": "5", "steps": "4"} in [
        dict(t.settings) for t in found
    ]
    values = GROUP.compute(ImageFile.from_bytes(data, "x"))
    assert (values["make_present"], values["model_present"]) == (0, 0)


def test_a_jpeg_comment() -> None:
    buffer = io.BytesIO()
    Image.fromarray(photo(16, 16)).save(buffer, "JPEG", comment=PARAMETERS)
    assert [(t.code, t.place) for t in traces(buffer.getvalue())] == [("a1111", "JPEG comment field “comment”")]


def test_iptc_fields_of_a_jpeg() -> None:
    def field(record: int, number: int, body: bytes) -> bytes:
        return bytes((0x1C, record, number)) + len(body).to_bytes(2, "big") + body

    source = b"http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
    record = field(1, 90, b"\x1b%G") + field(2, 110, b"Made with Google AI") + field(2, 40, source)
    block = b"Photoshop 3.0\x008BIM\x04\x04\0\0" + len(record).to_bytes(4, "big") + record
    plain = io.BytesIO()
    Image.fromarray(photo(16, 16)).save(plain, "JPEG")
    data = plain.getvalue()
    data = data[:2] + b"\xff\xed" + (len(block) + 2).to_bytes(2, "big") + block + data[2:]
    assert {(t.code, t.generator) for t in traces(data)} == {
        ("label", "Made with Google AI"),
        ("source_type", "trainedAlgorithmicMedia"),
    }


def xmp(body: str) -> bytes:
    buffer = io.BytesIO()
    packet = f'<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:p="p"><r:Description>{body}'
    Image.fromarray(photo(16, 16)).save(buffer, "JPEG", xmp=f"{packet}</r:Description></r:RDF>".encode())
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("body", "declares"),
    [
        ("<p:CreatorTool>Adobe Firefly</p:CreatorTool>", ["ai"]),
        ("<p:softwareAgent>Adobe Firefly</p:softwareAgent>", ["partly_ai"]),
        ("<p:Credit>Made with Google AI</p:Credit>", ["ai"]),
        ("<p:Credit>Edited with Google AI</p:Credit>", ["partly_ai"]),
        ("<p:Credit>Courtesy of OpenAI</p:Credit>", []),
        ("<p:AISystemUsed>Some model 3</p:AISystemUsed>", ["ai"]),
        ('<p:AIGC>{"Label":"1"}</p:AIGC>', ["ai"]),
        ('<p:AIGC>{"Label":"3"}</p:AIGC>', []),
        ("<p:Description>a picture of OpenAI's office</p:Description>", []),
    ],
)
def test_xmp_declares_only_by_its_own_fields(body: str, declares: list[str]) -> None:
    assert [t.declares for t in traces(xmp(body))] == declares


def test_profiles_that_imagemagick_kept_as_text() -> None:
    kind = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
    packet = f'<r:RDF xmlns:r="r" xmlns:p="p"><p:DigitalSourceType>{kind}</p:DigitalSourceType></r:RDF>'.encode()
    credit = b"\x1c\x02\x6e\0\x13Made with Google AI"
    block = b"8BIM\x04\x04\0\0" + len(credit).to_bytes(4, "big") + credit
    texts = {f"Raw profile type {n}": f"\n{n}\n{len(b):8}\n{b.hex()}\n" for n, b in (("xmp", packet), ("iptc", block))}
    assert {t.code for t in traces(png(texts, compressed=True))} == {"source_type", "label"}
    assert traces(png({"Raw profile type xmp": "\nxmp\n  9\nno digits"})) == []


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_iptc_of_any_bytes_never_raises(raw: bytes) -> None:
    photoshop.iptc_texts(b"\x1c\x02" + raw)


@settings(max_examples=200, deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers(), lambda inner:
       st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
           ["inputs", "class_type", "positive", "negative", "text", "image", "prompt", "model", "seed", "Label",
            "sui_image_params", "c", "uc", "sampler", "1", "2"]), inner, max_size=4), max_leaves=12))  # fmt: skip
def test_settings_of_any_json_are_texts(value) -> None:
    for code in ("comfyui", "invokeai", "novelai", "fooocus", "swarmui", "draw_things", "midjourney", "a1111"):
        text = TextField("PNG text", "Comment", json.dumps(value))
        found = generator_settings.settings_from(code, text, [text])
        assert all(isinstance(v, str) and 0 < len(v) <= generator_settings.MAX_CHARS for _, v in found)


@pytest.mark.timeout(20)
def test_hostile_texts_cost_little() -> None:
    for text in (
        "Steps: 1," * 300_000,
        "[" * 1_000_000,
        '{"a":' * 200_000,
        '"' + "x" * 1_000_000,
        "Job ID: 0a" * 90_000,
    ):
        for key in ("parameters", "prompt", "Comment", "Dream", "sd-metadata", "Description", "Software"):
            fields = [TextField("PNG text", key, text)] * 3
            generators.find_marks(ImageFile.from_bytes(png(), "x"), fields)


SD_PARSERS = {
    "AUTOMATIC1111/automatic1111_cropped.jpg": ("a1111", "235284042", "realistic_realisticVisionV20_v20"),
    "AUTOMATIC1111/automatic1111_cropped.png": ("a1111", "235284042", "realistic_realisticVisionV20_v20"),
    "AUTOMATIC1111/automatic1111_stealth.png": ("a1111", "2015833630", "realisticVisionV51_v51VAE"),
    "ComfyUI/img2img_cropped.png": ("comfyui", "280823642470253", "v1-5-pruned-emaonly.ckpt"),
    "ComfyUI/night_evening_day_morning_cropped.png": ("comfyui", "335608130539327", "Anything-V3.0.ckpt"),
    "ComfyUI/noisy_latents_3_subjects_cropped.png": ("comfyui", "1084614416978598", "Anything-V3.0.ckpt"),
    "ComfyUI/unclip_2pass_cropped.png": (
        "comfyui", "1106257833005336", "wd-1-5-beta2-aesthetic-unclip-h-fp32.safetensors",
    ),
    "Fooocus/fooocus1_cropped.png": ("fooocus", "6952411511246973023", "juggernautXL_v8Rundiffusion"),
    "InvokeAI/invokeai_dream1.png": ("invokeai", "2980747362", None),
    "InvokeAI/invokeai_imeta1.png": ("invokeai", "3293022630", "juggernautXL"),
    "InvokeAI/invokeai_sdmeta1.png": ("invokeai", "2980747362", "deliberateForInvoke_v08"),
    "NovelAI/novelai1_cropped.png": ("novelai", "2253955223", "Stable Diffusion 1D44365E"),
}  # fmt: skip


@pytest.mark.real
@pytest.mark.parametrize("path", SD_PARSERS)
def test_real_generator_files(shared_data, path: str) -> None:
    code, seed, model = SD_PARSERS[path]
    found = traces((shared_data / "c2pa_and_metadata/sd_parsers/parsers" / path).read_bytes())
    assert {t.code for t in found} - {"software"} == {code}
    told = dict(max((t.settings for t in found), key=len))
    assert (told["seed"], told.get("model")) == (seed, model)
    assert told["prompt"]


@pytest.mark.real
def test_every_comfyui_example_is_recognised(shared_data) -> None:
    paths = sorted((shared_data / "c2pa_and_metadata/comfyui").rglob("*.png"))
    # The one without data is the picture that another example starts from.
    silent = [p.name for p in paths if codes(p.read_bytes()) != {"comfyui"}]
    assert silent == ["yosemite_inpaint_example.png"]


@pytest.mark.real
def test_camera_files_hold_no_trace(shared_data) -> None:
    for path in sorted((shared_data / "camera_exif").rglob("*.jpg")):
        assert codes(path.read_bytes()) == set(), path.name


@pytest.mark.real
def test_broken_generator_files_end_in_values_or_a_reason(shared_data) -> None:
    from cgid.imaging.image_file import UnreadableImage

    said = {}
    for path in sorted((shared_data / "c2pa_and_metadata/sd_parsers/bad_images").iterdir()):
        try:
            said[path.name] = codes(path.read_bytes())
        except UnreadableImage as problem:
            said[path.name] = str(problem).count(".") >= 1
    # Text after the image data is still before the end of the file's own chunks: a proper place.
    assert said == {
        "empty_file.png": True,
        "empty_image.jpg": set(),
        "empty_image.png": set(),
        "text_after_idat.png": {"a1111"},
    }
