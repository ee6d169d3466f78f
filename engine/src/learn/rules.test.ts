import { type LearningDeclaration, type Model, parseModel, resolveGraph } from '@spikewire/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { learnedConnections } from './learned-connections.ts';
import { Learner } from './learner.ts';
import { collectActive, sparseActivity } from './sparse-activity.ts';
import { FloatWeights } from './weights/float-weights.ts';

const dt = 0.001;

interface Site {
  readonly rule: string;
  readonly weight?: readonly (readonly number[])[];
  readonly structure?: 'dense' | 'convolution';
  readonly [parameter: string]: unknown;
}

/**
 * A learned connection onto a spiking or a non-spiking population; as a 1×1 convolution it has the same synapses,
 * listed.
 */
function modelOf({ weight = [[0.5]], structure = 'dense', target = 'LIF', ...learning }: Site, steps = 1): Model {
  const [outputs, inputs] = [weight.length, weight[0]!.length];
  const listed = structure === 'convolution';
  const population =
    target === 'LIF' ? { type: 'LIF', tau: 0.02, r: 1, v_threshold: 1 } : { type: 'Lowpass', tau: 0.02 };
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: listed ? [inputs, 1, 1] : [inputs] },
      fc: listed
        ? { type: 'Conv2d', weight: weight.map((row) => row.map((w) => [[w]])) }
        : { type: 'Linear', weight: weight.map((row) => [...row]) },
      post: population,
      out: { type: 'Output', shape: listed ? [outputs, 1, 1] : [outputs] },
    },
    edges: [
      ['in', 'fc'],
      ['fc', 'post'],
      ['post', 'out'],
    ],
    semantics: { dt },
    learning: { fc: learning },
    sample: { steps, between: 'continue' },
  });
}

function learnerOf(site: Site, steps = 1): Learner {
  const model = modelOf(site, steps);
  const connection = learnedConnections(model, resolveGraph(model.graph, model.semantics))[0]!;
  const { weights } = connection.connectivity;
  const values = new Float64Array(weights!.length);
  return new Learner({ connection, weights: new FloatWeights(values, weights!), dt, history: 4 });
}

function weightsOf({ weights }: Learner): number[] {
  return Array.from({ length: weights.length }, (_, k) => weights.read(k));
}

type Train = readonly number[];

/** What each side emits, by neuron; a train is a list of steps. */
interface Activity {
  readonly pre: readonly Train[];
  readonly post: readonly Train[];
  readonly steps: number;
  readonly membrane?: (step: number) => Float64Array;
  readonly after?: (step: number, learner: Learner) => void;
}

function play(learner: Learner, { pre, post, steps, membrane, after }: Activity): number[] {
  const [before, behind] = [sparseActivity(pre.length), sparseActivity(post.length)];
  const at = (trains: readonly Train[], step: number) => trains.map((train) => train.filter((t) => t === step).length);
  for (let step = 0; step < steps; step++) {
    collectActive(at(pre, step), before);
    collectActive(at(post, step), behind);
    learner.step(step, before, behind, true, membrane && (() => membrane(step)));
    after?.(step, learner);
  }
  return weightsOf(learner);
}

const steps = 60;
const train = fc
  .uniqueArray(fc.integer({ min: 0, max: steps - 1 }), { maxLength: 14 })
  .map((times) => times.sort((a, b) => a - b));
const pairOfTrains = fc.record({ pre: train, post: train });

/** Σ over spikes strictly before `t`. */
function traceAt(spikes: Train, t: number, tau: number): number {
  return spikes.reduce((sum, s) => (s < t ? sum + Math.exp((-(t - s) * dt) / tau) : sum), 0);
}

/** e^(−Δ/τ) of the last spike strictly before `t`. */
function nearestAt(spikes: Train, t: number, tau: number): number {
  const last = spikes.filter((s) => s < t).at(-1);
  return last === undefined ? 0 : Math.exp((-(t - last) * dt) / tau);
}

/** Applies jumps of a weight in order of steps, pre before post. */
function jumps(
  { pre, post }: { pre: Train; post: Train },
  start: number,
  atPre: (w: number, t: number) => number,
  atPost: (w: number, t: number) => number,
): number {
  let w = start;
  for (let t = 0; t < steps; t++) {
    if (pre.includes(t)) w += atPre(w, t);
    if (post.includes(t)) w += atPost(w, t);
  }
  return w;
}

