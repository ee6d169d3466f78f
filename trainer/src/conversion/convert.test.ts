import { engineNamed } from '@spikewire/engine';
import type { DataSet } from '@spikewire/engine/data';
import { InProcessExecutor } from '@spikewire/engine/executor';
import { reportLines } from '@spikewire/exchange/report';
import { elementCount, type Model, numbersOf, parseModel, scalar, tensor } from '@spikewire/models';
import fc from 'fast-check';
import { evaluate, evaluateNumbers } from 'spikewire/data';
import { describe, expect, it } from 'vitest';
import { interpreter } from '../backend/interpreter.ts';
import { classes } from '../measures/classes.ts';
import { ranked, type Tried, tryMethods } from '../outcome/choose-conversion.ts';
import { conversionReport, warningsOf } from '../outcome/conversion-report.ts';
import { percentileAdvice, relativeError, stepsAdvice } from './advice.ts';
import { activationCovering, activationsOf, scalesAt } from './analogue/activations.ts';
import { analogueNet } from './analogue/analogue-net.ts';
import { convert } from './convert.ts';
import type { Bits } from './integer-form.ts';
import { type ConversionMethod, conversionMethod } from './method.ts';
import { cao } from './methods/cao.ts';
import { deng } from './methods/deng.ts';
import { conversionMethods } from './methods/methods.ts';
import { patel } from './methods/patel.ts';
import { rueckauer } from './methods/rueckauer.ts';
import { images, masker, maxima, numbersOf3, samplesFor, twoLayers } from './nets.test-data.ts';
import { conversionSite } from './site.ts';
import { spikingInputs } from './spiking-input.ts';
import type { SweepPoint } from './sweep.ts';

/** Samples whose class is what the analogue net names, so that it has all of them right. */
async function named(model: Model): Promise<DataSet> {
  const samples = samplesFor(model, 60);
  const labels = new Int32Array(samples.length);
  const set = { name: 'named', classes: model.labels, samples, labels };
  await evaluate(model, new InProcessExecutor(engineNamed('reference'), model), set, {
    onAnswer(index, answer) {
      labels[index] = answer;
    },
  });
  return { ...set, training: { samples, labels } };
}

const sweep = [2, 8, 64];
const convertBy = async (
  method: ConversionMethod,
  model: Model,
  parameters = {},
  more: { encoder?: string; sweep?: number[]; bits?: Bits } = {},
) => {
  const data = await named(model);
  const site = await conversionSite(model, { data, steps: 8, backend: interpreter, ...more });
  return convert(site, { method, parameters, data, sweep, ...more });
};
const soft = { percentile: 100, reset: 'subtract' };

/** Rueckauer's balance, but for the λ of one layer. */
const spoiled = (name: string, factor: number) =>
  conversionMethod({
    name: 'spoiled',
    summary: '',
    source: '',
    parameters: {},
    async balance({ activations }) {
      const scales = new Map(scalesAt(activations, 100));
      return { scales: scales.set(name, scales.get(name)! * factor), reset: 'subtract' };
    },
  });

/**
 * The same answers of a net of which one channel of the first layer is far larger, and counts as much less behind it.
 */
function withOutlier(model: Model, factor: number): Model {
  const nodes = new Map(model.graph.nodes);
  const change = (name: string, key: string, by: (index: number) => number) => {
    const node = nodes.get(name)!;
    const { data, shape } = numbersOf(node, key)!;
    const changed = tensor(
      Float64Array.from(data, (value, i) => value * by(i)),
      shape,
    );
    nodes.set(name, { ...node, parameters: { ...node.parameters, [key]: changed } });
  };
  change('conv', 'weight', (i) => (i < 9 ? factor : 1));
  change('conv', 'bias', (i) => (i < 1 ? factor : 1));
  change('point', 'weight', (i) => (i % 2 === 0 ? 1 / factor : 1));
  return { ...model, graph: { ...model.graph, nodes } };
}

