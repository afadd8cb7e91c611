/* A guided tour of the live network. A stop is a setting; its title and caption are written from what it computes. */
const Tour = (() => {
  const START = { gain: 1, bias: 0, lag: 20, units: 8, seed: 2, inputs: "noise", freeze: false, cut: false };
  const average = (steps) => {
    const gates = steps.flatMap((step) => step.f);
    return gates.reduce((a, b) => a + b, 0) / gates.length;
  };
  const carryFate = ({ profiles, at }) => Words.carryFate(profiles[0].carry, at.carry);
  const fate = ({ profiles, at }) => Words.fate(profiles[0].norm, at.norm);
  const gates = ({ settings, steps }) =>
    `With forget bias ${Words.plain(settings.bias)} the gates keep ${Words.percent(average(steps))} of the memory ` +
    "per step, on average.";
  const size = (norm) => Words.power(norm);

  const STOPS = [
    {
      settings: { ...START },
      title: (now) => `Forget bias 0: ${carryFate(now)}`,
      caption: (now) =>
        `${gates(now)} Over ${now.settings.lag} steps the carry alone becomes ${size(now.at.carry)} and the whole ` +
        `gradient ${size(now.at.norm)}. ${Words.route(now.at.shares)}`,
      quantity: "norm",
    },
    {
      settings: { ...START, bias: 4 },
      title: (now) => `Forget bias 4: ${carryFate(now)}`,
      caption: (now, all) =>
        `The same network with one number changed. ${gates(now)} The whole gradient is ${size(now.at.norm)} where it ` +
        `was ${size(all[0].at.norm)}, and the carry alone is ${size(now.at.carry)}. ${Words.route(now.at.shares)}`,
      quantity: "norm",
    },
    {
      settings: { ...START, gain: 8 },
      title: (now) => `Gain 8: the gradient ${fate(now)}`,
      caption: (now) =>
        "Forget bias 0 again, recurrent weights eight times as strong. The carry alone is " +
        `${size(now.at.carry)}, the whole gradient ${size(now.at.norm)}. ${Words.route(now.at.shares)}`,
      quantity: "norm",
    },
    {
      settings: { ...START, gain: 8, cut: true },
      title: (now) => `Cut the h-edges: what is left ${fate(now)}`,
      caption: (now, all) =>
        "The same run, but no path may cross a recurrent matrix any more. Of a gradient of size " +
        `${size(all[2].at.norm)}, ${size(now.at.norm)} is left.`,
      quantity: "carry",
    },
    {
      settings: { ...START, bias: 4 },
      title: ({ at }) => `Bias 4: the article’s product ${Words.off(at.hToH, at.article)}`,
      caption: ({ at }) =>
        "Forget bias 4 again, nothing cut. The article of 2018 multiplies ∂h/∂h from step to step, which leaves out " +
        `every path that stays in the memory: ${size(at.article)}. The true gradient from output to output is ` +
        `${size(at.hToH)}.`,
      quantity: "article",
    },
  ];

  /** Return the stops with their networks, titles and captions. */
  function prepare() {
    const all = STOPS.map((stop) => Paths.measure(stop.settings));
    return STOPS.map((stop, n) => ({
      settings: stop.settings,
      quantity: stop.quantity,
      title: stop.title(all[n]),
      caption: stop.caption(all[n], all),
    }));
  }

  return Object.freeze({ LENGTH: STOPS.length, START, prepare });
})();
