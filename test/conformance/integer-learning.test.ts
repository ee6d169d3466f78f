import { type LearningDeclaration, type Model, parseModel, quantize, RandomGenerator } from '@spikewire/models';
import fc from 'fast-check';
import { engineNamed } from 'spikewire';
import { describe, expect, it } from 'vitest';
import { chain } from '../chain.ts';
import { play, type Stimulus } from './play.ts';

/*
 * Learning in integers (docs/semantics.md, section 4), as its text says it, in BigInt: from the spikes of a net alone
 * follow its weights, bit for bit.
 */

const DT = 0.001;
const STEPS = 60;
const INPUTS = 5;
const OUTPUTS = 3;
const SEED = 7;

function netOf(weights: readonly number[], learning: Readonly<Record<string, unknown>>, readOut = false): Model {
  const rows = Array.from({ length: OUTPUTS }, (_, j) => weights.slice(j * INPUTS, (j + 1) * INPUTS));
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [INPUTS] },
      fc: { type: 'Linear', weight: rows },
      cell: readOut ? { type: 'LI', tau: 0.01, r: 1 } : { type: 'LIF', tau: 0.01, r: 10, v_threshold: 1 },
      out: { type: 'Output' },
    },
    edges: chain('in', 'fc', 'cell', 'out'),
    semantics: { dt: DT },
    learning: { fc: learning },
  });
}

/** A gain as the text has it, m·2^−s with |m| ≤ 2^15, times 2^64. */
function gainOf(gain: number): bigint {
  if (Math.abs(gain) < 2 ** -33) return 0n;
  if (Math.abs(gain) >= 2 ** 16) return BigInt(Math.sign(gain)) << 80n;
  let s = 0;
  while (Math.abs(gain) * 2 ** s < 2 ** 14) s++;
  while (Math.abs(gain) * 2 ** s >= 2 ** 15) s--;
  const exact = gain * 2 ** s;
  const below = Math.floor(exact);
  const isUp = exact - below > 0.5 || (exact - below === 0.5 && below % 2 !== 0);
  return BigInt(isUp ? below + 1 : below) << BigInt(64 - s);
}

const decayOf = (tau: number) => BigInt(Math.min(32767, Math.round(Math.exp(-DT / tau) * 32768)));

/** The weights, traces and draws of the text. */
class Twin {
  readonly x = new Array<bigint>(INPUTS).fill(0n);
  readonly y = new Array<bigint>(OUTPUTS).fill(0n);
  readonly weights: bigint[];
  readonly #random = new RandomGenerator(SEED, 'weights of fc');
  readonly #bounds: readonly (readonly [bigint, bigint])[];