/** A net whose second layer gets so much below 0 that nothing ever leaves it. */
const withDeadLayer: Model = {
  ...twoLayers,
  graph: {
    ...twoLayers.graph,
    nodes: new Map(twoLayers.graph.nodes).set('b', {
      ...twoLayers.graph.nodes.get('b')!,
      parameters: { ...twoLayers.graph.nodes.get('b')!.parameters, bias: tensor(new Float64Array(10).fill(-1e3)) },
    }),
  },
};

describe('a conversion', () => {
  it('tells accuracy, agreement and spikes for each number of steps, beside the analogue net', async () => {
    const { analogue, chosen, ...found } = await convertBy(rueckauer, images, soft);
    expect(analogue.worth).toBe(1);
    expect(found.sweep.map(({ steps }) => steps)).toEqual(sweep);
    for (const { worth, agreement } of found.sweep) expect(agreement).toBe(worth);
    expect(found.sweep[2]!.agreement).toBeGreaterThan(0.95);
    expect(found.sweep[2]!.agreement).toBeGreaterThan(found.sweep[0]!.agreement);
    expect(chosen).toBe(found.sweep[1]);
    expect(found.loss).toBe(1 - chosen.worth);
    const spikes = found.layers.reduce((sum, layer) => sum + layer.spikesPerSample, 0);
    expect(spikes).toBeCloseTo(chosen.spikesPerSample, 6);
  });

  it.each(['first', 'second', 'third'])('names the layer at which it collapses: %s', async (name) => {
    const conversion = await convertBy(spoiled(name, 1e4), images);
    expect(conversion.collapse).toBe(name);
    const broken = conversion.layers.find(({ layer }) => layer === name)!;
    expect(broken).toMatchObject({ dead: 1 - broken.unused, correlation: 0 });
    expect(warningsOf(conversion)[0]).toContain(`it collapses at ${name}`);
    expect(reportLines(conversionReport(conversion)).join('\n')).toContain(`it collapses at ${name}`);
    expect(conversion.advice.join()).toMatch(new RegExp(`${name}: (9\\d|100)\\.\\d+ % of its neurons never spiked`));
  });

  it('warns where it is not a better than what needs no net, and says what that has', async () => {
    const useless = await convertBy(spoiled('first', 1e4), images);
    const { baseline, chosen } = useless;
    expect(chosen.worth).toBeLessThanOrEqual(baseline.worth);
    const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
    const [spiking, always] = [percent(chosen.worth), percent(baseline.worth)];
    const warning = [
      `the spiking net has ${spiking} right at T = 8, no better than what needs no net:`,
      `always the most frequent class has ${always}, the analogue net 100.00 %`,
    ].join(' ');
    expect(warningsOf(useless)).toContain(warning);
    expect(reportLines(conversionReport(useless)).join('\n')).toContain('no better than what needs no net');
    const { collapse: _, ...flat } = useless;
    const worth = (share: number, samples: number) => ({
      ...flat,
      chosen: { ...chosen, worth: share },
      baseline: { ...baseline, worth: 0.5 },
      analogue: { ...useless.analogue, samples },
    });
    // Two standard deviations of 100 throws of a coin are 0.1.
    expect(warningsOf(worth(0.6, 100))).toHaveLength(1);
    expect(warningsOf(worth(0.61, 100))).toEqual([]);
    expect(warningsOf(worth(0.6, 101))).toEqual([]);
    const { collapse: __, ...works } = await convertBy(rueckauer, images, soft);
    expect(warningsOf({ ...works, chosen: works.sweep.at(-1)! })).toEqual([]);
  });

  it('names the first layer where that one loses most, though the next loses something too', async () => {
    const { collapse, layers } = await convertBy(spoiled('first', 6), images);
    const [first, second] = layers.map(({ concordance }) => concordance) as [number, number];
    expect(1 - first).toBeGreaterThan(first - second);
    expect(first - second).toBeGreaterThan(0);
    expect(collapse).toBe('first');
  });

  it.each(['first', 'second', 'third'])('names the layer at which it collapses because it clips: %s', async (name) => {
    const conversion = await convertBy(spoiled(name, 1e-5), images);
    expect(conversion.collapse).toBe(name);
    expect(conversion.advice.join()).toMatch(new RegExp(`${name}: (9\\d|100)\\.\\d+ % of its activations are clipped`));
  });

  it.each([undefined, 8] as const)(
    'names the layer of which one unit is far above the others, in %s bits',
    async (bits) => {
      const { collapse, layers, ...found } = await convertBy(cao, withOutlier(images, 1e4), {}, { sweep: [64], bits });
      expect(found.analogue.worth).toBe(1);
      expect(collapse).toBe('first');
      expect(layers[0]!.dead).toBeGreaterThan(0.4);
      expect(found.advice.join()).toMatch(/first: [\d.]+ % of its neurons never spiked/);
    },
  );

  it('tells neurons that never spike from units that the analogue net does not use', async () => {
    const { layers, advice, collapse } = await convertBy(rueckauer, withDeadLayer, soft);
    const dead = layers.find(({ layer }) => layer === 'second')!;
    expect(dead).toMatchObject({ unused: 1, dead: 0, spikesPerSample: 0 });
    expect(collapse).toBeUndefined();
    expect(advice.join('\n')).toMatch(/second: 100.00 % of its units are 0 in the analogue net too/);
    expect(advice.join('\n')).not.toMatch(/second: .* never spiked/);
  });

  it('in whole numbers is that model, and its figures are those of it', async () => {
    const { model, chosen, bits } = await convertBy(rueckauer, images, soft, { bits: 8 });
    expect(model.quantization!.bits).toBe(bits);
    const data = await named(images);
    for (const engine of ['integer', 'clocked']) {
      const evaluation = await evaluate(model, new InProcessExecutor(engineNamed(engine), model), data);
      expect(evaluation).toMatchObject({ accuracy: chosen.worth, spikesPerSample: chosen.spikesPerSample });
    }
    const float = await convertBy(rueckauer, images, soft);
    expect(chosen.spikesPerSample).not.toBe(float.chosen.spikesPerSample);
    expect(Math.abs(chosen.worth - float.chosen.worth)).toBeLessThan(0.1);
  });

  it('says on which samples layers were measured, and whether these also chose λ', async () => {
    const data = await named(twoLayers);
    const { training: _, ...whole } = data;
    const noteOf = async (own: DataSet) => {
      const site = await conversionSite(twoLayers, { data: own, steps: 8, backend: interpreter });
      const found = await convert(site, { method: cao, parameters: {}, data: own, sweep: [] });
      const { document, tables } = conversionReport(found);
      return [document.layersOn, tables.find(({ title }) => title === 'Layers at T = 8')!.note];
    };
    const samples = [...data.samples, ...data.samples];
    const more = { ...data, samples, labels: Int32Array.from([...data.labels, ...data.labels]) };
    expect(await noteOf(more)).toEqual([
      { samples: 100, part: 'test' },
      expect.stringMatching(/^Measured on the first 100 of 120 test samples\. /),
    ]);
    expect(await noteOf(whole)).toEqual([
      { samples: 60, part: 'calibration' },
      expect.stringMatching(/^Measured on the first 60 of 60 samples, which also chose λ\. /),
    ]);
  });

  it('says which share of the activations is clipped, and which neurons spike all the time', async () => {
    const { layers } = await convertBy(spoiled('first', 1e-4), images);
    const [first, second] = layers as [(typeof layers)[0], (typeof layers)[0]];
    expect(first.clipped).toBeGreaterThan(0.99);
    expect(first.saturated).toBeGreaterThan(0.99 - first.dead);
    expect(second.clipped).toBe(0);
  });

  it('takes spikes in place of current, and measures what they stand for', async () => {
    const { model, sweep: found } = await convertBy(rueckauer, twoLayers, soft, {
      encoder: 'bernoulli:maxProbability=0.5',
      sweep: [1024],
    });
    expect(model.encoder.get('in')).toEqual({
      type: 'bernoulli',
      parameters: { range: [-3, 5], maxProbability: 0.5 },
    });
    expect(found.at(-1)!.agreement).toBeGreaterThanOrEqual(0.9);
  });

  it('knows what a spike stands for: half as many spikes, twice the current', () => {
    for (const [maxProbability, scale] of [
      [0.5, 2],
      [1, 1],
    ]) {
      const encoder = `bernoulli:maxProbability=${maxProbability}`;
      const inputs = spikingInputs(analogueNet(images), encoder, samplesFor(images, 64));
      expect(Math.abs(inputs.get('in')!.scale / scale! - 1)).toBeLessThan(0.02);
    }
  });

  it('says what the method’s source does not have', async () => {
    const { notes } = await convertBy(cao, twoLayers);
    expect(notes).toEqual(['a, b, c: biases are constant current; nets of Cao et al. 2015 have none']);
    expect((await convertBy(rueckauer, twoLayers, soft)).notes).toEqual([]);
    for (const [provenance, note] of [
      [{}, 'the net did not learn with rates, as those of train --method patel do'],
      [{ method: 'hybrid' }, 'the net did not learn with rates, as those of train --method patel do'],
      [
        { method: 'patel' },
        'the analogue net is judged with plain rectifiers, not with the rates that it learned with',
      ],
    ] as const) {
      expect((await convertBy(patel, { ...twoLayers, provenance })).notes).toEqual([note]);
    }
    const slow = 'mean: the element with most spikes so far passes; means need fewer steps';
    expect((await convertBy(rueckauer, maxima, soft)).notes).toEqual([slow]);
    expect((await convertBy(cao, maxima)).notes).toEqual([
      'conv, deep: biases are constant current; nets of Cao et al. 2015 have none',
      slow,
      'maxima: nets of Cao et al. 2015 have none',
    ]);
  });
});

