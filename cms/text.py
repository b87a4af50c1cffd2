"""Plain words into safe HTML (pure). Blank lines make paragraphs, "- " a bullet; addresses become links."""

import re

from django.utils.html import escape

WEB_ADDRESS = re.compile(r"https://[^\s<>\"']+[^\s<>\"'.,;:!?)]")


def to_rich(words: str) -> str:
    """The HTML our editor would have stored for these words. Only p, ul, li and a come out; all else is escaped."""
    blocks: list[str] = []
    bullets: list[str] = []

    def end_bullets() -> None:
        if bullets:
            blocks.append("<ul>" + "".join(f"<li>{bullet}</li>" for bullet in bullets) + "</ul>")
            bullets.clear()

    for paragraph in re.split(r"\n\s*\n", words.strip()):
        lines: list[str] = []
        for line in paragraph.strip().splitlines():
            if line.lstrip().startswith("- "):
                if lines:
                    blocks.append(f"<p>{' '.join(lines)}</p>")
                    lines = []
                bullets.append(link_addresses(line.lstrip()[2:].strip()))
            elif line.strip():
                end_bullets()
                lines.append(link_addresses(line.strip()))
        if lines:
            end_bullets()
            blocks.append(f"<p>{' '.join(lines)}</p>")
        end_bullets()
    return "".join(blocks)


def link_addresses(words: str) -> str:
    """One line, escaped, with each https address as a link that shows its short form."""
    html, at = [], 0
    for found in WEB_ADDRESS.finditer(words):
        address = found.group()
        shown = address.removeprefix("https://").removeprefix("www.").rstrip("/")
        if len(shown) > 40:
            shown = shown.split("/")[0]
        html += [escape(words[at : found.start()]), f'<a href="{escape(address)}">{escape(shown)}</a>']
        at = found.end()
    return "".join([*html, escape(words[at:])])


def to_plain(html: str) -> str:
    """The words of some HTML, for search and for reading age."""
    spaced = re.sub(r"</(p|li|h\d|ul|ol|div)>|<br\s*/?>", ". ", html)
    text = re.sub(r"<[^>]+>", "", spaced)
    for entity, sign in (
        ("&amp;", "&"),
        ("&#x27;", "'"),
        ("&quot;", '"'),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&nbsp;", " "),
    ):
        text = text.replace(entity, sign)
    return re.sub(r"(\.\s*){2,}", ". ", re.sub(r"([.!?:,])\s*\.\s", r"\1 ", text)).strip()
