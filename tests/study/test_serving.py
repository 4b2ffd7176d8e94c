import re
import socket
import threading
import time

import httpx2
import pytest
from itsdangerous import URLSafeSerializer

from tracelib.core.errors import InputError
from tracelib.study import config, guard, pages, plan, preregistration, serving, store
from tracelib.study.materials import previewed


def test_a_port_that_is_taken_is_named():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=rf"cannot listen at 127.0.0.1:{port} \(.+\); --port names"):
            serving.listening("127.0.0.1", port)
    with pytest.raises(InputError, match=r"cannot listen at no.such.host.invalid:0"):
        serving.listening("no.such.host.invalid", 0)
    with pytest.raises(InputError, match="port 70000, expected a number from 0 to 65535"):
        serving.listening("127.0.0.1", 70_000)


def test_the_network_address_is_one():
    assert re.fullmatch(r"\d+(\.\d+){3}", serving.network_address())


def test_the_code_holds_the_address():
    svg = serving.qr_svg("http://192.0.2.7:8000/")
    assert svg.startswith(b"<?xml")
    assert svg != serving.qr_svg("http://192.0.2.8:8000/")
    assert "█" in serving.qr_text("http://192.0.2.7:8000/")


def test_a_rate_refills():
    rate = guard.Rate(burst=2, per_second=50)
    assert [rate.allows("a") for _ in range(3)] == [True, True, False]
    assert rate.allows("b")
    time.sleep(0.05)
    assert rate.allows("a")


def test_models_bold_and_bullets_are_laid_out_and_nothing_else():
    shown = pages.laid_out("**Bold** 2 * 3 ** 4\n* one\n  - two\n<b>**x**</b>")
    assert shown == (
        "<strong>Bold</strong> 2 * 3 ** 4\n• one\n  • two\n&lt;b&gt;<strong>x</strong>&lt;/b&gt;"
    )


@pytest.mark.parametrize("name", ["paper", "trust", "classroom"])
def test_the_preview_shows_every_page_and_needs_no_other_file(name):
    study, drawn, _ = previewed(*config.load(name)[:1])
    shown = plan.pages(study, drawn, 0)
    page = pages.preview(study, shown, drawn.origin, styles=True)
    assert page.count('class="sheet"') == len(shown) + 2
    assert not re.search(r'(?:src|href)="(?!#)', page)
    for text in (*study.consent.text, *study.instructions, *study.debrief):
        assert str(pages.escape(text)) in page
    for item in study.items.values():
        assert str(pages.escape(item.text)) in page


@pytest.mark.parametrize("name", ["paper", "trust", "classroom"])
def test_the_preregistration_states_what_the_study_states(name):
    study, path = config.load(name)
    text = preregistration.text(study, path.name)
    for item in study.items.values():
        assert item.text in text
    for hypothesis in study.hypotheses:
        assert hypothesis in text
    for anchors in study.anchors.values():
        assert "; ".join(anchors) in text
    assert config.digest(study) in text
    assert "{" not in text


def test_design_and_exclusions_in_words():
    study = config.load("paper").study
    assert "5 kinds of trace are compared within participants: each sees all of them" in (
        preregistration.design(study.ratings)
    )
    assert "the 10 rows of a balanced Latin square" in preregistration.design(study.ratings)
    assert preregistration.exclusions(study) == [
        "at least 2 failed attention checks",
        "less than 240 seconds from consent to the last page",
    ]


# --- A server that is killed ------------------------------------------------------------------


def participate(address: str, acknowledged: set, halt: threading.Event) -> None:
    """Take part again and again; note each page whose acceptance the server has told."""
    while not halt.is_set():
        try:
            with httpx2.Client(base_url=address, timeout=5) as client:
                token = token_of(client.get("/"))
                client.post("/consent", data={"token": token, "agree": "yes"})
                while not halt.is_set():
                    place = client.get("/next").headers["location"]
                    if not place.startswith("/page/"):
                        break
                    page = client.get(place)
                    names = re.findall(r'type="radio" name="(\w+)"', page.text)
                    sent = client.post(place, data={"token": token_of(page), **dict.fromkeys(names, "1")})
                    if sent.status_code == 303:
                        acknowledged.add((token_of(page), place.removeprefix("/page/")))
        except (httpx2.TransportError, TypeError, KeyError):
            time.sleep(0.05)  # the server is away


def token_of(page) -> str:
    return re.search(r'name="token" value="([^"]+)"', page.text)[1]


@pytest.mark.slow
def test_a_killed_server_has_kept_every_acknowledged_page_once(serve, tmp_path):
    server = serve()
    port = int(server.address.rpartition(":")[2])
    acknowledged, halt = set(), threading.Event()
    people = [
        threading.Thread(target=participate, args=(server.address, acknowledged, halt)) for _ in range(6)
    ]
    for person in people:
        person.start()
    for _ in range(2):
        before = len(acknowledged)
        deadline = time.monotonic() + 60
        while len(acknowledged) < before + 25 and time.monotonic() < deadline:
            time.sleep(0.02)
        server.kill()  # in the middle of submits
        server = serve(port=port)
    time.sleep(1)
    halt.set()
    for person in people:
        person.join()
    server.kill()
    kept = store.existing(f"sqlite:///{tmp_path}/served.sqlite")
    stored = [(answer.code, answer.page) for answer in kept.answers()]
    forms = URLSafeSerializer(kept.secret, salt="form")
    told = {(forms.loads(token)[0], page) for token, page in acknowledged}
    assert len(told) >= 50
    assert told <= set(stored)
    assert len(stored) == len(set(stored))
    kept.close()