/** Samples whose numbers, or masks, are what the readable engine has of the analogue net. */
async function answeredBy(model: Model, read: (numbers: Float64Array) => Float64Array): Promise<DataSet> {
  const samples = samplesFor(model, 40);
  const labels = new Int32Array(samples.length);
  const targets = samples.map(
    () => new Float64Array(elementCount(Array.from(numbersOf(model.graph.nodes.get('out')!, 'shape')!.data))),
  );
  const set = { name: 'answered', classes: [], samples, labels };
  await evaluateNumbers(
    model,
    new InProcessExecutor(engineNamed('reference'), model),
    { ...set, targets },
    {
      onNumbers(index, numbers) {
        targets[index] = Float64Array.from(read(numbers));
      },
    },
  );
  const half = { samples: samples.slice(20), labels: labels.slice(20), targets: targets.slice(20) };
  return { ...set, targets, training: half };
}

describe.each([
  ['overlap', masker, (numbers: Float64Array) => numbers.map((value) => Number(value > 0)), 'Overlap against steps'],
  ['explained', numbersOf3, (numbers: Float64Array) => numbers, 'Explained variance against steps'],
] as const)('of a net of numbers, by %s', (figure, model, read, title) => {
  it('tells what answers are worth and how they agree, for programs and for people', async () => {
    const data = await answeredBy(model, read);
    const site = await conversionSite(model, { data, steps: 8, backend: interpreter });
    for (const bits of [undefined, 8] as const) {
      const found = await convert(site, {
        method: deng,
        parameters: { percentile: 100 },
        data,
        sweep: [1, 64, 256],
        bits,
      });
      expect(found.analogue.worth).toBeCloseTo(1, 5);
      for (const { worth, agreement } of found.sweep) expect(agreement).toBeCloseTo(worth, 4);
      const [one, eight, , many] = found.sweep.map(({ worth }) => worth) as [number, number, number, number];
      expect(one).toBeLessThan(eight);
      expect(eight).toBeLessThan(many);
      expect(many).toBeGreaterThan(bits === undefined ? 0.97 : 0.9);
      const { document, tables } = conversionReport(found);
      expect(document).toMatchObject({
        [figure]: eight,
        [`analogue${figure[0]!.toUpperCase()}${figure.slice(1)}`]: found.analogue.worth,
        baseline: { [figure]: found.baseline.worth },
        sweep: found.sweep.map((point) => ({ steps: point.steps, [figure]: point.worth })),
        loss: found.analogue.worth - eight,
      });
      expect(found.baseline.worth).toBeLessThan(0.8);
      expect(tables[0]!.title).toContain(title);
    }
  });

  it('chooses by agreement with the analogue net, of samples whose numbers are not looked at', async () => {
    const data = await answeredBy(model, read);
    const { targets, ...training } = data.training!;
    const blind = {
      ...data,
      training: { ...training, targets: targets!.map(({ length }) => new Float64Array(length).fill(1)) },
    };
    const site = await conversionSite(model, { data: blind, steps: 64, backend: interpreter });
    const [best] = await tryMethods(site, blind, [1, 64]);
    expect(best.steps).toBe(64);
    expect(best.agreement).toBeGreaterThan(0.9);
  });
});

