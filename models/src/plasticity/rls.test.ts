import { describe, expect, it } from 'vitest';
import { solvePositiveDefinite } from '../nef/cholesky.ts';
import { RandomGenerator } from '../random/generator.ts';
import { rls } from './rls.ts';
import type { PlasticityRule, RuleMemory, SynapseChange, TraceView } from './rule.ts';

const OUTPUTS = 2;

function ruleOf(parameters: Record<string, unknown>, inputs: number) {
  const rule = rls.prepare(parameters, { where: 'test', dt: 0.001, inputs, outputs: OUTPUTS });
  const lengths = Object.entries(rls.memory!({ inputs, outputs: OUTPUTS }));
  const memory = Object.fromEntries(lengths.map(([name, { length }]) => [name, new Float32Array(length)]));
  rule.beginMemory!(memory);
  return { rule, memory };
}

/** Teaches weights, [output][input], the target of a sample, as an engine does whose read-out is y = W·x. */
function teach(rule: PlasticityRule, memory: RuleMemory, weights: number[][], x: Float64Array, target: number[]): void {
  const signal = Float64Array.from(weights, (row, j) => row.reduce((sum, w, i) => sum + w * x[i]!, -target[j]!));
  const trace: TraceView = { at: (n) => x[n]! };
  const view = { pre: [trace], post: [], signal, memory };
  rule.remember!(view);
  for (const [j, row] of weights.entries()) {
    for (const i of row.keys()) row[i]! += (rule.onSignal as SynapseChange)(row[i]!, i, j, view);
  }
}

/** P = U·D·Uᵀ, in full. */
function covarianceOf({ upper, diagonal }: RuleMemory): number[][] {
  const n = diagonal!.length;
  const u = (i: number, j: number) => (i === j ? 1 : i < j ? upper![(j * (j - 1)) / 2 + i]! : 0);
  const range = Array.from({ length: n }, (_, k) => k);
  return range.map((i) => range.map((k) => range.reduce((sum, j) => sum + u(i, j) * diagonal![j]! * u(k, j), 0)));
}

describe('rls', () => {
  it.each([
    [{}, 1, 0],
    [{ ridge: 0.3 }, 0.3, 0],
    [{ ridge: 5, forgetting: 0.9 }, 5, 0.9],
  ])(
    'with %j has the weights of the batch solution, a ridge around those at the start',
    (parameters, ridge, forgetting) => {
      const [inputs, samples] = [12, 60];
      const random = new RandomGenerator(3, 'samples');
      const start = Array.from({ length: OUTPUTS }, () => Array.from({ length: inputs }, () => random.nextNormal()));
      const weights = start.map((row) => [...row]);
      const { rule, memory } = ruleOf(parameters, inputs);
      const normal = new Float64Array(inputs * inputs);
      const right = start.map(() => new Float64Array(inputs));
      for (let i = 0; i < inputs; i++) normal[i * inputs + i] = ridge;
      for (let sample = 0; sample < samples; sample++) {
        // Counts of spikes: many are 0.
        const x = Float64Array.from({ length: inputs }, () => Math.floor(4 * random.nextUniform() ** 2));
        const target = Array.from({ length: OUTPUTS }, () => 3 * random.nextNormal());
        teach(rule, memory, weights, x, target);
        const kept = forgetting || 1;
        for (let i = 0; i < inputs; i++) {
          for (let k = 0; k < inputs; k++) normal[i * inputs + k] = kept * normal[i * inputs + k]! + x[i]! * x[k]!;
          for (let j = 0; j < OUTPUTS; j++) {
            const residual = x.reduce((sum, value, k) => sum - value * start[j]![k]!, target[j]!);
            right[j]![i] = kept * right[j]![i]! + x[i]! * residual;
          }
        }
      }
      for (const [j, row] of weights.entries()) {
        const change = right[j]!;
        expect(solvePositiveDefinite(normal.slice(), change, inputs, 1)).toBe(true);
        for (const [i, weight] of row.entries())
          expect(Math.abs(weight - start[j]![i]! - change[i]!)).toBeLessThan(1e-4);
      }
    },
  );

  it('keeps P positive definite in float32, over samples that repeat, vanish and are huge, and however long it forgets', () => {
    const inputs = 6;
    const random = new RandomGenerator(5, 'samples');
    const { rule, memory } = ruleOf({ ridge: 0.01, forgetting: 0.9 }, inputs);
    const weights = Array.from({ length: OUTPUTS }, () => Array(inputs).fill(0));
    const kinds = [() => 1, () => 0, () => 1e4 * random.nextUniform(), () => random.nextUniform()];
    for (let sample = 0; sample < 20_000; sample++) {
      const kind = kinds[Math.floor(sample / 500) % kinds.length]!;
      teach(rule, memory, weights, Float64Array.from({ length: inputs }, kind), [1, 2]);
    }
    expect(memory.diagonal!.every((d) => d > 0 && d <= Math.fround(100 * 100))).toBe(true);
    const p = covarianceOf(memory);
    for (let k = 0; k < 200; k++) {
      const z = Array.from({ length: inputs }, () => random.nextNormal());
      expect(
        z.reduce((sum, zi, i) => sum + zi * p[i]!.reduce((row, pij, j) => row + pij * z[j]!, 0), 0),
      ).toBeGreaterThan(0);
    }
    expect(weights.flat().every(Number.isFinite)).toBe(true);
  });
});
