"""What people may give to the portal: hostile files refused, nobody’s place or name kept (QUALITY D)."""

import io
import resource
import subprocess
import sys
import zlib

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from cdrp_portal.uploads import KINDS, LIMIT, Refused, receive, size_words
from cdrp_portal.uploads import limited as limited_module
from cdrp_portal.uploads.limited import UNREADABLE, read_in_child
from tests.uploads.files import (
    NAME,
    PLACE,
    W,
    action,
    billion,
    chunk,
    docx,
    given,
    hostile,
    huge_png,
    jpeg,
    odf,
    pdf,
    pdf_with,
    png,
    processor_seconds,
    relation,
    tells,
    xlsx,
)


def test_hostile_files_are_refused_in_words():
    files = hostile()

    accepted, wordless = [], []
    for name, content in files:
        try:
            given(name, content)
        except Refused as refused:
            if not str(refused).endswith(".") or "Traceback" in str(refused):
                wordless.append((name, str(refused)))
        else:
            accepted.append(name)

    print(f"hostile files accepted: {len(accepted)} / {len(files)}")
    assert len(files) >= 60
    assert not accepted
    assert not wordless


def test_honest_files_are_kept_as_what_they_are():
    """The control: the reader that refuses everything would pass the test above."""
    files = [
        ("a.pdf", pdf()),
        ("Minutes 14.10.2010.PDF", pdf(OpenAction=action("GoTo", D=[0]))),
        ("a.png", png()),
        ("a.jpg", jpeg()),
        ("a.jpeg", jpeg((300, 200))),
        ("a.docx", docx(relation("hyperlink", "https://example.org"), body="Held &amp; minuted")),
        ("b.docx", docx({"word/media/image1.png": png(), "customXml/item1.xml": "<a/>".encode("utf-16")})),
        ("a.xlsx", xlsx({"xl/printerSettings/printerSettings1.bin": b"\0"})),
        ("a.odt", odf("text", {"Configurations2/accelerator/current.xml": b""})),
        ("a.ods", odf("spreadsheet")),
        ("a.csv", "name,change\nCamden,-2\nIslington,+1.5\nPhone,+44 20 7946 0000\n".encode("utf-8-sig")),
        ("a.txt", b"Costs \xa3200, see <minute 4>"),
    ]

    refused = []
    for name, content in files:
        try:
            kept = given(name, content)
        except Refused as why:
            refused.append((name, str(why)))
        else:
            assert kept.size == len(kept.content) > 0
            assert kept.content_type == KINDS[name.rpartition(".")[2].lower()].content_type

    print(f"honest files refused: {len(refused)} / {len(files)}")
    assert not refused


def test_no_place_and_no_author_is_kept():
    def named(document) -> None:
        document.docinfo["/Author"] = NAME.decode()
        document.docinfo["/Title"] = "Minutes"
        with document.open_metadata() as metadata:
            metadata["dc:creator"] = [NAME.decode()]
        picture = pikepdf.Stream(document, jpeg(is_named=True))
        picture["/Filter"], picture["/Subtype"] = pikepdf.Name.DCTDecode, pikepdf.Name.Image
        document.pages[0].obj["/Resources"] = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=picture))

    def named_in_a_list(document) -> None:
        named(document)
        document.pages[0].obj.Resources.XObject.I["/Filter"] = pikepdf.Array([pikepdf.Name.DCTDecode])

    core = (
        f'<p:coreProperties xmlns:p="c" xmlns:d="d"><d:creator>{NAME.decode()}</d:creator></p:coreProperties>'
    )
    company = f"<Properties><Company>{NAME.decode()}</Company></Properties>"
    comment = f'<w:comments {W}><w:comment w:id="0" w:author="{NAME.decode()}" w:initials="DA"/></w:comments>'
    path = f'<workbook><x15ac:absPath xmlns:x15ac="x" url="C:\\{NAME.decode()}\\"/></workbook>'
    meta = f'<office:document-meta xmlns:office="o">{NAME.decode()}</office:document-meta>'
    properties = {"docProps/core.xml": core, "docProps/app.xml": company, "docProps/custom.xml": company}
    photo = jpeg(is_named=True)
    files = [
        ("1.jpg", photo),
        ("2.jpg", jpeg((64, 32), is_named=True)),
        ("3.jpeg", photo[:2] + b"\xff\xfe\x00\x0d" + NAME + photo[2:]),
        ("4.png", png(is_named=True)),
        ("5.png", png()[:-12] + chunk(b"tEXt", b"Author\0" + NAME) + png()[-12:]),
        ("6.png", png()[:-12] + chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + PLACE) + png()[-12:]),
        ("7.pdf", pdf_with(named)),
        ("7b.pdf", pdf_with(named_in_a_list)),
        ("8.docx", docx(properties)),
        ("9.docx", docx({"word/media/image1.jpg": photo})),
        ("10.docx", docx({"word/media/image1.jpeg": photo, **properties})),
        ("11.docx", docx({"word/comments.xml": comment})),
        ("11b.docx", docx({"word/comments.xml": comment.replace('"', "'")})),
        ("12.docx", docx({"docProps/thumbnail.jpeg": photo})),
        ("13.xlsx", xlsx(properties)),
        ("14.xlsx", xlsx({"xl/media/image1.png": png(is_named=True)})),
        ("15.xlsx", xlsx({"xl/workbook.xml": path})),
        ("16.odt", odf("text", {"meta.xml": meta})),
        ("17.odt", odf("text", {"Pictures/a.jpg": photo})),
        ("18.odt", odf("text", {"Thumbnails/thumbnail.png": png(is_named=True)})),
        ("19.ods", odf("spreadsheet", {"meta.xml": meta})),
        ("20.ods", odf("spreadsheet", {"Pictures/a.png": png(is_named=True)})),
    ]  # fmt: skip

    assert all(tells(content) for _name, content in files)
    kept = [name for name, content in files if tells(given(name, content).content)]

    print(f"files that keep a place or an author: {len(kept)} / {len(files)}")
    assert not kept