describe('trying all methods', () => {
  it('puts first the fewest steps of those that are nearly as good, then agreement, then operations', () => {
    const of = (steps: number, agreement: number, synapticOpsPerSample: number): Tried => ({
      ...{ method: cao, steps, agreement, synapticOpsPerSample, fileBytes: 1 },
    });
    const order = [of(8, 0.986, 30), of(8, 0.985, 10), of(16, 0.99, 20), of(16, 0.99, 40), of(4, 0.98, 5)];
    fc.assert(
      fc.property(fc.shuffledSubarray(order, { minLength: 5 }), (tried) => {
        expect(ranked(tried)).toEqual(order);
      }),
    );
  });

  it('looks at calibration samples, and at no label and no test sample', async () => {
    const data = await named(twoLayers);
    const others = {
      ...{ ...data, samples: [[0]], labels: Int32Array.of(0) },
      training: { ...data.training!, labels: data.labels.map((label) => (label + 1) % 3) },
    };
    const of = async (set: DataSet) =>
      tryMethods(await conversionSite(twoLayers, { data: set, steps: 8, backend: interpreter }), set, [2, 8]);
    const tried = await of(data);
    expect(tried).toHaveLength(2 * conversionMethods.length);
    expect(await of(others)).toEqual(tried);
    const lines = reportLines(conversionReport(await convertBy(cao, twoLayers), tried));
    expect(lines.slice(1, 3)).toEqual([
      expect.stringContaining(`Kept: ${tried[0].method.name} with T = ${tried[0].steps}.`),
      expect.stringMatching(/^ +T = 2 +T = 8$/),
    ]);
  });
});

