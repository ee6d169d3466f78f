import { referenceEngine } from '@spikewire/engine';
import type { DataSet } from '@spikewire/engine/data';
import { InProcessExecutor } from '@spikewire/engine/executor';
import { anomalyModel, type Model, parseModel } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { chain } from '../../../test/chain.ts';
import { type EvaluateOptions, evaluate } from './evaluate.ts';

const STEPS = 4;

/** Two neurons without memory: each spikes in every step in which its channel is above one half; most spikes win. */
function larger(changes: object = {}): Model {
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [2] },
      weight: {
        type: 'Linear',
        weight: [
          [1, 0],
          [0, 1],
        ],
      },
      neurons: { type: 'LIF', tau: [0.001, 0.001], r: 1, v_leak: 0, v_threshold: 0.5 },
      out: { type: 'Output', shape: [2] },
    },
    edges: chain('in', 'weight', 'neurons', 'out'),
    semantics: { dt: 0.001 },
    encoder: { in: { type: 'direct', span: 'unit' } },
    decoder: { out: { type: 'count' } },
    sample: { steps: STEPS, between: 'reset' },
    labels: ['left', 'right'],
    ...changes,
  });
}

const rows: readonly (readonly [number, number, string])[] = [
  [1, 0, 'left'],
  [1, 0, 'left'],
  [0, 1, 'right'],
  [1, 0, 'right'],
];

function data(classes: readonly string[], samples = rows): DataSet {
  const labels = Int32Array.from(samples, ([, , label]) => ['left', 'right'].indexOf(label));
  return { name: 'rows', classes, samples: samples.map(([a, b]) => Float64Array.of(a, b)), labels };
}

const run = (model: Model, set: DataSet, options?: EvaluateOptions) =>
  evaluate(model, new InProcessExecutor(referenceEngine, model), set, options);

describe('evaluation', () => {
  it('counts right answers, spikes and synaptic operations', async () => {
    // One channel of two is on: its neuron spikes in each step, and its event passes two synapses.
    expect(await run(larger(), data(['left', 'right']))).toEqual({
      accuracy: 3 / 4,
      majority: 1 / 2,
      samples: 4,
      unanswered: 0,
      unknown: 0,
      spikesPerSample: STEPS,
      synapticOpsPerSample: 2 * STEPS,
      multiplicationsPerSample: 2 * STEPS,
    });
  });

  it('of the first samples only', async () => {
    expect(await run(larger(), data(['left', 'right']), { limit: 3 })).toMatchObject({
      samples: 3,
      accuracy: 1,
      majority: 2 / 3,
    });
    expect(await run(larger(), data(['left', 'right']), { limit: 99 })).toMatchObject({ samples: 4 });
  });

  it('compares names where model and data have the same, in whatever order', async () => {
    const crossed = larger({ labels: ['right', 'left'] });
    expect(await run(crossed, data(['left', 'right']))).toMatchObject({ accuracy: 1 / 4 });
  });

  it('compares indices where the model has no names, unless the classes are its indices', async () => {
    const nameless = larger({ labels: [] });
    expect(await run(nameless, data(['left', 'right']))).toMatchObject({ accuracy: 3 / 4 });
    expect(await run(nameless, data(['0', '1']))).toMatchObject({ accuracy: 3 / 4 });
    expect(await run(nameless, data(['1', '0']))).toMatchObject({ accuracy: 1 / 4 });
  });

  it('counts samples of the warm-up of an automatic range as unanswered', async () => {
    const automatic = larger({ encoder: { in: { type: 'direct', span: 'unit', range: 'auto', warmUp: 2 } } });
    const { unanswered, samples } = await run(automatic, data(['left', 'right']));
    expect({ unanswered, samples }).toEqual({ unanswered: 1, samples: 4 });
  });

  it('counts as samples only the rows that complete one, each with its own class', async () => {
    const inPairs = larger({ features: { in: [{ type: 'window', length: 2 }, { type: 'mean' }] } });
    // Means of rows 1 and 2 are [1, 0], of rows 3 and 4 [1/2, 1/2]: silence, which is "left" and not what row 4 says.
    expect(await run(inPairs, data(['left', 'right']))).toEqual({
      accuracy: 1 / 2,
      majority: 1 / 2,
      samples: 2,
      unanswered: 0,
      unknown: 0,
      spikesPerSample: STEPS / 2,
      // One channel and then two, each event through two synapses.
      synapticOpsPerSample: 3 * STEPS,
      multiplicationsPerSample: 3 * STEPS,
    });
    await expect(run(inPairs, data(['left', 'right']), { limit: 1 })).rejects.toThrow(
      'rows: has too few readings: 1; expected at least 2, which make one sample of this net',
    );
  });

  it('stops when it is told to, with the figures so far', async () => {
    const stop = new AbortController();
    const many = Array.from({ length: 1000 }, () => rows[0]!);
    let reported = 0;
    const onProgress = (done: number) => {
      reported = done;
      if (done >= 100) stop.abort();
    };
    const { samples, accuracy } = await run(larger(), data(['left', 'right'], many), {
      signal: stop.signal,
      onProgress,
    });
    expect(samples).toBe(reported);
    expect(samples).toBeGreaterThanOrEqual(100);
    expect(samples).toBeLessThan(1000);
    expect(accuracy).toBe(1);
  });

  it('refuses classes that the model does not know', async () => {
    await expect(run(larger(), data(['up', 'down']))).rejects.toThrow(
      'rows: has the 2 classes up, down; expected only classes of the model: left, right',
    );
    const nameless = larger({ labels: [] });
    await expect(run(nameless, data(['a', 'b', 'c']))).rejects.toThrow(/has the 3 classes a, b, c; expected at most 2/);
  });

  it('refuses samples of another size, and nets that answer with numbers', async () => {
    const wide = { ...data(['left', 'right']), samples: [Float64Array.of(1, 2, 3)] };
    await expect(run(larger(), wide)).rejects.toMatchObject({
      code: 'input',
      message: expect.stringMatching(/^rows: has samples of 3 numbers; expected 2, as/),
    });
    const windows = larger({ features: { in: [{ type: 'window', length: 2 }] } });
    await expect(run(windows, wide)).rejects.toThrow(
      /has samples of 3 numbers; expected 1, of which the features of the model make the numbers for Input "\w+" of/,
    );
    const numbers = larger({ decoder: { out: { type: 'linear' } } });
    await expect(run(numbers, data(['left', 'right']))).rejects.toMatchObject({ code: 'unsupported' });
    const channels = ['a', 'b'].map((name) => ({ name, unit: '' }));
    await expect(run(anomalyModel({ channels }), data(['left', 'right']))).rejects.toThrow(
      'spikewire eval: this model flags unusual readings, and has no classes to compare with labels; expected a ' +
        'classifier',
    );
  });
});
