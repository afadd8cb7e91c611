"""The explorer at work in a real browser: alone and offline, its state in the address, its words computed."""

import json

import pytest

from tests.article import explorer_study
from tests.article.browser import BrowserError
from tests.article.reader import change, click, fate_of, numbers, shown, state, text, unfold

STOPS = 5


def test_it_opens_from_a_file_without_a_complaint_and_asks_for_nothing(tab):
    for stop in range(STOPS - 1):
        click(tab, "#next")
        assert tab.run("[...document.querySelectorAll('#stops button')].findIndex(b => b.ariaCurrent)") == stop + 1
    assert tab.complaints() == []


def test_a_script_that_was_not_built_in_does_not_run(tab):
    tab.run(
        """(() => { const added = document.createElement("script"); added.textContent = "window.intruder = true";
        document.body.append(added); const image = document.createElement("img"); image.src = "https://example.org/x";
        image.setAttribute("onerror", "window.intruder = true"); document.body.append(image); })()"""
    )
    tab.run("new Promise(done => setTimeout(done, 100))")
    assert tab.run("window.intruder") is None
    # an event of the DevTools comes with each thing that the policy stopped
    assert any("Content Security Policy" in complaint for complaint in tab.complaints())


def test_a_hostile_name_is_shown_as_it_is(tab):
    change(tab, "cell", explorer_study.HOSTILE)
    assert "</script><script>alert" in text(tab, "#measured-body")
    assert tab.complaints() == []


def test_all_that_moves_within_a_frame_is_drawn_once(tab):
    """What one drawing takes is measured by ``benchmarks/explorer_frame.py``."""
    asked = tab.run(
        """(() => { const slider = document.getElementById("gain"); const own = window.requestAnimationFrame;
        const drawings = []; window.requestAnimationFrame = (draw) => drawings.push(draw);
        for (let i = 1; i <= 10; i++) { slider.value = String(i / 4); slider.dispatchEvent(new Event("input")); }
        const within = drawings.length; drawings[0]();
        slider.value = "3"; slider.dispatchEvent(new Event("input"));
        window.requestAnimationFrame = own; drawings.at(-1)(); return [within, drawings.length]; })()"""
    )
    assert asked == [1, 2]


def test_a_script_that_fails_is_noticed_by_these_tests(tab):
    with pytest.raises(BrowserError, match="no such thing"):
        tab.run("(() => { throw new Error('no such thing') })()")


def test_without_javascript_it_says_so(tab, explored):
    assert not tab.run("document.querySelector('.notice')?.checkVisibility() ?? false")
    tab.send("Emulation.setScriptExecutionDisabled", value=True)
    try:
        tab.send("Page.navigate", url=explored.resolve().as_uri() + "?plain")
        tab.wait("document.readyState === 'complete' && location.search === '?plain'")
        assert tab.run("document.querySelector('.notice').checkVisibility()")
        assert "needs JavaScript" in text(tab, ".notice")
    finally:
        tab.send("Emulation.setScriptExecutionDisabled", value=False)


def test_a_state_goes_into_the_address_and_comes_back(tab, explored):
    change(tab, "gain", 2.5)
    change(tab, "units", 5)
    change(tab, "inputs", "wave")
    click(tab, "#freeze")
    change(tab, "mgain", 2)
    before, address = numbers(tab), state(tab)
    tab.open(explored, address)
    assert numbers(tab) == before
    assert before["settings"] == {
        "gain": 2.5, "bias": 0, "lag": 20, "units": 5, "seed": 2, "inputs": "wave", "freeze": True, "cut": False,
    }  # fmt: skip
    assert state(tab) == address
    assert tab.run("document.getElementById('mgain-out').textContent") == "8"


@pytest.mark.parametrize(
    ("said", "name", "value"),
    [
        ("gain=99", "gain", 8),
        ("gain=-1", "gain", 0),
        ("bias=1e999", "bias", 0),
        ("bias=", "bias", 0),
        ("units=3.4", "units", 3),
        ("units=three", "units", 8),
        ("inputs=__proto__", "inputs", "noise"),
        ("freeze=yes", "freeze", False),
        ("__proto__=1&constructor=2&stop=77&cell=%3Cimg%20src=x%3E&mlag=13", "lag", 20),
        ("%E0%A4%A", "lag", 20),
    ],
)
def test_an_address_that_says_nonsense_is_read_as_far_as_it_makes_sense(tab, explored, said, name, value):
    tab.open(explored, f"#{said}")
    assert numbers(tab)["settings"][name] == value
    assert tab.complaints() == []


