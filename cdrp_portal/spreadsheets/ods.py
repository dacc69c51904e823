"""A book as ODS, written as OpenDocument 1.3 straight into its zip.

By hand because the rows of a large register would cost a DOM library seconds, and because only so are
the bytes the same each time. Every text is escaped by `_text` or `quoteattr` and by nothing else.
"""

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from xml.sax.saxutils import escape, quoteattr

from cdrp_portal.spreadsheets.book import Book, Cell, Editing, Kind, Sheet, cell, check_size, legal_text
from cdrp_portal.spreadsheets.styles import (
    FONT,
    FONT_SIZE,
    INK,
    RIGHT_ALIGNED,
    RULE,
    STATUS_LOOKS,
    head_height,
)

MIMETYPE = "application/vnd.oasis.opendocument.spreadsheet"
# A column's unit, the width of a figure in 10-point Arial, in centimetres.
CHARACTER_CM = 0.2
_NAMESPACES = " ".join(
    f'xmlns:{prefix}="{address}"'
    for prefix, address in {
        "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
        "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
        "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
        "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
        "number": "urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0",
        "fo": "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0",
        "svg": "urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0",
        "config": "urn:oasis:names:tc:opendocument:xmlns:config:1.0",
        "meta": "urn:oasis:names:tc:opendocument:xmlns:meta:1.0",
        "dc": "http://purl.org/dc/elements/1.1/",
        "of": "urn:oasis:names:tc:opendocument:xmlns:of:1.2",
    }.items()
)
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def to_ods(book: Book) -> bytes:
    """The book as one ODS file. Raises CellTooLongError or TooManyRowsError, before anything is written."""
    for sheet in book.sheets:
        check_size(sheet)
    sheets = book.named_sheets()
    parts = {
        "content.xml": _content(sheets),
        "styles.xml": _STYLES,
        "meta.xml": _meta(book),
        "settings.xml": _settings(sheets),
        "META-INF/manifest.xml": _MANIFEST,
    }
    result = io.BytesIO()
    with zipfile.ZipFile(result, "w") as target:
        # The type stands first and uncompressed, so that it can be read without unpacking.
        target.writestr(zipfile.ZipInfo("mimetype", (1980, 1, 1, 0, 0, 0)), MIMETYPE)
        for name, xml in parts.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, xml.encode())
    return result.getvalue()


def _content(sheets: list[tuple[str, Sheet]]) -> str:
    tables = "".join(
        "".join(_table(number, name, sheet)) for number, (name, sheet) in enumerate(sheets, start=1)
    )
    columns = "".join(
        f'<style:style style:name="co{number}-{position}" style:family="table-column">'
        f'<style:table-column-properties style:column-width="{column.width * CHARACTER_CM:.2f}cm"/>'
        "</style:style>"
        for number, (_name, sheet) in enumerate(sheets, start=1)
        for position, column in enumerate(sheet.columns)
    )
    heads = "".join(
        f'<style:style style:name="head{number}" style:family="table-row"><style:table-row-properties'
        f' style:row-height="{head_height([(c.heading, c.width) for c in sheet.columns]):.1f}pt"'
        ' style:use-optimal-row-height="false"/></style:style>'
        for number, (_name, sheet) in enumerate(sheets, start=1)
    )
    return (
        f'{_DECLARATION}<office:document-content {_NAMESPACES} office:version="1.3"><office:automatic-styles>'
        f"{_FORMATS}{columns}{heads}{_CELL_STYLES}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{_choices(sheets)}{tables}</office:spreadsheet></office:body></office:document-content>"
    )


def _choices(sheets: list[tuple[str, Sheet]]) -> str:
    """The lists that cells offer, which ODS keeps before its tables."""
    lists = []
    for number, (name, sheet) in enumerate(sheets, start=1):
        for position, column in enumerate(sheet.columns):
            choices = sheet.editing.choices.get(column.key) if sheet.editing else None
            if not choices:
                continue
            listed = ";".join(f'"{choice}"' for choice in choices)
            told = f"Choose one of the list: {', '.join(choices)}."
            lists.append(
                f'<table:content-validation table:name="list{number}-{position}"'
                ' table:allow-empty-cell="true"'
                f" table:condition={quoteattr(f'of:cell-content-is-in-list({listed})')}"
                ' table:display-list="unsorted"'
                f" table:base-cell-address={quoteattr(f'{_quoted(name)}.A1')}>"
                f'<table:error-message table:title={quoteattr(column.heading)} table:display="true"'
                f' table:message-type="stop">{_text(told)}</table:error-message></table:content-validation>'
            )
    return f"<table:content-validations>{''.join(lists)}</table:content-validations>" if lists else ""


