import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { monitorKinds } from './monitors.ts';
import { Watch } from './watch.ts';

it('are plain words, each once, and stand in the document with what the monitor looks at', async () => {
  const page = await readFile(new URL('../../../docs/page.md', import.meta.url), 'utf8');
  const told = [...page.matchAll(/^\| ([^|`]+?) +\| `([a-z-]+)` +\| (.+?) +\|$/gm)].map(([, ...cells]) => cells);
  expect(told).toEqual(monitorKinds.map(({ title, type, about }) => [title, type, about]));
  const titles = monitorKinds.map(({ title }) => title);
  expect(new Set(titles).size).toBe(titles.length);
  for (const title of titles) expect(title).toMatch(/^[a-z]+ [a-z]+( [a-z]+)?$/);
});

it('give way to the name that a model gives a monitor', () => {
  const site = { channels: ['level'], outputs: 1 };
  const titleOf = (parameters: object) => new Watch({ type: 'jump', parameters: { ...parameters } }, site).title;
  expect([titleOf({}), titleOf({ name: 'Leaps' })]).toEqual(['sudden jump', 'Leaps']);
});
