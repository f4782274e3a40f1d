"""The control words of rich text that matter for its text ([RTF] 1.9.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from parsers.readers.docx_story import Where

_ONE = (
    r"(?P<group>[{}])"
    r"|\\(?P<word>[a-zA-Z]{1,40})(?:(?P<value>-?[0-9]{1,10})[0-9]*)? ?"
    r"|\\'(?P<hex>[0-9a-fA-F]{2})"
    r"|\\(?P<sign>[^a-zA-Z])"
    r"|(?P<text>[^\\{}\r\n]+)"
    r"|[\r\n]+"
)
TOKEN = re.compile(_ONE)
STORIES: dict[str, Where] = {
    "header": "header", "headerl": "header", "headerr": "header", "headerf": "header",
    "footer": "footer", "footerl": "footer", "footerr": "footer", "footerf": "footer",
    "footnote": "footnote", "annotation": "remark", "shptxt": "textbox", "dptxbxtext": "textbox",
}  # fmt: skip
# Groups passed over in which something shown may begin.
HOLDING = frozenset({"shpinst", "upr", "do"})
# Inside a group that is passed over these begin something that is shown.
BACK = frozenset({"shptxt", "dptxbxtext", "ud", "nesttableprops", "pict"})
# Groups that are not text although nothing marks them as such.
GONE = frozenset(
    {
        "colortbl", "stylesheet", "info", "pict", "listtable", "listoverridetable", "revtbl", "rsidtbl", "themedata",
        "colorschememapping", "datastore", "latentstyles", "generator", "xmlnstbl", "filetbl", "atnid",
        "atnauthor", "atnicn", "atntime", "atndate", "atnref", "atnparent", "bkmkstart", "bkmkend", "tc", "tcn", "xe", "rxe", "objdata", "objclass", "objname", "private",
        "nonesttables", "upr", "sp", "sn", "sv", "shpinst", "do", "falt", "panose", "ftnsep", "ftnsepc", "aftnsep",
        "ftncn", "aftncn", "aftnsepc", "template", "mmathPr", "userprops", "nonshppict",
    }
)  # fmt: skip
# Marked as ignorable, yet shown.
MARKS = frozenset({"shppict", "nesttableprops", "ud", "fldinst"})
BREAKS = frozenset({"par", "sect", "page", "column"})
LETTERS = {
    "tab": "\t", "line": "\n", "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“",
    "rdblquote": "”", "bullet": "•", "emspace": " ", "enspace": " ", "qmspace": " ", "softline": "\n", "lbr": "\n",
}  # fmt: skip
# Windows' numbers of a font's letters; 0 and 1 are the document's own.
CHARSETS = {
    77: "mac-roman", 128: "cp932", 129: "cp949", 134: "gb2312", 136: "cp950", 161: "cp1253", 162: "cp1254",
    163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250",
}  # fmt: skip
# Words that change the state or the table, beside those above.
FORMATS = frozenset(
    {
        "f", "plain", "v", "super", "nosupersub", "sub", "webhidden", "deleted", "strike", "striked", "uc", "ansicpg", "deff", "objautlink", "objupdate", "up", "dn",
    }
)  # fmt: skip
TABLES = frozenset(
    {
        "pard", "intbl", "itap", "cell", "nestcell", "row", "nestrow", "trowd", "trleft", "clvmrg", "clmrg", "cellx",
    }
)  # fmt: skip
PLACES = frozenset({*STORIES, *GONE, "ud", "nesttableprops", "fonttbl", "fldinst"})  # say where a group goes
_TELLING = FORMATS | TABLES | PLACES | BACK | MARKS | BREAKS | LETTERS.keys() | {"u", "bin", "fcharset"}


def _listed(words: Iterable[str]) -> str:
    """A pattern of these words, those with one first letter together."""
    first: dict[str, list[str]] = {}
    for word in sorted(words):
        first.setdefault(word[0], []).append(word[1:])
    return "|".join(f"{letter}(?:{'|'.join(rests)})" for letter, rests in first.items())


LOOKS = frozenset({"cf", "fs"})  # colour and size, asked about only where a file has letters nobody sees


def _tokens(telling: Iterable[str]) -> re.Pattern[str]:
    dull = rf"\\(?!(?:{_listed(telling)})(?![a-zA-Z]))[a-zA-Z]{{1,40}}(?:-?[0-9]{{1,10}}[0-9]*)? ?"
    return re.compile(rf"(?P<dull>{dull}(?:[\r\n]*{dull})*)|{_ONE}")


# The same tokens, words that say nothing here taken together: four of five are about looks.
TOKENS, TOKENS_OF_LOOKS = _tokens(_TELLING), _tokens(_TELLING | LOOKS)
_CLOSING = re.compile(r"[{}]|\\[\\{}]|\\bin([0-9]{1,9}) ?")


def closing(text: str, at: int) -> int:
    """Where the group that is open at ``at`` closes; the end of the text when it never does."""
    depth = 0
    while match := _CLOSING.search(text, at):
        at = match.end()
        if match[1]:
            at += int(match[1])
        elif match[0] == "{":
            depth += 1
        elif match[0] == "}":
            if not depth:
                return match.start()
            depth -= 1
    return len(text)
