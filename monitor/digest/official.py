"""The look of an official document (GB/T 9704-2012) on python-docx. Knows paper, type and headings; knows no content.

A4, margins 37/35/28/26 mm, body 仿宋 16 pt on 28 pt lines, titles 小标宋 22 pt, headings 黑体 and 楷体. The
fonts are named, not shipped: where they are missing, the office suite takes its own.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

BODY, TITLE, BLACK, KAI = "仿宋", "方正小标宋简体", "黑体", "楷体"
ACROSS = 440  # points between the margins (156 mm)
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]")


def clean(text: object) -> str:
    """Without control characters and lone surrogates, which a document or sheet cannot hold."""
    return CONTROL.sub("", str(text))


@dataclass(frozen=True, slots=True)
class Link:
    """Words that open an address; printed they look like any others (a paper is black)."""

    text: str
    url: str


class Official:
    """One document, written from top to bottom; `save` gives its bytes."""

    def __init__(self, title: str, *, office: str = "", number: str = "", date: str = "", mark: str = "") -> None:
        self.document = docx.Document()
        self._page()
        if mark:  # at the upper left, where GB/T 9704 has the grade of secrecy
            self._paragraph(mark, font=BLACK)
        self._head(title, office, number, date)

    def heading(self, text: str, level: int = 1) -> None:
        """一、黑体; （一）楷体."""
        paragraph = self._paragraph(text, font=BLACK if level == 1 else KAI, size=16, indent=True)
        paragraph.paragraph_format.keep_with_next = True

    def text(self, text: str, *, bold: bool = False) -> None:
        """One paragraph of body text, first line indented by two characters."""
        self._paragraph(text, bold=bold, indent=True)

    def picture(self, png: bytes, width_mm: float = 150) -> None:
        paragraph = self.document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.add_run().add_picture(io.BytesIO(png), width=Mm(width_mm))

    def table(
        self,
        header: Sequence[str],
        rows: Sequence[Sequence[object]],
        widths_mm: Sequence[float],
        *,
        whole: bool = False,
    ) -> None:
        """A ruled table in 10.5 pt; every cell is text. `header` empty: a form without one; `whole`: on one page."""
        _gap(self.document, 4)
        table = self.document.add_table(rows=len(rows) + bool(header), cols=len(widths_mm), style="Table Grid")
        table.autofit = False
        for column, width in zip(table.columns, widths_mm, strict=True):
            column.width = Mm(width)
        lines = [header, *rows] if header else rows
        for number, (line, values) in enumerate(zip(table.rows, lines, strict=True)):
            line._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
            for cell, value, width in zip(line.cells, values, widths_mm, strict=True):
                cell.width = Mm(width)
                self._cell(cell, value, bool(header) and number == 0)
                cell.paragraphs[0].paragraph_format.keep_with_next = whole and number < len(lines) - 1
        if header:
            _repeat_header(table.rows[0])
        _gap(self.document, 6)

    def signature(self, office: str, date: str) -> None:
        for line in (office, date):
            paragraph = self._paragraph(line, align=WD_ALIGN_PARAGRAPH.RIGHT)
            paragraph.paragraph_format.keep_with_next = line is office

    def foot(self, text: str) -> None:
        """报尾: who else gets it, in 14 pt under a thin rule."""
        self._paragraph("", size=8, exact=False)
        _rule(self._paragraph(text, size=14), "top", "6", "000000")

    def save(self) -> bytes:
        buffer = io.BytesIO()
        self.document.save(buffer)
        return buffer.getvalue()

    # -------------------------------------------------------------- how it is done
    def _page(self) -> None:
        section = self.document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin, section.bottom_margin = Mm(37), Mm(35)
        section.left_margin, section.right_margin = Mm(28), Mm(26)
        _page_number(section.footer.paragraphs[0])

    def _head(self, title: str, office: str, number: str, date: str) -> None:
        if office:
            size = min(26, ACROSS / len(office))  # on one line, whatever the name of the county
            self._paragraph(
                office, font=TITLE, size=size, colour="C00000", align=WD_ALIGN_PARAGRAPH.CENTER, exact=False
            )
        if number or date:
            line = self._paragraph(f"{number}　　{date}".strip("　"), align=WD_ALIGN_PARAGRAPH.CENTER)
            _rule(line, "bottom", "12", "C00000")
        self._paragraph("")
        self._paragraph(title, font=TITLE, size=22, align=WD_ALIGN_PARAGRAPH.CENTER, exact=False)
        self._paragraph("")

    def _paragraph(
        self, text: str, *, font: str = BODY, size: float = 16, bold: bool = False, indent: bool = False,
        colour: str | None = None, align: Any = None, exact: bool = True,
    ) -> Any:  # fmt: skip
        paragraph = self.document.add_paragraph()
        shape = paragraph.paragraph_format
        shape.space_before = shape.space_after = Pt(0)
        if exact:
            shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(28)
        if indent:
            shape.first_line_indent = Pt(size * 2)
        if align is not None:
            paragraph.alignment = align
        _dress(paragraph.add_run(clean(text)), font, size, bold, colour)
        return paragraph

    def _cell(self, cell: Any, value: object, bold: bool) -> None:
        paragraph = cell.paragraphs[0]
        shape = paragraph.paragraph_format
        shape.space_before = shape.space_after = Pt(1.5)
        shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.AT_LEAST, Pt(15)
        text, url = (value.text, value.url) if isinstance(value, Link) else (value, "")
        run = paragraph.add_run(clean(text))
        _dress(run, BLACK if bold else BODY, 10.5, False, None)
        if url:
            opens = OxmlElement("w:hyperlink")
            opens.set(qn("r:id"), self.document.part.relate_to(url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
            paragraph._p.append(opens)
            opens.append(run._r)


def _gap(document: Any, points: float) -> None:
    """White space around a table, as high as asked for and no line of text more."""
    shape = document.add_paragraph().paragraph_format
    shape.space_before = shape.space_after = Pt(0)
    shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(points)


def _dress(run: Any, font: str, size: float, bold: bool, colour: str | None) -> None:
    run.font.name, run.font.size, run.font.bold = "Times New Roman", Pt(size), bold
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    if colour:
        run.font.color.rgb = RGBColor.from_string(colour)


def _rule(paragraph: Any, side: str, eighths: str, colour: str) -> None:
    """A line above or below a paragraph, `eighths` of a point thick."""
    borders, line = OxmlElement("w:pBdr"), OxmlElement(f"w:{side}")
    for key, value in (("val", "single"), ("sz", eighths), ("space", "1"), ("color", colour)):
        line.set(qn(f"w:{key}"), value)
    borders.append(line)
    paragraph._p.get_or_add_pPr().append(borders)


def _repeat_header(row: Any) -> None:
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)


def _page_number(paragraph: Any) -> None:
    """— 1 —, in the middle; one section, so odd and even pages are alike."""
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for kind, text in (("text", "— "), ("begin", ""), ("code", "PAGE"), ("end", ""), ("text", " —")):
        run = paragraph.add_run(text if kind == "text" else "")
        _dress(run, BODY, 14, False, None)
        if kind == "code":
            code = OxmlElement("w:instrText")
            code.set(qn("xml:space"), "preserve")
            code.text = text
            run._r.append(code)
        elif kind in ("begin", "end"):
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)