describe('what cannot be converted is refused, and named', () => {
  const withNode = (name: string, node: object): Model => {
    const nodes = new Map(twoLayers.graph.nodes).set(name, node as never);
    return { ...twoLayers, graph: { ...twoLayers.graph, nodes } };
  };
  it.each([
    [
      'other neurons',
      withNode('first', { type: 'LIF', parameters: { tau: scalar(0.01), v_threshold: scalar(1) } }),
      'node "first" (LIF): has no spiking counterpart of the same rate; expected ReLU, weights, pooling and reshaping',
    ],
    [
      'delays',
      {
        ...twoLayers,
        graph: { ...twoLayers.graph, edges: twoLayers.graph.edges.map((edge) => ({ ...edge, delay: 1 })) },
      },
      'node "in" (Input): is heard a step later; expected a net without time',
    ],
    [
      'spikes at the input',
      { ...twoLayers, encoder: new Map([['in', { type: 'bernoulli', parameters: {} }]]) },
      'encoder of "in": is bernoulli',
    ],
    [
      'nets that spike already',
      parseModel({
        nodes: { in: { type: 'Input', shape: [1] }, a: { type: 'Linear', weight: [[1]] }, out: { type: 'Output' } },
        edges: [
          ['in', 'a'],
          ['a', 'out'],
        ],
      }),
      'the model to convert: has no ReLU',
    ],
  ])('%s', (_, model, message) => {
    expect(() => analogueNet(model)).toThrow(message);
  });

  it('what is below 0 where spikes enter', async () => {
    const signed = { type: 'direct', parameters: { range: [-3, 5], span: 'signed' } };
    const model = { ...twoLayers, encoder: new Map([['in', signed]]) };
    await expect(convertBy(rueckauer, model, soft, { encoder: 'bernoulli' })).rejects.toThrow(
      'input "in": has values below 0, which no rate stands for',
    );
  });

  it.each(['latency', 'rank-order', 'delta', 'phase', 'phase:emits=weighted', 'burst'])(
    '%s, whose spikes are not the more the larger a value is and the more steps there are',
    async (encoder) => {
      await expect(convertBy(rueckauer, twoLayers, soft, { encoder })).rejects.toThrow(
        `spikewire convert --encoder: is ${encoder.split(':')[0]}; expected a rate code such as bernoulli`,
      );
    },
  );
});