def test_a_turned_photograph_keeps_its_look():
    """Its direction stood in the metadata that is not kept."""
    kept = given("a.jpg", jpeg((40, 20), is_named=True))

    with Image.open(io.BytesIO(kept.content)) as image:
        assert image.size == (20, 40)


def test_bombs_are_refused_early_and_leave_nothing(tmp_path, monkeypatch):
    """The readers' memory is that of a child; what grows here is the upload itself."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    stream = zlib.compress(b"9 0 " * 60_000_000, 9)
    bomb = (
        b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n4 0 obj\n<</Type/ObjStm/N 9/First 99"
        b"/Filter/FlateDecode/Length " + str(len(stream)).encode() + b">>\nstream\n" + stream + b"\nendstream"
        b"\nendobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF"
    )
    files = [
        ("huge.png", huge_png()),
        ("swells.xlsx", xlsx({"xl/worksheets/sheet1.xml": b" " * 100_000_000})),
        ("many.docx", docx({f"word/a{n}.xml": "<a/>" for n in range(3_100)})),
        ("entities.docx", docx({"word/footer1.xml": billion()})),
        ("stream.pdf", bomb),
    ]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    slow = []
    for name, content in files:
        began = processor_seconds()
        with pytest.raises(Refused):
            given(name, content)
        spent = processor_seconds() - began
        if spent > 2:
            slow.append((name, spent))

    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1000
    print(
        f"bombs not refused within 2 s of processor time: {len(slow)} / {len(files)}; grown by {grown:.0f} MB"
    )
    assert not slow
    assert grown < 150
    assert not list(tmp_path.iterdir())


def test_a_file_over_the_limit_is_refused():
    with pytest.raises(Refused, match="larger than 10 MB"):
        given("a.txt", b"a" * (LIMIT + 1))


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd.pdf",
        "a\0b.pdf",
        "CON.pdf",
        "x" * 300 + ".pdf",
        'a"; filename="b.exe.pdf',
        "é—漢字.pdf",
    ],
)
def test_a_name_is_kept_as_text_that_leads_nowhere(name, monkeypatch):
    monkeypatch.setattr(
        "cdrp_portal.uploads.read_in_child", lambda _kind, source, target: source.rename(target)
    )
    upload = SimpleUploadedFile("a.pdf", b"%PDF-1.7")
    upload._name = name

    try:
        kept = receive(upload).name
    except Refused:
        return

    assert not set(kept) & set('/\\\0"\r\n')
    assert len(kept.encode()) <= 150


def test_a_reader_that_breaks_is_a_refusal(tmp_path, monkeypatch):
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(b"x")

    with pytest.raises(Refused, match=UNREADABLE):
        read_in_child("never", source, target)

    def late(*_, **__):
        raise subprocess.TimeoutExpired("reader", 1)

    monkeypatch.setattr(limited_module.subprocess, "run", late)
    with pytest.raises(Refused, match="too long"):
        read_in_child("txt", source, target)


def test_the_readers_know_nothing_of_the_portal():
    """A child that imported settings would have the portal's secrets in its memory."""
    start = (
        "import sys; sys.path.insert(0, sys.argv[1]); "
        "from reading import child, images, office, pdfs, text; "
        "print([name for name in sys.modules if name.split('.')[0] in ('django', 'cdrp_portal', 'celery')])"
    )
    folder = str(limited_module.Path(limited_module.__file__).parent)
    told = subprocess.run(
        [sys.executable, "-I", "-c", start, folder], capture_output=True, text=True, check=True
    )

    assert told.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("size", "words"),
    [(1, "1 KB"), (214_300, "214 KB"), (999_400, "999 KB"), (3_240_000, "3.2 MB"), (LIMIT, "10.0 MB")],
)
def test_sizes_are_said_as_people_say_them(size, words):
    assert size_words(size) == words
