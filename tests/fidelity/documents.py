"""PDFs of our own with the traps that real reports set, drawn line by line so that the right text is known."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

WIDTH, HEIGHT = 595.0, 842.0
SIZE, LEADING = 10.0, 12.0
ROMAN, BOLD, MONO = "Times-Roman", "Times-Bold", "Courier"


class Paper:
    """A page that is written from the top: heights count downwards in points, as they do in what is read."""

    def __init__(self, **options: object) -> None:
        self._out = io.BytesIO()
        self.canvas = Canvas(self._out, pagesize=(WIDTH, HEIGHT), **options)

    def put(self, x: float, y: float, text: str, font: str = ROMAN, size: float = SIZE) -> float:
        """Write words with their baseline at a height; returns where they end."""
        self.canvas.setFont(font, size)
        self.canvas.drawString(x, HEIGHT - y, text)
        return x + pdfmetrics.stringWidth(text, font, size)

    def lines(self, x: float, y: float, lines: Sequence[str], font: str = ROMAN, size: float = SIZE) -> float:
        """Write lines below each other; returns the baseline of the line that would follow."""
        for line in lines:
            self.put(x, y, line, font, size)
            y += LEADING
        return y

    def justified(self, x: float, y: float, width: float, lines: Sequence[str], last: bool = False) -> float:
        """Write lines of prose that reach the right margin, as typesetters do; the last one too where "
        "`last` says so.
        """
        for k, line in enumerate(lines):
            slack = width - pdfmetrics.stringWidth(line, ROMAN, SIZE)
            self.canvas.setFont(ROMAN, SIZE)
            stretch = slack / line.count(" ") if " " in line and (last or k < len(lines) - 1) else 0
            self.canvas.drawString(x, HEIGHT - y, line, wordSpace=max(0.0, min(stretch, 5.0)))
            y += LEADING
        return y

    def raised(self, x: float, y: float, text: str, by: float = 3.6, size: float = 7.0) -> float:
        """Write an exponent or a note mark: smaller and above the line."""
        return self.put(x, y - by, text, ROMAN, size)

    def rule(self, left: float, right: float, y: float) -> None:
        """Draw a horizontal rule."""
        self.canvas.setLineWidth(0.5)
        self.canvas.line(left, HEIGHT - y, right, HEIGHT - y)

    def row(self, y: float, cells: dict[float, str], font: str = ROMAN) -> None:
        """Write the cells of a table row, each at its place."""
        for x, text in cells.items():
            self.put(x, y, text, font)

    def sideways(self, x: float, y: float, text: str, size: float = SIZE, font: str = ROMAN) -> None:
        """Write words up the page, from a height on."""
        self.canvas.saveState()
        self.canvas.translate(x, HEIGHT - y)
        self.canvas.rotate(90)
        self.canvas.setFont(font, size)
        self.canvas.drawString(0, 0, text)
        self.canvas.restoreState()

    def turn_page(self) -> None:
        """Begin the next page."""
        self.canvas.showPage()

    def bytes(self) -> bytes:
        """The finished file."""
        self.canvas.save()
        return self._out.getvalue()


LEFT, RIGHT, COLUMN = 60.0, 310.0, 225.0
_LEFT_LINES = [
    "The first column tells how the cluster was wired and",
    "which switches stood between the racks of the hall. It",
    "goes on for a few lines more so that a reader sees one",
    "column of text and not the two halves of one long line.",
    "Each rack held four nodes, and each node eight chips of",
    "one kind, joined by links that carried gradients quickly",
    "and were checked every night by a small program which",
]
_RIGHT_LINES = [
    "wrote what it found into a file that nobody opened until",
    "the day when the run slowed down. Then the file showed",
    "that one link in nine had dropped to half of its speed.",
    "The run was stopped, the cable changed and the training",
    "begun again from the last checkpoint, which cost us two",
    "hours and taught us to read the file every morning with",
    "our coffee.",
]


def two_columns() -> bytes:
    """A title over the full width, two columns, and a full-width table that crosses the gutter between them."""
    paper = Paper()
    paper.put(150, 80, "A Report on Racks and Links", BOLD, 17)
    y = paper.justified(LEFT, 120, COLUMN, _LEFT_LINES, last=True)
    paper.justified(RIGHT, 120, COLUMN, _RIGHT_LINES)
    y += 14
    paper.rule(LEFT, 535, y)
    paper.row(y + 12, {70: "Model", 190: "Chips", 300: "Chip hours", 430: "Energy"})
    paper.rule(LEFT, 535, y + 17)
    paper.row(y + 29, {70: "Pine-7B", 190: "A100-80GB", 300: "82,400", 430: "36 MWh"})
    paper.row(y + 41, {70: "Pine-65B", 190: "A100-80GB", 300: "1,022,000", 430: "449 MWh"})
    paper.rule(LEFT, 535, y + 46)
    paper.put(
        LEFT, y + 62, "Table 1: What the training of the two models took, with the energy measured at the wall of the"
    )
    paper.put(LEFT, y + 74, "hall and the cooling left out.")
    paper.justified(LEFT, y + 104, COLUMN, _LEFT_LINES, last=True)
    paper.justified(RIGHT, y + 104, COLUMN, _RIGHT_LINES)
    return paper.bytes()


def scripts() -> bytes:
    """Exponents, negative exponents, note marks after words and after numbers, a subscript, a raised affiliation."""
    paper = Paper()
    y = 100.0
    x = paper.put(LEFT, y, "Training took 3.8 × 10")
    x = paper.raised(x, y, "25")
    paper.put(x, y, " FLOP in all.")
    y += 24
    x = paper.put(LEFT, y, "The learning rate fell to 2.2 × 10")
    x = paper.raised(x, y, "-5")
    paper.put(x, y, " at the end.")
    y += 24
    x = paper.put(LEFT, y, "We used 2,048")
    x = paper.raised(x, y, "1")
    x = paper.put(x, y, " chips of one kind")
    x = paper.raised(x, y, "2")
    paper.put(x, y, ".")
    y += 24
    x = paper.put(LEFT, y, "The run emitted 173 t of CO")
    x = paper.put(x, y + 2, "2", ROMAN, 7)
    paper.put(x, y, " in a year.")
    y += 24
    x = paper.raised(LEFT, y, "3")
    paper.put(x, y, "The Institute of Long Runs")
    return paper.bytes()


def hyphens() -> bytes:
    """Line-end hyphens: of the line alone, of model names, and of a word that the document writes elsewhere."""
    paper = Paper()
    paper.lines(
        LEFT,
        100,
        [
            "The hardware was new, and all pre-training was done on it before the summer of that year. The hard-",
            "ware stood in one hall. Our earlier model was weaker than DeepSeek-",
            "V2 and was trained on A100-",
            "80GB cards before it was compared to GPT-",
            "3 in a table. After the pre-",
            "training we went on with a short tun-",
            "ing of the last layers.",
        ],
    )
    return paper.bytes()


def ligatures() -> bytes:
    """Letters that the font joins: the words must come out letter by letter."""
    pdfmetrics.registerFont(TTFont("Vera", "Vera.ttf"))
    paper = Paper()
    paper.put(
        LEFT,
        100,
        "An e\ufb03cient work\ufb02ow: the \ufb01rst of \ufb01ve, di\ufb00erent from before.".replace(
            "\ufb03", "f\ufb01"
        ).replace("\ufb00", "ff"),
        "Vera",
    )
    return paper.bytes()


def fake_bold() -> bytes:
    """A line that is printed four times, a hair apart, to look bold."""
    paper = Paper()
    for shift in (0.0, 0.25, 0.5, 0.75):
        paper.put(LEFT + shift, 100, "Trained on 512 chips", ROMAN, 12)
    paper.put(LEFT, 130, "All well, and still good; a balloon.", ROMAN, 12)
    return paper.bytes()


def stamped() -> bytes:
    """A preprint with the archive's stamp up the left margin."""
    paper = Paper()
    paper.sideways(30, 560, "arXiv:2401.12345v2  [cs.CL]  18 Feb 2025", 16)
    paper.put(150, 90, "On the Keeping of Racks", BOLD, 17)
    paper.justified(
        LEFT,
        130,
        475,
        [
            "We kept the racks cool and the chips busy, and report here what that took in hours and in power",
            "over the whole of one year.",
        ],
    )
    return paper.bytes()


