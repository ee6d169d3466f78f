import { readdirSync } from 'node:fs';
import { nodeKinds, parseModel } from '@spikewire/models';
import { simulate } from 'spikewire';
import { describe, expect, it } from 'vitest';
import { hasShared, needsShared, readSharedJson, sharedPath } from './shared.ts';

interface Answer {
  readonly spikes?: readonly (readonly [number, number])[];
  readonly v?: readonly (readonly number[])[];
}

interface Case {
  readonly expected: Readonly<Record<string, Answer>>;
  /** The answer under SEMANTICS, where membranes start at v_leak; present where that differs. */
  readonly expected_if_v_starts_at_v_leak?: Readonly<Record<string, Answer>>;
}

interface GraphText {
  readonly nodes: Readonly<Record<string, GraphText & { readonly type: string }>>;
}

const folder = 'golden/nir/';
const names = hasShared
  ? readdirSync(sharedPath(folder))
      .filter((file) => file.endsWith('.graph.json'))
      .map((file) => file.replace('.graph.json', ''))
  : [];
const known = new Set(['NIRGraph', ...nodeKinds.map(({ type }) => type)]);

/** Node types of a graph and its sub-graphs that no kind covers yet. */
function missingTypes({ nodes }: GraphText): string[] {
  return Object.values(nodes).flatMap((node) => [
    ...(known.has(node.type) ? [] : [node.type]),
    ...(node.type === 'NIRGraph' ? missingTypes(node) : []),
  ]);
}

describe('golden NIR graphs', () => {
  it('are there', (context) => {
    needsShared(context);
    expect(names.length).toBeGreaterThanOrEqual(10);
  });

  for (const name of names) {
    const graph = readSharedJson(`${folder}${name}.graph.json`) as GraphText;
    const missing = missingTypes(graph);
    it(name, (context) => {
      if (missing.length > 0) context.skip(`needs node type ${missing.join(', ')}`);
      const golden = readSharedJson(`${folder}${name}.json`) as Case;
      const expected = golden.expected_if_v_starts_at_v_leak ?? golden.expected;
      const { spikes, traces } = simulate(parseModel(graph), golden, { record: [{ what: 'spikes' }, { what: 'v' }] });
      for (const [node, answer] of Object.entries(expected)) {
        if (answer.spikes !== undefined) expect(spikes[node], node).toEqual(answer.spikes);
        answer.v?.forEach((row, step) => {
          row.forEach((v, i) => {
            const error = Math.abs(traces[node]!.v![step]![i]! - v);
            expect(error, `${node}[${i}] at step ${step}`).toBeLessThanOrEqual(1e-8 * Math.max(1, Math.abs(v)));
          });
        });
      }
    });
  }
});
