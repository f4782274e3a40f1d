"""Pictures of pages read: imported by the page worker alone (numpy, OpenCV, Tesseract).

The picture: ``source`` (bytes → pixels) → ``sheet`` (straight, even light, no seals) → ``rulings`` (tables by their lines)
→ ``recogniser`` (words) → ``numbers`` (each looked at twice) → ``page`` (all of it, a ``parsers.scan.PageScan``).
``picture`` cuts out what a person is to look at.
"""
