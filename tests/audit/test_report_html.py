"""The audit's HTML report stands alone, says what the summary says, and lets no foreign text become a tag."""

import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from cgid.audit.gate import gate_result
from cgid.audit.params import AuditParams
from cgid.audit.report_svg import heat, safe
from cgid.audit.run import audit

VOID = {"meta", "br", "link", "img"}
HOSTILE = "container_<script>alert(1)</script>\x00\x1b[31m\u202e\"'& `x` " + "m" * 3_000_000


class Tags(HTMLParser):
    """Tags and attributes as a browser would see them; raises where they do not close in order."""

    def __init__(self, text: str):
        super().__init__()
        self.seen, self.attributes, self.open = [], [], []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        self.attributes += [name for name, _ in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def table(path, names=("container_is_png", "noise_a"), source="demo_leaky", n=200):
    random = np.random.default_rng(0)
    label = np.arange(n) // 2 % 2
    columns = {
        "record_id": [f"{i:064x}" for i in range(n)],
        "filename": [f"{i}.{'<b>p' if y else 'jpg'}" for i, y in enumerate(label)],
        "label": np.where(label == 1, "ai", "real"),
        "source": source,
        "group": [f"photo-{i // 2}" for i in range(n)],
        "container_width": 256.0,
        "container_height": 256.0,
        "container_bytes": np.where(label == 1, 90_000.0, 12_000.0) + random.integers(0, 99, n),
        "jpeg_quality_estimate": np.where(label == 1, np.nan, 75.0),
        names[0]: label * 1.0,
        names[1]: random.normal(size=n),
    }
    pd.DataFrame(columns).to_parquet(path)
    return path


def report(tmp_path, bootstrap=40, **kwargs) -> str:
    audit(AuditParams(table(tmp_path / "f.parquet", **kwargs), tmp_path / "out", bootstrap=bootstrap))
    return (tmp_path / "out" / "feature_leakage_report.html").read_text(encoding="utf-8")


def test_it_says_what_the_summary_says_and_needs_no_other_file(tmp_path):
    text = report(tmp_path)
    tags = Tags(text)
    assert {"svg", "table", "main", "style"} <= set(tags.seen)
    assert not {"script", "img", "link", "iframe", "object"} & set(tags.seen)
    assert not re.search(r"https?://|url\(|@import|@font-face", text)
    assert not [a for a in tags.attributes if a.startswith("on") or a in ("src", "href")]
    for words in ("The label leaks", "Simulated data", "container_is_png", "How to read this", "sha256", "numpy"):
        assert words in text
    assert "A gate of 0.60 would refuse this data: container" in text
    assert "prefers-color-scheme: dark" in text and "@media print" in text
    for row in ("file extension", "width x height", "file size", "JPEG quality", "256 x 256"):
        assert row in text


def test_every_picture_is_well_formed_and_has_words_for_those_who_cannot_see_it(tmp_path):
    pictures = [ET.fromstring(found) for found in re.findall(r"<svg.*?</svg>", report(tmp_path), re.S)]
    assert len(pictures) == 2
    for svg in pictures:
        assert svg.get("role") == "img" and len(svg.get("aria-label")) > 40
        assert svg.find("title").text == svg.get("aria-label")
        assert any(e.get("class") == "whisker" for e in svg.iter("line"))
    assert [e.get("class") for e in pictures[0].iter("line")].count("limit") == 1


def test_foreign_text_stays_text_and_is_cut(tmp_path):
    text = report(tmp_path, names=(HOSTILE, "noise_</style><svg/onload=alert(1)>"))
    tags = Tags(text)
    assert "script" not in tags.seen and "b" not in tags.seen and "onload" not in tags.attributes
    assert "&lt;script&gt;" in text and "…" in text
    assert len(text) < 200_000
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e]", text)


def test_a_camera_set_is_not_called_simulated_and_few_images_draw_nothing(tmp_path):
    text = report(tmp_path, source="camera", n=6, bootstrap=0)
    Tags(text)
    assert "Simulated data" not in text
    assert "Too few independent groups to test" in text


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("a<b>&\"'", "a&lt;b&gt;&amp;&quot;&#x27;"),
        ("a\x00\r\n\u202eb", "a b"),
        ("x" * 500, "x" * 299 + "…"),
        ("\ud800lone", "lone"),
        (" " * 5000 + "end", "…"),
        (None, "None"),
    ],
)
def test_safe(given, shown):
    assert safe(given) == shown
    safe(given).encode("utf-8")


def test_the_tint_is_the_share_of_the_class():
    cells = re.findall(r"--share:(\d+)%", heat("format", [{"value": "jpg", "real": 3, "ai": 0}, {"value": "png", "real": 1, "ai": 8}]))  # fmt: skip
    assert cells == ["75", "0", "25", "100"]


def test_the_gate_in_words():
    def family(value, low=None, high=None):
        return {"balanced_accuracy": {"value": value, "low": low, "high": high}}

    refused = gate_result({"container": family(0.97, 0.95, 0.99), "provenance": family(0.5), "content": family(1.0)})
    assert refused == (True, "A gate of 0.60 would refuse this data: container 0.97 (0.95 to 0.99).")
    assert gate_result({"container": family(0.55)})[0] is False
    assert gate_result({"content": family(0.9)})[0] is None
    assert gate_result({"container": family(None)})[0] is None
