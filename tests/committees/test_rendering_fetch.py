"""QUALITY rows 42 and 43: a document reaches neither network nor files."""

import ast
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from pathlib import Path

import pytest
from weasyprint import HTML
from weasyprint.urls import FatalURLFetchingError

from committees.rendering import DocumentRefused, render_pdf
from committees.rendering.assets import FACES, fetcher, typefaces
from committees.rendering.kinds import KINDS
from committees.rendering.pdf import _layout
from tests.committees import samples
from tests.committees.tagged_pdf import read_tags, squeezed
from tests.quality.soak import size

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
SHAPES = [
    '<img src="{url}">',
    "<style>@import url({url});</style>",
    '<style>body {{ background: url("{url}") }}</style>',
    '<style>@font-face {{ font-family: x; src: url("{url}") }} * {{ font-family: x }}</style>',
    '<link rel="stylesheet" href="{url}">',
    '<link rel="attachment" href="{url}">',
    '<a rel="attachment" href="{url}">x</a>',
    '<object data="{url}"></object>',
    '<embed src="{url}">',
    '<svg xmlns="http://www.w3.org/2000/svg"><image href="{url}" width="9" height="9"/></svg>',
    '<svg xmlns="http://www.w3.org/2000/svg"><use href="{url}#x"/></svg>',
    '<p style="background-image: url({url})">x</p>',
    '<p style="list-style-image: url({url}); display: list-item">x</p>',
    '<p style="content: url({url})">x</p>',
    '<base href="{url}"><img src="x.png">',
    '<iframe src="{url}"></iframe>',
    '<video src="{url}" poster="{url}"></video>',
    '<input type="image" src="{url}">',
    '<table background="{url}"><tr><td>x</td></tr></table>',
    '"><img src={url}>',
    "</title><img src='{url}'>",
    "</style><img src='{url}'>",
    "{{% include '{url}' %}}",
    "![x]({url})",
    "{url}",
]


class Canary:
    """A server on the loopback and a file, and what was asked of or taken from them."""

    def __init__(self, folder):
        self.hits = []
        hits = self.hits

        class Listener(BaseHTTPRequestHandler):
            def do_GET(self):  # noqa: N802
                hits.append(self.path)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *args):
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.secret = "CANARY-7dc64a73"
        self.file = folder / "canary.txt"
        self.file.write_text(self.secret)

    @property
    def urls(self):
        return [f"http://127.0.0.1:{self.server.server_port}/canary", self.file.as_uri()]


@pytest.fixture
def canary():
    # A short address: a long one would fill a brief's page by itself.
    with tempfile.TemporaryDirectory() as folder:
        made = Canary(Path(folder))
        yield made
        made.server.shutdown()
        made.server.server_close()


@pytest.fixture
def payloads(canary):
    return [shape.format(url=url) for shape in SHAPES for url in canary.urls]


def with_payload(part, payload):
    """Each printable text replaced by the payload; keys, dates, statuses and numbers of the format stay."""
    fixed = {"kind", "orientation", "date", "position_at", "position_date", "values", "value", "is_authority"}
    if isinstance(part, dict):
        return {key: value if key in fixed else with_payload(value, payload) for key, value in part.items()}
    if isinstance(part, list):
        return [with_payload(value, payload) for value in part]
    return payload if isinstance(part, str) else part


def blocks():
    return [
        {"kind": "paragraph", "number": "1", "runs": [{"text": "x", "bold": True}, {"text": "x"}]},
        {"kind": "text", "text": "x"},
        {"kind": "note", "text": "x"},
        {"kind": "subheading", "text": "x"},
        {"kind": "list", "ordered": True, "items": [{"title": "x", "runs": [{"text": "x"}]}]},
        {"kind": "lines", "lines": ["x", "x"]},
        samples.progress(1, 1, 1),
    ]


def documents(payloads):
    """Every printable field of every kind with every payload: heads two at once, lists ten at once.

    More at once take far longer: what is printed in a page's margin is measured word by word.
    """
    for first in range(0, 25, size(5, 1)):
        two = payloads[first::25]
        yield two, with_payload(samples.short_paper(correction="x"), " ".join(two))
    # Two of them do not fit the one page of a brief, which would then be laid out again and again.
    entry = [{"title": "x", "text": "x"}]
    brief = samples.brief(better=entry, worse=entry, overdue=entry, questions=["x"], officers=["x"])
    for payload in payloads[:: size(10, 1)]:
        yield [payload], with_payload(brief, payload)
    for first in range(5):
        ten = payloads[first::5]
        lists = [with_payload(blocks(), payload) for payload in ten]
        yield (
            ten,
            samples.short_paper(
                sections=[
                    {"letter": p, "heading": p, "blocks": found} for p, found in zip(ten, lists, strict=True)
                ],
                appendices=[{"label": p, "title": p, "blocks": []} for p in ten[:5]],
                supporting_material=[{"kind": "note", "text": payload} for payload in ten],
            ),
        )
    criteria = [{"code": payload, "short_title": payload} for payload in payloads]
    themes = [{"code": p, "title": p, "criteria": [one]} for p, one in zip(payloads, criteria, strict=True)]
    matrix = samples.matrix(themes=themes, names=payloads[:3]) | {"note": " ".join(payloads[:9])}
    yield payloads, samples.matrix_document(matrix=matrix, filters=payloads)


