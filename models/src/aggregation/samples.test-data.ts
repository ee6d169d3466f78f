import { spawnSync } from 'node:child_process';
import type { RandomGenerator } from '../random/generator.ts';
import { type Sums, SumsOf } from './sums.ts';

export interface Sample {
  readonly x: Float64Array;
  readonly label: number;
}

/** Samples of two or more classes along their own axes, with noise. */
export function samplesOf(count: number, inputs: number, classes: number, random: RandomGenerator): Sample[] {
  return Array.from({ length: count }, () => {
    const label = random.nextInteger(classes);
    const x = Float64Array.from({ length: inputs }, (_, i) =>
      i === 0 ? 1 : Math.max(-4, Math.min(4, (i % classes === label ? 1.5 : 0) + 0.7 * random.nextNormal())),
    );
    return { x, label };
  });
}

export function sumsOf(samples: readonly Sample[], inputs: number, classes: number): Sums {
  const sums = new SumsOf(inputs, classes);
  for (const { x, label } of samples) sums.add(x, label);
  return sums.sums;
}

export const limitsFor = (inputs: number, most = 1000) => ({
  fewest: 2,
  most,
  lowest: new Float64Array(inputs).fill(-4).fill(1, 0, 1),
  highest: new Float64Array(inputs).fill(4).fill(1, 0, 1),
});

/** Whether this machine has numpy. */
export const hasNumpy = spawnSync('python3', ['-c', 'import numpy']).status === 0;

/** What a program of Python prints as JSON, given numbers as JSON in `given`; numpy is `np`. */
export function inNumpy(program: string, given: unknown): unknown {
  const text = `import json, sys\nimport numpy as np\ngiven = json.load(sys.stdin)\n${program}`;
  const { status, stdout, stderr } = spawnSync('python3', ['-c', text], {
    input: JSON.stringify(given, (_, value) => (value instanceof Float64Array ? Array.from(value) : value)),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}
