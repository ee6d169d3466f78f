import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type FieldTable, readFields } from './field.ts';
import { palette } from './palette.ts';

const EXAMPLES = new URL('../../examples/', import.meta.url);

function stored(fields: FieldTable): string[] {
  return Object.entries(fields).flatMap(([name, { form }]) => (form === 'typed' ? [name, `${name}Type`] : [name]));
}

/**
 * What a form shows for a setting that is not stated, and then stores, is for the form to know and not for an example.
 */
it.each(readdirSync(EXAMPLES))('the example %s states every setting of its nodes, and none that is wrong', (name) => {
  const flow: Record<string, unknown>[] = JSON.parse(readFileSync(new URL(name, EXAMPLES), 'utf8'));
  const ours = flow.filter(({ type }) => String(type).startsWith('spikewire-'));
  expect(ours).not.toEqual([]);
  for (const node of ours) {
    const { fields } = palette.find(({ type }) => type === node.type)!;
    expect(stored(fields).filter((property) => node[property] === undefined)).toEqual([]);
    readFields(node, fields);
  }
});