def _quoted(name: str) -> str:
    return "$'" + name.replace("'", "''") + "'"


def _table(number: int, name: str, sheet: Sheet) -> Iterator[str]:
    columns = list(sheet.columns)
    row_heads = min(sheet.freeze[1], len(columns))
    editing = sheet.editing or _NOT_EDITED
    protected = ' table:protected="true"' if sheet.editing else ""
    yield f'<table:table table:name={quoteattr(name)} table:style-name="sheet"{protected}>'
    widths = [
        f'<table:table-column table:style-name="co{number}-{position}"'
        f"{_HIDDEN if column.key in editing.hidden else ''}/>"
        for position, column in enumerate(columns)
    ]
    if row_heads:
        yield f"<table:table-header-columns>{''.join(widths[:row_heads])}</table:table-header-columns>"
    yield "".join(widths[row_heads:])
    yield f'<table:table-header-rows><table:table-row table:style-name="head{number}">'
    for column in columns:
        style = "head-right" if column.kind in RIGHT_ALIGNED else "head"
        yield f'<table:table-cell table:style-name="{style}" office:value-type="string">'
        yield f"{_note(editing, 0, column.key)}{_text(column.heading)}</table:table-cell>"
    yield "</table:table-row></table:table-header-rows>"
    for row_number, row in enumerate(sheet.rows, start=1):
        yield '<table:table-row table:style-name="row">'
        for position, (column, value) in enumerate(zip(columns, row, strict=True)):
            said, note = cell(value, column.kind), _note(editing, row_number, column.key)
            if column.key in editing.open:
                choices = f"list{number}-{position}" if column.key in editing.choices else ""
                yield _open_cell(said, choices, note)
            else:
                made = _cell(said, column.kind, position < row_heads)
                yield made.replace("><text:p>", f">{note}<text:p>", 1) if note else made
        yield "</table:table-row>"
    yield "</table:table>"


_NOT_EDITED = Editing(open=frozenset())
_HIDDEN = ' table:visibility="collapse"'


def _note(editing: Editing, row: int, key: str) -> str:
    note = editing.notes.get((row, key))
    return f'<office:annotation office:display="false">{_text(note)}</office:annotation>' if note else ""


def _open_cell(value: Cell, choices: str, note: str) -> str:
    """A cell to write in: formatted as text, so that what is typed stays as it is typed."""
    rule = f' table:content-validation-name="{choices}"' if choices else ""
    if value is None:
        return f'<table:table-cell table:style-name="open"{rule}>{note}</table:table-cell>'
    return (
        f'<table:table-cell table:style-name="open" office:value-type="string"{rule}>'
        f"{note}{_text(str(value))}</table:table-cell>"
    )


def _cell(value: Cell, kind: Kind, row_head: bool) -> str:
    bold = "-bold" if row_head else ""
    match value:
        case None:
            return f'<table:table-cell table:style-name="text{bold}"/>'
        case dt.datetime():
            moment = value.replace(tzinfo=None).isoformat()
            return _typed("moment", bold, f'office:value-type="date" office:date-value="{moment}"', moment)
        case dt.date():
            day = value.isoformat()
            return _typed("date", bold, f'office:value-type="date" office:date-value="{day}"', day)
        case int() | float() | Decimal():
            number = f"{value:f}" if isinstance(value, Decimal) else str(value)
            kind_of_number = {
                Kind.MONEY: 'office:value-type="currency" office:currency="GBP"',
                Kind.PERCENT: 'office:value-type="percentage"',
            }.get(kind, 'office:value-type="float"')
            style = kind.value if kind in RIGHT_ALIGNED else Kind.NUMBER.value
            return _typed(style, bold, f'{kind_of_number} office:value="{number}"', number)
        case _:
            style = f"text{bold}"
            if kind is Kind.STATUS and value in STATUS_LOOKS:
                style = _status_style(value)
            return (
                f'<table:table-cell table:style-name="{style}" office:value-type="string">'
                f"{_text(value)}</table:table-cell>"
            )


def _typed(style: str, bold: str, value: str, text: str) -> str:
    look = f"{style}{bold}"
    return f'<table:table-cell table:style-name="{look}" {value}><text:p>{text}</text:p></table:table-cell>'


