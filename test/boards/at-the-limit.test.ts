import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acceleratorDrivers } from '@spikewire/devices/accelerators';
import { loihiLimits, quantizeForLoihi } from '@spikewire/exchange/loihi';
import { elementCount, graphOf, type Model, parseModel, SpikewireError, writeModel } from '@spikewire/models';
import { EventBuffer, engineNamed } from 'spikewire';
import { publishedBoards } from 'spikewire/accelerators';
import type { Executor } from 'spikewire/executor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSpinnakerBoard } from '../../devices/src/accelerators/spinnaker/spinnaker-board.ts';
import { chain } from '../chain.ts';
import { layersAtSizes, randomNets } from '../conformance/models-at-limits.ts';
import { fakeSshRig } from './nengofpga/rig.mjs';
import { Twin as OdinTwin } from './odin/twin.ts';
import { LockStepClock } from './spinnaker/lock-step.ts';
import { canBePlaced } from './spinnaker/placing.ts';
import { startTwin } from './spinnaker/twin-process.ts';

const STEPS = 10;

function lineOf(nodes: Readonly<Record<string, object>>, more: object = {}): Model {
  const edges = chain(...Object.keys(nodes));
  return parseModel({ nodes, edges, semantics: { dt: 0.001, reset: 'value' }, ...more });
}

const ones = (rows: number, columns: number) => Array.from({ length: rows }, () => new Array(columns).fill(1));

/** One layer of IF behind a Linear connection. */
const layerOf = (inputs: number, neurons: number, threshold = 3) =>
  lineOf({
    in: { type: 'Input', shape: [inputs] },
    w: { type: 'Linear', weight: ones(neurons, inputs) },
    cells: { type: 'IF', r: 1000, v_threshold: threshold },
    out: { type: 'Output' },
  });

const ensembleOf = (inputs: number) =>
  lineOf({
    in: { type: 'Input', shape: [inputs] },
    encode: { type: 'Linear', weight: ones(1, inputs) },
    cells: { type: 'ReLU' },
    decode: { type: 'Linear', weight: [[1]] },
    out: { type: 'Output' },
  });

/** A delay, and as many neurons as the synapses that lead to them one to one. */
const placedOf = (neurons: number, delay: number) =>
  parseModel({
    nodes: {
      in: { type: 'Input', shape: [neurons] },
      cells: { type: 'IF', r: 1000, v_threshold: 1 },
      out: { type: 'Output' },
    },
    edges: [
      ['in', 'cells', { delay }],
      ['cells', 'out'],
    ],
    semantics: { dt: 0.001, reset: 'value' },
  });

/** A twin, and how its driver opens a model on it. */
interface Rig {
  open(model: Model): Promise<Executor>;
  close(): Promise<unknown>;
}

function odinRig(scheme: string) {
  return async (): Promise<Rig> => {
    const twin = await OdinTwin.start({ tiny: scheme === 'tinyodin', seed: 3 });
    const source = await acceleratorDrivers.find((driver) => driver.scheme === scheme)!.open(twin.address);
    return {
      open: (model) => source.open(writeModel(model)),
      close: async () => {
        await source.close();
        await twin.stop();
      },
    };
  };
}

async function nengoRig(): Promise<Rig> {
  const rig = await fakeSshRig();
  const source = await acceleratorDrivers.find(({ scheme }) => scheme === 'nengofpga')!.open(rig.file);
  return {
    open: (model) => source.open(writeModel(model)),
    close: async () => {
      await source.close();
      await rig.close();
    },
  };
}

/** The tool chain places the very model, if it can: its Inputs and Outputs are populations of the board. */
async function spinnakerRig(): Promise<Rig> {
  const twin = await startTwin({ manual: true, inputs: 1, neurons: 1 });
  const clock = new LockStepClock(twin);
  const folder = mkdtempSync(join(tmpdir(), 'spikewire-limit-'));
  const sources: { close(): Promise<void> }[] = [];
  return {
    async open(model) {
      if (!canBePlaced(model)) throw new SpikewireError('unsupported', 'tool chain', 'cannot place the net', 'another');
      const file = join(folder, `${sources.length}.json`);
      writeFileSync(file, JSON.stringify(populationsOf(model)));
      const { dt } = model.semantics;
      const address = `127.0.0.1:${twin.port}?network=${file}&inject=keys&late=1&step=${dt}`;
      const source = await openSpinnakerBoard(address, { clockOf: () => clock });
      sources.push(source);
      return source.open(writeModel({ ...model, sample: { steps: STEPS, between: 'continue' } as Model['sample'] }));
    },
    async close() {
      await Promise.all(sources.map((source) => source.close()));
      await twin.close();
      rmSync(folder, { recursive: true });
    },
  };
}

function populationsOf(model: Model) {
  let first = 0;
  return graphOf(model).nodes.flatMap(({ name, kind, shape }) => {
    if (kind.role !== 'input' && kind.role !== 'output') return [];
    const keys = { first, count: elementCount(shape) };
    first += keys.count;
    return [{ label: name, ...(kind.role === 'input' ? { core: 1 } : { tag: 1 }), keys }];
  });
}