  constructor(start: ArrayLike<number>, stepsPerUnit: ArrayLike<number>, bounds?: readonly [number, number]) {
    this.weights = Array.from(start, (value) => BigInt(value));
    this.#bounds = Array.from({ length: OUTPUTS }, (_, j) => {
      if (bounds === undefined) return [-32768n, 32767n] as const;
      return [Math.ceil(bounds[0] * stepsPerUnit[j]!), Math.floor(bounds[1] * stepsPerUnit[j]!)].map(BigInt) as never;
    });
  }

  decay(before: bigint, after: bigint): void {
    for (let i = 0; i < INPUTS; i++) this.x[i] = (this.x[i]! * before) >> 15n;
    for (let j = 0; j < OUTPUTS; j++) this.y[j] = (this.y[j]! * after) >> 15n;
  }

  change(i: number, j: number, trace: bigint, gain: number): void {
    const k = j * INPUTS + i;
    const [lowest, highest] = this.#bounds[j]!;
    const exact = trace * gainOf(gain);
    const change = exact === 0n ? 0n : (exact + (BigInt(this.#random.nextUint32()) << 32n)) >> 64n;
    this.weights[k] = clamp(clamp(this.weights[k]! + change, -32768n, 32767n), lowest, highest);
  }
}

function clamp(value: bigint, lowest: bigint, highest: bigint): bigint {
  return value < lowest ? lowest : value > highest ? highest : value;
}

const weights = fc.array(
  fc.integer({ min: -100, max: 100 }).map((percent) => percent / 100),
  {
    minLength: INPUTS * OUTPUTS,
    maxLength: INPUTS * OUTPUTS,
  },
);
const spikes = fc.array(fc.tuple(fc.nat(STEPS - 1), fc.nat(INPUTS - 1)), { minLength: 20, maxLength: 200 });
const tau = fc.constantFrom(0.0004, 0.005, 0.02, 0.3, 300);
/** From one that never changes a weight to one that always changes it from end to end. */
const size = fc.constantFrom(0, 1e-9, 1e-4, 0.003, 0.05, 3, 1e5);

const stimulusOf = (events: readonly (readonly [number, number])[]): Stimulus => {
  const once = [...new Map(events.map((event) => [event.join(), event])).values()];
  return { in: once.toSorted(([a, i], [b, j]) => a - b || i - j) };
};

describe.each(['integer', 'clocked'])('learning in integers on %s', (name) => {
  const load = (model: Model) => {
    const network = engineNamed(name)!.load(model, { seed: SEED });
    network.learning = true;
    return network;
  };
  const learnedOf = (network: ReturnType<typeof load>) => network.saveLearned().get('fc')!;

  it('pairs spikes as the text says', () => {
    const pairing = fc.constantFrom('all', 'nearest');
    const bounds = fc.constantFrom(undefined, [-0.5, 0.8] as const);
    fc.assert(
      fc.property(
        weights,
        spikes,
        tau,
        tau,
        size,
        size,
        pairing,
        bounds,
        (w, events, plus, minus, up, down, pair, range) => {
          const rule = { rule: 'stdp', aPlus: up, aMinus: down, tauPlus: plus, tauMinus: minus, pairing: pair };
          const model = quantize(netOf(w, { ...rule, ...(range && { bounds: range }) }), { bits: 8 });
          const network = load(model);
          const { weights: start, stepsPerUnit } = learnedOf(network);
          const twin = new Twin(start, stepsPerUnit!, range);
          const stimulus = stimulusOf(events);
          const { cell } = play(network, STEPS, stimulus);
          const gains = (factor: number) => Array.from(stepsPerUnit!, (each) => (factor / 65536) * each);
          const [gainsUp, gainsDown] = [gains(up), gains(-down)];
          for (let step = 0; step < STEPS; step++) {
            twin.decay(decayOf(plus), decayOf(minus));
            const pre = stimulus.in!.filter(([at]) => at === step).map(([, i]) => i!);
            const post = cell!.filter(([at]) => at === step).map(([, j]) => j);
            if (down > 0)
              for (const i of pre) for (let j = 0; j < OUTPUTS; j++) twin.change(i, j, twin.y[j]!, gainsDown[j]!);
            if (up > 0)
              for (const j of post) for (let i = 0; i < INPUTS; i++) twin.change(i, j, twin.x[i]!, gainsUp[j]!);
            for (const i of pre) twin.x[i] = pair === 'all' ? clamp(twin.x[i]! + 65536n, 0n, 2n ** 24n) : 65536n;
            for (const j of post) twin.y[j] = pair === 'all' ? clamp(twin.y[j]! + 65536n, 0n, 2n ** 24n) : 65536n;
          }
          expect(Array.from(learnedOf(network).weights)).toEqual(twin.weights.map(Number));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('follows errors (PES) as the text says, with those that come late', () => {
    const errors = fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: OUTPUTS, maxLength: OUTPUTS });
    fc.assert(
      fc.property(
        weights,
        spikes,
        tau,
        size,
        fc.array(errors, { minLength: 6, maxLength: 6 }),
        (w, events, tauPre, kappa, given) => {
          const model = quantize(netOf(w, { rule: 'pes', learningRate: kappa, tauPre }, true), { bits: 8 });
          const network = load(model);
          const { weights: start, stepsPerUnit } = learnedOf(network);
          const twin = new Twin(start, stepsPerUnit!);
          const stimulus = stimulusOf(events);
          const window = STEPS / given.length;
          const hertz = -Math.expm1(-DT / tauPre) / DT / 65536;
          let remembered = [...twin.x];
          given.forEach((error, k) => {
            play(network, window, stimulus, k * window);
            for (let step = k * window; step < (k + 1) * window; step++) {
              twin.decay(decayOf(tauPre), 0n);
              for (const [at, i] of stimulus.in!)
                if (at === step) twin.x[i!] = clamp(twin.x[i!]! + 65536n, 0n, 2n ** 24n);
            }
            // Every second error is about the window before.
            const isLate = k % 2 === 1;
            network.teach('fc', error, isLate ? k * window - 1 : undefined);
            const x = isLate ? remembered : twin.x;
            for (let j = 0; j < OUTPUTS; j++) {
              const gain = -(kappa / INPUTS) * error[j]! * hertz * stepsPerUnit![j]!;
              for (let i = 0; i < INPUTS; i++) twin.change(i, j, x[i]!, gain);
            }
            remembered = [...twin.x];
          });
          expect(Array.from(learnedOf(network).weights)).toEqual(twin.weights.map(Number));
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('a connection that learns in integers', () => {
  const stdp = { rule: 'stdp', aPlus: 0.1, aMinus: 0.1 };
  const zeros = new Array<number>(INPUTS * OUTPUTS).fill(0.1);
  const declared = ({ learning }: Model): readonly LearningDeclaration[] => learning.get('fc')!;

  it('is what quantising makes of rules that can', () => {
    expect(declared(quantize(netOf(zeros, stdp), { bits: 8 }))[0]!.arithmetic).toBe('integer');
    for (const other of [{ storage: 'float32' }, { bounds: [-1, 1], softness: 1 }]) {
      expect(declared(quantize(netOf(zeros, { ...stdp, ...other }), { bits: 8 }))[0]!.arithmetic).toBeUndefined();
    }
    const triplet = { rule: 'triplet', a2Plus: 0.1, a2Minus: 0.1, a3Plus: 0.1, a3Minus: 0.1 };
    expect(declared(quantize(netOf(zeros, triplet), { bits: 8 }))[0]!.arithmetic).toBeUndefined();
  });

  it('is refused where it cannot, with what can', () => {
    const loaded = (learning: Readonly<Record<string, unknown>>) => () =>
      engineNamed('integer')!.load(quantize(netOf(zeros, learning), { bits: 8 }));
    const integer = { arithmetic: 'integer' };
    expect(loaded({ ...stdp, ...integer, storage: 'float32' })).toThrow('int16 or int8');
    expect(loaded({ ...stdp, ...integer, bounds: [-1, 1], softness: 1 })).toThrow('no softness');
    expect(loaded({ rule: 'rstdp', aPlus: 1, aMinus: 1, ...integer })).toThrow('rstdp has no integer form; expected ');
  });
});
