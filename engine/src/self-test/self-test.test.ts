import {
  type Model,
  nextReadingModel,
  parseModel,
  quantize,
  readModel,
  type Tensor,
  tensor,
  writeModel,
} from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { chain } from '../../../test/chain.ts';
import { clockedEngine } from '../clocked/engine/clocked.ts';
import { engineNamed, engines } from '../engines/engines.ts';
import { EventBuffer } from '../event-buffer.ts';
import { referenceEngine } from '../reference/reference.ts';
import { recordSelfTests, windowsOfSelfTests } from './record.ts';
import { runSelfTests, selfTest } from './run.ts';

/** Two integrators; a spike of input 0 brings the first over its threshold in every second step, the second never. */
const model = parseModel({
  nodes: {
    in: { type: 'Input', shape: [2] },
    fc: {
      type: 'Linear',
      weight: [
        [0.6, 0],
        [0, 0.3],
      ],
    },
    cell: { type: 'IF', r: 1000, v_threshold: 1 },
    out: { type: 'Output' },
  },
  edges: chain('in', 'fc', 'cell', 'out'),
  semantics: { dt: 0.001 },
  sample: { steps: 6, between: 'reset' },
  labels: ['a', 'b'],
});

/** Spikes of one input in every step. */
function window(index: number, steps = 6) {
  const input = new EventBuffer(steps);
  for (let step = 0; step < steps; step++) input.push(step, 0, index, 1);
  return { steps, input };
}

/** The events of such a window. */
function input(index: number) {
  return window(index).input;
}

function withTests(base: Model, windows = [window(0)]): Model {
  return { ...base, selfTests: recordSelfTests(base, windows, 3) };
}

const rows = ({ data }: Tensor) =>
  Array.from({ length: data.length / 3 }, (_, row) => Array.from(data.subarray(3 * row, 3 * row + 3)));

describe('recording self-tests', () => {
  it('notes what goes in, and what comes out by hand calculation', () => {
    const [test, ...others] = recordSelfTests(model, [window(0)], 3);
    expect(others).toEqual([]);
    expect(test!.steps).toBe(6);
    expect(rows(test!.input.get('in')!)).toEqual([0, 1, 2, 3, 4, 5].map((step) => [step, 0, 1]));
    // 0.6, 1.2 > 1 → spike and back to 0: every second step.
    expect(rows(test!.output.get('out')!)).toEqual([
      [1, 0, 1],
      [3, 0, 1],
      [5, 0, 1],
    ]);
  });

  it('passes over windows without an answer, and stops at the wanted number', () => {
    // 0.3 in three steps is not above 1; in six it is, once.
    const windows = [window(1, 3), window(0), window(1), window(0, 2)];
    expect(recordSelfTests(model, windows, 2).map(({ steps }) => steps)).toEqual([6, 6]);
    expect(recordSelfTests(model, windows, 9).map(({ steps }) => steps)).toEqual([6, 6, 2]);
  });

  it('passes over a membrane that reaches its threshold only by a rounding', () => {
    const tie = parseModel({
      nodes: {
        in: { type: 'Input', shape: [1] },
        cell: { type: 'IF', r: 1000, v_threshold: 0.999_999 },
        out: { type: 'Output' },
      },
      edges: chain('in', 'cell', 'out'),
      semantics: { dt: 0.001 },
    });
    expect(recordSelfTests(tie, [window(0)], 3)).toEqual([]);
  });

  it('takes six bytes an event at most where values are whole, and survives the file', () => {
    const tested = withTests(model);
    const [{ input, output }] = tested.selfTests as [Model['selfTests'][number]];
    for (const side of [input.get('in')!, output.get('out')!]) expect(side.data.BYTES_PER_ELEMENT).toBe(1);
    expect(readModel(writeModel(tested)).selfTests).toEqual(tested.selfTests);
  });

  it('gives the inputs back for another form of the net', () => {
    const integer = quantize(model, { bits: 8 });
    const again = recordSelfTests(integer, windowsOfSelfTests(withTests(model)), 3);
    expect(again).toHaveLength(1);
    expect(again[0]!.input).toEqual(withTests(model).selfTests[0]!.input);
  });
});