/** Whether the driver and the twin behind it take a model, and run a window of it. */
async function isTaken({ open }: Rig, model: Model): Promise<boolean> {
  try {
    const executor = await open(model);
    const input = new EventBuffer(1);
    input.push(1, 0, 0, 1);
    const { step } = await executor.run({ steps: STEPS, input: input.toList() });
    expect(step).toBe(STEPS);
    await executor.close();
    return true;
  } catch (problem) {
    if (problem instanceof SpikewireError && problem.code === 'unsupported') return false;
    throw problem;
  }
}

async function fitsFor(address: string, model: Model): Promise<boolean> {
  const [board] = await publishedBoards('test', [address]);
  const limits = await board!.limits(model);
  return limits.every(({ fits }) => fits) && (await board!.refusal!(model)) === undefined;
}

interface Case {
  readonly address: string;
  readonly start: () => Promise<Rig>;
  /** Models at a limit, and one beyond it. */
  readonly limits: readonly (readonly [what: string, at: Model, beyond: Model])[];
}

const chipLimits = (rows: number, reach: number) => {
  return [
    ['neurons', layerOf(4, 256), layerOf(4, 257)],
    ['rows', layerOf(rows, 4), layerOf(rows + 1, 4)],
    ['reach of a threshold', layerOf(4, 4, reach), layerOf(4, 4, reach + 1)],
  ] as const;
};

const cases: readonly Case[] = [
  { address: 'odin:chip', start: odinRig('odin'), limits: chipLimits(256, 508) },
  { address: 'tinyodin:chip', start: odinRig('tinyodin'), limits: chipLimits(255, 4092) },
  {
    address: 'nengofpga:ensemble',
    start: nengoRig,
    // 8 · (1 + 8,186 + 1) = 65,504 bytes of at most 65,507.
    limits: [['bytes of a packet', ensembleOf(8186), ensembleOf(8187)]],
  },
  {
    address: 'spinnaker:spin5',
    start: spinnakerRig,
    limits: [
      ['neurons', placedOf(208_896, 0), placedOf(208_897, 0)],
      ['delay', placedOf(4, 144), placedOf(4, 145)],
    ],
  },
];

describe.each(cases)('$address', ({ address, start, limits }) => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await start();
  });
  afterAll(() => rig.close());

  it.each(limits)('takes a model at the limit of %s, and refuses one beyond, as --for says', async (_, at, beyond) => {
    expect([await fitsFor(address, at), await isTaken(rig, at)]).toEqual([true, true]);
    expect([await fitsFor(address, beyond), await isTaken(rig, beyond)]).toEqual([false, false]);
  });

  it('takes of 200 random models and layers those that fit by --for', async () => {
    let taken = 0;
    for (const [k, model] of [...randomNets(), ...layersAtSizes()].entries()) {
      const fits = await fitsFor(address, model);
      expect(await isTaken(rig, model), `model ${k}`).toBe(fits);
      taken += Number(fits);
    }
    expect(taken).toBeGreaterThan(5);
    console.log(`${address}: ${taken} taken`);
  });
});

describe('loihi', () => {
  const cell = { type: 'LIF', tau: 0.01, r: 4, v_threshold: 1 };
  const restingFor = (steps: number) =>
    lineOf({
      in: { type: 'Input', shape: [2] },
      w: { type: 'Linear', weight: ones(2, 2) },
      cells: { ...cell, tau_ref: 0.001 * steps },
      out: { type: 'Output' },
    });
  const ofAxons = (inputs: number) => layerOf(inputs, 1, 20);
  const ofCores = (neurons: number) => placedOf(neurons, 0);

  /** Whether it becomes integers, and a chip in software runs them within its registers. */
  function isRun(model: Model): boolean {
    let form: Model;
    try {
      form = quantizeForLoihi(model).model;
    } catch (problem) {
      if (problem instanceof SpikewireError && problem.code === 'unsupported') return false;
      throw problem;
    }
    const net = engineNamed('reference').load(form);
    const input = new EventBuffer(1);
    input.push(1, 0, 0, 1);
    net.run(STEPS, input, new EventBuffer(1_000_000));
    for (const { name, kind } of graphOf(form).nodes) {
      if (kind.type !== 'LoihiLIF') continue;
      for (const state of ['u', 'v'])
        expect(net.readState(name, state).every((each) => Number.isInteger(each) && Math.abs(each) < 2 ** 23)).toBe(
          true,
        );
    }
    return true;
  }

  const fits = (model: Model) => loihiLimits(model).every((limit) => limit.fits);

  it.each([
    ['refractory steps', restingFor(62), restingFor(63)],
    ['axons into a core', ofAxons(4096), ofAxons(4097)],
    ['neurons of a chip', ofCores(128 * 1024), ofCores(128 * 1024 + 1)],
  ])('takes a model at the limit of %s, and refuses one beyond, as --for says', (_, at, beyond) => {
    expect([fits(at), isRun(at)]).toEqual([true, true]);
    expect([fits(beyond), isRun(beyond)]).toEqual([false, false]);
  });

  it('takes of 200 random models and layers those that fit by --for', () => {
    let taken = 0;
    for (const [k, model] of [...randomNets(), ...layersAtSizes()].entries()) {
      const isFitting = fits(model);
      expect(isRun(model), `model ${k}`).toBe(isFitting);
      taken += Number(isFitting);
    }
    expect(taken).toBeGreaterThan(5);
    console.log(`loihi: ${taken} taken`);
  });
});
