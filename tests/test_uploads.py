"""What people may give to the portal: 60 hostile files refused, nobody's place or name kept (QUALITY D)."""

import io
import resource
import struct
import subprocess
import sys
import time
import zipfile
import zlib

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from cdrp_portal.uploads import KINDS, LIMIT, Received, Refused, receive, size_words
from cdrp_portal.uploads import limited as limited_module
from cdrp_portal.uploads.limited import UNREADABLE, read_in_child

NAME, PLACE = b"Demo Author", b"demo-place"
PNG_HEAD = b"\x89PNG\r\n\x1a\n"
SCRIPT = b"<script>document.title='x'</script>"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
EXTERNAL = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship '
    'Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" '
    'Target="{target}" TargetMode="{mode}"/></Relationships>'
)


def png(size=(8, 8), **options) -> bytes:
    return _image("PNG", size, **options)


def jpeg(size=(8, 8), **options) -> bytes:
    return _image("JPEG", size, **options)


def _image(kind: str, size: tuple[int, int], *, is_named: bool = False) -> bytes:
    written, image = io.BytesIO(), Image.new("RGB", size, "#1b1a5a")
    exif = Image.Exif()
    if is_named:
        exif[0x013B], exif[0x9C9D] = NAME.decode(), NAME.decode().encode("utf-16-le")
        exif[0x0112] = 6
        exif.get_ifd(0x8825).update({1: "N", 2: (51.0, 30.0, 26.0), 3: "W", 4: (0.0, 7.0, 39.0), 27: PLACE})
    image.save(written, kind, exif=exif)
    return written.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def huge_png() -> bytes:
    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    return PNG_HEAD + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(4096))) + chunk(b"IEND", b"")


def pdf(**root) -> bytes:
    document = pikepdf.new()
    document.add_blank_page(page_size=(200, 200))
    for key, value in root.items():
        document.Root[f"/{key}"] = value
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def pdf_with(change) -> bytes:
    document = pikepdf.new()
    document.add_blank_page(page_size=(200, 200))
    written = io.BytesIO()
    document.save(written, **(change(document) or {}))
    return written.getvalue()


def action(kind: str, **more) -> pikepdf.Dictionary:
    return pikepdf.Dictionary(S=pikepdf.Name(f"/{kind}"), **more)


def annotated(kind: str):
    def change(document):
        part = pikepdf.Dictionary(
            Type=pikepdf.Name("/Annot"), Subtype=pikepdf.Name(f"/{kind}"), Rect=[0, 0, 1, 1]
        )
        document.pages[0].obj["/Annots"] = pikepdf.Array([part])

    return change


def attached(document) -> None:
    document.attachments["a.exe"] = b"MZ"


def locked(document) -> dict:
    return {"encryption": pikepdf.Encryption(owner="demo", user="demo")}


def locked_for_change(document) -> dict:
    return {"encryption": pikepdf.Encryption(owner="demo", user="")}


def archive(parts: dict, *, comment: bytes = b"", before: bytes = b"", method=zipfile.ZIP_DEFLATED) -> bytes:
    written = io.BytesIO(before)
    with zipfile.ZipFile(written, "a" if before else "w", method) as packed:
        for name, part in parts.items():
            packed.writestr(name, part)
        packed.comment = comment
    return written.getvalue()


def types(main: str, part: str) -> str:
    return (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f'<Override PartName="/{part}" ContentType="{main}"/></Types>'
    )


def docx(extra: dict | None = None, *, body: str = "Held", **options) -> bytes:
    parts = {
        "[Content_Types].xml": types(WORD, "word/document.xml"),
        "word/document.xml": f"<w:document {W}><w:body><w:p><w:r><w:t>{body}</w:t></w:r></w:p></w:body>"
        "</w:document>",
    }
    return archive({**parts, **(extra or {})}, **options)


def xlsx(extra: dict | None = None) -> bytes:
    parts = {
        "[Content_Types].xml": types(SHEET, "xl/workbook.xml"),
        "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>',
    }
    return archive({**parts, **(extra or {})})


