import { readFileSync } from 'node:fs';
import { formats } from '@spikewire/exchange/formats';
import { type CheckedReading, type Graph, type Model, parseModel, readWith } from '@spikewire/models';
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

const nir = formats.find((format) => format.name === 'nir')!;

const fromText = (name: string): Model => parseModel(readGolden(`nir/${name}.graph.json`));

function fromFile(name: string): CheckedReading {
  const bytes = new Uint8Array(readFileSync(new URL(`data/nir/${name}.nir`, import.meta.url)));
  const { semantics } = fromText(name);
  return readWith(nir, bytes, {}, { step: semantics }) as CheckedReading;
}

const ways = [
  { way: 'text', modelOf: fromText },
  { way: 'file', modelOf: (name: string) => fromFile(name).model },
];

describe.each(ways)('golden NIR graphs, from their $way', ({ modelOf }) => {
  describe.each(engines)('on the engine $engine.name', ({ engine, tolerance }) => {
    it.each(names)('%s', (name) => {
      const model = modelOf(name);
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

/** Nodes with their numbers, however they are stored, and edges in an order. */
function contentOf({ nodes, edges }: Graph): unknown {
  const content = [...nodes].map(([name, { type, parameters, graph }]) => {
    const numbers = Object.entries(parameters).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : [...value.data],
    ]);
    return [name, { type, ...Object.fromEntries(numbers), ...(graph && { graph: contentOf(graph) }) }];
  });
  const ends = edges.map(({ source, target, delay }) => `${source} ${target} ${delay}`);
  return { nodes: Object.fromEntries(content), edges: ends.toSorted() };
}

it.each(names)('%s.nir holds what its text says, and nothing is mended', (name) => {
  const { model, notes } = fromFile(name);
  expect(contentOf(model.graph)).toEqual(contentOf(fromText(name).graph));
  expect(notes.filter((note) => !/closes a cycle|starts at v_leak/.test(note))).toEqual([]);
});