_SPACES = re.compile("^ +| +$|(?<= ) +|\t")


def _text(text: str) -> str:
    """Paragraphs, one a line; a reader drops spaces beside others or at an edge unless they are elements."""
    lines = (_SPACES.sub(_spacing, escape(line)) for line in legal_text(text).split("\n"))
    return "".join(f"<text:p>{line}</text:p>" for line in lines)


def _spacing(match: re.Match[str]) -> str:
    return "<text:tab/>" if match[0] == "\t" else f'<text:s text:c="{len(match[0])}"/>'


def _status_style(word: str) -> str:
    return f"status-{word.lower().replace(' ', '-')}"


def _cell_style(name: str, *, data: str = "", cell: str = "", text: str = "", right: bool = False) -> str:
    data_style = f' style:data-style-name="{data}"' if data else ""
    return (
        f'<style:style style:name="{name}" style:family="table-cell"'
        f' style:parent-style-name="Default"{data_style}>'
        '<style:table-cell-properties style:vertical-align="top"'
        f' fo:border-bottom="0.5pt solid {RULE}" {cell}/>'
        f'<style:paragraph-properties fo:text-align="{"end" if right else "start"}"/>'
        f"<style:text-properties {text}/></style:style>"
    )


def _head_style(name: str, *, right: bool) -> str:
    return (
        f'<style:style style:name="{name}" style:family="table-cell" style:parent-style-name="Default">'
        f'<style:table-cell-properties style:vertical-align="bottom" fo:border-bottom="1.5pt solid {INK}"'
        ' fo:wrap-option="wrap"/>'
        f'<style:paragraph-properties fo:text-align="{"end" if right else "start"}"/>'
        '<style:text-properties fo:font-weight="bold"/></style:style>'
    )


_DAY = (
    '<number:day/><number:text> </number:text><number:month number:style="long" number:textual="true"/>'
    '<number:text> </number:text><number:year number:style="long"/>'
)
_FORMATS = (
    '<number:text-style style:name="N-text"><number:text-content/></number:text-style>'
    '<number:number-style style:name="N-number"><number:number number:min-integer-digits="1"/>'
    "</number:number-style>"
    '<number:percentage-style style:name="N-percent"><number:number number:decimal-places="0"'
    ' number:min-integer-digits="1"/><number:text>%</number:text></number:percentage-style>'
    '<number:currency-style style:name="N-money">'
    '<number:currency-symbol number:language="en" number:country="GB">£</number:currency-symbol>'
    '<number:number number:decimal-places="2" number:min-decimal-places="2"'
    ' number:min-integer-digits="1" number:grouping="true"/></number:currency-style>'
    '<number:date-style style:name="N-date" number:language="en" number:country="GB">'
    f"{_DAY}</number:date-style>"
    '<number:date-style style:name="N-moment" number:language="en" number:country="GB">'
    f'{_DAY}<number:text>, </number:text><number:hours number:style="long"/><number:text>:</number:text>'
    '<number:minutes number:style="long"/></number:date-style>'
)
_CELL_STYLES = (
    '<style:style style:name="sheet" style:family="table" style:master-page-name="Default">'
    '<style:table-properties table:display="true"/></style:style>'
    '<style:style style:name="row" style:family="table-row">'
    '<style:table-row-properties style:use-optimal-row-height="true"/></style:style>'
    + _head_style("head", right=False)
    + _head_style("head-right", right=True)
    + "".join(
        _cell_style(
            f"{kind}{suffix}",
            data=f"N-{kind}",
            cell='fo:wrap-option="wrap"' if kind is Kind.TEXT else "",
            text=weight,
            right=kind in RIGHT_ALIGNED,
        )
        for kind in (Kind.TEXT, Kind.NUMBER, Kind.MONEY, Kind.PERCENT, Kind.DATE, Kind.MOMENT)
        for suffix, weight in (("", ""), ("-bold", 'fo:font-weight="bold"'))
    )
    + _cell_style("open", data="N-text", cell='fo:wrap-option="wrap" style:cell-protect="none"', right=False)
    + "".join(
        _cell_style(
            _status_style(word),
            data="N-text",
            cell=f'fo:background-color="{look.fill}"',
            text=f'fo:color="{look.text}" fo:font-weight="{"bold" if look.bold else "normal"}"',
        )
        for word, look in STATUS_LOOKS.items()
    )
)
_STYLES = (
    f'{_DECLARATION}<office:document-styles {_NAMESPACES} office:version="1.3"><office:font-face-decls>'
    f'<style:font-face style:name="{FONT}" svg:font-family="{FONT}" style:font-family-generic="swiss"/>'
    '</office:font-face-decls><office:styles><style:default-style style:family="table-cell">'
    f'<style:text-properties style:font-name="{FONT}" fo:font-size="{FONT_SIZE}pt" fo:color="{INK}"'
    ' fo:language="en" fo:country="GB"/></style:default-style>'
    '<style:style style:name="Default" style:family="table-cell"/></office:styles><office:automatic-styles>'
    '<style:page-layout style:name="page"><style:page-layout-properties fo:page-width="29.7cm"'
    ' fo:page-height="21cm" style:print-orientation="landscape" style:scale-to-X="1" style:scale-to-Y="0"/>'
    "</style:page-layout></office:automatic-styles><office:master-styles>"
    '<style:master-page style:name="Default" style:page-layout-name="page"/></office:master-styles>'
    "</office:document-styles>"
)
_MANIFEST = (
    f'{_DECLARATION}<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"'
    ' manifest:version="1.3">'
    f'<manifest:file-entry manifest:full-path="/" manifest:version="1.3" manifest:media-type="{MIMETYPE}"/>'
    + "".join(
        f'<manifest:file-entry manifest:full-path="{name}.xml" manifest:media-type="text/xml"/>'
        for name in ("content", "styles", "meta", "settings")
    )
    + "</manifest:manifest>"
)