function expectPaired(site: Site, expected: (trains: { pre: Train; post: Train }) => number): void {
  fc.assert(
    fc.property(pairOfTrains, ({ pre, post }) => {
      const [weight] = play(learnerOf(site), { pre: [pre], post: [post], steps });
      expect(Math.abs(weight! - expected({ pre, post }))).toBeLessThan(1e-12);
    }),
  );
}

describe('rules with traces equal sums over pairs of spikes', () => {
  const window = { aPlus: 0.01, aMinus: 0.012, tauPlus: 0.016, tauMinus: 0.03 };

  it.each([
    ['all', traceAt],
    ['nearest', nearestAt],
  ] as const)('stdp, pairing %s', (pairing, trace) => {
    expectPaired({ rule: 'stdp', ...window, pairing }, ({ pre, post }) => {
      const grown = post.reduce((sum, t) => sum + 0.01 * trace(pre, t, 0.016), 0);
      const lost = pre.reduce((sum, t) => sum + 0.012 * trace(post, t, 0.03), 0);
      return 0.5 + grown - lost;
    });
  });

  it.each(['stdp', 'power-law'])('%s, with spikes of one step paired: pre first', (rule) => {
    /** Σ over spikes up to `t`. */
    const upTo = (spikes: Train, t: number) => traceAt(spikes, t, 0.016) + (spikes.includes(t) ? 1 : 0);
    if (rule === 'stdp') {
      expectPaired({ rule, ...window, order: 'pre-first' }, ({ pre, post }) => {
        const grown = post.reduce((sum, t) => sum + 0.01 * upTo(pre, t), 0);
        const lost = pre.reduce((sum, t) => sum + 0.012 * traceAt(post, t, 0.03), 0);
        return 0.5 + grown - lost;
      });
      return;
    }
    const parameters = { eta: 0.05, xTar: 0.4, wMax: 1, mu: 1, tauPre: 0.016 };
    expectPaired({ rule, ...parameters, order: 'pre-first' }, (trains) =>
      jumps(
        trains,
        0.5,
        () => 0,
        (w, t) => 0.05 * (upTo(trains.pre, t) - 0.4) * (1 - w),
      ),
    );
  });

  it('triplet', () => {
    const parameters = { a2Plus: 0.005, a3Plus: 0.006, a2Minus: 0.007, a3Minus: 0.002 };
    const taus = { tauPlus: 0.0168, tauMinus: 0.0337, tauX: 0.1, tauY: 0.12 };
    expectPaired({ rule: 'triplet', ...parameters, ...taus }, ({ pre, post }) => {
      const grown = post.map((t) => traceAt(pre, t, 0.0168) * (0.005 + 0.006 * traceAt(post, t, 0.12)));
      const lost = pre.map((t) => traceAt(post, t, 0.0337) * (0.007 + 0.002 * traceAt(pre, t, 0.1)));
      const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);
      return 0.5 + sum(grown) - sum(lost);
    });
  });

  it.each([0, 0.4, 1, 2])('power-law with exponent %d', (mu) => {
    const site = { rule: 'power-law', eta: 0.05, xTar: 0.3, wMax: 1.5, mu, tauPre: 0.015 };
    expectPaired(site, (trains) => {
      const atPost = (w: number, t: number) => 0.05 * (traceAt(trains.pre, t, 0.015) - 0.3) * (1.5 - w) ** mu;
      return jumps(trains, 0.5, () => 0, atPost);
    });
  });

  it('exponential', () => {
    const site = { rule: 'exponential', etaPost: 0.03, xTar: 0.3, wMax: 1.2, beta: 2, tauPre: 0.015, trace: 'set' };
    expectPaired(site, (trains) => {
      const atPost = (w: number, t: number) =>
        0.03 * (nearestAt(trains.pre, t, 0.015) * Math.exp(-2 * w) - 0.3 * Math.exp(-2 * (1.2 - w)));
      return jumps(trains, 0.5, () => 0, atPost);
    });
  });

  it.each([0, 0.5, 1])('pre-depression with exponent %d', (mu) => {
    expectPaired({ rule: 'pre-depression', etaPre: 0.02, mu, tauPost: 0.02 }, (trains) =>
      jumps(
        trains,
        0.5,
        (w, t) => -0.02 * traceAt(trains.post, t, 0.02) * Math.max(0, w) ** mu,
        () => 0,
      ),
    );
  });

  it('pre-depression is proportional to the weight by default', () => {
    expectPaired({ rule: 'pre-depression', etaPre: 0.02, tauPost: 0.02 }, (trains) =>
      jumps(
        trains,
        0.5,
        (w, t) => -0.02 * traceAt(trains.post, t, 0.02) * w,
        () => 0,
      ),
    );
  });

  it.each([undefined, 0.004])('spike-order, within %s s: up for what came first, down for all else', (within) => {
    const site = { rule: 'spike-order', aPlus: 0.2, aMinus: 0.3, wMax: 1.5, ...(within && { within }) };
    const isFirst = (s: number, t: number) => s <= t && (within === undefined || t - s <= 4);
    expectPaired(site, ({ pre, post }) => {
      const rate = (t: number) => (pre.some((s) => isFirst(s, t)) ? 0.2 : -0.3);
      return jumps(
        { pre, post },
        0.5,
        () => 0,
        (w, t) => rate(t) * w * (1.5 - w),
      );
    });
  });

  it.each([-0.5, 1.5])('spike-order leaves a weight of %d, outside of its range, where it is', (weight) => {
    const learner = learnerOf({ rule: 'spike-order', aPlus: 0.9, aMinus: 0.9, weight: [[weight]] });
    expect(play(learner, { pre: [[3]], post: [[1, 3, 5]], steps })).toEqual([weight]);
  });

  it('rstdp: what the pairs would change, discounted up to each reward', () => {
    const site = { rule: 'rstdp', learningRate: 2, ...window, tauEligibility: 0.04 };
    fc.assert(
      fc.property(
        pairOfTrains,
        fc.array(fc.tuple(fc.nat(steps - 1), fc.double({ min: -1, max: 1, noNaN: true })), { maxLength: 4 }),
        (trains, rewards) => {
          const after = (step: number, learner: Learner) => {
            for (const [t, reward] of rewards) if (t === step) expect(learner.teach([reward], step)).toBe(true);
          };
          const [weight] = play(learnerOf(site), { pre: [trains.pre], post: [trains.post], steps, after });
          const eligibility = (now: number) => {
            const discount = (t: number) => (t > now ? 0 : Math.exp((-(now - t) * dt) / 0.04));
            const grown = trains.post.reduce((sum, t) => sum + 0.01 * traceAt(trains.pre, t, 0.016) * discount(t), 0);
            return trains.pre.reduce((sum, t) => sum - 0.012 * traceAt(trains.post, t, 0.03) * discount(t), grown);
          };
          const expected = rewards.reduce((sum, [t, reward]) => sum + 2 * reward * eligibility(t), 0.5);
          // Eligibilities are kept in single precision.
          expect(Math.abs(weight! - expected)).toBeLessThan(1e-6);
        },
      ),
    );
  });

  it('resume: wanted and sent spikes against the window over pre spikes up to the same step', () => {
    const learning = { rule: 'resume', a: 0.002, amplitude: 0.01, tau: 0.005 };
    fc.assert(
      fc.property(pairOfTrains, train, fc.constantFrom('excitatory', 'inhibitory'), (trains, wanted, synapses) => {
        const after = (step: number, learner: Learner) => {
          if (wanted.includes(step)) learner.teach([1], step);
        };
        const [weight] = play(learnerOf({ ...learning, synapses }), {
          pre: [trains.pre],
          post: [trains.post],
          steps,
          after,
        });
        const sign = synapses === 'inhibitory' ? -1 : 1;
        const change = (t: number) => sign * (0.002 + 0.01 * traceAt(trains.pre, t + 1e-9, 0.005));
        const sum = (times: Train) => times.reduce((total, t) => total + change(t), 0);
        expect(Math.abs(weight! - (0.5 + sum(wanted) - sum(trains.post)))).toBeLessThan(1e-8);
      }),
    );
  });

  it('a graded arrival, and several spikes at once, act in proportion and are remembered so', () => {
    const learner = learnerOf({ rule: 'stdp', aPlus: 0.1, aMinus: 0.2, tauPlus: 0.02, tauMinus: 0.02 });
    const [pre, post] = [sparseActivity(1), sparseActivity(1)];
    const given = [
      [0.5, 0],
      [0, 3],
      [-2, 0],
    ] as const;
    given.forEach(([before, behind], step) => {
      collectActive([before], pre);
      collectActive([behind], post);
      learner.step(step, pre, post, true);
    });
    const keep = Math.exp(-dt / 0.02);
    expect(learner.weights.read(0)).toBeCloseTo(0.5 + 3 * 0.1 * 0.5 * keep + 2 * 0.2 * 3 * keep, 12);
  });

  it('resume rests where both trains are equal', () => {
    const times = [3, 10, 11, 30];
    const after = (step: number, learner: Learner) => {
      if (times.includes(step)) learner.teach([1], step);
    };
    const learner = learnerOf({ rule: 'resume', a: 0.1, amplitude: 0.1 });
    const [weight] = play(learner, { pre: [[1, 3, 9, 28]], post: [times], steps, after });
    expect(weight).toBeCloseTo(0.5, 14);
  });
});

