"""Who does not see a picture is told what it shows: every alternative text of Check and History says the finding."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from cgid.ui.check.section import all_sections
from cgid.ui.shared import text as shared_text
from page_driver import open_page, text

# What says something of this very picture: a figure, a verdict, or a statement.
VERDICTS = "|".join(re.escape(title) for title, _, _ in shared_text.VERDICTS.values())
FINDING = re.compile(rf"\d|{VERDICTS}|\b(is|are|was|were|has|have|does|says|fits|no|nothing|not)\b", re.IGNORECASE)
PICTURES = ("image", "arrow_vega_lite_chart", "vega_lite_chart", "plotly_chart")


def told(app: AppTest) -> list[str]:
    """The alternative texts of all pictures and charts, and of the viewer's layers, on the page."""

    def elements(block: Any) -> Iterator[Any]:
        for child in getattr(block, "children", {}).values():
            yield child
            yield from elements(child)

    found = []
    for one in elements(app.main):
        if one.type == "image":
            found += [image.alt for image in one.proto.imgs]
        elif one.type in PICTURES:
            found.append(one.proto.alt)
        elif one.type == "bidi_component":
            found += re.findall(r'"alt": ?"((?:[^"\\]|\\.)*)"', str(one.proto.mixed or one.proto.json))
    return found


def assert_say_the_finding(app: AppTest, name: str) -> None:
    """Each has words of its own beside the file's name, with a finding in them or in a sentence of the page it quotes."""
    sentences = [plain(line) for line in text(app).splitlines() if len(plain(line).split()) > 4]
    for alt in told(app):
        rest = alt.replace(name, "")
        assert len(rest.split()) >= 3, f"“{alt}” is a title"
        rest = rest.partition(": ")[2] or rest  # a title may stand before the finding
        quoted = any(sentence in plain(alt) for sentence in sentences)
        assert quoted or FINDING.search(rest), f"“{alt}” does not say what is to be seen"


def plain(line: str) -> str:
    """Its words alone, without Markdown."""
    return " ".join(re.findall(r"\w+", line.replace("\\", "")))


@pytest.mark.parametrize(("sample", "file"), [("signed", "sample_signed.jpg"), ("camera", "sample_camera.jpg")])
def test_on_the_check_page_in_every_section_and_in_the_history(own_home, sample, file) -> None:
    for section in all_sections():
        app = open_page("check", sample=sample, section=section)
        assert told(app), section
        assert_say_the_finding(app, file)
        if section == "file":
            for part in ("Place", "Embedded previews"):
                if part in app.segmented_control(key="file-part").options:
                    app.segmented_control(key="file-part").set_value(part).run()
                    assert_say_the_finding(app, file)
    app = open_page("history")
    assert told(app)
    assert_say_the_finding(app, file)
    assert_say_the_finding(open_page("history", record="1"), file)
