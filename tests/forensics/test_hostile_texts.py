"""Text of a stranger's file stays text: whatever a file says, what is told of it is one plain line, cut, and bounded."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from cgid.cli import main
from cgid.escape import plain
from cgid.forensics.evidence.evidence import Material, all_kinds
from cgid.forensics.provenance.summary import MAX_SETTING_CHARS, provenance
from cgid.imaging.image_file import ImageFile
from cgid.metadata import content_credentials
from sample_files import itxt, jpeg, png

MOST_JSON = 600_000  # characters of all that is told of one file
KINDS = ("camera", "credentials", "generator", "oddities", "silence", "texts", "thumbnail", "trailing")
NASTY = (
    "<script>alert(1)</script>",
    "[click](https://evil.example) ![x](https://evil.example/x.png) :red[x] $\\frac{1}{2}$",
    "\x1b[2J\x1b]8;;https://evil.example\x07link\x1b]8;;\x07",
    "\u202egpj.exe \u2066hidden\u2069 \u200f",
    "nul\0byte\r\nnew line\u2028and\u2029more\x85",
    "lone \ud800 surrogate \udfff",
    "private \ue000 \U000f0000 unassigned \u0378 tag \U000e0041",
    "Z" + "\u0301" * 500,
    "x" * 3_000_000,
    "",
)
FIELDS = ("parameters", "prompt", "workflow", "Software", "Description", "Comment", "Dream", "Title", "AIGC", "Source")
anything = st.one_of(st.sampled_from(NASTY[:-2]), st.text(max_size=60))
# A generator's own shape round a hostile core, so that its settings are read out.
shaped = st.one_of(
    anything,
    anything.map(lambda t: f"{t}\nNegative prompt: {t}\nSteps: 20, Sampler: {t}, CFG scale: 7, Seed: 1, Model: {t}"),
    anything.map(lambda t: json.dumps({"1": {"class_type": "KSampler", "inputs": {"text": t, "ckpt_name": t}}})),
    anything.map(lambda t: json.dumps({"sui_image_params": {"prompt": t, "model": t}})),
)
QUIET = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from strings(key)
            yield from strings(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from strings(one)


def fit_to_be_shown(image: ImageFile) -> None:
    said = provenance(image)
    material = Material(image, {"provenance": said, "features": {}})
    pieces = [asdict(p) for kind in KINDS for p in all_kinds()[kind].find(material)]
    for text in strings([said, pieces]):
        assert not [c for c in text if unicodedata.category(c)[0] == "C"]
        assert "\n" not in text and len(text) <= MAX_SETTING_CHARS
    assert len(json.dumps([said, pieces], ensure_ascii=False)) <= MOST_JSON


@QUIET
@given(st.lists(st.tuples(st.sampled_from(FIELDS), shaped), max_size=6))
def test_texts_of_a_png(fields: list[tuple[str, str]]) -> None:
    fit_to_be_shown(ImageFile.from_bytes(png(*(itxt(key, text) for key, text in fields)), "a.png"))


@QUIET
@given(st.lists(anything, min_size=7, max_size=7), shaped)
def test_texts_of_exif_and_xmp(tags: list[str], comment: str) -> None:
    exif = Image.Exif()
    for tag, text in zip((0x010F, 0x0110, 0x0131, 0x013B, 0x8298, 0x010E), tags):
        exif[tag] = text.encode("utf-8", "replace").decode()
    exif.get_ifd(0x8769)[0x9286] = b"ASCII\0\0\0" + comment.encode("utf-8", "replace")
    quoted = "".join(c if c.isprintable() or c in "\u202e\u2066" else " " for c in tags[6])
    quoted = quoted.replace("&", "").replace("<", "").replace('"', "")
    packet = f'<x xmlns:s="u" s:CreatorTool="Midjourney {quoted}" s:action="{quoted}" s:AISystemUsed="{quoted}"/>'
    segment = (0xE1, b"http://ns.adobe.com/xap/1.0/\0" + packet.encode("utf-8", "replace"))
    fit_to_be_shown(ImageFile.from_bytes(jpeg(segment, exif=exif), "a.jpg"))


@QUIET
@given(st.lists(anything, min_size=9, max_size=9), st.integers(0, 90))
def test_texts_of_content_credentials(words: list[str], times: int) -> None:
    title, tool, issuer, name, time, code, agent, note, kind = words
    action = {"action": code, "softwareAgent": agent, "when": time, "description": note, "digitalSourceType": kind}
    used = [{"title": title, "relationship": kind, "active_manifest": note}] * (1 + times)
    one = {
        "title": title,
        "claim_generator_info": [{"name": tool}],
        "signature_info": {"issuer": issuer, "common_name": name, "time": time},
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": [action] * (1 + times)}},
            {"label": "stds.schema-org.CreativeWork", "data": {"author": [{"name": name}] * (1 + times)}},
        ],
        "ingredients": used,
    }
    failure = [{"code": code, "url": f"self#jumbf=/c2pa/{n}/x"} for n in range(times)]
    store = {
        "active_manifest": "0",
        "manifests": {str(n): one for n in range(1 + times)},
        "validation_results": {"activeManifest": {"failure": failure}},
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(content_credentials, "manifest_store", lambda image: store)
        fit_to_be_shown(ImageFile.from_bytes(png(), "a.png"))


@pytest.mark.parametrize("text", NASTY)
def test_each_known_trick_ends_as_one_plain_line(text: str) -> None:
    for longest in (12, 200):
        told = plain(text, longest)
        assert len(told) <= longest and told.isprintable() and "\u0301" * 4 not in told


def test_the_largest_story_stays_small() -> None:
    """Every list at its longest, every text longer than it may be."""
    long = "word " * 5000
    action = dict.fromkeys(("action", "softwareAgent", "when", "description", "digitalSourceType"), long)
    one = {
        "title": long,
        "claim_generator": long,
        "signature_info": dict.fromkeys(("issuer", "common_name", "time"), long),
        "assertions": [{"label": "x", "data": {"actions": [action] * 200}}],
        "ingredients": [{"title": long, "relationship": long}] * 200,
    }
    store = {"active_manifest": "0", "manifests": {str(n): one for n in range(200)}}
    a1111 = f"{long}\nNegative prompt: {long}\nSteps: 2, Sampler: a, CFG scale: 7, Seed: 1, Model: m"
    fields = [itxt(key, a1111) for key in ("parameters", "comment", "Caption") for _ in range(60)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(content_credentials, "manifest_store", lambda image: store)
        fit_to_be_shown(ImageFile.from_bytes(png(*fields), "a.png"))


@pytest.mark.parametrize("broken", [False, True])
def test_a_terminal_is_told_nothing_it_would_obey(broken: bool, tmp_path: Path, capfd) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = NASTY[2], NASTY[3]
    data = jpeg((0xFE, NASTY[2].encode()), exif=exif)
    path = tmp_path / "a\x1b[2J\u202e[x](http:)\udcff.jpg"
    try:
        path.write_bytes(data[:200] if broken else data)
    except (OSError, UnicodeEncodeError):
        pytest.skip("this file system has no such names")
    for more in ([], ["--json"]):
        assert main.main(["check", "--no-record", str(path), *more]) == (2 if broken else 0)
        said = capfd.readouterr()
        shown = said.out + said.err
        assert not [c for c in shown if unicodedata.category(c)[0] == "C" and c != "\n"], repr(shown)
        if more:
            assert json.loads(said.out)[0]["file"]


def test_a_broken_tiff_is_one_sentence_and_not_a_line_per_tag(tmp_path: Path, capfd) -> None:
    path = tmp_path / "a.tif"
    Image.new("RGB", (64, 64), "red").save(path, compression="tiff_lzw")
    data = bytearray(path.read_bytes())
    data[12:60] = b"\xff" * 48  # the compressed pixels
    path.write_bytes(data)
    main.main(["check", "--no-record", str(path)])
    assert capfd.readouterr().err == ""
