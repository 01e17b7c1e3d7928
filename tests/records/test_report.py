"""A report says what its record says, in three formats, always in the same bytes, whatever strangers wrote into it."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader

from cgid.errors import InputError
from cgid.records import keep, store
from cgid.records.report.write import find_record, write_report

SHA = "ab" * 32
HOSTILE = "<script>alert(1)</script> [x](javascript:1) **b** \x00\x1b[31m \u202eexe.jpg \ud800 " + "A" * 1_000_000


def answer(**more) -> dict:
    rate = {"value": 0.016, "low": 0.002, "high": 0.106, "n": 61}
    return {
        "file": "/home/me/photo.jpg",
        "sha256": SHA,
        "verdict": "likely_ai",
        "reason": "Model B gives 96 %.",
        "probability_ai": 0.957,
        "model_a": {"run": "a1", "probability": 0.75, "verdict": "inconclusive", "trained_on": True},
        "model_b": {"run": "b1", "probability": 0.957, "verdict": "likely_ai",
                    "contributions": [{"feature": "noise_variance", "value": 1.0, "contribution": 0.6}]},
        "rules": {"score": 0.1, "fired": [{"code": "x", "reason": "No camera data.", "weight": 0.1}]},
        "error_rates": {"likely_ai_wrong": rate, "likely_real_wrong": rate, "measured_on": "test"},
        "models": {"model_a": {"run": "a1"}, "model_b": {"run": "b1"}, "simulated": True, "problems": ["Model C is old."]},
        "evidence": [{"title": "Noise", "sentence": "As a camera makes it.", "points_to": "real", "number": "0.3 dB",
                      "fooled_by": "Denoising.", "rows": [["Level", "3"]], "source": "Someone 2003"}],
        **more,
    }  # fmt: skip


def kept(found: dict, note: str = "") -> dict:
    id = store.record_analysis({**found, "versions": {"cgid": "1.2.3", "feature_groups": {"noise": 1},
                                      "models": {"model_b": {"run": "b1", "weights": {"model_b.json": "cd" * 32}}}}})  # fmt: skip
    store.write_note(id, note)
    return find_record(str(id))


def pdf_text(data: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages).split())


class Tags(HTMLParser):
    """Every tag with its attributes, and the text outside the style."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        if not self.tags or self.tags[-1][0] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


SAID = (
    *("Likely AI", SHA, "photo.jpg", "96 %", "Model B gives 96 %.", "of 61 real images", "under 1 % to 11 %"),
    *("As a camera makes it.", "points to a real photo", "0.3 dB", "Denoising.", "Someone 2003", "1.2.3", "cd" * 32),
    *("not proof", "Model C is old.", "trained on this exact image", "simulated", "From the desk", "noise 1"),
)


@pytest.mark.parametrize("kind", ["html", "pdf"])
def test_it_holds_verdict_reason_error_rates_evidence_limits_versions_and_note(kind):
    data = write_report(kept(answer(), "From the desk"), kind)
    text = Tags(data.decode()).text if kind == "html" else pdf_text(data)
    for said in SAID:
        assert said in text.replace(" .", "."), said


@pytest.mark.parametrize(
    ("by", "words"), [("provenance", "a declaration in the file"), ("watermark", "a watermark in the")]
)
def test_a_verdict_that_no_model_gave_has_no_error_rate(by, words):
    verdict = "declared_ai" if by == "provenance" else "likely_ai"
    text = Tags(write_report(kept(answer(verdict=verdict, models={"decided_by": by})), "html").decode()).text
    assert words in text and "of 61 real images" not in text


def test_what_copies_were_told_is_told_too():
    copies = [
        {"title": "JPEG 60", "verdict": "likely_real", "probability": 0.2},
        {"title": "Crop", "error": "Too small."},
    ]
    id = kept(answer())["id"]
    assert store.add_to_answer(id, {"stability": {"sentence": "It does not survive.", "copies": copies}, "file": "x"})
    text = Tags(write_report(find_record(str(id)), "html").decode()).text
    for said in ("It does not survive.", "JPEG 60", "likely real, 20 % AI", "Too small."):
        assert said in text
    assert "photo.jpg" in text and not store.add_to_answer(99, {"stability": {}})


def test_the_json_is_the_record_with_a_version():
    record = kept(answer(), "From the desk")
    told = json.loads(write_report(record, "json"))
    assert told["record"]["file"] == "photo.jpg"
    assert (told["format"], told["version"]) == ("cgid record", 1)
    assert told["record"]["sha256"] == SHA and told["record"]["note"] == "From the desk"
    assert (
        told["check"] == {**record["check"], "file": "photo.jpg"}
        and "/home/me" not in str(told)
        and told["thumbnail"] is None
        and told["limits"]
    )


def test_the_html_loads_nothing_and_runs_nothing():
    page = write_report(kept(answer()), "html").decode()
    found = Tags(page)
    assert {"script", "link", "iframe", "object", "form", "a"}.isdisjoint(tag for tag, _ in found.tags)
    assert not [v for _, attrs in found.tags for k, v in attrs.items() if k.startswith("on") or k in ("style", "href")]
    [policy] = [a["content"] for t, a in found.tags if a.get("http-equiv") == "Content-Security-Policy"]
    style = re.search(r"<style>(.*?)</style>", page, re.S).group(1)
    assert f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'" in policy
    assert policy.startswith("default-src 'none';") and "unsafe" not in policy
    for needed in ("prefers-color-scheme: dark", "@media print", "break-inside"):
        assert needed in style
    assert "http" not in page.replace("http-equiv", "")


