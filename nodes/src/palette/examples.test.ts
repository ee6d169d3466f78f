import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type FieldTable, readFields } from '../field.ts';
import { palette } from './palette.ts';

const EXAMPLES = new URL('../../examples/', import.meta.url);
const NAMES = readdirSync(EXAMPLES);

type Stored = Readonly<Record<string, unknown>>;

function flowOf(name: string): Stored[] {
  return JSON.parse(readFileSync(new URL(name, EXAMPLES), 'utf8'));
}

function stored(fields: FieldTable): string[] {
  return Object.entries(fields).flatMap(([name, { form }]) => (form === 'typed' ? [name, `${name}Type`] : [name]));
}

/**
 * What a form shows for a setting that is not stated, and then stores, is for the form to know and not for an example.
 */
it.each(NAMES)('the example %s states every setting of its nodes, and none that is wrong', (name) => {
  const ours = flowOf(name).filter(({ type }) => String(type).startsWith('spikewire-'));
  expect(ours).not.toEqual([]);
  for (const node of ours) {
    const { fields } = palette.find(({ type }) => type === node.type)!;
    expect(stored(fields).filter((property) => node[property] === undefined)).toEqual([]);
    readFields(node, fields);
  }
});

it('no two nodes of all examples have the same id, so that each can be imported beside the others', () => {
  const ids = NAMES.flatMap((name) => flowOf(name).map(({ id }) => `${id} ${name}`));
  const first = new Set(ids.map((id) => id.split(' ')[0]));
  expect(first.size, ids.toSorted().join('\n')).toBe(ids.length);
});

it.each(NAMES)('the example %s is wired to nodes that it has', (name) => {
  const flow = flowOf(name);
  const ids = new Set(flow.map(({ id }) => id));
  const wired = flow.flatMap(({ wires = [] }) => (wires as string[][]).flat());
  expect(wired.filter((id) => !ids.has(id))).toEqual([]);
});
