"""Small documents written by hand, so that a test says exactly which XML it is about."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from io import BytesIO

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
NAMESPACES = (
    f'xmlns:w="{W}" xmlns:r="{R}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
)

WEEKLY = (
    "UBND TỈNH MẪU",
    "SỞ NỘI VỤ",
    "Số: 123/BC-SNV",
    "BÁO CÁO TUẦN",
    "Báo cáo tuần 29 từ ngày 14/7 đến ngày 20/7 tháng 7 năm 2017",
    "I. KẾT QUẢ GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH",
    "- Tổng số hồ sơ đã tiếp nhận: 1.625",
    "- Tổng số hồ sơ đã giải quyết: 1.615",
    "- Hồ sơ trả đúng hạn: 1.590",
    "- Hồ sơ quá hạn: 25",
    "- Hồ sơ trả lại (tổ chức, cá nhân): 10",
)


def relations(*items: str) -> str:
    return f'<?xml version="1.0"?><Relationships xmlns="{_RELS}">{"".join(items)}</Relationships>'


def relation(key: str, kind: str, target: str, external: bool = False) -> str:
    mode = ' TargetMode="External"' if external else ""
    return f'<Relationship Id="{key}" Type="{R}/{kind}" Target="{target}"{mode}/>'


def zipped(members: Mapping[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def paragraph(text: str, properties: str = "") -> str:
    return f'<w:p>{properties}<w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def run(inner: str, properties: str = "") -> str:
    return f"<w:r>{f'<w:rPr>{properties}</w:rPr>' if properties else ''}{inner}</w:r>"


def table(*rows: str) -> str:
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>"


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraph(text)}</w:tc>"


def docx_of(body: str, members: Mapping[str, str | bytes] | None = None, rels: str = "") -> bytes:
    """A document whose body is this XML; ``rels``: its relationships; ``members``: further parts."""
    document = f'<?xml version="1.0" encoding="UTF-8"?><w:document {NAMESPACES}><w:body>{body}</w:body></w:document>'
    return zipped(
        {
            "[Content_Types].xml": _TYPES,
            "_rels/.rels": relations(relation("rId1", "officeDocument", "word/document.xml")),
            "word/document.xml": document,
            "word/_rels/document.xml.rels": relations(rels),
            **(members or {}),
        }
    )


def docx_bytes(lines: tuple[str, ...] = WEEKLY) -> bytes:
    """A plain weekly report."""
    return docx_of("".join(map(paragraph, lines)))


def part(element: str, inner: str) -> str:
    """A header, footer, styles … part."""
    return f'<?xml version="1.0" encoding="UTF-8"?><w:{element} {NAMESPACES}>{inner}</w:{element}>'


def pdf_of(content: bytes, resources: str = "", page: str = "/MediaBox [0 0 595 842]", extra: str = "") -> bytes:
    """One page of Helvetica; ``extra``: objects from number 6 on."""
    stream = f"<< /Length {len(content)} >>\nstream\n".encode() + content + b"\nendstream"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R {page} /Contents 4 0 R "
        f"/Resources << /Font << /F1 5 0 R >> {resources} >> >>".encode(),
        stream,
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        *(item.encode("latin-1") for item in extra.split("\n\n") if item),
    ]
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for n, item in enumerate(objects, 1):
        places.append(len(out))
        out += f"{n} 0 obj\n".encode() + item + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    return bytes(out + f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF".encode())


def self_calling_pdf() -> bytes:
    """A form XObject whose content draws itself, twice."""
    form = (
        "<< /Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /XObject << /X 6 0 R >> >> /Length 11 >>\n"
        "stream\n/X Do /X Do\nendstream"
    )
    return pdf_of(b"/X Do", resources="/XObject << /X 6 0 R >>", extra=form)
