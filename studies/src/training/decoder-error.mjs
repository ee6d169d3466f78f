import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lifTuning, solveDecoders } from '@spikewire/models';

/** Largest difference to the decoders of Nengo's equations, as a share of the largest decoder. */
export async function decoderError({ data }) {
  const path = join(data, '..', 'golden', 'nengo', 'nef_lif_1d.json');
  const given = JSON.parse(readFileSync(path, 'utf8'));
  const tuning = lifTuning({ tau: given.neuron.tau_rc, tauRef: given.neuron.tau_ref });
  const gains = given.max_rates.map((rate, i) => tuning.gainAndBias(rate, given.intercepts[i]));
  const rates = given.eval_points.flatMap(([x]) =>
    gains.map(({ gain, bias }, i) => tuning.rate((gain * given.encoders[i][0] * x) / given.radius + bias)),
  );
  const site = { points: given.eval_points.length, neurons: given.n_neurons, regularisation: given.reg };
  const targets = Float64Array.from(given.eval_points, ([x]) => x * x);
  const decoders = solveDecoders(Float64Array.from(rates), targets, site);
  const [expected] = given.expected.decoders.square;
  const error = Math.max(...expected.map((decoder, i) => Math.abs(decoder - decoders[i])));
  return { error: error / Math.max(...expected.map(Math.abs)) };
}
