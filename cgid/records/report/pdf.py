"""A report as PDF, by fpdf2, in FiraGO: Latin, Cyrillic, Greek, Arabic, Hebrew, Thai, Devanagari, Georgian.

The same record gives the same bytes: the only time in the file is that of the check. Characters that the font lacks are
written as [U+XXXX].
"""

from __future__ import annotations

import io
import tempfile
import unicodedata
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from cgid.records.report.document import Finding, Part, Report

if TYPE_CHECKING:
    from fpdf import FPDF

COLOURS = {"likely_real": (11, 107, 67), "likely_ai": (163, 71, 0), "declared_ai": (91, 63, 181)}
GREY, INK, LINE = (85, 88, 95), (28, 29, 33), (213, 215, 219)
SYMBOL = {"likely_real": "+", "likely_ai": "!", "declared_ai": "=", "inconclusive": "?", "unreadable": "×"}
LABEL, MARGIN, PICTURE_WIDTH = 42, 18, 46  # mm
FONT = "FiraGO"
RIGHT_TO_LEFT = "(right to left) "


def pdf(report: Report) -> bytes:
    """The complete PDF. Raises ImportError where fpdf2 or its font is not installed."""
    with tempfile.TemporaryDirectory() as folder:
        page = _page(Path(folder), report)
        _head(page, report)
        for part in report.parts:
            _part(page, part)
        return bytes(page.output())


@cache
def _fonts() -> tuple[bytes, bytes, frozenset[int]]:
    """(regular, bold, code points that both fonts contain)."""
    import pymupdf_fonts
    from fontTools.ttLib import TTFont

    files = [pymupdf_fonts.fontbuffers[name]() for name in ("figo", "figbo")]
    characters = [set(TTFont(io.BytesIO(data), lazy=True).getBestCmap()) for data in files]
    return files[0], files[1], frozenset(characters[0] & characters[1])


def drawable(text: str) -> str:
    """The text with [U+XXXX] for each character the font lacks; right-to-left text is marked."""
    has = _fonts()[2]
    result = "".join(c if ord(c) in has or c == "\n" else f"[U+{ord(c):04X}]" for c in text)
    return RIGHT_TO_LEFT + result if _right_to_left(result) else result


def _right_to_left(text: str) -> bool:
    return any(unicodedata.bidirectional(c) in ("R", "AL") for c in text)


def _page(folder: Path, report: Report) -> FPDF:
    from fpdf import FPDF

    class Page(FPDF):
        def footer(self) -> None:
            self.set_y(-14)
            self.set_text_color(*GREY)
            self.set_font(FONT, size=8)
            self.cell(
                0, 5, f"cgid, record {report.id}, sha256 {report.sha256[:16]}…    page {self.page_no()} of {{nb}}"
            )

    page = Page(format="A4")
    for data, style in zip(_fonts()[:2], ("", "B")):
        file = folder / f"font{style}.ttf"
        file.write_bytes(data)
        page.add_font(FONT, style, file)
    page.set_creation_date(report.created)
    page.set_title(drawable(report.title))
    page.set_author("cgid")
    page.set_creator("cgid")
    page.set_subject(f"Check of the image with sha256 {report.sha256}")
    page.set_lang("en")
    page.set_margins(MARGIN, MARGIN)
    page.set_auto_page_break(True, 18)
    page.add_page()
    return page