describe('rules come to rest where the equations say', () => {
  it('exponential: w = w_max/2 + ln(x/x_tar)/(2β) for a pre trace x that is always the same', () => {
    const learner = learnerOf({
      rule: 'exponential',
      etaPost: 0.1,
      xTar: 0.2,
      wMax: 1,
      beta: 3,
      tauPre: 0.02,
      trace: 'set',
    });
    const [pre, post] = [0, 1].map((shift) => Array.from({ length: 2000 }, (_, k) => 5 * k + 4 * shift));
    const [weight] = play(learner, { pre: [pre!], post: [post!], steps: 10_000 });
    const x = Math.exp(-0.004 / 0.02);
    expect(weight).toBeCloseTo(0.5 + Math.log(x / 0.2) / 6, 6);
  });

  it('power-law with exponent 1 comes to w_max where the trace is above its target', () => {
    const learner = learnerOf({ rule: 'power-law', eta: 0.1, xTar: 0.2, wMax: 0.8, mu: 1, trace: 'set' });
    const [pre, post] = [0, 1].map((shift) => Array.from({ length: 400 }, (_, k) => 5 * k + 4 * shift));
    expect(play(learner, { pre: [pre!], post: [post!], steps: 2000 })[0]).toBeCloseTo(0.8, 6);
  });

  it('bcm: a linear neuron comes to its target rate, from below and from above', () => {
    for (const start of [0.2, 2.5]) {
      const weight = [[start]];
      const learner = learnerOf({
        rule: 'bcm',
        weight,
        eta: 2e-4,
        targetRate: 20,
        tauPre: 0,
        tauPost: 0,
        tauThreshold: 0.05,
      });
      const [pre, post] = [sparseActivity(1), sparseActivity(1)];
      for (let step = 0; step < 20_000; step++) {
        collectActive([0.015], pre);
        collectActive([0.015 * learner.weights.read(0)], post);
        learner.step(step, pre, post, true);
      }
      // 15 Hz in, 20 Hz out.
      expect(learner.weights.read(0)).toBeCloseTo(20 / 15, 4);
    }
  });

  it('bcm: changes by η·ρ_pre·ρ_post(ρ_post − ⟨ρ_post²⟩/ρ₀) per second', () => {
    const learner = learnerOf({ rule: 'bcm', eta: 1e-6, targetRate: 10, tauPre: 0, tauPost: 0, tauThreshold: 0.02 });
    const [pre, post] = [sparseActivity(1), sparseActivity(1)];
    let [expected, meanSquare] = [0.5, 0];
    for (let step = 0; step < 100; step++) {
      const [before, behind] = [30 + step, 5 + 4 * Math.sin(step)];
      collectActive([before * dt], pre);
      collectActive([behind * dt], post);
      learner.step(step, pre, post, true);
      meanSquare += (1 - Math.exp(-dt / 0.02)) * (behind ** 2 - meanSquare);
      expected += 1e-6 * dt * before * behind * (behind - meanSquare / 10);
    }
    expect(Math.abs(learner.weights.read(0) - expected)).toBeLessThan(1e-12);
  });
});