def test_a_link_that_is_pasted_into_the_open_page_is_followed(tab):
    tab.run("location.hash = '#gain=8&bias=0&stop=0&lag=7'")
    tab.wait("document.getElementById('lag-out').textContent === '7'")
    assert numbers(tab)["settings"]["gain"] == 8


def test_numbers_and_links_are_copied(tab, explored):
    tab.send("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
    tab.send("Page.bringToFront")
    click(tab, "#copy-numbers")
    tab.wait("document.getElementById('copied').textContent")
    assert text(tab, "#copied") == "Numbers copied."
    assert json.loads(tab.run("navigator.clipboard.readText()")) == numbers(tab)
    click(tab, "#copy-link")
    tab.wait("document.getElementById('copied').textContent.startsWith('Link')")
    link = tab.run("navigator.clipboard.readText()")
    assert link.startswith(explored.resolve().as_uri() + "#gain=1&")


def test_where_copying_is_not_allowed_the_text_is_there_to_select(tab):
    tab.run("navigator.clipboard.writeText = () => Promise.reject(new Error('no'))")
    click(tab, "#copy-numbers")
    tab.wait("document.getElementById('copied').textContent")
    assert "selected below" in text(tab, "#copied")
    assert json.loads(tab.run("document.getSelection().toString() || document.getElementById('numbers').value"))


def test_the_tours_words_follow_from_its_numbers(tab):
    networks = []
    for stop in range(1, STOPS + 1):
        click(tab, f"#stops li:nth-child({stop}) button")
        networks.append((numbers(tab)["log10"], text(tab, "#finding-head"), text(tab, "#finding-body")))
    first, second, third, cut, product = networks
    for log10, title, caption in (first, second):
        change_of_carry = float(log10["carry"][19]) - float(log10["carry"][0])
        fate = "dies" if change_of_carry < -2 else "fades" if change_of_carry < -0.5 else "lasts"
        assert title.endswith(f"the carry {fate}")
        assert shown(log10["carry"][19]) in caption
        assert shown(log10["norm"][19]) in caption
    assert third[1] == f"Gain 8: the gradient {fate_of(third[0]['norm'])}"
    assert cut[1] == f"Cut the h-edges: what is left {fate_of(cut[0]['norm'])}"
    assert shown(third[0]["norm"][19]) in cut[2]
    assert cut[0]["norm"][19] == pytest.approx(third[0]["carry"][19], abs=1e-9)
    gap = abs(float(product[0]["h_to_h"][19]) - float(product[0]["article"][19]))
    assert product[1] == f"Bias 4: the article’s product is off by {gap:.0f} decades"


def test_a_setting_of_ones_own_ends_the_tour_and_gets_its_own_finding(tab):
    assert tab.run("document.querySelectorAll('#stops [aria-current]').length") == 1
    change(tab, "bias", 6)
    assert tab.run("document.querySelectorAll('#stops [aria-current]').length") == 0
    log10 = numbers(tab)["log10"]
    assert text(tab, "#finding-head") == f"The gradient {fate_of(log10['norm'])}."
    assert shown(log10["norm"][19]) in text(tab, "#finding-body")


def test_the_histogram_shows_the_shares_of_the_squared_norms(tab):
    unfold(tab)
    log10 = numbers(tab)["log10"]
    norms = [float(norm) for norm in (*log10["hops"][19], log10["hop_rest"][19])]
    squares = [10 ** (2 * norm) for norm in norms]
    cells = tab.run("[...document.querySelectorAll('#live-hops-table td:nth-child(2)')].map(cell => cell.textContent)")
    for cell, square in zip(cells, squares, strict=True):
        share = square / sum(squares)
        if not cell.startswith("less than"):
            assert float(cell.rstrip("%")) / 100 == pytest.approx(share, abs=0.006)
        else:
            assert share < 0.0005


def test_the_edges_are_as_wide_as_their_shares_and_cut_ones_are_gone(tab):
    shares = [share for step in numbers(tab)["edges"]["shares"] for share in step]
    widths = tab.run(
        "[...document.querySelectorAll('#graph .edge')].map(edge => Number(edge.getAttribute('stroke-width')))"
    )
    assert len(widths) == len(shares) == 4 * 20
    scale = (max(widths) - 0.8) / max(shares)
    for width, share in zip(widths, shares, strict=True):
        assert width == pytest.approx(0.8 + scale * share, abs=0.011)  # two decimals, twice
    click(tab, "#cut")
    assert tab.run("document.querySelectorAll('#graph .edge.hop').length") == 0
