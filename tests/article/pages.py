"""What a page is asked in tests: its elements, its addresses, its identifiers, by the standard library's parser."""

import itertools
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "img", "br", "link", "hr", "input", "col"}


@dataclass
class Element:
    tag: str
    attributes: dict
    inside: tuple[str, ...] = ()
    text: str = ""


@dataclass
class Page(HTMLParser):
    """All elements of a page in order; ``text`` is what stands directly and indirectly inside each."""

    elements: list[Element] = field(default_factory=list)

    def __post_init__(self):
        super().__init__(convert_charrefs=True)
        self.open: list[Element] = []

    @classmethod
    def of(cls, text: str) -> "Page":
        page = cls()
        page.feed(text)
        page.close()
        assert not page.open, f"never closed: {[element.tag for element in page.open]}"
        return page

    def handle_starttag(self, tag, attrs):
        element = Element(tag, dict(attrs), tuple(parent.tag for parent in self.open))
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attrs):
        self.elements.append(Element(tag, dict(attrs), tuple(parent.tag for parent in self.open)))

    def handle_endtag(self, tag):
        assert self.open, f"closed but never opened: {tag}"
        assert self.open[-1].tag == tag, f"{tag} closes {self.open[-1].tag}"
        self.open.pop()

    def handle_data(self, data):
        for element in self.open:
            element.text += data

    def all(self, *tags: str) -> list[Element]:
        return [element for element in self.elements if element.tag in tags]

    def having(self, word: str) -> list[Element]:
        return [element for element in self.elements if word in (element.attributes.get("class") or "").split()]

    @property
    def ids(self) -> list[str]:
        return [element.attributes["id"] for element in self.elements if "id" in element.attributes]


def problems(text: str) -> list[str]:
    """Return what would make a page reach for the network, or hard to use; an empty list if nothing does."""
    page = Page.of(text)
    return [
        *(f"{e.tag} loads {e.attributes['src'][:60]}" for e in page.elements if not local(e.attributes.get("src"))),
        *(f"{e.tag} is not allowed" for e in page.all("script", "iframe", "object", "embed", "link", "base", "form")),
        *(f"no alternative text: {e.attributes}" for e in page.all("img") if len(e.attributes.get("alt") or "") < 5),
        *(f"identifier twice: {name}" for name in sorted({name for name in page.ids if page.ids.count(name) > 1})),
        *(f"leads nowhere: {e.attributes['href']}" for e in page.all("a") if broken(e.attributes["href"], page.ids)),
        *(f"described by nothing: {e.attributes}" for e in page.elements if undescribed(e, page.ids)),
        *(f"style reaches out: {word}" for word in ("@import", "url(http", "url(//") if word in text),
        *headings(page),
    ]


def local(address) -> bool:
    return address is None or address.startswith("data:")


def broken(address: str, ids: list[str]) -> bool:
    return address.startswith("#") and address[1:] not in ids


def undescribed(element: Element, ids: list[str]) -> bool:
    named = element.attributes.get("aria-describedby") or element.attributes.get("aria-labelledby")
    return named is not None and named not in ids


def headings(page: Page) -> list[str]:
    """Return what is wrong with the order of the headings: one h1 first, and no level left out on the way down."""
    levels = [int(element.tag[1]) for element in page.all("h1", "h2", "h3", "h4", "h5", "h6")]
    found = [] if levels[:1] == [1] and levels.count(1) == 1 else [f"headings begin with {levels[:3]}"]
    return found + [f"h{b} after h{a}" for a, b in itertools.pairwise(levels) if b > a + 1]
