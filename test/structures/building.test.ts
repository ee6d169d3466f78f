import { readFileSync } from 'node:fs';
import { format } from 'node:util';
import * as models from '@spikewire/models';
import * as runtime from 'spikewire';
import { describe, expect, it } from 'vitest';

const text = readFileSync(new URL('../../docs/building.md', import.meta.url), 'utf8');

/** Programs of the page, each with the output that stands behind it. */
const examples = [...text.matchAll(/```js\n([^`]*)```\n\n```\n([^`]*)```/g)].map(([, program, output]) => {
  return { program: program!, output: output! };
});

/** Imports become parts of the modules that are handed in. */
function runnable(program: string): string {
  return program
    .replace(/import (\{[^}]*\}) from '@spikewire\/models';/g, 'const $1 = models;')
    .replace(/import (\{[^}]*\}) from 'spikewire';/g, 'const $1 = runtime;');
}

describe('docs/building.md', () => {
  it('has a program with its output in every section that shows one', () => {
    expect(examples).toHaveLength((text.match(/```js/g) ?? []).length);
    expect(examples.length).toBeGreaterThan(3);
  });

  it.each(examples)('prints what it says: $output', ({ program, output }) => {
    const lines: string[] = [];
    const console = { log: (...values: unknown[]) => lines.push(format(...values)) };
    new Function('models', 'runtime', 'console', runnable(program))(models, runtime, console);
    expect(`${lines.join('\n')}\n`).toBe(output);
  });
});
