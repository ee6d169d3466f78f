import { fidelityPage, type RuleDifference } from '@spikewire/exchange/fidelity';
import { type Model, parseModel, type Semantics, tensor } from '@spikewire/models';
import { simulate } from 'spikewire';
import { describe, expect, it } from 'vitest';
import { readGolden } from './data.ts';

interface Case {
  readonly dt: number;
  readonly steps: number;
  readonly input: Readonly<Record<string, readonly (readonly number[])[]>>;
}

const variants: readonly (readonly [string, Partial<Semantics>])[] = [
  ['euler', {}],
  ['exact', { integrate: 'exact' }],
  ['ge', { threshold: 'ge' }],
  ['subtract', { reset: 'subtract' }],
];

function under(model: Model, change: Partial<Semantics>): Model {
  return { ...model, semantics: { ...model.semantics, ...change } };
}

/** The case's own input. */
function stimulusOf({ steps, input }: Case) {
  const rows = Object.entries(input).map(([name, events]) => {
    const data = Float64Array.from(events.flatMap(([step, index, value = 1]) => [step!, index!, value]));
    return [name, tensor(data, [events.length, 3])] as const;
  });
  return { steps, input: new Map(rows) };
}

async function differences(name: string): Promise<readonly RuleDifference[]> {
  const model = parseModel(readGolden(`nir/${name}.graph.json`));
  const given = { stimuli: [stimulusOf(readGolden(`nir/${name}.json`) as Case)], what: 'Recorded input.' };
  const rules = variants.map(([rule, change]) => ({ name: rule, model: under(model, change) }));
  const { document } = await fidelityPage(name, rules, given);
  return (document as unknown as { differences: RuleDifference[] }).differences;
}

describe('the report of fidelity on golden nets', () => {
  it.each(['affine_lif', 'cubalif', 'hetero_lif', 'recurrent_affine', 'nested_two_level'])(
    '%s: what it counts is what a simulation of each rule gives',
    async (name) => {
      const model = parseModel(readGolden(`nir/${name}.graph.json`));
      const golden = readGolden(`nir/${name}.json`) as Case;
      const run = (change: Partial<Semantics>) => simulate(under(model, change), golden).spikes;
      const chosen = run({});
      const found = await differences(name);
      for (const [k, [, change]] of variants.slice(1).entries()) {
        const other = run(change);
        const spiking = found[k]!.nodes.filter(({ node }) => chosen[node] !== undefined);
        expect(spiking.length).toBeGreaterThan(0);
        const apart: number[] = [];
        for (const { node, spikes, differing } of spiking) {
          const [mine, theirs] = [chosen, other].map((each) => new Set(each[node]!.map(String))) as [
            Set<string>,
            Set<string>,
          ];
          const alone = [...mine, ...theirs].filter((event) => !(mine.has(event) && theirs.has(event)));
          expect(spikes).toEqual([mine.size, theirs.size]);
          expect(differing).toBeCloseTo(alone.length / Math.max(1, mine.size + theirs.size), 12);
          apart.push(...alone.map((event) => Number(event.split(',')[0])));
        }
        expect(found[k]!.first?.step ?? null).toBe(apart.length === 0 ? null : Math.min(...apart));
      }
    },
  );

  it('another integration, and another reset, change a number', async () => {
    const [exact, , subtract] = await differences('affine_lif');
    expect(exact!.membraneBefore).toBeGreaterThan(0);
    expect(subtract!.nodes.some(({ membrane }) => membrane !== undefined && membrane.size! > 0)).toBe(true);
  });

  it('is a page that says its random input, and has the figures of its JSON', async () => {
    const model = parseModel(readGolden('nir/affine_lif.graph.json'));
    const rules = variants.map(([name, change]) => ({ name, model: under(model, change) }));
    const { page, lines, document } = await fidelityPage('affine_lif.nir', rules);
    expect(page).toContain('<title>affine_lif.nir</title>');
    expect(lines[1]).toMatch(/^Random input of seed 1: each input element spikes in a step with probability 0\.1 \(/);
    expect(page).toContain(lines[1]!.replaceAll('<', '&lt;'));
    const [{ nodes }] = (document as unknown as { differences: [RuleDifference] }).differences;
    const total = nodes.reduce((sum, { spikes }) => sum + spikes[0], 0);
    expect(total).toBeGreaterThan(0);
    expect(page).toContain(`<td>${total}</td>`);
    expect(page).not.toMatch(/<script|src=|href=/);
  });
});
