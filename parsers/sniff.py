"""What a file is, by its content; the name only tells what was promised.

Rules, in order (contract, ``cchc read --json``; faults, examples of hostile files):

1. Nothing but blanks is ``empty``.
2. The first magic wins. A PDF that is a zip as well is read as a PDF, with the warning ``polyglot``.
3. Zips and OLE files are told apart by their members; an OLE file with EncryptedPackage is ``encrypted``.
4. XML and web archives an office program wrote are told from others by the namespace or the head they begin with.
5. A type we read under another name is read, with the finding ``wrong_extension``.
6. A type we do not read is ``type_mismatch`` when its name promises one we do (or a picture), else ``unsupported_type``;
   bytes of no known type under such a name are ``corrupt``.
7. A file that only says where another one is, a shortcut or a link saved as a file, is ``link_only``.
"""

from __future__ import annotations

import bz2
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from parsers import limits, ole
from parsers.charset import decode
from parsers.findings import finding
from parsers.mime import looks_like_mail
from parsers.readers import PICTURES, READABLE
from parsers.readers.decoding import utf16
from parsers.readers.delimited import delimiter
from parsers.values import Finding
from parsers.zipped import directory

# opened, their contents are read
CONTAINERS = frozenset({"zip", "7z", "rar", "tar", "tar.gz", "tar.bz2", "tar.xz", "eml", "msg", "tnef", "p7m", "p7s"})
_OPENDOCUMENT_TYPE = re.compile(rb"application/vnd\.oasis\.opendocument\.([a-z]+)")
_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"Rar!\x1a\x07", "rar"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z"),
    (0, b"\x1f\x8b", "gz"),
    (0, b"BZh", "bz2"),
    (0, b"\xfd7zXZ\0", "xz"),
    (257, b"ustar", "tar"),
    (0, b"\x89PNG\r\n\x1a\n", "png"),
    (0, b"\xff\xd8\xff", "jpeg"),
    (0, b"II*\x00", "tiff"),
    (0, b"MM\x00*", "tiff"),
    (0, b"GIF8", "gif"),
    (8, b"WEBP", "webp"),
    (4, b"ftyphei", "heic"),
    (4, b"ftypmif1", "heic"),
    (4, b"ftyp", "mp4"),
    (0, b"SIMPLE  =", "fits"),
    (0, b"{\\rtf", "rtf"),
    (0, b"\x78\x9f\x3e\x22", "tnef"),
    (0, b"MZ", "exe"),
    (0, b"\x7fELF", "elf"),
    (0, b"BM", "bmp"),
    (0, b"%!PS", "ps"),
    (0, b"AT&TFORM", "djvu"),
    (0, b"ID3", "mp3"),
    (0, b"-----BEGIN PGP", "pgp"),
    (0, b"-----BEGIN PKCS7", "p7m"),
    (0, b"-----BEGIN CMS", "p7m"),
    (0, b"\xd7\xcd\xc6\x9a", "wmf"),
    (0, b"L\0\0\0\x01\x14\x02\0", "lnk"),
)
_BZ2_BLOCK = 1024 * limits.KIB  # a block is unpacked whole or not at all
_XZ_MEMORY = 80 * 1024 * limits.KIB  # of the highest level
_EXTENSIONS = {
    "docx": "docx", "docm": "docx", "dotx": "docx", "xlsx": "xlsx", "xlsm": "xlsx", "xltx": "xlsx", "xls": "xls",
    "dotm": "docx", "xltm": "xlsx", "dot": "doc", "xlt": "xls", "ott": "odt", "ots": "ods", "tsv": "csv",
    "pdf": "pdf", "html": "html", "htm": "html", "txt": "txt", "text": "txt", "csv": "csv", "zip": "zip", "eml": "eml",
    "doc": "doc", "rtf": "rtf", "odt": "odt", "ods": "ods", "png": "png", "jpg": "jpeg", "jpeg": "jpeg", "tif": "tiff",
    "tgz": "tar.gz", "tbz2": "tar.bz2", "txz": "tar.xz", "tar": "tar", "p7m": "p7m", "p7s": "p7s", "tiff": "tiff", "rar": "rar", "7z": "7z", "msg": "msg", "mht": "mht", "mhtml": "mht", "ppt": "ppt", "pptx": "pptx",
}  # fmt: skip
_OLE_TYPES = (
    ("WordDocument", "doc"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("PowerPoint Document", "ppt"),
    ("__properties_version1.0", "msg"),
    ("VisioDocument", "vsd"),
)
_OPENDOCUMENT = {"text": "odt", "spreadsheet": "ods", "presentation": "odp", "graphics": "odg"}
_AS_GOOD = frozenset({("txt", "html"), ("csv", "txt"), ("txt", "csv")})  # promised, found: nobody is misled
_MARKUP = re.compile(
    r"\s*+(?:<\?xml[^>]{0,400}>\s*+)?(?:(?><!--.{0,4000}?-->)\s*+)*+"  # never tried twice: comments would multiply
    r"<(!doctype\s+html|html|head|body|table|meta|style|script|title|div|p|span|font|center|h[1-6]|br|b|ul|ol)\b",
    re.IGNORECASE | re.DOTALL,
)
_XML = re.compile(r"\s*(?:<\?xml|<(?:[a-z0-9]+:)?[a-z][a-z0-9]*[\s>/])", re.IGNORECASE)
_OFFICE_XML = (  # the namespace of the root element, or of a flat package
    ("http://schemas.microsoft.com/office/word/2003/wordml", "wordxml"),
    ("http://schemas.microsoft.com/office/2006/xmlPackage", "wordxml"),
    ("urn:schemas-microsoft-com:office:spreadsheet", "excelxml"),
)
_IWORK = frozenset({"pages", "numbers", "key"})
_POINTERS = frozenset({"url", "lnk"})  # files that only say where a file is
_POINTER = re.compile(r'\s*(?:\[InternetShortcut\]|\{[^{}]*"(?:url|doc_id)"\s*:\s*"[^{}]*\}\s*\Z)', re.IGNORECASE)
_POINTER_MAX = 2000  # characters of such a file
_PKCS7 = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07"
_SCRIPT = re.compile("[\t\r\n -~\xa0-\u024f\u0300-\u036f\u1ea0-\u1ef9\u2010-\u2026]")  # what Vietnamese text is made of
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")


@dataclass(frozen=True, slots=True)
class Sniffed:
    """What a file is; ``reason`` is set when it cannot be read as it is."""

    type: str  # "docx", "zip", "rar" … ; "data" when unknown
    findings: tuple[Finding, ...] = ()
    reason: str | None = None


def sniff(data: bytes, name: str = "", declared: str = "") -> Sniffed:
    """The type of these bytes; ``name`` and the ``declared`` MIME type only help where content is not enough."""
    promised = promise(name)
    if not data.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        return Sniffed(promised or "data", reason="empty")
    found, reason = _by_content(data, promised, declared, ending_of(name))
    findings: list[Finding] = []
    if found == "pdf" and _is_zip(data):
        findings.append(finding("polyglot", first="pdf", other="zip"))
    if found in _POINTERS:
        return Sniffed(found, tuple(findings), "link_only")
    if reason is None and found not in READABLE | PICTURES | CONTAINERS:
        return Sniffed(found, tuple(findings), _refusal(found, promised))
    if promised and promised != found and (promised, found) not in _AS_GOOD:
        findings.append(finding("wrong_extension", promised=promised, found=found))
    return Sniffed(found, tuple(findings), reason)


def promise(name: str) -> str:
    """The type a name promises by its last extension, "" when it promises nothing we know."""
    return _EXTENSIONS.get(ending_of(name), "")


def ending_of(name: str) -> str:
    """What stands behind the last dot of a name, in lower case."""
    return name.rpartition(".")[2].strip().lower() if "." in name else ""


def _refusal(found: str, promised: str) -> str:
    wanted = READABLE | CONTAINERS | PICTURES
    if promised not in wanted or promised == found or {found, promised} <= PICTURES:
        return "unsupported_type"
    return "corrupt" if found == "data" else "type_mismatch"


def _by_content(data: bytes, promised: str, declared: str, ending: str) -> tuple[str, str | None]:
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _zip_type(data, promised, ending)
    if data.startswith(ole.MAGIC):
        return _ole_type(data, promised)
    if data[:1] == b"\x30" and _PKCS7 in data[:64]:
        return ("p7s" if declared.endswith("signature") or promised == "p7s" else "p7m"), None
    if b"%PDF-" in data[:1024] and not _known_magic(data):
        return "pdf", None
    magic = _known_magic(data)
    if magic in _PEEKS:
        return (f"tar.{magic}" if _inflates_to_tar(data, magic) else magic), None
    if magic:
        return magic, None
    return _text_type(data, promised, declared), None


def _known_magic(data: bytes) -> str:
    return next((kind for at, magic, kind in _MAGIC if data.startswith(magic, at)), "")


def _is_zip(data: bytes) -> bool:
    """Whether a whole zip can be opened; its end record is searched in the last 64 KiB only."""
    return b"PK\x05\x06" in data[-(65_557 + limits.KIB) :] and _members(data) is not None


def _members(data: bytes) -> list[zipfile.ZipInfo] | None:
    """The central directory, None when it is broken or absurdly long."""
    if data.count(b"PK\x01\x02") > limits.MEMBERS_SCANNED_MAX:
        return None
    try:
        return directory(data).infolist()
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError, OSError, zlib.error):
        return None