def furniture(pages: int = 5, numbered_lines: bool = False) -> bytes:
    """A running head, page numbers and, where asked for, line numbers down the margin of every page."""
    paper = Paper()
    for page in range(1, pages + 1):
        paper.put(200, 40, "The Pine Team: A Report on Racks", ROMAN, 8)
        paper.put(295, 810, str(page), ROMAN, 9)
        y = 100.0
        for line in range(10):
            if numbered_lines:
                paper.put(30, y, str((page - 1) * 10 + line + 1), ROMAN, 7)
            paper.put(
                LEFT,
                y,
                f"Line {'abcdefghij'[line]} of page {page} says that the run went on without fault all night long and",
            )
            y += LEADING
        paper.turn_page()
    return paper.bytes()


def headers_of_two_rows() -> bytes:
    """A booktabs table with a heading over two columns, a label at half height beside two rows, and "
    "wrapped headings.
    """
    paper = Paper()
    paper.put(LEFT, 100, "Table 2 | Sharding of the runs.")
    paper.rule(LEFT, 480, 112)
    paper.row(124, {330: "Shards"})
    paper.rule(290, 400, 128)
    paper.row(140, {70: "Model", 150: "Type", 220: "Chips", 300: "Data", 360: "Seq."})
    paper.row(140, {430: "Hours"})
    paper.rule(LEFT, 480, 146)
    paper.row(158, {150: "TPUv4", 220: "512", 300: "16", 360: "2", 430: "1,200"})
    paper.row(170, {150: "TPUv5e", 220: "2048", 300: "16", 360: "8", 430: "3,400"})
    paper.put(70, 164, "Pine-1B")
    paper.rule(LEFT, 480, 176)
    paper.row(188, {70: "Pine-7B", 150: "TPUv5p", 220: "6144", 300: "24", 360: "32", 430: "9,900"})
    paper.rule(LEFT, 480, 194)
    return paper.bytes()


