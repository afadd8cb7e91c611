"""The page's template (Jinja, everything escaped); its policy forbids every request and every script."""

TEMPLATE = """<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; \
base-uri 'none'; form-action 'none'">
<meta name="color-scheme" content="light dark">
<title>Gradients of {{ name }}</title>
<style>{{ css }}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the findings</a>
<header>
<h1>Gradients of {{ name }}</h1>
<p class="subtitle">{{ described }}</p>
<p class="lead"><span class="badge {{ verdict }}">{{ verdict }}</span> {{ headline }}</p>
</header>
<main id="main">
<div class="scroll" role="group" tabindex="0" aria-label="Key numbers">
<table>
<caption>Key numbers: medians over the windows; growth with two standard errors</caption>
<thead><tr><th scope="col">what</th><th scope="col">verdict</th><th scope="col">growth per step (nats)</th>
<th scope="col">memory (steps)</th><th scope="col">norm at lag {{ settings.lags }}<br>over lag 1</th>
{% for lag in lags %}
<th scope="col">carry share<br>at lag {{ lag }}</th>
{% endfor %}
</tr></thead>
<tbody>
{% for scope in scopes %}
<tr><td>{{ scope.name }}</td><td><span class="badge {{ scope.verdict }}">{{ scope.verdict }}</span></td>\
<td>{{ scope.growth }}</td><td>{{ scope.memory }}</td><td>{{ scope.change }}</td>
{% for share in scope.shares %}
<td>{{ share }}</td>
{% endfor %}
</tr>
{% endfor %}
</tbody>
</table>
</div>
{% for section in sections %}
<section id="{{ section.id }}" aria-labelledby="{{ section.id }}-heading" \
class="finding{{ "" if section.image else " alone" }}">
<h2 id="{{ section.id }}-heading">{{ section.heading }}</h2>
<div>
{% for paragraph in section.paragraphs %}
<p>{{ paragraph }}</p>
{% endfor %}
{% if section.id == "changes" and changes|length > 1 %}
<div class="scroll" role="group" tabindex="0" aria-label="Changes tried">
<table>
<caption>Measured on the changed weights</caption>
<thead><tr><th scope="col">change</th><th scope="col">growth<br>per step</th><th scope="col">memory<br>(steps)</th>
<th scope="col">norm at lag {{ settings.lags }}<br>over lag 1</th><th scope="col">mean<br>carry</th></tr></thead>
<tbody>
{% for row in changes %}
<tr{% if row.best %} class="best"{% endif %}><td>{{ row.name }}</td><td>{{ row.growth }}</td><td>{{ row.memory }}</td>\
<td>{{ row.change }}</td><td>{{ row.carry }}</td></tr>
{% endfor %}
</tbody>
</table>
</div>
{% endif %}
{% if section.id == "theory" %}
<div class="scroll" role="group" tabindex="0" aria-label="Predicted growth">
<table>
<caption>Growth per step (nats), measured and predicted; the nearest prediction is bold</caption>
<thead><tr><th scope="col">layer</th><th scope="col">measured</th>
{% for theory in theories %}
<th scope="col">{{ theory }}</th>
{% endfor %}
</tr></thead>
<tbody>
{% for row in predictions %}
<tr><td>{{ row.layer }}</td><td>{{ row.measured }}</td>
{% for text, nearest in row.predicted %}
<td>{% if nearest %}<strong>{{ text }}</strong>{% else %}{{ text }}{% endif %}</td>
{% endfor %}
</tr>
{% endfor %}
</tbody>
</table>
</div>
{% endif %}
{% if section.id == "units" %}
<div class="scroll" role="group" tabindex="0" aria-label="Units that keep longest">
<table>
<caption>The units that keep longest by their direct path</caption>
<thead><tr><th scope="col">layer</th><th scope="col">unit</th><th scope="col">mean carry</th>
<th scope="col">half-life (steps)</th><th scope="col">forget bias</th></tr></thead>
<tbody>
{% for row in longest %}
<tr><td>{{ row.layer }}</td><td>{{ row.unit }}</td><td>{{ row.carry }}</td><td>{{ row.life }}</td>\
<td>{{ row.bias }}</td></tr>
{% endfor %}
</tbody>
</table>
</div>
{% endif %}
</div>
{% if section.image %}
<figure>
<div class="card"><img src="{{ section.image }}" alt="{{ section.alt }}"></div>
<figcaption>{{ section.caption }}</figcaption>
</figure>
{% endif %}
</section>
{% endfor %}
{% if changes|selectattr("code")|list %}
<section id="code" aria-labelledby="code-heading">
<h2 id="code-heading">How to make these changes in torch</h2>
<p>Inside <code>with torch.no_grad():</code>, here for layer 0 of the module; the other layers likewise.</p>
<div class="scroll" role="group" tabindex="0" aria-label="Code">
<table>
<thead><tr><th scope="col">change</th><th scope="col" class="wrap">code</th></tr></thead>
<tbody>
{% for row in changes if row.code %}
<tr><td>{{ row.name }}</td><td class="wrap"><code>{{ row.code }}</code></td></tr>
{% endfor %}
</tbody>
</table>
</div>
</section>
{% endif %}
<section id="method" aria-labelledby="method-heading">
<h2 id="method-heading">How this was measured</h2>
<dl>
<dt>State</dt><dd>The state s is that of all layers together, (h, C) in each layer of an LSTM, started from zero. The
gradient at lag k is ∂s(t)/∂s(t−k), the exact product of k one-step Jacobians, in float64; norms are Frobenius
norms.</dd>
<dt>Windows</dt><dd>Lags up to {{ settings.lags }}, in windows that end at step
{{ ends }} of each sequence. Numbers are medians over them, bands reach from the smallest to the
largest.</dd>
<dt>Memory</dt><dd>The smallest lag at which the norm is below 1/e of that at lag 1.</dd>
<dt>Growth per step</dt><dd>The largest Lyapunov exponent λ₁, the mean natural
logarithm of the factor by which a step multiplies the gradient, after a first tenth of the sequence; its error comes
from ten blocks of steps.</dd>
<dt>Carry and hops</dt><dd>Carry is what reaches the next state past every recurrent weight matrix, a hop is a passage
through one. The climb from a layer to the next, through an input matrix, is not a hop: all paths between the same two
layers climb equally often. A hop count describes these weights as they are written, not the map that they make; the
changed networks show what happens when something is really changed.</dd>
<dt>Theory</dt><dd>Random weights: what Gaussian weights with the variances of these would do (mean field). Mean
Jacobian: the spectral radius of the Jacobian averaged over the steps. Paths that do not add up, and that do:
½ ln(E f² + a²) and ln(E f + a), where f is the carry and a² the mean squared gain of one hop.</dd>
<dt>Changes</dt><dd>Every changed network is run on the same inputs. Its norms are estimated from 16 random directions,
the same for all of them, at the end of each sequence.</dd>
<dt>Clipping</dt><dd>The loss is a fixed random direction of the output at one step; only the spread of its gradient
means something, not its size.</dd>
<dt>Two routes</dt><dd>Each layer's norms were computed twice, by the compiled profile of the layer alone and within the
whole network. They differ by at most {{ "%.1e"|format(check) }} decades.</dd>
{% for word, rule in thresholds.items() %}
<dt>“{{ word }}”</dt><dd>{{ rule }}.</dd>
{% endfor %}
</dl>
</section>
{% if notes %}
<section id="notes" aria-labelledby="notes-heading">
<h2 id="notes-heading">Notes on what was given</h2>
<ul>
{% for note in notes %}
<li>{{ note }}</li>
{% endfor %}
</ul>
</section>
{% endif %}
<section id="files" aria-labelledby="files-heading">
<h2 id="files-heading">Files beside this page</h2>
<p><code>summary.json</code> holds the numbers above; each table is in <code>tables/</code> as Parquet and as CSV.</p>
<dl>
{% for table, sentence in tables.items() %}
<dt><code>{{ table }}</code></dt><dd>{{ sentence }}</dd>
{% endfor %}
</dl>
</section>
</main>
</body>
</html>
"""
