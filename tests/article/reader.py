"""What a reader of the explorer does and sees, for tests: read, set a control, click, copy the numbers."""

import json
import math

from tests.article import explorer_study
from tests.article.browser import Browser
from whylstm import wording


def text(tab: Browser, selector: str) -> str:
    return tab.run(f"document.querySelector({json.dumps(selector)}).textContent.trim()")


def change(tab: Browser, control: str, value: object) -> None:
    """Set a control to a value, as a reader does, and wait until the page has been drawn."""
    tab.run(
        f"""(() => {{ const control = document.getElementById({json.dumps(control)});
        control.value = {json.dumps(str(value))};
        control.dispatchEvent(new Event("input", {{bubbles: true}}));
        control.dispatchEvent(new Event("change", {{bubbles: true}})); }})()"""
    )
    tab.frame()


def click(tab: Browser, selector: str) -> None:
    tab.run(f"document.querySelector({json.dumps(selector)}).click()")
    tab.frame()


def unfold(tab: Browser) -> None:
    """Open everything that is folded away."""
    tab.run("document.querySelectorAll('details').forEach(details => { details.open = true; })")
    tab.frame()


def numbers(tab: Browser) -> dict:
    """Return the live network's numbers, as the page gives them to a reader."""
    tab.run("document.getElementById('numbers').closest('details').open = true")
    tab.wait("document.getElementById('numbers').value")
    return json.loads(tab.run("document.getElementById('numbers').value"))


def state(tab: Browser) -> str:
    """Return the state in the address, after the pause in which it is written."""
    tab.run("new Promise(done => setTimeout(done, 350))")
    return tab.run("location.hash")


def fate_of(norms: list) -> str:
    change = float(norms[19]) - float(norms[0])
    names = ((-2, "vanishes"), (-1, "fades"), (1, "keeps its size"), (2, "grows"))
    return next((name for bound, name in names if change <= bound), "explodes")


def shown(log10: object) -> str:
    """Return a size as the page writes it: as in the article, with thousands set apart and no line break inside."""
    size = float(log10)
    if -2 <= math.floor(size) <= 3:
        return f"{float(f'{10**size:.1e}'):,.{max(1 - math.floor(size), 0)}f}"
    return wording.power_of_ten(size).replace(" × ", "\u00a0×\u00a0")


def choose(tab: Browser, **choice: object) -> None:
    axes = {
        "mgain": explorer_study.GAINS,
        "mbias": explorer_study.BIASES,
        "mhidden": explorer_study.SIZES,
        "mlag": sorted({*explorer_study.LAGS, *explorer_study.SHORT}),
    }
    for name, value in choice.items():
        change(tab, name, axes[name].index(value) if name in axes else value)