def unruled_table() -> bytes:
    """A table without a single rule, under its caption, and prose with wide gaps that is no table."""
    paper = Paper()
    y = paper.justified(
        LEFT,
        100,
        475,
        [
            "Before the table stands a paragraph that is long enough to fill its line up to the very margin of it,",
            "and ends here.",
        ],
    )
    paper.put(LEFT, y + 12, "Table 3: Costs of the run.")
    paper.row(y + 32, {70: "Stage", 200: "H800 hours", 320: "USD"})
    paper.row(y + 46, {70: "Pre-training", 200: "2664K", 320: "$5.328M"})
    paper.row(y + 60, {70: "Post-training", 200: "5K", 320: "$0.01M"})
    paper.justified(
        LEFT,
        y + 96,
        475,
        [
            "After the table the text goes on as if nothing had been there, and tells of the price of an hour and",
            "of the year in which it was paid.",
        ],
    )
    return paper.bytes()


def wrapped_cells() -> bytes:
    """A table whose headings and words run over two printed lines."""
    paper = Paper()
    paper.rule(LEFT, 500, 100)
    paper.row(112, {220: "GPU power", 320: "Total power"})
    paper.row(118, {70: "Model", 150: "GPU"})
    paper.row(124, {220: "draw", 320: "used"})
    paper.rule(LEFT, 500, 130)
    paper.row(142, {70: "Pine-7B", 150: "A100", 220: "400 W", 320: "36 MWh"})
    paper.row(154, {70: "Pine-65B", 150: "A100", 220: "400 W", 320: "449 MWh"})
    paper.rule(LEFT, 500, 160)
    return paper.bytes()


def figure_beside_prose() -> bytes:
    """A chart with its labels, drawn as a form of its own, with its caption and the prose around it."""
    paper = Paper()
    y = paper.justified(
        LEFT,
        100,
        475,
        [
            "Before the figure stands a paragraph that is long enough to fill its line up to the very margin of it,",
            "and it breaks off in the midst of what",
        ],
    )
    canvas = paper.canvas
    canvas.beginForm("chart", 0, 0, 300, 120)
    canvas.setFont(ROMAN, 8)
    for k, label in enumerate(("0", "100", "200", "300")):
        canvas.drawString(5, 10 + 28 * k, label)
        canvas.rect(40 + 50 * k, 10, 20, 20 + 20 * k)
    canvas.drawString(120, 108, "H800 hours by stage")
    canvas.endForm()
    canvas.saveState()
    canvas.translate(120, HEIGHT - y - 130)
    canvas.doForm("chart")
    canvas.restoreState()
    paper.put(LEFT, y + 150, "Figure 1: Hours by stage.")
    paper.justified(
        LEFT,
        y + 180,
        475,
        [
            "was to be said. As shown in the chart, the first stage took most of the hours; see the numbers in",
            "Figure 1.",
        ],
    )
    return paper.bytes()


def structure() -> bytes:
    """Numbered headings, a bold run-in, items, a footnote and a list of references over two pages."""
    paper = Paper()
    paper.put(150, 80, "A Report on Structure", BOLD, 17)
    paper.put(LEFT, 120, "1  Introduction", BOLD, 12)
    paper.justified(
        LEFT,
        140,
        475,
        [
            "We open with a paragraph of two lines so that the body of the text has letters of one size and the",
            "headings have others.",
        ],
    )
    paper.put(LEFT, 180, "2  Training", BOLD, 12)
    paper.put(LEFT, 200, "2.1  Hardware", BOLD, 10)
    x = paper.put(LEFT, 220, "Cluster.", BOLD)
    paper.put(x, 220, "  The run used 2,048 chips in one hall, and each of them was watched by a program that")
    paper.put(LEFT, 232, "wrote down its heat.")
    paper.put(
        LEFT + 12, 256, "•  Nodes with eight chips each, joined by fast links that are shared by the whole of the"
    )
    paper.put(LEFT + 24, 268, "rack and its neighbours.")
    paper.put(LEFT + 12, 284, "•  Switches.")
    x = paper.raised(LEFT, 760, "1", 3, 6)
    paper.put(x, 760, "The hall stands in the north.", ROMAN, 8)
    paper.turn_page()
    paper.put(LEFT, 100, "References", BOLD, 12)
    paper.put(LEFT, 120, "A. Writer. On the wiring of halls. Journal of Halls, 2021.")
    paper.put(LEFT, 150, "B. Reader. On the cooling of halls. Journal of Halls, 2022.")
    paper.put(LEFT, 190, "A  Appendix", BOLD, 12)
    paper.put(LEFT, 210, "What did not fit above stands here.")
    return paper.bytes()