def test_fifty_payloads_in_every_printable_field_reach_nothing(canary, payloads):
    bad, total = [], 0
    for inside, document in documents(payloads):
        pdf = render_pdf(document).pdf
        total += 1
        if canary.hits or canary.secret.encode() in pdf or b"/EmbeddedFile" in pdf:
            bad.append(inside)
        # What was typed is printed as it was typed.
        printed = squeezed(read_tags(pdf).text)
        assert all(squeezed(payload) in printed for payload in inside)
    print(
        f"fetches: {len(bad)} bad of {total} documents, {len(canary.hits)} hits of {len(payloads)} payloads"
    )
    assert len(payloads) == 50
    assert bad == []


def test_markup_that_is_not_escaped_is_stopped_by_the_fetcher(canary, payloads):
    """The second line of defence: a template that forgot to escape fails to print."""
    kind = KINDS["committee-paper"]
    stopped = 0
    for payload in payloads:
        page = f"<html lang='en-GB'><title>x</title><body>{payload}</body></html>"
        try:
            _layout(page, kind, False).write_pdf(pdf_variant="pdf/ua-1", pdf_tags=True)
        except (DocumentRefused, FatalURLFetchingError):
            stopped += 1
    print(f"fetches: {len(canary.hits)} hits of {len(payloads)} payloads unescaped, {stopped} stopped")
    assert canary.hits == []
    assert stopped > 20


def test_canary_sings_for_an_unguarded_renderer(canary, payloads):
    """The control: without the fetcher and the escaping the same payloads do reach it."""
    for payload in payloads:
        HTML(string=f"<html lang='en-GB'><title>x</title><body>{payload}</body></html>").write_pdf()

    assert len(canary.hits) > 5


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "file:///etc/passwd",
        "data:text/plain,x",
        "bundled:",
        "bundled:../x",
        "portal-symbols",
        "",
    ],
)
def test_fetcher_refuses_all_but_the_bundled_faces(url):
    with pytest.raises(FatalURLFetchingError):
        fetcher().fetch(url)


def test_fetcher_answers_the_bundled_faces_from_memory():
    for key in FACES:
        assert fetcher().fetch(f"bundled:{key}").read() == typefaces()[key]


# Arguments that WeasyPrint opens by itself when they are given a path or an address.
OPENED = {"stylesheets", "xmp_metadata", "attachments", "filename", "url", "base_url", "cache"}
RENDERER_CALLS = {"HTML", "CSS", "Attachment", "render", "write_pdf"}


def findings(source, name):
    """What row 43 forbids in a module: anything but constants where the renderer opens things."""
    for call in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)):
        called = getattr(call.func, "attr", getattr(call.func, "id", ""))
        if called not in RENDERER_CALLS:
            continue
        if call.args and called != "render":
            yield f"{name}:{call.lineno}: {called} is given something unnamed"
        for keyword in call.keywords:
            value = ast.unparse(keyword.value)
            if keyword.arg is None:
                yield f"{name}:{call.lineno}: {called} is given keywords that cannot be read here"
            elif keyword.arg == "presentational_hints" and value != "False":
                yield f"{name}:{call.lineno}: presentational hints are on"
            elif keyword.arg in OPENED and value not in ("None", "[sheet]"):
                yield f"{name}:{call.lineno}: {keyword.arg}={value}"
        given = {keyword.arg for keyword in call.keywords}
        if called in ("HTML", "CSS") and not {"string", "url_fetcher"} <= given:
            yield f"{name}:{call.lineno}: {called} without text and fetcher of its own"


def modules_that_render():
    for app in ("accounts", "boroughs", "assessments", "recommendations", "committees", "cdrp_portal"):
        for path in (ROOT / app).rglob("*.py"):
            if "weasyprint" in (source := path.read_text(encoding="utf-8")):
                yield path.relative_to(ROOT), source


def test_renderer_is_never_given_paths_addresses_or_typed_text():
    modules = list(modules_that_render())
    bad = [found for name, source in modules for found in findings(source, name)]
    print(f"renderer's arguments: {len(bad)} bad of {len(modules)} modules")
    assert ROOT / "committees/rendering/pdf.py" in [ROOT / name for name, _ in modules]
    assert bad == []


@pytest.mark.parametrize(
    "source",
    [
        "HTML(string=h, url_fetcher=f).render(stylesheets=['/tmp/x.css'])",
        "HTML(string=h, url_fetcher=f).render(stylesheets=[user_css])",
        "d.write_pdf(xmp_metadata=['x.xml'])",
        "d.write_pdf(attachments=[x])",
        "d.write_pdf(**options)",
        "d.write_pdf('/tmp/x.pdf')",
        "HTML('/etc/passwd')",
        "HTML(filename=name, string=h, url_fetcher=f)",
        "HTML(string=h)",
        "CSS(string=c)",
        "HTML(string=h, url_fetcher=f).render(presentational_hints=True)",
    ],
)
def test_lint_finds_what_it_looks_for(source):
    """The control."""
    assert list(findings(source, "module"))


def test_lint_passes_what_is_right():
    source = (
        "HTML(string=h, base_url=None, url_fetcher=f).render(stylesheets=[sheet], presentational_hints=False)"
    )

    assert list(findings(source, "module")) == []


def test_renderer_is_new_enough():
    assert int(version("weasyprint").split(".")[0]) >= 70