def _meta(book: Book) -> str:
    written = book.as_at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    about = "; ".join(f"{item}: {detail}" for item, detail in book.about)
    author = escape(legal_text(book.author))
    return (
        f'{_DECLARATION}<office:document-meta {_NAMESPACES} office:version="1.3"><office:meta>'
        f"<meta:generator>CDRP Portal</meta:generator><dc:title>{escape(legal_text(book.title))}</dc:title>"
        f"<dc:description>{escape(legal_text(about))}</dc:description>"
        f"<meta:initial-creator>{author}</meta:initial-creator><dc:creator>{author}</dc:creator>"
        f"<meta:creation-date>{written}</meta:creation-date><dc:date>{written}</dc:date>"
        "<dc:language>en-GB</dc:language></office:meta></office:document-meta>"
    )


def _settings(sheets: list[tuple[str, Sheet]]) -> str:
    """Frozen heads are a matter of the view, so they stand here and not in the table."""
    entries = "".join(
        f"<config:config-item-map-entry config:name={quoteattr(name)}>"
        + "".join(_setting(item, kind, value) for item, kind, value in _frozen(*sheet.freeze))
        + "</config:config-item-map-entry>"
        for name, sheet in sheets
    )
    return (
        f'{_DECLARATION}<office:document-settings {_NAMESPACES} office:version="1.3"><office:settings>'
        '<config:config-item-set config:name="ooo:view-settings">'
        '<config:config-item-map-indexed config:name="Views">'
        f"<config:config-item-map-entry>{_setting('ViewId', 'string', 'view1')}"
        f'<config:config-item-map-named config:name="Tables">{entries}</config:config-item-map-named>'
        f"{_setting('ActiveTable', 'string', escape(sheets[0][0]))}</config:config-item-map-entry>"
        "</config:config-item-map-indexed></config:config-item-set></office:settings></office:document-settings>"
    )


def _frozen(rows: int, columns: int) -> Iterator[tuple[str, str, object]]:
    yield "CursorPositionX", "int", columns
    yield "CursorPositionY", "int", rows
    yield "HorizontalSplitMode", "short", 2 if columns else 0
    yield "VerticalSplitMode", "short", 2 if rows else 0
    yield "HorizontalSplitPosition", "int", columns
    yield "VerticalSplitPosition", "int", rows
    # 3 is the part below and right of both heads; 2 is the one part below.
    yield "ActiveSplitRange", "short", 3 if columns and rows else 2
    yield "PositionLeft", "int", 0
    yield "PositionRight", "int", columns
    yield "PositionTop", "int", 0
    yield "PositionBottom", "int", rows


def _setting(name: str, kind: str, value: object) -> str:
    return f'<config:config-item config:name="{name}" config:type="{kind}">{value}</config:config-item>'