def _zip_type(data: bytes, promised: str, ending: str) -> tuple[str, str | None]:
    members = _members(data)
    if members is None:
        if data.count(b"PK\x01\x02") > limits.MEMBERS_SCANNED_MAX:
            return "zip", "zip_too_many_entries"
        office = next((kind for mark, kind in _PACKAGES if mark in data), "zip")
        return (promised if promised in ("docx", "xlsx", "odt", "ods") else office), "corrupt"
    names = {info.filename.replace("\\", "/").lower() for info in members}
    typed = "[content_types].xml" in names
    office = next((kind for main, kind in _OFFICE if main in names), "")
    if office:
        return office, None if typed else "corrupt"
    if typed and promised in ("docx", "xlsx"):
        return promised, None
    if "mimetype" in names:
        return _by_mimetype(data), None
    if any(name.endswith(".iwa") for name in names):
        return (ending if ending in _IWORK else "iwork"), None
    return ("opc" if typed else "zip"), None


_PACKAGES = (
    (b"word/", "docx"),
    (b"xl/", "xlsx"),
    (b"opendocument.text", "odt"),
    (b"opendocument.spreadsheet", "ods"),
)
_OFFICE = (
    ("word/document.xml", "docx"),
    ("xl/workbook.xml", "xlsx"),
    ("xl/workbook.bin", "xlsb"),
    ("ppt/presentation.xml", "pptx"),
)


