"""The scoreboard's HTML: escaped, complete, and readable without colour."""

from tracelib.paper.claims import VERDICTS, Claim
from tracelib.paper.estimates import InWords
from tracelib.reporting import scoreboard

CLAIM = Claim(
    *("a", "x < y & <b>z</b>", "page", "qualified", ("lead", "more"), "why <", "what", "joint"),
    where="on bAbI",
)
BARE = Claim("b", "?", "review", "open", (), "nothing <yet>", "all", "claims", quoted=False)
VALUES = {
    "lead": InWords("share", "31.9 [29.0, 34.9] %", "950 problems", "Wilson"),
    "more": InWords("gap", "<1>", "2 runs", "t"),
}


def test_the_board_has_a_row_per_claim_and_names_its_columns():
    html = scoreboard.board([CLAIM, BARE], VALUES).data
    assert html.count("<tr>") == 3
    assert html.count('data-label="verdict"') == 2
    assert "x &lt; y &amp; &lt;b&gt;z&lt;/b&gt;" in html
    assert ">31.9 [29.0, 34.9]</span> %" in html
    assert "&lt;1&gt;" not in html  # the board shows only the first estimate
    assert "nothing &lt;yet&gt;" in html
    assert 'href="joint.html"' in html
    assert "project page (on bAbI)" in html


def test_an_estimate_stays_with_its_interval_on_one_line():
    found = InWords("x", "main runs 3.1 [0.1, 6.2]; Qwen 0.7 [<b>, 1]", "n", "m")
    assert scoreboard._whole(found.value) == (
        '<strong>main <span class="whole">runs 3.1 [0.1, 6.2]</span>; '
        '<span class="whole">Qwen 0.7 [&lt;b&gt;, 1]</span></strong>'
    )


def test_a_card_has_everything_about_its_claim():
    html = scoreboard.cards([CLAIM], VALUES).data
    for text in (
        "why &lt;",
        ">31.9 [29.0, 34.9]</span> %",
        "950 problems",
        "Wilson",
        "&lt;1&gt;",
        "What is missing",
        "what",
    ):
        assert text in html
    assert 'id="claim-a"' in html
    assert "<dl>" not in scoreboard.cards([BARE], VALUES).data


def test_every_verdict_has_its_own_sign():
    assert set(scoreboard.MARKS) == set(VERDICTS)
    assert len(set(scoreboard.MARKS.values())) == len(VERDICTS)
