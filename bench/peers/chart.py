"""The bar chart of bench/peers.py: CPU seconds per million rows, plain and TLS side by side, as SVG text."""

import math
from xml.sax.saxutils import escape

WIDTH = 960
LEFT = 214            # of the first panel: names stand before it
PANEL = 330           # pixels of the scale
GAP = 50
TOP = 118
ROW = 34
BAR = 20
SCALE_END = 12        # seconds; a longer bar is drawn broken, with its figure
INK, SOFT, GRID = "#1f2328", "#59636e", "#e3e6ea"
OURS, THEIRS = "#0969da", "#bcc5ce"
FONT = "ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif"


def figure(value, places=2):
    return f"{value:.{places}f}" if value < 10 else f"{value:.0f}"


def text(x, y, content, size=13, fill=INK, anchor="start", weight="normal"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{fill}" text-anchor="{anchor}" '
            f'font-weight="{weight}">{escape(content)}</text>')


def panel(x, title, bottom):
    yield text(x, TOP - 28, title, 14, weight="600")
    for seconds in range(0, SCALE_END + 1, 3):
        at = x + PANEL * seconds / SCALE_END
        yield f'<line x1="{at:.1f}" y1="{TOP - 8}" x2="{at:.1f}" y2="{bottom}" stroke="{GRID}"/>'
        yield text(at, bottom + 16, f"{seconds} s" if seconds == 0 else str(seconds), 11, SOFT, "middle")


def break_mark(x, y):
    """Two slanted white lines through a bar: it is longer than it is drawn."""
    for offset in (0, 7):
        yield (f'<path d="M {x + offset} {y + BAR + 2} l 6 {-BAR - 4}" stroke="#ffffff" stroke-width="3" '
               'fill="none"/>')


def bar(x, y, taken, kind):
    """`taken` is (seconds, how many times kinesink's), or None."""
    if taken is None:
        yield text(x + 6, y + BAR - 5, "speaks TLS only", 12, SOFT)
        return
    value, times = taken
    length = max(2.0, PANEL * min(value, SCALE_END) / SCALE_END)
    # Not even hollow bars may look longer than they are.
    look = f'fill="none" stroke="{OURS}" stroke-dasharray="2 2"' if kind == "floor" else \
        f'fill="{OURS if kind == "ours" else THEIRS}"'
    yield f'<rect x="{x}" y="{y}" width="{length:.1f}" height="{BAR}" {look}/>'
    broken = value > SCALE_END
    if broken:
        yield from break_mark(x + PANEL - 34, y)
    inside = value > SCALE_END * 0.75
    at = x + (8 if inside else length + 7)
    ratio = f'<tspan dx="7" fill="{INK if inside else SOFT}">{figure(times, 1)}×</tspan>' \
        if kind == "theirs" and times else ""
    yield (f'<text x="{at:.1f}" y="{y + BAR - 5}" font-size="13" fill="{INK}">'
           f'<tspan font-weight="{"normal" if kind == "floor" else 600}">{figure(value)}</tspan>{ratio}</text>')


def draw(rows, subtitle, footnote):
    """`rows` of (name, kind, {"plain": taken, "TLS": taken}), see bar(); kind is ours, theirs or floor."""
    bottom = TOP + ROW * len(rows) - 6
    height = bottom + 62
    spoken = "; ".join(f"{name}: " + ", ".join(f"{link} {figure(v[0])}" for link, v in values.items())
                       for name, _, values in rows)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {math.ceil(height)}" width="{WIDTH}" '
        f'height="{math.ceil(height)}" role="img" font-family="{FONT}">',
        "<title>CPU seconds per million rows</title>", f"<desc>{escape(spoken)}</desc>",
        # Pages may be dark: the chart brings its own ground.
        f'<rect x="0.5" y="0.5" width="{WIDTH - 1}" height="{math.ceil(height) - 1}" rx="8" fill="#ffffff" '
        f'stroke="{GRID}"/>',
        text(24, 38, "CPU seconds per million rows", 20, weight="600"), text(24, 62, subtitle, 13, SOFT)]
    for number, link in enumerate(("plain", "TLS")):
        x = LEFT + number * (PANEL + GAP)
        lines += panel(x, {"plain": "HTTP", "TLS": "HTTPS"}[link], bottom)
        for index, (_, kind, values) in enumerate(rows):
            lines += bar(x, TOP + ROW * index, values.get(link), kind)
    for index, (name, kind, _) in enumerate(rows):
        lines.append(text(LEFT - 12, TOP + ROW * index + BAR - 5, name, 13, SOFT if kind == "floor" else INK, "end",
                          "600" if kind == "ours" else "normal"))
    lines.append(text(24, height - 16, footnote, 12, SOFT))
    return "\n".join([*lines, "</svg>", ""])
