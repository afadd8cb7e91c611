"""The explorer for everybody, in a real browser: keyboard, screen reader, phone, dark, without colour, on paper."""

import re

import pytest

from tests.article.conftest import PHONE, WIDE
from tests.article.reader import change, click, numbers, text, unfold

SLIDERS = ("gain", "bias", "lag", "units")


def test_everything_can_be_reached_and_moved_by_keyboard_with_a_visible_focus(tab):
    tab.run("document.activeElement.blur(); document.body.focus()")
    wanted = tab.run(
        """[...document.querySelectorAll("a[href], button, input, select, summary, textarea, .frame[tabindex]")]
        .filter(one => !one.disabled && one.checkVisibility({visibilityProperty: true, contentVisibilityAuto: true}))
        .length"""
    )
    met = []
    for _ in range(wanted):
        tab.press("Tab")
        met.append(
            tab.run(
                """(() => { const one = document.activeElement; const style = getComputedStyle(one);
                const name = one.id || one.textContent.trim().slice(0, 30);
                return [name, style.outlineStyle, parseFloat(style.outlineWidth)]; })()"""
            )
        )
    assert met[0][0] == "Skip to the live network"
    names = [name for name, _, _ in met]
    assert len(set(names)) >= wanted - 4  # three summaries and some tables have the same words
    for control in (*SLIDERS, "inputs", "seed", "another", "freeze", "cut", "cell", "kind", "mgain", "mbias", "mlag"):
        assert control in names
    assert [name for name, kind, width in met if kind == "none" or width < 2] == []


def test_arrow_keys_move_a_slider_space_a_switch_and_enter_the_tour(tab):
    tab.run("document.getElementById('bias').focus()")
    tab.press("ArrowRight", 3)
    tab.frame()
    assert text(tab, "#bias-out") == "0.3"
    tab.press("End")
    tab.frame()
    assert text(tab, "#bias-out") == "6"
    tab.run("document.getElementById('cut').focus()")
    tab.press(" ")
    tab.frame()
    assert numbers(tab)["settings"]["cut"]
    tab.run("document.getElementById('next').focus()")
    tab.press("Enter")
    tab.frame()
    assert text(tab, "#finding-head").startswith("Forget bias 0")


def test_a_screen_reader_hears_once_what_changed_and_what_it_shows(tab):
    tab.run(
        """(() => { window.heard = []; const said = document.getElementById("said");
        const listen = new MutationObserver(() => heard.push(said.textContent));
        listen.observe(said, {childList: true, characterData: true, subtree: true}); })()"""
    )
    for value in (2, 4, 6, 8):
        change(tab, "gain", value)
    tab.run("new Promise(done => setTimeout(done, 1000))")
    heard = tab.run("heard")
    assert len(heard) == 1
    assert heard[0].startswith("Gain 8. The gradient ")
    assert text(tab, "#finding-body") in heard[0]
    assert tab.run("document.getElementById('said').getAttribute('aria-live')") == "polite"


