"""LibreOffice as an editor: one start opens each file, writes into cells as its own program does, and saves.

By a Basic module in a profile of its own, which is the only way in where its Python bridge is not installed.
"""

import shutil
import subprocess
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

FILTERS = {"xlsx": "Calc MS Excel 2007 XML", "ods": "calc8", "csv": "Text - txt - csv (StarCalc)"}
# Comma, double quote, UTF-8, from the first line on; then every column as text, as its opening dialog offers.
AS_TEXT = "44,34,76,1," + "/".join(f"{column}/2" for column in range(1, 12))
MODULE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Edits"
 script:language="StarBasic">{}</script:module>"""
LIBRARY = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE library:library PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "library.dtd">
<library:library xmlns:library="http://openoffice.org/2000/library" library:name="Standard"
 library:readonly="false" library:passwordprotected="false"><library:element library:name="Edits"/>
</library:library>"""
LIBRARIES = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE library:libraries PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "libraries.dtd">
<library:libraries xmlns:library="http://openoffice.org/2000/library"
 xmlns:xlink="http://www.w3.org/1999/xlink"><library:library library:name="Standard" library:link="false"/>
</library:libraries>"""
# Else a new profile's first start puts its own empty library in the place of this one.
STARTED_BEFORE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Setup/Office">
<prop oor:name="ooSetupInstCompleted" oor:op="fuse"><value>true</value></prop></item></oor:items>"""
BASIC = """
Function Prop(named, held)
  Dim one As New com.sun.star.beans.PropertyValue
  one.Name = named
  one.Value = held
  Prop = one
End Function

Sub Put(sheet, across, down, text)
  On Error Resume Next
  sheet.getCellByPosition(across, down).setString(text)
End Sub
"""


def edited_in_libreoffice(
    folder: Path, files: dict[str, bytes], edits: list[tuple[int, int, str]]
) -> dict[str, bytes]:
    """Each file (by its ending) after the edits: column and row from 0, and the text written there."""
    program = shutil.which("soffice")
    if program is None:
        pytest.fail("LibreOffice is not on this machine: run `make install`, which brings it.")
    user = folder / "profile" / "user"
    library = user / "basic" / "Standard"
    library.mkdir(parents=True)
    (user / "registrymodifications.xcu").write_text(STARTED_BEFORE)
    (user / "basic" / "script.xlc").write_text(LIBRARIES)
    (library / "script.xlb").write_text(LIBRARY)
    steps = [BASIC, "Sub Put_All(sheet)"]
    steps += [f"  Put(sheet, {across}, {down}, {_basic(text)})" for across, down, text in edits]
    steps += ["End Sub", "Sub Run", "  Dim book"]
    for ending, content in files.items():
        (folder / f"taken.{ending}").write_bytes(content)
        options = f', Prop("FilterName", "{FILTERS[ending]}")'
        if ending == "csv":
            options += f', Prop("FilterOptions", "{AS_TEXT}")'
        steps += [
            f'  book = StarDesktop.loadComponentFromURL("file://{folder}/taken.{ending}", "_blank", 0, '
            f'Array(Prop("Hidden", True){options}))',
            "  Put_All(book.Sheets.getByIndex(0))",
            f'  book.storeToURL("file://{folder}/edited.{ending}", Array(Prop("Overwrite", True){options}))',
            "  book.close(True)",
        ]
    steps.append("End Sub")
    (library / "Edits.xba").write_text(MODULE.format(escape("\n".join(steps))), encoding="utf-8")
    subprocess.run(
        [
            program,
            f"-env:UserInstallation=file://{folder}/profile",
            "--headless",
            "--norestore",
            "macro:///Standard.Edits.Run",
        ],
        check=True,
        capture_output=True,
        timeout=240,
    )
    return {ending: (folder / f"edited.{ending}").read_bytes() for ending in files}


def _basic(text: str) -> str:
    """A text as a Basic expression: its strings hold neither line breaks nor single quotation marks."""
    pieces = []
    for number, line in enumerate(text.split("\n")):
        if number:
            pieces.append("Chr(10)")
        pieces.append('"' + line.replace('"', '""') + '"')
    return " & ".join(pieces)
