import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { beatsOf } from '../../trainer/src/tasks/mitdb.ts';
import { needsRecorded } from './data.ts';

it('finds as many beats of each AAMI class in DS1 as de Chazal, O’Dwyer and Reilly 2004 count, table I', (context) => {
  const folder = needsRecorded(context, 'mitdb');
  const files = readdirSync(folder).filter((name) => name.endsWith('.atr'));
  expect(files).toHaveLength(22);
  const labels = files.flatMap((name) => beatsOf(readFileSync(join(folder, name)), name).map(({ label }) => label));
  expect([0, 1, 2, 3, 4].map((label) => labels.filter((each) => each === label).length)).toEqual([
    45_866, 944, 3788, 415, 8,
  ]);
});