def test_every_picture_has_words_and_a_table(tab):
    unfold(tab)
    for picture in ("graph", "live-norms", "live-hops", "measured-norms", "measured-hops"):
        assert len(tab.run(f"document.getElementById('{picture}').getAttribute('aria-label')")) > 30
        assert tab.run(f"document.querySelectorAll('#{picture}-table tbody tr').length") >= 8
        assert tab.run(f"document.querySelector('#{picture}-table caption').textContent")
    nodes = tab.send("Accessibility.getFullAXTree")["nodes"]
    roles = [
        (node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes if not node.get("ignored")
    ]
    assert [
        role for role, name in roles if role in ("slider", "switch", "button", "combobox", "image") and not name
    ] == []
    assert sum(role == "slider" for role, _ in roles) == 8
    assert sum(role == "switch" for role, _ in roles) == 2


@pytest.mark.parametrize("width", [320, 360, 800])
def test_no_width_needs_scrolling_sideways(tab, explored, width):
    tab.size(width, 740)
    tab.open(explored)
    unfold(tab)
    for address in (
        "stop=5",
        "stop=0&gain=8&bias=0&lag=40&cell=tanh&mhidden=16",
        "cell=lstm&mgain=8&mbias=4&mhidden=64",
    ):
        tab.run(f"location.hash = '#{address}'")
        tab.run("new Promise(done => setTimeout(done, 50))")
        tab.frame()
        assert tab.run("document.documentElement.scrollWidth") <= width


def test_on_a_phone_the_graph_is_on_the_first_screen_and_stays_beside_the_sliders(tab, explored):
    tab.size(*PHONE)
    tab.open(explored)
    assert tab.run("document.getElementById('graph').getBoundingClientRect().top") < 0.6 * PHONE[1]
    tab.run("document.getElementById('units').scrollIntoView({block: 'end', behavior: 'instant'})")
    tab.frame()
    box = tab.run(
        """(() => { const { top, bottom } = document.getElementById("graph").getBoundingClientRect();
        return [top, bottom]; })()"""
    )
    slider = tab.run("document.getElementById('gain').getBoundingClientRect().top")
    assert 0 <= box[0] < box[1] <= slider


CONTRAST = """(() => {
  const parse = (text) => { const [r, g, b, a = 1] = text.match(/[\\d.]+(e-?\\d+)?/g).map(Number);
    return text.startsWith("color(") ? [255 * r, 255 * g, 255 * b, a] : [r, g, b, a]; };
  const luminance = (rgb) => { const [r, g, b] = rgb.map((v) => { const s = v / 255;
    return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ground = (one) => { for (let here = one; here; here = here.parentElement) {
    const [r, g, b, a] = parse(getComputedStyle(here).backgroundColor);
    if (a > 0.99) return [r, g, b]; } return [255, 255, 255]; };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const one = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !one.checkVisibility()) continue;
    if (one.closest("script, title, .visually-hidden, .skip, :disabled")) continue;
    const style = getComputedStyle(one);
    const [a, b] = [parse(one.closest("svg") ? style.fill : style.color).slice(0, 3), ground(one)].map(luminance);
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) found.push([one.textContent.trim().slice(0, 40), Number(ratio.toFixed(2))]);
  }
  return found;
})()"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_stands_out_from_its_ground(tab, explored, scheme):
    tab.size(*WIDE, prefers_color_scheme=scheme)
    tab.open(explored, "#mgain=8&mbias=0&mhidden=16&mlag=10")
    ground = tab.run("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", ground)[:3])) < 384) == (scheme == "dark")
    assert tab.run(CONTRAST) == []


def test_carry_and_hops_differ_without_colour(tab):
    """Solid and dashed in the graph; filled and pale in the bars; thick, thin and dashed in the lines."""
    style = "getComputedStyle(document.querySelector('{}')).{}"
    assert tab.run(style.format("#graph .edge.carry", "strokeDasharray")) == "none"
    assert tab.run(style.format("#graph .edge.hop", "strokeDasharray")) != "none"
    assert float(tab.run(style.format("#live-hops .bar.hop", "fillOpacity"))) < 0.5
    assert float(tab.run(style.format("#live-hops .bar.carry", "fillOpacity"))) == 1
    looks = [
        (
            tab.run(style.format(f"#live-norms .curve.{look}", "strokeWidth")),
            tab.run(style.format(f"#live-norms .curve.{look}", "strokeDasharray")),
        )
        for look in ("whole", "carry", "article")
    ]
    assert len(set(looks)) == 3


def test_nothing_moves_by_itself(tab):
    """Not for those who asked for less motion, and not for the others either."""
    for choice in ("reduce", "no-preference"):
        tab.size(*WIDE, prefers_reduced_motion=choice)
        change(tab, "gain", 3 if choice == "reduce" else 5)
        assert tab.run("document.getAnimations().length") == 0


def test_on_paper_there_is_what_was_found_and_no_control(tab):
    click(tab, "#stops li:nth-child(3) button")
    tab.size(*WIDE, media="print")
    tab.frame()
    seen = "document.querySelector('{}').checkVisibility()"
    for there in (
        "#finding-head",
        "#finding-body",
        "#graph",
        "#gain-out",
        "#live-numbers",
        "#map-exponent",
        "#measured-body",
    ):
        assert tab.run(seen.format(there)), there
    for gone in ("#next", "#gain", "#copy-link", "#cut", ".skip", "summary"):
        assert not tab.run(seen.format(gone)), gone
    pdf = tab.send("Page.printToPDF", paperWidth=8.27, paperHeight=11.69)["data"]
    assert len(pdf) > 20_000