def odf(kind: str, extra: dict | None = None) -> bytes:
    office = 'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    parts = {
        "mimetype": f"application/vnd.oasis.opendocument.{kind}",
        "content.xml": f"<office:document-content {office}><office:scripts/></office:document-content>",
        "META-INF/manifest.xml": "<manifest/>",
    }
    return archive({**parts, **(extra or {})})


def encrypted(content: bytes) -> bytes:
    """The same archive with every entry's flag saying that it is encrypted."""
    changed = bytearray(content)
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        found = changed.find(signature)
        while found >= 0:
            changed[found + at] |= 1
            found = changed.find(signature, found + 4)
    return bytes(changed)


def billion() -> str:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha"}">' for n in range(10))
    return f"<!DOCTYPE d [{entities}]><d>&a9;</d>"


def relation(kind: str, target: str, mode: str = "External") -> dict:
    return {"word/_rels/document.xml.rels": EXTERNAL.format(kind=kind, target=target, mode=mode)}


def field(words: str) -> dict:
    text = "".join(f"<w:instrText>{part}</w:instrText>" for part in words.split("|"))
    return {"word/header1.xml": f"<w:hdr {W}>{text}</w:hdr>"}


def hostile() -> list[tuple[str, bytes]]:
    """Sixty files, each of which would do harm, or is not what it says."""
    name_of = pikepdf.Name
    script = action("JavaScript", JS="app.alert(1)")
    return [
        ("page.png", png() + SCRIPT),
        ("comment.png", png()[:-12] + chunk(b"tEXt", b"Comment\0" + SCRIPT) + png()[-12:]),
        ("archive.png", png() + archive({"a.exe": "MZ"})),
        ("paper.png", png()[:-12] + chunk(b"tEXt", b"Comment\0%PDF-1.7") + png()[-12:]),
        ("cut.png", png()[:40]),
        ("huge.png", huge_png()),
        ("jpeg.png", jpeg()),
        ("page.jpg", jpeg()[:2] + b"\xff\xfe\x00\x30" + SCRIPT.ljust(46) + jpeg()[2:]),
        ("archive.jpg", jpeg() + archive({"a.js": "x"})),
        ("cut.jpg", jpeg()[:60]),
        ("page.jpeg", jpeg() + b"<html><body>x"),
        ("drawing.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>x</script></svg>'),
        ("drawing.png", b'<svg xmlns="http://www.w3.org/2000/svg"/>'),
        ("drawing.txt", b'<svg xmlns="http://www.w3.org/2000/svg"/>'),
        ("page.html", b"<html></html>"),
        ("page.txt", b"  <!DOCTYPE html><p>x"),
        ("page.csv", b"a,b\n1,<iframe src=x>\n"),
        ("shortcut.lnk", b"L\0\0\0\x01\x14\x02\0" + bytes(68)),
        ("shortcut.pdf", b"L\0\0\0\x01\x14\x02\0" + bytes(68)),
        ("disk.iso", bytes(32768) + b"\x01CD001"),
        ("disk.pdf", bytes(32768) + b"\x01CD001"),
        ("program.exe", b"MZ" + bytes(64)),
        ("program.pdf", b"MZ" + bytes(64)),
        ("program.txt", b"MZ\x90\0\x03" + bytes(64)),
        ("minute.pdf.exe", b"MZ" + bytes(64)),
        ("minute.exe.pdf", pdf()),
        ("minute.js .pdf", pdf()),
        ("minute\u202efdp.exe", b"MZ"),
        ("minute.docm", docx()),
        ("no ending", pdf()),
        (".pdf", pdf()),
        ("empty.pdf", b""),
        ("scripts.pdf", pdf(OpenAction=script)),
        ("launch.pdf", pdf(OpenAction=action("Launch", F="cmd.exe"))),
        ("sends.pdf", pdf(OpenAction=action("SubmitForm", F="https://example.org"))),
        ("nested.pdf", pdf(Names=pikepdf.Dictionary(JavaScript=pikepdf.Dictionary(Names=["a", script])))),
        ("form.pdf", pdf(AcroForm=pikepdf.Dictionary(XFA="<xdp/>", Fields=[]))),
        ("media.pdf", pdf_with(annotated("RichMedia"))),
        ("attached.pdf", pdf_with(attached)),
        ("locked.pdf", pdf_with(locked)),
        ("locked-for-change.pdf", pdf_with(locked_for_change)),
        ("pages.pdf", pdf(Pages=pikepdf.Dictionary(Type=name_of("/Pages"), Kids=[], Count=0))),
        ("broken.pdf", b"%PDF-1.7\n" + bytes(400)),
        ("archive.pdf", pdf() + archive({"a.exe": "MZ"})),
        ("page.pdf", pdf() + SCRIPT),
        ("macros.docx", docx({"word/vbaProject.bin": b"\xd0\xcf\x11\xe0"})),
        ("types.docx", docx({"[Content_Types].xml": types("x.macroEnabled.main+xml", "word/document.xml")})),
        ("embedded.docx", docx({"word/embeddings/a.exe": b"MZ"})),
        ("template.docx", docx(relation("attachedTemplate", "https://example.org/a.dotm"))),
        ("escaped.docx", docx(relation("oleObject", "file://x/y", "&#69;xternal"))),
        ("runs.docx", docx(field("DDE|AUTO cmd /c calc"))),
        ("entities.docx", docx({"word/footer1.xml": billion()})),
        ("fetches.docx", docx({"word/footer1.xml": '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>'})),
        ("climbs.docx", docx({"../../etc/cron.d/a.xml": "<a/>"})),
        ("locked.docx", encrypted(docx())),
        ("zipped.docx", archive({"a.txt": "x"})),
        ("before.docx", docx(before=b"MZ" + bytes(62))),
        ("swells.xlsx", xlsx({"xl/worksheets/sheet1.xml": b" " * 40_000_000})),
        ("links.xlsx", xlsx({"xl/externalLinks/externalLink1.xml": '<a><ddeLink ddeService="cmd"/></a>'})),
        ("formula.csv", b"name,value\nx,\"=cmd|' /C calc'!A0\"\n"),
        ("formula2.csv", b"name;value\nx;@SUM(1)\n"),
        ("basic.odt", odf("text", {"Basic/Standard/Module1.xml": "<module/>"})),
        ("event.ods", odf("spreadsheet", {"styles.xml": '<a xmlns:script="s"><script:event-listener/></a>'})),
        ("kind.odt", odf("spreadsheet")),
    ]  # fmt: skip


def given(name: str, content: bytes) -> Received:
    return receive(SimpleUploadedFile(name, content))


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
        ("8.docx", docx(properties)),
        ("9.docx", docx({"word/media/image1.jpg": photo})),
        ("10.docx", docx({"word/media/image1.jpeg": photo, **properties})),
        ("11.docx", docx({"word/comments.xml": comment})),
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


def tells(content: bytes) -> bool:
    """Whether a name or a place stands in the file, in its parts, or in a picture's EXIF."""
    if content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return any(tells(packed.read(name)) for name in packed.namelist())
    if content[:5] == b"%PDF-":
        with pikepdf.open(io.BytesIO(content)) as document:
            streams = [part.read_raw_bytes() for part in document.objects if isinstance(part, pikepdf.Stream)]
            return NAME in content or any(NAME in part or tells(part) for part in streams)
    if content[:3] == b"\xff\xd8\xff" or content.startswith(PNG_HEAD):
        with Image.open(io.BytesIO(content)) as image:
            if image.getexif().get_ifd(0x8825):
                return True
    return any(word in content for word in (NAME, NAME.decode().encode("utf-16-le"), PLACE))


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


def processor_seconds() -> float:
    """Of this process and of its children: the clock would tell of the machine's other work as well."""
    return time.process_time() + resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime


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