describe('running self-tests', () => {
  const forms: [string, Model][] = [
    ['float', withTests(model)],
    ['int8', withTests(quantize(model, { bits: 8 }))],
    ['int4, 16-bit membranes', withTests(quantize(model, { bits: 4, membraneBits: 16 }))],
  ];
  const pairs = forms.flatMap(([form, tested]) =>
    engines
      .filter(({ name }) => form !== 'float' || name !== 'integer')
      .map(({ name }) => [form, name, tested] as const),
  );

  it.each(pairs)('of a %s model on %s', (form, name, tested) => {
    // Real numbers say nothing about the vectors of an integer model.
    const silent = form !== 'float' && engineNamed(name).realNumbers === true;
    expect(runSelfTests(tested, engineNamed(name))).toBe(silent ? 0 : 1);
  });

  it('names the vector, the event that came and the one that was expected', () => {
    const [, int8] = forms[1]!;
    const wrong = Uint8Array.of(1, 0, 1, 3, 1, 1, 5, 0, 1);
    const bad = (data: Uint8Array): Model => ({
      ...int8,
      selfTests: [
        int8.selfTests[0]!,
        { ...int8.selfTests[0]!, output: new Map([['out', tensor(data, [data.length / 3, 3])]]) },
      ],
    });
    const run = (data: Uint8Array) => () => runSelfTests(bad(data), engineNamed('clocked'));
    expect(run(wrong)).toThrow(
      'selfTests[1] on clocked, output "out": gave [3, 0, 1] as event 2 of 3; expected [3, 1, 1] as event 2 of 3',
    );
    expect(run(wrong.subarray(0, 3))).toThrow(/gave \[3, 0, 1\] as event 2 of 3; expected only 1 event$/);
    expect(run(Uint8Array.of(1, 0, 1, 3, 0, 1, 5, 0, 2))).toThrow(/gave \[5, 0, 1\].*expected \[5, 0, 2\]/);
    expect(run(wrong)).toThrow(expect.objectContaining({ code: 'unsupported' }));
  });

  it('finds a weight that was changed', () => {
    const [, int8] = forms[1]!;
    const nodes = new Map(int8.graph.nodes);
    const weight = nodes.get('fc')!.parameters.weight as Tensor;
    const changed = Int8Array.from(weight.data);
    changed[0] = 60;
    nodes.set('fc', { ...nodes.get('fc')!, parameters: { weight: tensor(changed, weight.shape) } });
    const damaged = { ...int8, graph: { ...int8.graph, nodes } };
    for (const name of ['integer', 'clocked']) {
      expect(() => runSelfTests(damaged, engineNamed(name))).toThrow(/^selfTests\[0\] on \w+, output "out": gave/);
    }
  });

  it.each(pairs)('leaves a net as it was before: %s on %s', async (_form, name, tested) => {
    const engine = engineNamed(name);
    const [net, untouched] = [engine.load(tested), engine.load(tested)];
    await selfTest(net, engine);
    expect(net.learning).toBe(true);
    expect(net.choice).toEqual(untouched.choice);
    for (let window = 0; window < 40; window++) {
      const [came, expected] = [new EventBuffer(20), new EventBuffer(20)];
      net.run(6, input(window % 2), came);
      untouched.run(6, input(window % 2), expected);
      expect(came.toList()).toEqual(expected.toList());
      expect(net.counters).toEqual(untouched.counters);
      expect(net.choice).toEqual(untouched.choice);
    }
    expect(net.save()).toEqual(untouched.save());
  });

  it('looks at the membranes that a decoder reads', () => {
    const channels = ['a', 'b'].map((name) => ({ name, unit: '' }));
    const [net, other] = [1, 2].map((seed) =>
      quantize(nextReadingModel({ channels, neurons: 40, seed }), { bits: 8, headroom: 64 }),
    ) as [Model, Model];
    const { steps } = net.sample;
    const reading = new EventBuffer(2 * steps);
    for (let step = 0; step < steps; step++) for (const channel of [0, 1]) reading.push(step, 0, channel, 1);
    const selfTests = recordSelfTests(net, [{ steps, input: reading }], 3);
    const [{ output, membranes }] = selfTests as [Model['selfTests'][number]];
    // With so much headroom, what is handed on is less than half a unit, and so nothing.
    expect(output.get('out')!.data).toHaveLength(0);
    expect([...membranes!.get('reading/synapse')!.data].every((v) => v > 0.5)).toBe(true);
    for (const name of ['clocked', 'integer', 'auto']) {
      expect(runSelfTests(readModel(writeModel({ ...net, selfTests })), engineNamed(name))).toBe(1);
      expect(() => runSelfTests({ ...other, selfTests }, engineNamed(name))).toThrow(
        /^selfTests\[0\] on \w+, v of "reading\/synapse"\[0\]: gave [\d.]+; expected [\d.]+$/,
      );
    }
  });

  it('are answered in turns with the same answers, and end with a signal', async () => {
    const wide = parseModel({
      nodes: {
        in: { type: 'Input', shape: [4000] },
        cell: { type: 'IF', r: 1000, v_threshold: 1 },
        out: { type: 'Output' },
      },
      edges: chain('in', 'cell', 'out'),
    });
    const input = new EventBuffer(100);
    for (let step = 0; step < 2000; step += 20) input.push(step, 0, step, 2);
    const tested = withTests(wide, [{ steps: 2000, input }]);
    expect(tested.selfTests[0]!.output.get('out')!.shape[0]).toBe(100);
    const net = referenceEngine.load(tested);
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    await selfTest(net, referenceEngine);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(1);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 1);
    await expect(selfTest(net, referenceEngine, controller.signal)).rejects.toThrow(
      'self-tests: were stopped in selfTests[0] on reference; expected their end',
    );
  });

  it('ask for no more memory than their events, however many a net may emit', () => {
    const text = {
      nodes: { in: { type: 'Input', shape: [1_000_000] }, out: { type: 'Output' } },
      edges: [['in', 'out']],
      selfTests: [{ steps: 20, input: { in: [[0, 7, 1]] }, output: { out: [[0, 7, 1]] } }],
    };
    const before = process.memoryUsage().arrayBuffers;
    expect(runSelfTests(parseModel(text), clockedEngine)).toBe(1);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20 * 1_000_000 * 20);
    const silent = { ...text, selfTests: [{ ...text.selfTests[0]!, output: { out: [] } }] };
    expect(() => runSelfTests(parseModel(silent), clockedEngine)).toThrow('gave [0, 7, 1] as event 1 of 1');
  });

  it('leaves learning off and starts fresh, in whatever order', () => {
    const [, tested] = forms[0]!;
    const twice = { ...tested, selfTests: [...tested.selfTests, ...tested.selfTests] };
    expect(runSelfTests(twice, engineNamed('clocked'))).toBe(2);
    expect(runSelfTests({ ...tested, selfTests: [] }, engineNamed('clocked'))).toBe(0);
  });
});