describe('advice', () => {
  const point = (steps: number, agreement: number) => ({ steps, agreement }) as SweepPoint;

  it('takes the steps from which all agree', () => {
    expect(
      stepsAdvice([point(2, 0.8), point(4, 0.995), point(8, 0.98), point(16, 0.99), point(32, 1)], classes),
    ).toMatch(/^T = 16 or more: 99.00 % of its answers/);
    expect(stepsAdvice([point(2, 0.8), point(4, 0.9)], classes)).toMatch(/^more than T = 4, where 90.00 %/);
  });

  it('takes the percentile of the smallest error of clipping and rounding', () => {
    // Few large ones among many small: at few steps they are better clipped.
    const positive = Float32Array.from({ length: 2000 }, (_, k) => (k < 1950 ? (k + 1) / 1950 : 1.5)).sort();
    const layers = new Map([['layer', { positive, negativeShare: 0 }]]);
    expect(percentileAdvice(layers, 1000)).toMatch(/^percentile (98|99|99.5|99.9|100) at/);
    expect(relativeError({ positive, negativeShare: 0 }, 1.5, 1000, 0)).toBeLessThan(0.002);
    expect(relativeError({ positive, negativeShare: 0 }, 1, 1000, 0)).toBeGreaterThan(0.1);
  });

  it('counts the error of rounding as it is for activations that are evenly spread', () => {
    const positive = Float32Array.from({ length: 4096 }, (_, k) => (k + 0.5) / 4096);
    const meanSquare = 1 / 3;
    // An error evenly on 0…1/T, or on ±1/2T.
    expect(relativeError({ positive, negativeShare: 0 }, 1, 16, 0)).toBeCloseTo(Math.sqrt(1 / 3 / 256 / meanSquare), 3);
    expect(relativeError({ positive, negativeShare: 0 }, 1, 16, 0.5)).toBeCloseTo(
      Math.sqrt(1 / 12 / 256 / meanSquare),
      3,
    );
  });
});

/** What `activationsOf` finds of three rectifiers. */
async function activationsOfThree(parameters: object = {}) {
  const model = parseModel({
    nodes: {
      in: { type: 'Input', shape: [2] },
      a: {
        type: 'Linear',
        weight: [
          [1, 0],
          [0, -1],
          [1, -1],
        ],
      },
      cells: { type: 'ReLU', ...parameters },
      out: { type: 'Output' },
    },
    edges: [
      ['in', 'a'],
      ['a', 'cells'],
      ['cells', 'out'],
    ],
    encoder: { in: { type: 'direct', span: 'unit' } },
    decoder: { out: { type: 'count' } },
  });
  const samples = [
    [0.5, 0.25],
    [0.25, 0.75],
  ];
  return (await activationsOf(analogueNet(model), { samples }, { backend: interpreter })).get('cells')!;
}

it('activations are those above 0, and the share of what arrives below it', async () => {
  const found = await activationsOfThree();
  expect(found).toEqual({ positive: Float32Array.of(0.25, 0.25, 0.5), negativeShare: 0.5 });
  expect([0, 0.5, 1].map((share) => activationCovering(found, share))).toEqual([0.25, 0.25, 0.5]);
  expect(activationCovering({ positive: new Float32Array(0) }, 1)).toBe(1);
});

it('activations are at most the ceiling of their units', async () => {
  const found = await activationsOfThree({ ceiling: [0.4, 1, 1] });
  expect(found).toEqual({ positive: Float32Array.of(0.25, 0.25, 0.4), negativeShare: 0.5 });
});
