"""The part of the Check page that shows what a file says: each statement there, nothing of it read as Markdown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from cgid.charts import provenance_timeline
from cgid.ui.check.section import all_sections
from sample_files import itxt, jpeg, png

SCRIPT = """
from pathlib import Path
from cgid.forensics.provenance.summary import provenance
from cgid.ui.check.sections import origin as part
from cgid.ui.check.subject import Subject
subject = Subject(Path({path!r}).read_bytes(), "a picture")
found = {{"provenance": provenance(subject.image)}}
part.show(subject, found)
"""
# A link, an image, a tag, a directive or a formula that no backslash stands before.
READ_AS_MARKDOWN = re.compile(r"(?<!\\)(\]\(|<[a-zA-Z/!]|:[a-z]+\[|\$[^ ])")
RAW = re.compile(r"(?<!\\)(<script|\]\(http|:red\[x|\$x|\x1b|\u202e)")
NASTY = "<script>alert(1)</script> [l](http://e.example) ![i](http://e.example/i.png) :red[x] $x$ \x1b[2J\u202etxt"


def page(path: Path) -> AppTest:
    app = AppTest.from_string(SCRIPT.format(path=str(path)), default_timeout=60).run()
    assert not app.exception, [e.value for e in app.exception]
    return app


def shown(app: AppTest) -> list[str]:
    """Everything that Streamlit reads as Markdown."""
    kinds = (app.markdown, app.caption, app.header, app.subheader, app.info, app.success, app.warning, app.error)
    return [str(element.value) for kind in kinds for element in kind]


def entry(**more) -> dict:
    plain = {
        "title": "a.jpg", "generator": "", "signer": "S", "certificate": "", "signed_at": "", "newest": False,
        "linked": True, "actions": [], "more_actions": 0, "ingredients": [], "more_ingredients": 0, "author": "",
        "fits": True, "does_not_fit": [], "noted": False, "trusted": False, "expired": False, "made_by": "",
        "integrity": "Fits.", "trust": "Unknown.",
    }  # fmt: skip
    return plain | more


def test_a_silent_file_is_told_to_be_ordinary(tmp_path) -> None:
    (tmp_path / "a").write_bytes(png())
    assert any("most images" in text for text in shown(page(tmp_path / "a")))


def test_hostile_texts_are_shown_as_text(tmp_path) -> None:
    a1111 = f"{NASTY}\nNegative prompt: {NASTY}\nSteps: 20, Sampler: {NASTY}, CFG scale: 7, Seed: 1, Model: {NASTY}"
    exif = Image.Exif()
    for tag in (0x010F, 0x0110, 0x0131, 0x013B, 0x010E):
        exif[tag] = NASTY
    (tmp_path / "a.png").write_bytes(png(itxt("parameters", a1111), itxt("Title", NASTY)))
    (tmp_path / "a.jpg").write_bytes(jpeg((0xFE, NASTY.encode()), exif=exif))
    for name in ("a.png", "a.jpg"):
        app = page(tmp_path / name)
        for text in shown(app):
            assert not READ_AS_MARKDOWN.search(text), text
            assert not any((ord(c) < 32 and c != "\n") or c == "\u202e" for c in text), text
        assert any("<script>" in code.value for code in app.code), "told as text, not hidden"


@pytest.mark.parametrize("section", sorted(all_sections()))
def test_no_part_of_the_page_reads_a_strangers_text_as_markdown(section: str, monkeypatch) -> None:
    monkeypatch.setattr("cgid.ui.shell.link", lambda *_, **__: None)  # a part alone stands on no page

    def part(data, name, section):
        from cgid.forensics.check import check
        from cgid.ui.check.section import all_sections
        from cgid.ui.check.subject import Subject

        subject = Subject(data, name)
        all_sections()[section].show(subject, check(data, name).to_json())

    exif = Image.Exif()
    exif[0x010F] = exif[0x0110] = NASTY
    a1111 = f"{NASTY}\nSteps: 2, Sampler: a, CFG scale: 7, Seed: 1, Model: {NASTY}"
    exif.get_ifd(0x8769)[0x9286] = b"ASCII\0\0\0" + a1111.encode()
    data = jpeg((0xFE, NASTY.encode()), exif=exif, side=64)
    arguments = {"data": data, "name": f"{NASTY}.jpg", "section": section}
    app = AppTest.from_function(part, kwargs=arguments, default_timeout=60).run()
    assert not app.exception, [e.value for e in app.exception]
    for text in shown(app):
        assert not RAW.search(text), text


def test_a_generators_settings_stand_as_they_are(tmp_path) -> None:
    text = "a **duck**\nNegative prompt: cat\nSteps: 20, Sampler: Euler, CFG scale: 7, Seed: 77, Model: duckling"
    (tmp_path / "a.png").write_bytes(png(itxt("parameters", text)))
    app = page(tmp_path / "a.png")
    assert [code.value for code in app.code] == ["a **duck**", "cat"]
    assert app.dataframe[0].value["value"].tolist() == ["duckling", "77", "Euler", "20"]
    assert any("Generator settings" in s.value for s in app.subheader)


def test_the_drawings_finding_says_what_holds_and_who_made_it() -> None:
    chain = [
        entry(made_by="ai"),
        entry(newest=True, ingredients=[{"title": "", "use": "", "entry": 0, "missing": False}]),
    ]
    assert provenance_timeline.describe(chain) == (
        "A history of 2 manifests, oldest first: all are valid; number 1 was AI-generated."
    )
    assert "number 1 is invalid" in provenance_timeline.describe([entry(fits=False, newest=True)])
    rows, links = provenance_timeline.rows_of(chain)
    assert [row["lane"] for row in rows] == [1, 0]
    assert links == [{"row": 0, "lane": 1, "to_row": 1, "to_lane": 0}]


def test_a_drawing_stays_small_however_long_the_history() -> None:
    used = [{"title": str(n), "use": "", "entry": None, "missing": False} for n in range(12)]
    rows, _ = provenance_timeline.rows_of([entry(ingredients=used) for _ in range(50)])
    assert len(rows) == provenance_timeline.MAX_ROWS
    provenance_timeline.timeline_chart([entry(newest=True)]).to_dict()


@pytest.mark.real
@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("phone_vs_ai/fake/my_building_front_chatgpt.png", "AI-generated"),
        ("public-testfiles/adobe-20220124-E-sig-CA.jpg", "does not match"),
        ("public-testfiles/adobe-20220124-CAIAIIICAICIICAIICICA.jpg", "intact"),
        ("public-testfiles/nikon-20221019-building.jpeg", "It shows the same image"),
    ],
)
def test_public_files_on_the_page(shared_data, file: str, words: str) -> None:
    texts = shown(page(shared_data / "c2pa_and_metadata" / file))
    assert any(words in text for text in texts)
    if "chatgpt" in file:
        accusing = [t for t in texts if "tamper" in t.replace("no sign of tampering", "") or "forged" in t]
        assert accusing == []
