"""The kinds of element in a page's main part, so that nobody looks again at what differs in figures alone."""

from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
Kind = tuple[str, ...]


class _Kinds(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.inside: list[str] = []
        self.found: set[Kind] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        named = f"{tag}.{given.get('class') or ''}"
        names = sorted(f"{name}={value}" if name in {"type", "role"} else name for name, value in attrs)
        self.found.add((*self.inside[-2:], named, *names))
        if tag not in VOID:
            self.inside.append(named)

    def handle_endtag(self, tag: str) -> None:
        while self.inside and self.inside.pop().partition(".")[0] != tag:
            pass


def kinds(html: str) -> set[Kind]:
    """Of each element its class, the names of its attributes, and the two elements that it lies in."""
    parser = _Kinds()
    parser.feed(html[html.index("<main") : html.index("</main>")])
    return parser.found