def chinese() -> bytes:
    """Chinese prose over two lines, with full-width digits and letters and a Latin name amid it."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    paper = Paper()
    paper.put(LEFT, 100, "我们在２０４８张Ｈ８００显卡上训练了这个模型，总共用", "STSong-Light", 12)
    paper.put(LEFT, 118, "了两个月的时间，并使用 NVLink 互联。", "STSong-Light", 12)
    return paper.bytes()


def encrypted(password: str) -> bytes:
    """A file that opens with a password; with the empty one anybody may read it."""
    paper = Paper(encrypt=StandardEncryption(password, ownerPassword="the owner alone", canPrint=0))
    paper.put(LEFT, 100, "Kept under lock and key.")
    return paper.bytes()


def scan() -> bytes:
    """A page that is a picture and nothing else."""
    from PIL import Image

    paper = Paper()
    paper.canvas.drawImage(ImageReader(Image.new("L", (60, 80), 200)), 0, 0, WIDTH, HEIGHT)
    return paper.bytes()


def turned_page(turn: int, crop: tuple[float, float] = (0.0, 0.0)) -> bytes:
    """One line of words on a page that is displayed turned, or cropped at the left and the foot."""
    paper = Paper()
    paper.canvas.setPageRotation(turn)
    if any(crop):
        paper.canvas.setCropBox((crop[0], crop[1], WIDTH, HEIGHT))
    paper.put(100, 500, "Turned words", ROMAN, 20)
    return paper.bytes()


def sideways_table() -> bytes:
    """A wide table that is printed up the page."""
    paper = Paper()
    rows = [
        ["Model", "Chips", "Hours"],
        ["Pine-7B", "512", "82,400"],
        ["Pine-65B", "2048", "1,022,000"],
        ["Pine-99B", "4096", "2,044,000"],
    ]
    paper.sideways(200, 700, "Table 4: A wide table of runs and hours.")
    for k, row in enumerate(rows):
        for x, cell in zip((0, 150, 300), row, strict=True):
            paper.sideways(230 + 16 * k, 700 - x, cell)
    return paper.bytes()


def captions_side_by_side() -> bytes:
    """Two captions beside each other in a page of one column, each of two lines."""
    paper = Paper()
    paper.justified(
        LEFT,
        100,
        475,
        [
            "Above the captions stands a paragraph that is long enough to fill its line up to the very margin of",
            "it and ends.",
        ],
    )
    paper.lines(LEFT, 150, ["Figure 1: The hours of the first run, by", "the stage in which they were spent."])
    paper.lines(320, 150, ["Figure 2: The power of the second run,", "as measured at the wall."])
    return paper.bytes()


ALL: dict[str, Callable[[], bytes]] = {
    f.__name__: f
    for f in (
        two_columns,
        scripts,
        hyphens,
        ligatures,
        fake_bold,
        stamped,
        furniture,
        headers_of_two_rows,
        unruled_table,
    )
} | {
    f.__name__: f
    for f in (wrapped_cells, figure_beside_prose, structure, chinese, sideways_table, captions_side_by_side)
}


def drawn_marks() -> bytes:
    """Lists as browsers print them, whose marks are drawn circles; a quotation set in from both sides above them."""
    paper, width = Paper(), 480.0
    y = paper.justified(LEFT, 80, width, [*_LEFT_LINES[:2], "so to speak, as one would."], last=False)
    y = paper.lines(
        LEFT, y + 6, ["Some words that fill the width of the page from its left to its right margin, up to the end."]
    )
    y = paper.justified(
        LEFT + 40,
        y + 14,
        300,
        [
            "A quotation is set in from both sides of the page, and its",
            "lines end where they must; none of them is an item, and",
            "the last is short.",
        ],
    )
    items = [
        "Hardware: 128 A100 80GB GPUs, eight of them in a node, and InfiniBand between the nodes of it",
        "Hours used: 350",
        "Provider: none",
        "one NVIDIA H100",
        "two NVIDIA H20",
    ]  # fmt: skip
    y += 14
    for item in items:
        paper.canvas.circle(LEFT + 20, HEIGHT - y + 3, 1.5, fill=1)
        y = paper.lines(LEFT + 30, y, [item])
    return paper.bytes()
