import { parseModel } from '@spikewire/models';
import { engineNamed, referenceEngine, simulate } from 'spikewire';
import { describe, expect, it } from 'vitest';
import { goldenFiles, readGolden } from './data.ts';

interface Answer {
  readonly spikes?: readonly (readonly [number, number])[];
  readonly v?: readonly (readonly number[])[];
}

interface Case {
  readonly expected: Readonly<Record<string, Answer>>;
  /** The answer by docs/semantics.md, where membranes start at v_leak; present where that differs. */
  readonly expected_if_v_starts_at_v_leak?: Readonly<Record<string, Answer>>;
}

const names = goldenFiles('nir')
  .filter((file) => file.endsWith('.graph.json'))
  .map((file) => file.replace('.graph.json', ''));

/** Relative errors of membranes: the answers have ten digits, float32 has seven. */
const engines = [
  { engine: referenceEngine, tolerance: 1e-8 },
  { engine: engineNamed('clocked'), tolerance: 1e-4 },
];

describe('golden NIR graphs', () => {
  describe.each(engines)('on the engine $engine.name', ({ engine, tolerance }) => {
    it.each(names)('%s', (name) => {
      const model = parseModel(readGolden(`nir/${name}.graph.json`));
      const golden = readGolden(`nir/${name}.json`) as Case;
      const expected = golden.expected_if_v_starts_at_v_leak ?? golden.expected;
      const { spikes, traces } = simulate(model, golden, { engine, record: [{ what: 'spikes' }, { what: 'v' }] });
      for (const [node, answer] of Object.entries(expected)) {
        if (answer.spikes !== undefined) expect(spikes[node], node).toEqual(answer.spikes);
        answer.v?.forEach((row, step) => {
          row.forEach((v, i) => {
            const error = Math.abs(traces[node]!.v![step]![i]! - v);
            expect(error, `${node}[${i}] at step ${step}`).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(v)));
          });
        });
      }
    });
  });
});
