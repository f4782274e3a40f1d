"""Every cap of the reading rooms, with its unit and its reason; nothing here is a setting of the office.

Rules:

1. A cap that is reached is a value with a reason of the contract's closed list, never an exception that leaves ``parsers``.
2. Caps on counts are checked before the library that would suffer from them is called (plan, faults F32 and F34).
3. The caps of the worker process (``WORKER_*``) hold whatever a library does; the others keep good answers quick.
"""

from __future__ import annotations

KIB = 1024
MIB = 1024 * KIB

# ---- mails -----------------------------------------------------------------------------------------------------------
MAIL_MAX = 64 * MIB  # bytes of one raw mail opened; larger ones keep their headers only: too_large
PART_MAX = 40 * MIB  # bytes of one decoded leaf; a signed scan of 100 pages is about 20 MiB
PARTS_MAX = 200  # leaves of one mail; the standard library is quadratic on thousands: too_many_parts
MIME_DEPTH_MAX = 20  # multiparts and forwarded mails inside one another: mime_too_deep
HOPS_MAX = 100  # Received fields (RFC 5321 6.3: "at least 100"): loop_suspected
RECEIVED_KEPT = 110  # Received fields carried on
DELIMITERS_MAX = 2000  # lines that open or close a part, counted before parsing: too_many_parts
FORWARDS_MAX = 50  # mails forwarded in one mail, however deep: too_many_parts
OPINION_FIELD_MAX = 4 * KIB  # bytes of one field shown to mail-parser; it takes quadratic time on some long ones
OPINION_MAX = 16 * MIB  # bytes of a mail given to mail-parser as well; it holds every part several times
INLINE_PICTURE_MAX = 100 * KIB  # bytes of a picture of the body that can only be a logo; a scanned page is larger
MEMBERS_SCANNED_MAX = 10_000  # central directory records counted before zipfile builds an object for each
GZ_PEEK = 512  # bytes inflated of a gzip file, only to recognise tar
FROM_ADDRESSES_MAX = 20  # addresses kept of all From fields; two are already one too many
ADDRESSES_MAX = 500  # addresses read of one field; the standard library is quadratic on 10,000
HEADERS_MAX = 500  # other top-level fields carried on
HEADER_BYTES_MAX = 256 * KIB  # bytes of the whole header block looked at
HEADER_BLOCK_MAX = 4 * MIB  # bytes of the header block split into fields; the rest is not looked at: mime_defect
HEADER_FIELDS_MAX = 50_000  # fields split; a mail loop stops long before: mime_defect
HEADER_VALUE_MAX = 8000  # characters of one field value carried on
SUBJECT_MAX = 1000  # characters of a subject carried on
BODY_TEXT_MAX = 2 * MIB  # characters of the joined bodies carried on
NAME_MAX = 255  # characters of a part's name, the limit of file systems it may be shown beside

# ---- archives --------------------------------------------------------------------------------------------------------
ZIP_DEPTH_MAX = 3  # archives inside archives: zip_nested_too_deep
ZIP_ENTRIES_MAX = 500  # members of one archive given as reports: zip_too_many_entries
OOXML_ENTRIES_MAX = 3000  # members of one docx or xlsx; a workbook with many pictures has some hundreds
INFLATED_MAX = 200 * MIB  # bytes really produced for one whole tree of archives, documents included: zip_bomb
UNAR_OUT_MAX = 60 * MIB  # bytes unar gives for one archive: they go to the reader beside the archive itself: too_large
RATIO = 250  # produced bytes to one stored byte of a member above RATIO_FROM; Word's own XML stays below 40
RATIO_FROM = 4 * MIB  # bytes produced before the ratio counts: small members of blanks compress well
OOXML_MEMBER_MAX = 48 * MIB  # bytes produced by one XML member of a docx or xlsx

# ---- documents -------------------------------------------------------------------------------------------------------
XML_DEPTH = 200  # elements inside one another: xml_too_deep; libxml2's own limit is 256
CELLS_MAX = 250_000  # cells of one document's tables together: too_large
SHEETS_MAX = 64  # sheets of a workbook read
SHEET_ROWS_MAX = 20_000  # rows of one sheet read
SHEET_COLUMNS_MAX = 500  # columns of one sheet read
SHEET_AREA_MAX = 2_000_000  # rows times columns of all sheets together, blanks included: too_large
CELL_TEXT_MAX = 32_767  # characters of one cell, the limit of Excel
TABLE_DEPTH_MAX = 8  # tables inside tables
BLOCKS_MAX = 50_000  # paragraphs and tables of one document: too_large
TEXT_MAX = 8 * MIB  # characters of one document: too_large
PAGES_MAX = 500  # pages of a PDF: too_many_pages
TABLE_PAGES_MAX = 40  # pages whose ruled tables are looked for; pdfplumber takes 50 ms and more a page
TABLE_SECONDS = 8.0  # seconds of looking for ruled tables in one PDF
PAGE_POINTS_MAX = 14_400  # points of a page's side, the limit of the PDF standard (200 inches): page_too_large
PDF_PAGE_CHARS_MAX = 200_000  # characters of one page: pdf_bomb
PDF_REMARKS_MAX = 500  # remarks (annotations) of one page, and places of one of them, looked at
PDF_LINE_SEGMENTS_MAX = 20_000  # ruling lines and rectangles of one page considered for a table
TEXT_QUALITY_MIN = 0.6  # 0..1, below it no number is believed without a person: low_text_quality

# ---- pictures of pages -----------------------------------------------------------------------------------------------
SCAN_SURE_MIN = 0.85  # 0..1, mean confidence of recognition below which "no report" is not believed: unreadable_scan
SCAN_LETTERS_MIN = (
    60  # letters and figures of a whole file below which "no report" is not believed of its pictures: unreadable_scan
)
SCAN_SIDE_MIN = 700  # pixels of a picture's shorter side from which it may be a page: A4 at 85 dpi; logos and signatures are smaller
SCAN_PAGES_MAX = 30  # pages of one part that are recognised; the rest is told: pages_without_text
IMAGE_PIXELS_MAX = 60_000_000  # pixels of a picture ever decoded (A4 at 600 dpi has 35 million): image_too_large
IMAGE_SIDE_MAX = 20_000  # pixels of a picture's side: image_too_large
IMAGE_SIDE_MIN = 400  # pixels; a smaller picture is a logo, no page is legible on it
PAGE_IDLE = 120.0  # seconds without a page after which the page worker ends and gives its memory back

# ---- the worker (one job) --------------------------------------------------------------------------------------------
WORKER_ADDRESS_SPACE = 512 * MIB  # bytes on top of what the warm worker has mapped already (RLIMIT_AS): memory
WORKER_CPU = 20  # seconds of processor time (RLIMIT_CPU): timeout
WORKER_FILE_SIZE = 64 * MIB  # bytes of one file written (RLIMIT_FSIZE)
WORKER_FILES = 32  # open descriptors (RLIMIT_NOFILE)
WORKER_WALL = 60.0  # seconds from handing the job over to its answer, then the whole group is killed: timeout
WORKER_OUTPUT = 128 * MIB  # bytes of an answer; a mail of MAIL_MAX goes back with its leaves: too_large
WORKER_TRIES = 2  # a crash is tried once more, then it is the file's fault: reader_crashed