describe('what all rules share', () => {
  const activity = {
    pre: [
      [1, 4, 9, 22, 30],
      [2, 9, 25],
    ],
    post: [
      [3, 10, 26, 31],
      [5, 11, 24],
    ],
    steps: 40,
  };
  const weight = [
    [0.2, 0.9],
    [0.4, 0.1],
  ];

  it('normalisation brings the magnitudes into each output to their sum, every so many steps', () => {
    const learner = learnerOf({
      rule: 'stdp',
      aPlus: 0.1,
      aMinus: 0.2,
      weight: [
        [0.2, -0.9],
        [0.4, 0.1],
      ],
      normalize: { sum: 3, every: 40 },
    });
    const [w00, w01, w10, w11] = play(learner, activity).map(Math.abs) as [number, number, number, number];
    expect(w00 + w01).toBeCloseTo(3, 12);
    expect(w10 + w11).toBeCloseTo(3, 12);
    const earlier = learnerOf({ rule: 'stdp', aPlus: 0, aMinus: 0, weight, normalize: { sum: 3, every: 41 } });
    expect(play(earlier, activity)).toEqual(weight.flat());
  });

  it('normalisation is once per sample unless told otherwise', () => {
    const learner = learnerOf({ rule: 'stdp', aPlus: 0, aMinus: 0, weight, normalize: { sum: 1 } }, 25);
    const sums: number[] = [];
    play(learner, {
      ...activity,
      after: () =>
        sums.push(
          weightsOf(learner)
            .slice(0, 2)
            .reduce((a, b) => a + b),
        ),
    });
    expect(sums.findIndex((sum) => Math.abs(sum - 1) < 1e-12)).toBe(24);
  });

  it('homeostasis scales weights by strength times what the rate falls short', () => {
    const homeostasis = { rate: 100, tau: 0.01, strength: 0.02, every: 10 };
    const learner = learnerOf({ rule: 'stdp', aPlus: 0, aMinus: 0, weight, homeostasis });
    const [w00, , , w11] = play(learner, activity);
    const rateAt = (train: Train, t: number) =>
      train.filter((s) => s <= t).reduce((sum, s) => sum + ((1 - Math.exp(-0.1)) / dt) * Math.exp(-0.1 * (t - s)), 0);
    const grown = (train: Train) =>
      [9, 19, 29, 39].reduce((factor, t) => factor * (1 + 0.02 * 10 * dt * (100 - rateAt(train, t))), 1);
    expect(w00).toBeCloseTo(0.2 * grown(activity.post[0]!), 12);
    expect(w11).toBeCloseTo(0.1 * grown(activity.post[1]!), 12);
  });

  it('soft bounds scale growth by the room above, loss by the room below', () => {
    const site = {
      rule: 'stdp',
      aPlus: 0.1,
      aMinus: 0.2,
      tauPlus: 0.02,
      tauMinus: 0.02,
      bounds: [-1, 3],
      softness: 1.5,
    };
    const [learned] = play(learnerOf(site), { pre: [activity.pre[0]!], post: [activity.post[0]!], steps });
    const trains = { pre: activity.pre[0]!, post: activity.post[0]! };
    const expected = jumps(
      trains,
      0.5,
      (w, t) => -0.2 * traceAt(trains.post, t, 0.02) * ((w + 1) / 4) ** 1.5,
      (w, t) => 0.1 * traceAt(trains.pre, t, 0.02) * ((3 - w) / 4) ** 1.5,
    );
    expect(learned).toBeCloseTo(expected, 12);
  });

  it('bounds hold after every step at whatever the step touched', () => {
    const learner = learnerOf({ rule: 'stdp', aPlus: 2, aMinus: 3, weight, bounds: [0, 1] });
    const seen: number[] = [];
    play(learner, { ...activity, after: () => seen.push(...weightsOf(learner)) });
    expect(Math.min(...seen)).toBe(0);
    expect(Math.max(...seen)).toBe(1);
  });

  const everyRule: LearningDeclaration['parameters'][] = [
    { rule: 'stdp', aPlus: 0.1, aMinus: 0.1 },
    { rule: 'stdp', aPlus: 0.1, aMinus: 0.1, pairing: 'nearest' },
    { rule: 'power-law', eta: 0.1, mu: 1 },
    { rule: 'power-law', eta: 0.1, mu: 0.3 },
    { rule: 'exponential', etaPost: 0.1 },
    { rule: 'pre-depression', etaPre: 0.1 },
    { rule: 'triplet', a2Plus: 0.1, a3Minus: 0.1 },
    { rule: 'rstdp', aPlus: 0.1, aMinus: 0.1 },
    { rule: 'bcm', eta: 1e-4 },
    { rule: 'resume', a: 0.01, amplitude: 0.02 },
    { rule: 'pes', learningRate: 0.01 },
    { rule: 'ottt', learningRate: 0.1, dampening: 1 },
    { rule: 'eprop', learningRate: 0.1, dampening: 1 },
  ];

  it.each(everyRule)('$rule on listed synapses learns what whole rows of a dense matrix do: %j', (declaration) => {
    const membrane = (step: number) => Float64Array.of(Math.sin(step) + 0.5, 1 - step / steps);
    const after = (step: number, learner: Learner) => {
      const signals: Record<number, number[]> = { 0: [], 1: [0.3 - step / 50], 2: [Math.cos(step), 0.2] };
      const signal = signals[learner.signalLength]!;
      if (signal.length > 0 && step % 3 === 0) learner.teach(signal, step);
    };
    const [rows, listed] = (['dense', 'convolution'] as const).map((structure) => {
      const learner = learnerOf({ ...(declaration as unknown as Site), weight, structure, bounds: [-5, 5] });
      return play(learner, { ...activity, membrane, after });
    });
    expect(rows).not.toEqual(weight.flat());
    rows!.forEach((value, k) => {
      expect(Math.abs(value - listed![k]!)).toBeLessThan(1e-12);
    });
  });

  it.each(everyRule)('$rule continues bit for bit from its saved arrays: %j', (declaration) => {
    const site = { ...(declaration as unknown as Site), weight };
    const membrane = (step: number) => Float64Array.of(Math.sin(step) + 0.5, 1 - step / steps);
    const after = (step: number, learner: Learner) => {
      if (learner.signalLength > 0 && step % 3 === 0) learner.teach([0.4, -0.2].slice(0, learner.signalLength), step);
    };
    const whole = learnerOf(site);
    play(whole, { ...activity, membrane, after });
    const [first, second] = [learnerOf(site), learnerOf(site)];
    play(first, { ...activity, steps: 17, membrane, after });
    for (const [name, { view }] of Object.entries(first.state)) second.state[name]!.view.set(view);
    second.restored();
    const later = (trains: readonly Train[]) => trains.map((times) => times.map((t) => t - 17));
    play(second, {
      pre: later(activity.pre),
      post: later(activity.post),
      steps: activity.steps - 17,
      membrane: (step) => membrane(step + 17),
      after: (step, learner) => {
        if (learner.signalLength > 0 && (step + 17) % 3 === 0)
          learner.teach([0.4, -0.2].slice(0, learner.signalLength), step);
      },
    });
    expect(weightsOf(second)).toEqual(weightsOf(whole));
  });
});

