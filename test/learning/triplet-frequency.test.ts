import { parseModel } from '@spikewire/models';
import { EventBuffer, engineNamed } from 'spikewire';
import { expect, it } from 'vitest';

const RATES = [0.1, 10, 20, 40, 50];

/**
 * What 60 pairings at these rates (Hz) change the weights of layer 5 pyramidal cells by, and its standard error:
 * Sjöström, Turrigiano and Nelson (2001), as Pfister and Gerstner (2006) fitted their rule to it. Post 10 ms behind
 * pre, then pre 10 ms behind post.
 */
const MEASURED = [
  { lag: 10, change: [-0.04, 0.14, 0.29, 0.53, 0.56], error: [0.05, 0.1, 0.14, 0.11, 0.26] },
  { lag: -10, change: [-0.29, -0.41, -0.34, 0.56, 0.75], error: [0.08, 0.11, 0.1, 0.32, 0.19] },
];

/** The change of a weight of 1 by 60 pairings. */
function changeBy(learning: object, lag: number, rate: number): number {
  const net = engineNamed('reference').load(
    parseModel({
      nodes: {
        in: { type: 'Input', shape: [1] },
        drive: { type: 'Input', shape: [1] },
        fc: { type: 'Linear', weight: [[1]] },
        strong: { type: 'Linear', weight: [[100]] },
        cell: { type: 'IF', r: 1000, v_threshold: 80 },
        out: { type: 'Output' },
      },
      edges: [
        ['in', 'fc'],
        ['fc', 'cell'],
        ['drive', 'strong'],
        ['strong', 'cell'],
        ['cell', 'out'],
      ],
      semantics: { dt: 0.001 },
      learning: { fc: learning },
    }),
  );
  const [pre, post] = ['in', 'drive'].map((name) => net.graph.nodes.findIndex((node) => node.name === name));
  const order = lag > 0 ? [pre!, post!] : [post!, pre!];
  const [input, output] = [new EventBuffer(2), new EventBuffer(2)];
  for (let n = 0; n < 60; n++) {
    input.clear();
    output.clear();
    input.push(0, order[0]!, 0, 1);
    input.push(Math.abs(lag), order[1]!, 0, 1);
    // After a second the slowest trace, of 114 ms, is gone.
    net.run(Math.min(1000, Math.round(1000 / rate)), input, output);
    expect(output.length).toBe(1);
  }
  return net.readWeights('fc')[0]! - 1;
}

/** Mean square of what a rule misses the measured changes by, in standard errors. */
function misfit(change: (lag: number, rate: number) => number): number {
  const missed = MEASURED.flatMap((measured) =>
    RATES.map((rate, k) => ((change(measured.lag, rate) - measured.change[k]!) / measured.error[k]!) ** 2),
  );
  return missed.reduce((sum, square) => sum + square, 0) / missed.length;
}

it('the triplet rule, with the figures of the paper, turns depression into potentiation as pairs come faster', () => {
  const change = (lag: number, rate: number) => changeBy({ rule: 'triplet' }, lag, rate);
  expect(change(-10, 20)).toBeLessThan(-0.2);
  expect(change(-10, 50)).toBeGreaterThan(0.5);
  // The paper gives 0.34 for these figures.
  expect(misfit(change)).toBeLessThan(0.4);
});

it('pairs alone cannot: the best of all weightings of both halves of the window misses by much more', () => {
  const tau = { tauPlus: 0.0168, tauMinus: 0.0337 };
  const halves = new Map<string, readonly [number, number]>();
  for (const { lag } of MEASURED) {
    for (const rate of RATES) {
      const grown = changeBy({ rule: 'stdp', aPlus: 1e-3, aMinus: 0, ...tau }, lag, rate);
      const lost = changeBy({ rule: 'stdp', aPlus: 0, aMinus: 1e-3, ...tau }, lag, rate);
      halves.set(`${lag} ${rate}`, [grown, lost]);
    }
  }
  let best = Number.POSITIVE_INFINITY;
  for (let plus = 0; plus < 0.03; plus += 0.0005) {
    for (let minus = 0; minus < 0.03; minus += 0.0005) {
      const missed = misfit((lag, rate) => {
        const [grown, lost] = halves.get(`${lag} ${rate}`)!;
        return 1e3 * (plus * grown + minus * lost);
      });
      best = Math.min(best, missed);
    }
  }
  expect(best).toBeGreaterThan(2);
});