def test_the_small_picture_is_in_all_three_with_what_was_found_as_its_words():
    buffer = io.BytesIO()
    Image.fromarray(np.full((30, 40, 3), 90, np.uint8)).save(buffer, "PNG")
    keep.save_thumbnail(SHA, buffer.getvalue(), "a.png")
    record = kept(answer())
    [image] = [a for t, a in Tags(write_report(record, "html").decode()).tags if t == "img"]
    assert image["src"].startswith("data:image/webp;base64,") and "likely ai" in image["alt"]
    page = PdfReader(io.BytesIO(write_report(record, "pdf"))).pages[0]
    assert [i.image.size for i in page.images] == [(40, 30)]
    assert json.loads(write_report(record, "json"))["thumbnail"].startswith("data:image/webp;base64,")


def test_the_pdf_has_title_language_date_of_the_check_and_bookmarks():
    reader = PdfReader(io.BytesIO(write_report(kept(answer(file="Zażółć.jpg")), "pdf")))
    assert reader.metadata.title == "Likely AI: Zażółć.jpg" and reader.metadata.author == "cgid"
    assert abs(reader.metadata.creation_date.timestamp() - kept(answer())["created"]) < 60
    titles = [item.title for item in reader.outline]
    assert titles[0] == "Answer" and "General limitations" in titles and reader.trailer["/Root"]["/Lang"] == "en"
    root = reader.trailer["/Root"]
    assert isinstance(root["/OpenAction"], list), "a place in the file, no action"
    assert not {"/AA", "/AcroForm", "/Names"} & set(root)


def test_the_same_record_gives_the_same_bytes_in_another_time_zone_locale_and_hash_seed(own_home):
    record = kept(answer(), "ünïcode שלום")
    script = (
        "import sys, hashlib; from cgid.records.report.write import find_record, write_report; r = find_record(sys.argv[1]);"
        "print([hashlib.sha256(write_report(r, k)).hexdigest() for k in ('html', 'pdf', 'json')])"
    )
    elsewhere = {"TZ": "Asia/Kathmandu", "LC_ALL": "de_DE.UTF-8", "PYTHONHASHSEED": "7", "CGID_HOME": str(own_home)}
    done = subprocess.run(
        [sys.executable, "-c", script, str(record["id"])],
        capture_output=True,
        text=True,
        env={**os.environ, **elsewhere},
    )
    here = [hashlib.sha256(write_report(record, kind)).hexdigest() for kind in ("html", "pdf", "json")]
    assert done.stdout.strip() == str(here), done.stderr


def test_hostile_text_is_text_and_short():
    found = answer(
        file=f"/x/{HOSTILE[:3000]}.jpg", reason=HOSTILE, models={"problems": [HOSTILE]},
        provenance={"statements": [HOSTILE], "findings": [{"reason": HOSTILE}]}, evidence=None,
        rules={"fired": [{"reason": HOSTILE}]},
    )  # fmt: skip
    record = kept(found, HOSTILE)
    for kind in ("html", "pdf", "json"):
        data = write_report(record, kind)
        assert len(data) < 400_000
        text = {"html": lambda d: Tags(d.decode()).text, "pdf": pdf_text, "json": lambda d: d.decode()}[kind](data)
        assert "alert(1)" in text and not re.search("[\x00-\x09\x0b-\x1f\u202a-\u202e\u2066-\u2069\ud800]", text)
    assert "script" not in [tag for tag, _ in Tags(write_report(record, "html").decode()).tags]


def test_letters_the_font_lacks_are_named_and_none_is_lost():
    text = pdf_text(write_report(kept(answer(reason="Ελλάδα Україна ﬁ 漢字 😀")), "pdf"))
    for said in ("Ελλάδα", "Україна", "[U+6F22][U+5B57]", "[U+1F600]"):
        assert said in text, said
    turned = pdf_text(write_report(kept(answer(reason="שלום")), "pdf"))
    assert "(right to left)" in turned and ("שלום" in turned or "םולש" in turned)


@pytest.mark.parametrize(
    "check",
    [{}, {"models": [], "error_rates": 3, "evidence": [1, {"rows": [1, [2]]}], "model_b": "x", "rules": {"fired": "no"}},
     {"verdict": "unreadable", "error": "not an image", "sha256": ""}, {"versions": 7, "agreement": {"voices": [None]}}],
)  # fmt: skip
def test_a_record_that_holds_little_or_nonsense_still_has_its_report(check):
    id = store.record_analysis(check)
    for kind in ("html", "pdf", "json"):
        assert len(write_report(find_record(str(id)), kind)) > 300


def test_a_record_is_found_by_id_sha256_or_its_beginning():
    first, second = kept(answer()), kept(answer())
    assert find_record(str(first["id"]))["id"] == first["id"] and find_record(SHA.upper())["id"] == second["id"]
    assert find_record("abababab")["id"] == second["id"]
    kept(answer(sha256="abababab" + "0" * 56))
    with pytest.raises(InputError, match="More than one"):
        find_record("abababab")
    for asked in ("99", "abab", "../x", "", "%%%%%%%%%", "9" * 30):
        with pytest.raises(InputError, match="no record"):
            find_record(asked)


def test_what_a_real_check_records_fits_a_report():
    from cgid.forensics.check import check

    buffer = io.BytesIO()
    Image.fromarray(np.random.default_rng(3).integers(0, 255, (64, 64, 3), np.uint8)).save(buffer, "JPEG")
    id = keep.save_check(check(buffer.getvalue(), "a.jpg").to_json(), buffer.getvalue())
    page = Tags(write_report(find_record(str(id)), "html").decode()).text
    assert "Inconclusive" in page and "numpy" in page and "jpeg_structure" in page