describe('online gradients', () => {
  /** Adjoint recursion, backward in time, of v[t] = λv[t−1] + w·s[t] − reset (not differentiated). */
  function backward(pre: Train, slopes: readonly number[], errors: readonly number[], keep: number): number {
    let [adjoint, gradient] = [0, 0];
    for (let t = slopes.length - 1; t >= 0; t--) {
      adjoint = errors[t]! * slopes[t]! + keep * adjoint;
      if (pre.includes(t)) gradient += adjoint;
    }
    return gradient;
  }

  const pre = [2, 3, 9, 17, 18, 30, 41, 55];
  const post = [5, 19, 44];
  const membrane = Float64Array.from({ length: steps }, (_, t) => 1 + 0.9 * Math.sin(t / 3));
  const errors = Array.from({ length: steps }, (_, t) => Math.cos(t / 5) - 0.2);
  const slopeAt = (t: number) => (post.includes(t) ? 0.4 : 0.4 * Math.max(0, 1 - Math.abs(membrane[t]! - 1) / 0.5));
  const teachEachStep = (step: number, learner: Learner) => {
    learner.teach([errors[step]!], step);
  };
  const shape = { learningRate: 1, width: 0.5, dampening: 0.4, tau: 0.015, weight: [[0]] };

  it('ottt is the gradient of backpropagation through time in one layer that resets by subtraction', () => {
    const activity = { pre: [pre], post: [post], steps, membrane: (t: number) => membrane.subarray(t, t + 1) };
    const [weight] = play(learnerOf({ rule: 'ottt', ...shape }), { ...activity, after: teachEachStep });
    const slopes = Array.from({ length: steps }, (_, t) => slopeAt(t));
    expect(weight).toBeCloseTo(-backward(pre, slopes, errors, Math.exp(-dt / 0.015)), 10);
  });

  it('ottt in front of a read-out is the delta rule', () => {
    const learner = learnerOf({ rule: 'ottt', ...shape, target: 'Lowpass' });
    expect(learner.needsPost).toBe(false);
    const [weight] = play(learner, { pre: [pre], post: [[]], steps, after: teachEachStep });
    const slopes = new Array(steps).fill(1);
    expect(weight).toBeCloseTo(-backward(pre, slopes, errors, Math.exp(-dt / 0.015)), 10);
  });

  it('eprop is the gradient through a leaky read-out behind the layer', () => {
    const activity = { pre: [pre], post: [post], steps, membrane: (t: number) => membrane.subarray(t, t + 1) };
    const learner = learnerOf({ rule: 'eprop', ...shape, tauOut: 0.03 });
    const [weight] = play(learner, { ...activity, after: teachEachStep });
    const [keep, keepOut] = [Math.exp(-dt / 0.015), Math.exp(-dt / 0.03)];
    // The error of a step reaches an earlier output through the read-out's decay.
    const reaching = errors.map((_, t) =>
      errors.slice(t).reduce((sum, error, later) => sum + error * keepOut ** later, 0),
    );
    const slopes = Array.from({ length: steps }, (_, t) => slopeAt(t));
    expect(weight).toBeCloseTo(-backward(pre, slopes, reaching, keep), 5);
  });

  it('a label at the end reaches all steps of a sample by eprop', () => {
    const activity = { pre: [pre], post: [post], steps, membrane: (t: number) => membrane.subarray(t, t + 1) };
    const learner = learnerOf({ rule: 'eprop', ...shape, tauOut: 0.03 });
    play(learner, activity);
    expect(learner.teach([1], steps - 1)).toBe(true);
    const slopes = Array.from({ length: steps }, (_, t) => slopeAt(t));
    const reaching = slopes.map((_, t) => Math.exp((-(steps - 1 - t) * dt) / 0.03));
    expect(learner.weights.read(0)).toBeCloseTo(-backward(pre, slopes, reaching, Math.exp(-dt / 0.015)), 5);
  });
});

