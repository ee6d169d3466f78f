import type { Executor, ExecutorSource } from '@spikewire/engine/executor';
import { EventBuffer, type EventList } from '@spikewire/engine/network';
import { SpikewireError } from '@spikewire/models/error';

/** What a small net did on a board. */
export interface BoardTrial {
  /** Where it ran. */
  readonly name: string;
  readonly windows: number;
  /** Steps of each window. */
  readonly steps: number;
  readonly spikes: number;
  /** The engine whose answers it gave, bit for bit; null where its arithmetic is its own. */
  readonly sameAs: string | null;
  readonly windowsPerSecond: number;
}

const [INPUTS, NEURONS, OUTPUTS] = [16, 24, 4];
const [WINDOWS, STEPS] = [30, 16];
const ENGINE = 'integer';

/**
 * Runs a small net of random weights on a board, the same one at each call. Rejects with `unsupported` where the board
 * gives other spikes than the engine `integer`, if it takes weights of 8 bits and has no arithmetic of its own.
 */
export async function tryBoard(source: ExecutorSource): Promise<BoardTrial> {
  const [{ engineNamed }, { writeModel }] = await Promise.all([
    import('@spikewire/engine'),
    import('@spikewire/models'),
  ]);
  const { weightBits, tolerance, late = 0, kinds } = source.abilities;
  const isInteger = weightBits.includes(8);
  const sameAs = isInteger && tolerance === undefined && late === 0 ? ENGINE : null;
  const model = await (kinds?.includes('LIF') === false ? smallEnsemble() : smallNet(isInteger));
  const executor = await source.open(writeModel(model), { name: 'trial' });
  try {
    const network = sameAs === null ? undefined : engineNamed(sameAs).load(model);
    const inputs = await spikeWindows();
    const begun = performance.now();
    const answers = await runAll(executor, inputs);
    const seconds = (performance.now() - begun) / 1000;
    for (const [k, answer] of answers.entries()) {
      if (network === undefined) break;
      const expected = new EventBuffer(STEPS * OUTPUTS);
      network.run(STEPS, EventBuffer.of(inputs[k]!), expected);
      expectSame(executor.name, k, answer, expected.toList());
    }
    const spikes = answers.reduce((sum, { step }) => sum + step.length, 0);
    return { name: executor.name, windows: WINDOWS, steps: STEPS, spikes, sameAs, windowsPerSecond: WINDOWS / seconds };
  } finally {
    await executor.close();
  }
}

async function smallNet(isInteger: boolean) {
  const { parseModel, quantize, RandomGenerator } = await import('@spikewire/models');
  const random = new RandomGenerator(1, 'weights');
  const weight = (rows: number, columns: number) =>
    Array.from({ length: rows }, () => Array.from({ length: columns }, () => random.nextNormal() + 0.3));
  const cell = { type: 'LIF', tau: 0.01, r: 10, v_threshold: 1, v_leak: 0 };
  const names = ['in', 'fc1', 'hidden', 'fc2', 'cells', 'out'];
  const model = parseModel({
    nodes: {
      in: { type: 'Input', shape: [INPUTS] },
      fc1: { type: 'Linear', weight: weight(NEURONS, INPUTS) },
      hidden: cell,
      fc2: { type: 'Linear', weight: weight(OUTPUTS, NEURONS) },
      cells: cell,
      out: { type: 'Output', shape: [OUTPUTS] },
    },
    edges: names.slice(1).map((name, k) => [names[k]!, name]),
    semantics: { dt: 0.001 },
    sample: { steps: STEPS, between: 'continue' },
  });
  return isInteger ? quantize(model, { bits: 8, calibration: { inputs: new Map([['in', 'spikes']]) } }) : model;
}

/** For boards without leaky neurons: a layer of rectifiers, whose graded answers count as spikes do. */
async function smallEnsemble() {
  const { parseModel, RandomGenerator } = await import('@spikewire/models');
  const random = new RandomGenerator(1, 'weights');
  const weight = (rows: number, columns: number) =>
    Array.from({ length: rows }, () => Array.from({ length: columns }, () => random.nextNormal()));
  const names = ['in', 'encode', 'neurons', 'decode', 'out'];
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [INPUTS] },
      encode: { type: 'Affine', weight: weight(NEURONS, INPUTS), bias: weight(1, NEURONS)[0]! },
      neurons: { type: 'ReLU' },
      decode: { type: 'Linear', weight: weight(OUTPUTS, NEURONS) },
      out: { type: 'Output', shape: [OUTPUTS] },
    },
    edges: names.slice(1).map((name, k) => [names[k]!, name]),
    semantics: { dt: 0.001 },
    sample: { steps: STEPS, between: 'continue' },
  });
}

async function spikeWindows(): Promise<EventList[]> {
  const { RandomGenerator } = await import('@spikewire/models');
  const random = new RandomGenerator(2, 'spikes');
  return Array.from({ length: WINDOWS }, () => {
    const input = new EventBuffer(STEPS * INPUTS);
    for (let step = 0; step < STEPS; step++) {
      for (let k = 0; k < INPUTS; k++) if (random.nextUniform() < 0.2) input.push(step, 0, k, 1);
    }
    return input.toList();
  });
}

async function runAll(executor: Executor, inputs: readonly EventList[]): Promise<EventList[]> {
  const answers: EventList[] = [];
  for (const input of inputs) answers.push((await executor.run({ steps: STEPS, input })).output);
  return answers;
}

function expectSame(name: string, window: number, found: EventList, expected: EventList): void {
  const isSame = (['step', 'node', 'index', 'value'] as const).every((column) => {
    const [a, b] = [found[column], expected[column]];
    return a.length === b.length && a.every((number, k) => number === b[k]);
  });
  if (isSame) return;
  const problem = `gives other spikes in window ${window} of a test net (${found.step.length})`;
  const known = `those of the engine ${ENGINE} (${expected.step.length})`;
  throw new SpikewireError('unsupported', name, problem, known);
}