def _by_mimetype(data: bytes) -> str:
    """OpenDocument keeps its type in a first, stored member called mimetype."""
    match = _OPENDOCUMENT_TYPE.search(data[:300])
    return _OPENDOCUMENT.get(match[1].decode(), "odf") if match else "zip"


def _ole_type(data: bytes, promised: str) -> tuple[str, str | None]:
    names = ole.first_level(data)
    if "EncryptedPackage" in names:
        return (promised if promised in ("docx", "xlsx") else "ole"), "encrypted"
    found = next((kind for stream, kind in _OLE_TYPES if stream in names), "")
    if found:
        return found, None
    return (promised if promised in ("doc", "xls", "msg") else "ole"), None if names else "corrupt"


def _inflates_to_tar(data: bytes, magic: str) -> bool:
    try:
        return _PEEKS[magic](data)[257:262] == b"ustar"
    except (zlib.error, lzma.LZMAError, OSError, MemoryError):
        return False


_PEEKS: dict[str, Callable[[bytes], bytes]] = {  # the first bytes of what was packed, and no more
    "gz": lambda data: zlib.decompressobj(31).decompress(data[: 64 * limits.KIB], limits.GZ_PEEK),
    "bz2": lambda data: bz2.BZ2Decompressor().decompress(data[:_BZ2_BLOCK], limits.GZ_PEEK),
    "xz": lambda data: lzma.LZMADecompressor(memlimit=_XZ_MEMORY).decompress(data[: 64 * limits.KIB], limits.GZ_PEEK),
}


def _text_type(data: bytes, promised: str, declared: str) -> str:
    start = data[: 64 * limits.KIB]
    wide = start.startswith((b"\xff\xfe", b"\xfe\xff"))
    unmarked = utf16(start) if not wide and b"\0" in start else ""
    if b"\0" in start and not wide and not unmarked:
        return "data"
    text = decode(start, unmarked)[0]
    if unmarked and len(_SCRIPT.findall(text)) * 20 < len(text) * 19:
        return "data"
    if len(_CONTROLS.findall(text)) * 100 > len(text) or text.count("�") * 10 > len(text):
        return "data"
    if _MARKUP.match(text):
        return "html"
    if "<svg" in text[:1000].lower():
        return "svg"
    if _XML.match(text):
        office = next((kind for mark, kind in _OFFICE_XML if mark in text), "")
        return office or ("html" if promised == "html" else "xml")
    if len(text) <= _POINTER_MAX and _POINTER.match(text):
        return "url"
    if looks_like_mail(data):
        return "eml"
    if text.lstrip()[:13].lower() == "mime-version:":
        return "mht"
    for mark, kind in (("BEGIN:VCARD", "vcf"), ("BEGIN:VCALENDAR", "ics")):
        if text.lstrip().startswith(mark):
            return kind
    if declared == "text/html" and "<" in text:
        return "html"
    return "csv" if (promised == "csv" or declared == "text/csv") and delimiter(text) else "txt"