describe('winners', () => {
  const weight = [
    [0.2, 0.4],
    [0.6, 0.8],
    [0.5, 0.3],
  ];
  const pairs = { rule: 'stdp', aPlus: 0.1, aMinus: 0.2, bounds: [0, 1], weight };
  const trains = fc.record({ pre: fc.tuple(train, train), post: fc.tuple(train, train, train) });
  const membrane = () => Float64Array.of(0.1, 0.3, 0.2);

  it('are all that a rule sees of the post spikes, in its changes and in its traces', () => {
    fc.assert(
      fc.property(trains, ({ pre, post }) => {
        // Of ten steps the first with spikes, and of these that of the highest membrane.
        const won = post.map((times, output) =>
          times.filter((t) => {
            const begin = t - (t % 10);
            const isFirst = post.every((others) => !others.some((s) => s >= begin && s < t));
            return isFirst && post.every((others, j) => !others.includes(t) || membrane()[j]! <= membrane()[output]!);
          }),
        );
        const competing = learnerOf({ ...pairs, winners: { most: 1, every: 10 } });
        const found = play(competing, { pre, post, steps, membrane });
        expect(found).toEqual(play(learnerOf(pairs), { pre, post: won, steps }));
      }),
    );
  });

  it('are not all that homeostasis sees', () => {
    const site = { ...pairs, homeostasis: { rate: 20, tau: 0.02, strength: 0, every: 100 } };
    const [competing, plain] = [learnerOf({ ...site, winners: { most: 1 } }, steps), learnerOf(site, steps)];
    for (const learner of [competing, plain])
      play(learner, { pre: [[1], []], post: [[2], [2, 4], [4]], steps, membrane });
    expect(competing.state['rule0.rates']!.view).toEqual(plain.state['rule0.rates']!.view);
  });

  it('are of a sample where nothing else is said', () => {
    const activity = { pre: [[1], [2]], post: [[2, 4, 12], [3, 11], [13]], steps, membrane };
    const [own, sample] = [{ most: 1, every: 10 }, { most: 1 }].map((winners) =>
      play(learnerOf({ ...pairs, winners }, 10), activity),
    );
    expect(sample).toEqual(own);
    expect(sample).not.toEqual(play(learnerOf({ ...pairs, winners: { most: 1, every: 1 } }, 10), activity));
  });

  it('have won also where nothing is learned meanwhile', () => {
    const learner = learnerOf({ ...pairs, winners: { most: 1 } }, steps);
    const [pre, post] = [sparseActivity(2), sparseActivity(3)];
    for (const [step, learning] of [false, true].entries()) {
      collectActive([1, 0], pre);
      collectActive([step === 0 ? 1 : 0, step, 0], post);
      learner.step(step, pre, post, learning, membrane);
    }
    // The post spike of the second step comes too late, as if it had not been.
    const alone = learnerOf(pairs, steps);
    for (const [step, learning] of [false, true].entries()) {
      collectActive([1, 0], pre);
      collectActive([step === 0 ? 1 : 0, 0, 0], post);
      alone.step(step, pre, post, learning);
    }
    expect(weightsOf(learner)).toEqual(weightsOf(alone));
  });

  it('go on from what was saved within a sample', () => {
    const site = { ...pairs, winners: { most: 1 } };
    const [first, second] = [learnerOf(site, steps), learnerOf(site, steps)];
    play(first, { pre: [[0], []], post: [[1], [], []], steps: 2, membrane });
    expect(Object.keys(first.state).filter((name) => name.includes('winners'))).toEqual([
      'rule0.winners',
      'rule0.winners.now',
    ]);
    for (const [name, { view }] of Object.entries(second.state)) view.set(first.state[name]!.view);
    second.restored();
    const before = weightsOf(second);
    play(second, { pre: [[], []], post: [[], [0, 1, 2], []], steps: 3, membrane });
    expect(weightsOf(second)).toEqual(before);
  });

  it('alone have their weights brought into bounds', () => {
    const outside = { ...pairs, bounds: [0, 0.45], softness: 1, winners: { most: 1 } };
    const learner = learnerOf(outside, steps);
    const [, , third, fourth] = play(learner, { pre: [[], []], post: [[1], [3], []], steps: 5, membrane });
    expect([third, fourth]).toEqual([0.6, 0.8]);
  });

  it('are counted in the memory of a learner', () => {
    const [plain, competing] = [pairs, { ...pairs, winners: { most: 2 } }].map((site) => learnerOf(site).bytes);
    // Two outputs, the sample and the count, and for each of two an index and a value.
    expect(competing! - plain!).toBeGreaterThanOrEqual(2 * 4 + 2 * 8 + 2 * 8);
  });

  it('are chosen anew once the activity has started anew', () => {
    const learner = learnerOf({ ...pairs, winners: { most: 1 } }, steps);
    const once = { pre: [[0], []], post: [[1], [], []], steps: 2, membrane };
    const grown = [0, 1].map(() => {
      const [before, after] = [learner.weights.read(0), play(learner, once)[0]!];
      learner.resetActivity();
      return after - before;
    });
    expect(grown[0]).toBeGreaterThan(0.05);
    expect(grown[1]).toBeCloseTo(grown[0]!, 12);
  });
});