def _head(page: FPDF, report: Report) -> None:
    colour, top = COLOURS.get(report.verdict, GREY), page.get_y()
    page.start_section("Answer")
    below = top
    if report.picture:
        picture = page.image(
            io.BytesIO(report.picture), page.w - MARGIN - PICTURE_WIDTH, top, PICTURE_WIDTH, PICTURE_WIDTH,
            alt_text=drawable(report.alt_text), keep_aspect_ratio=True,
        )  # fmt: skip
        below = top + picture.rendered_height
        page.set_right_margin(MARGIN + PICTURE_WIDTH + 6)
    page.set_x(MARGIN + 5)
    page.set_left_margin(MARGIN + 5)
    _write(page, f"{SYMBOL.get(report.verdict, '?')}  {report.heading}", 20, bold=True, colour=colour)
    _write(page, report.why, 11.5)
    if report.probability:
        _write(page, f"Calibrated probability of AI: {report.probability}", 11.5, bold=True)
    if page.page_no() == 1:
        page.set_fill_color(*colour)
        page.rect(MARGIN, top, 1.6, page.get_y() - top, style="F")
        page.set_y(max(page.get_y(), below) + 3)
    page.set_left_margin(MARGIN)
    page.set_right_margin(MARGIN)
    page.set_x(MARGIN)
    when = f"{report.created:%Y-%m-%d %H:%M:%S} UTC"
    sha256 = report.sha256 or "none: the file could not be opened"
    _facts(page, (("File", report.file), ("sha256", sha256), ("Checked", when), ("Record", str(report.id))))
    if report.note:
        _heading(page, "Note")
        for line in report.note.splitlines():
            _write(page, line, 10)


def _part(page: FPDF, part: Part) -> None:
    _heading(page, part.title)
    for text in part.paragraphs:
        _write(page, text, 10)
    _facts(page, part.facts)
    for finding in part.findings:
        _finding(page, finding)
    for item in part.items:
        _write(page, f"•  {item}", 10)


def _finding(page: FPDF, finding: Finding) -> None:
    if page.will_page_break(16):
        page.add_page()
    page.ln(1.5)
    _write(page, finding.title, 10.5, bold=True)
    if direction := [text for text in (finding.points, finding.number) if text]:
        _write(page, " · ".join(direction), 9.5, colour=GREY)
    _write(page, finding.sentence, 10)
    _facts(page, finding.rows)
    if finding.limitations:
        _write(page, f"Limitations: {finding.limitations}", 10)
    if finding.source:
        _write(page, finding.source, 8, colour=GREY)


def _heading(page: FPDF, title: str) -> None:
    if page.will_page_break(22):
        page.add_page()
    page.ln(4)
    page.start_section(title)
    _write(page, title, 13, bold=True)
    page.set_draw_color(*LINE)
    page.line(MARGIN, page.get_y(), page.w - MARGIN, page.get_y())
    page.ln(1.5)


def _facts(page: FPDF, rows: tuple[tuple[str, str], ...]) -> None:
    """Label and text in two columns; a row that would not fit on the page starts the next one."""
    for label, text in rows:
        if page.will_page_break(10):
            page.add_page()
        number, top = page.page_no(), page.get_y()
        page.set_right_margin(page.w - MARGIN - LABEL)
        _write(page, label, 9, bold=True)
        after = page.get_y() if page.page_no() == number else top
        page.set_right_margin(MARGIN)
        if page.page_no() == number:
            page.set_y(top)
        page.set_left_margin(MARGIN + LABEL + 2)
        page.set_x(MARGIN + LABEL + 2)
        _write(page, text, 9)
        page.set_left_margin(MARGIN)
        page.set_xy(MARGIN, max(page.get_y(), after) if page.page_no() == number else page.get_y())


def _write(page: FPDF, text: str, size: float, *, bold: bool = False, colour: tuple[int, int, int] = INK) -> None:
    """One wrapped paragraph; words longer than a line are broken."""
    if not text:
        return
    shown = drawable(text)
    page.set_font(FONT, "B" if bold else "", size)
    page.set_text_color(*colour)
    page.set_text_shaping(not shown.isascii() and _needs_shaping(shown))
    page.multi_cell(0, size * 0.5, shown, align="L", new_x="LMARGIN", new_y="NEXT")
    page.set_text_shaping(False)


def _needs_shaping(text: str) -> bool:
    """Whether the script needs shaping: Arabic, Hebrew, Devanagari, Thai."""
    return _right_to_left(text) or any("ऀ" <= c <= "๿" for c in text)
