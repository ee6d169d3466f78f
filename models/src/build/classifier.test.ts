import { describe, expect, it } from 'vitest';
import { checkModel } from '../check/check.ts';
import { readModel, writeModel } from '../file/spike.ts';
import { classifierModel } from './classifier.ts';

const channels = ['x', 'y', 'z'].map((name) => ({ name, unit: 'g' }));

/** The weights of each neuron of the front by input. */
function rowsOf(model: ReturnType<typeof classifierModel>) {
  const { parameters } = model.graph.nodes.get('in-front')!;
  const [weight, target, offset] = ['weight', 'target', 'offset'].map(
    (key) => (parameters[key] as { data: Float32Array }).data,
  );
  const neurons = (parameters.outputs as { data: Float32Array }).data[0]!;
  const rows = Array.from({ length: neurons }, () => new Map<number, number>());
  for (let i = 0; i + 1 < offset!.length; i++) {
    for (let k = offset![i]!; k < offset![i + 1]!; k++) rows[target![k]!]!.set(i, weight![k]!);
  }
  return rows;
}

describe('classifierModel', () => {
  it('is a model as any other, the same for the same seed', () => {
    const bytesOf = (seed: number) => writeModel(classifierModel({ channels, labels: ['idle', 'running'], seed }));
    expect(checkModel(readModel(bytesOf(3))).nodes).toHaveLength(4);
    expect(bytesOf(3)).toEqual(bytesOf(3));
    expect(bytesOf(3)).not.toEqual(bytesOf(4));
  });

  it('gives each neuron an encoder over four inputs with a gain of 0.5 to 2, in both halves the same', () => {
    const features = [
      { type: 'window', parameters: { length: 8 } },
      [
        { type: 'mean', parameters: {} },
        { type: 'rms', parameters: {} },
      ],
    ];
    const rows = rowsOf(classifierModel({ channels, features, neurons: 50 }));
    expect(rows).toHaveLength(100);
    for (const [j, row] of rows.entries()) {
      expect(row.size).toBe(4);
      const gain = Math.hypot(...row.values()) / 4; // for currents within ±1, which are numbers within ±4
      expect(gain).toBeGreaterThan(0.5 - 1e-6);
      expect(gain).toBeLessThan(2 + 1e-6);
      // Of each channel come its two numbers in the first normalisation, then in the second.
      for (const index of row.keys()) expect(index % 4 < 2).toBe(j < 50);
      if (j >= 50) {
        const other = [...rows[j - 50]!].map(([index, weight]) => [index + 2, weight]);
        expect([...row]).toEqual(other);
      }
    }
  });

  it('is refused with a monitor that takes its answers for readings to come', () => {
    const model = classifierModel({ channels: [{ name: 'level', unit: 'm' }], labels: ['low'], seed: 1 });
    expect(() => checkModel(model)).not.toThrow();
    expect(() => checkModel({ ...model, monitors: [{ type: 'next-reading', parameters: {} }] })).toThrow(
      'decoder["out"]: names classes, and a monitor takes them for the next reading; expected one of them',
    );
  });
});
