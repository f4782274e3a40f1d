"""A scan is shown as pictures of ours: its pages, and the place a figure was read from."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from PIL import Image, ImageChops, ImageDraw

from intake.web.album import Album, Page
from intake.web.originals import Originals
from tests.web.conftest import Site, mail
from tests.web.test_mail import mail_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]  # a reader of scans starts


def scanned() -> bytes:
    """A page with nothing on it that could be read."""
    picture = Image.new("RGB", (900, 1200), "white")
    ImageDraw.Draw(picture).rectangle((200, 300, 700, 320), fill="black")
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


@pytest.fixture(scope="module")
def site(shared_site: Site) -> Site:
    """One console for the file."""
    return shared_site


@pytest.fixture(scope="module")
def scan(site: Site) -> int:
    """The number of a mail that brought a scan."""
    site.world.deliver(
        mail("snv@tinh.example", "Báo cáo tuần 30", ("BC tuan 30.png", scanned())), "2017-07-28 09:40:00"
    )
    site.world.poll("2017-07-28 11:00:00")
    return mail_of(site, "snv@tinh.example")


def test_a_scan_stands_as_a_picture_beside_what_was_read(site, scan):
    client = site.client("kiem")
    with site.console.ask() as q:
        n = next(p.n for p in q.parts(scan) if p.type == "png")
    assert f'src="/mail/{scan}/part/{n}/page/1.png"' in client.get(f"/mail/{scan}/part/{n}").text
    answer = client.get(f"/mail/{scan}/part/{n}/page/1.png")
    assert answer.headers["content-type"] == "image/png"
    assert Image.open(io.BytesIO(answer.content)).format == "PNG"
    assert client.get(f"/mail/{scan}/part/{n}/place/received.png").status_code == 404
    assert f"/mail/{scan}/part/{n}/page/1.png" in site.client("lan").get(f"/decide/{scan}").text


class Counting:
    """The real worker, every page it draws counted."""

    def __init__(self, box) -> None:
        self.box, self.drawn = box, []

    def __getattr__(self, name):
        return getattr(self.box, name)

    def pictures(self, data, kind, page, places):
        self.drawn.append((page, len(places)))
        return self.box.pictures(data, kind, page, places)


def test_what_waits_is_drawn_ahead_and_once_for_the_page_and_every_place_on_it(site, scan, monkeypatch):
    where = [{"page": 1, "box": [200, 300, 700, 320 + n]} for n in range(3)]
    figures = {"figures": {f"f{n}": {"where": one} for n, one in enumerate(where)}}
    for module in ("mail", "review"):
        monkeypatch.setattr(f"intake.web.routes.{module}.content_of", lambda _q, _s: figures)
    counting = Counting(site.console.reader.box)
    console = replace(site.console, reader=replace(site.console.reader, box=counting))
    client = replace(site, console=console).client("lan")
    with site.console.ask() as q:
        n = next(p.n for p in q.parts(scan) if p.type == "png")
    assert client.get("/review").status_code == 200
    album = client.app._app.state.album
    while (thread := album._thread) is not None:
        thread.join(60)
        assert not thread.is_alive()
    assert counting.drawn == [(1, 4)]
    sizes = {
        len(client.get(f"/mail/{scan}/part/{n}/{name}.png").content)
        for name in ("page/1", "place/f0", "place/f1", "place/f2")
    }
    assert len(sizes) > 1
    assert min(sizes) > 100
    assert counting.drawn == [(1, 4)], "nothing is drawn while somebody waits"
    client.get(f"/mail/{scan}/part/{n}/page-of/f0.png")
    assert counting.drawn == [(1, 4), (1, 1)]


def test_no_more_pictures_are_remembered_than_there_is_room_for(site, scan, monkeypatch):
    monkeypatch.setattr("intake.web.album._BYTES_MOST", 1)
    with site.console.ask() as q:
        part, mail_of_scan = next(p for p in q.parts(scan) if p.type == "png"), q.mail(scan)
    album = Album(Originals())
    for number in (1, 2):
        album.picture(site.console.reader, Page(mail_of_scan, part, number))
    assert [key[2] for key in album._made] == [2]


def test_looking_at_a_picture_is_noted_once_a_session(site, scan):
    client = site.client("binh")
    with site.console.ask() as q:
        n = next(p.n for p in q.parts(scan) if p.type == "png")
        before = len([e for e in q.entries() if e.kind == "access"])
    for _ in range(3):
        client.get(f"/mail/{scan}/part/{n}/page/1.png")
    with site.console.ask() as q:
        after = [e for e in q.entries() if e.kind == "access"]
    assert len(after) == before + 1
    assert after[-1].payload["what"] == "part_opened"


def test_what_is_no_picture_is_shown_as_none(site):
    number = mail_of(site, "stc@tinh.example")
    client = site.client("kiem")
    assert client.get(f"/mail/{number}/part/1/page/1.png").status_code == 404
    assert client.get(f"/mail/{number}/part/1/place/received.png").status_code == 404


def test_the_place_of_a_figure_is_cut_out_of_its_page(site, scan, monkeypatch):
    with site.console.ask() as q:
        n = next(p.n for p in q.parts(scan) if p.type == "png")
    where = {"page": 1, "box": [200, 300, 700, 320]}
    monkeypatch.setattr("intake.web.routes.mail.content_of", lambda _q, _s: {"figures": {"received": {"where": where}}})
    answer = site.client("kiem").get(f"/mail/{scan}/part/{n}/place/received.png")
    width, height = Image.open(io.BytesIO(answer.content)).size
    assert width > 5 * height, "the line, not the page"


def test_the_whole_page_shows_where_a_figure_stands(site, scan, monkeypatch):
    with site.console.ask() as q:
        n = next(p.n for p in q.parts(scan) if p.type == "png")
    where = {"page": 1, "box": [200, 300, 700, 320]}
    monkeypatch.setattr("intake.web.routes.mail.content_of", lambda _q, _s: {"figures": {"received": {"where": where}}})
    client = site.client("kiem")
    page = client.get(f"/mail/{scan}/part/{n}/figure/received")
    assert page.status_code == 200
    assert f'src="/mail/{scan}/part/{n}/page-of/received.png"' in page.text
    plain = Image.open(io.BytesIO(client.get(f"/mail/{scan}/part/{n}/page/1.png").content)).convert("RGB")
    framed = Image.open(io.BytesIO(client.get(f"/mail/{scan}/part/{n}/page-of/received.png").content)).convert("RGB")
    assert framed.size == plain.size
    box = ImageChops.difference(plain, framed).getbbox()
    assert box is not None
    share = framed.width / 900
    for edge, wanted in zip(box, where["box"], strict=True):
        assert abs(edge / share - wanted) < 15, box
    assert client.get(f"/mail/{scan}/part/{n}/figure/nothing").status_code == 404
