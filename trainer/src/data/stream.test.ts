import { rmSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';
import { haptFolder } from '../tasks/folders.test-data.ts';
import { hapt } from '../tasks/hapt.ts';
import { stream } from './stream.ts';

const folder = haptFolder();
afterAll(() => rmSync(folder, { recursive: true }));

it('has the base of a trial to learn, and all of its streams to test', async () => {
  const { classes, trials } = await hapt.load(folder, 1);
  expect(trials.length).toBeGreaterThan(1);
  for (const [k, { base, streams }] of trials.entries()) {
    const set = await stream.load(k === 0 ? `hapt:${folder}` : `hapt:${folder},fold=${k + 1}`);
    expect(set.classes).toEqual(classes);
    expect(set.training!.samples).toEqual(base.map(({ values }) => values));
    expect([...set.training!.labels]).toEqual(base.map(({ label }) => label));
    expect(set.samples).toEqual(streams.flatMap(({ samples }) => samples.map(({ values }) => values)));
    expect([...set.labels]).toEqual(streams.flatMap(({ samples }) => samples.map(({ label }) => label)));
  }
});

it.each([
  [`hapt:${folder},fold=9`, /has \d trials; expected a fold of 1 to \d/],
  ['hapt', /--data stream:hapt: names no folder; expected stream:hapt:FOLDER/],
  ['nab:x', /task "nab": does not exist; expected .*hapt/],
])('refuses %s in one line', async (argument, line) => {
  await expect(stream.load(argument)).rejects.toThrow(line);
});
