"""How long the explorer takes for one update, as a share of a frame: computing, drawing and laying out.

    PYTHONPATH=src:. python benchmarks/explorer_frame.py [RESULTS/explorer.html]

It is processor time of the page's thread in a headless chromium, so that waiting on a shared machine does not count:
the smallest mean of several rounds of 30 updates, after one in which the page is still being compiled.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tests.article.browser import Browser

FRAME = 1 / 60  # seconds
ROUNDS, UPDATES = 5, 30
MOVES = f"""(() => {{ const slider = document.getElementById("gain"); const own = window.requestAnimationFrame;
    let drawing = null; window.requestAnimationFrame = (draw) => {{ drawing = draw; return 0; }};
    for (let i = 1; i <= {UPDATES}; i++) {{
      slider.value = String(i / 4); slider.dispatchEvent(new Event("input")); drawing();
      document.body.offsetHeight; }}
    window.requestAnimationFrame = own; }})()"""


def seconds(tab: Browser) -> float:
    """Return the processor seconds of the page's thread."""
    metrics = tab.send("Performance.getMetrics")["metrics"]
    return next(metric["value"] for metric in metrics if metric["name"] == "ThreadTime")


def one_round(tab: Browser) -> float:
    """Return the mean processor seconds of an update."""
    before = seconds(tab)
    tab.run(MOVES)
    return (seconds(tab) - before) / UPDATES


def main() -> None:
    """Open the page, move its slider, and print what an update took."""
    parser = argparse.ArgumentParser(description="Say how long an update of the explorer takes.")
    parser.add_argument("page", nargs="?", type=Path, default=Path("results/explorer.html"))
    page = parser.parse_args().page
    with Browser() as tab:
        tab.send("Page.navigate", url=page.resolve().as_uri())
        tab.wait("document.readyState === 'complete'")
        tab.send("Performance.enable", timeDomain="threadTicks")
        first, *later = [one_round(tab) for _ in range(ROUNDS + 1)]
    best = min(later)
    print(f"first round {first * 1e3:.1f} ms, then {best * 1e3:.1f} ms an update, {best / FRAME:.0%} of a frame")


if __name__ == "__main__":
    main()
