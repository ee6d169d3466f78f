import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DEFAULT_PLAN } from '../controller/rollouts/plan.ts';
import { rolloutIn } from './rollout-file.ts';

it.each([
  ['{ "model": "pump", "lables": {} }', '"lables" is unknown; expected "labels"'],
  ['{ "plan": { "wawes": [1] } }', 'plan: "wawes" is unknown; expected "waves"'],
  ['{ "plan": { "quickly": true } }', 'plan: "quickly" is unknown; expected one of carrying, shadow, '],
  ['{ "plan": { "gates": { "goMargins": 1 } } }', 'plan, gates: "goMargins" is unknown; expected "goMargin"'],
  ['[]', 'is not a JSON object'],
  ['{ "plan": { "waves": [0.5, 1], "gates": { "goMargin": 0.01 } }, "labels": { "any": "label" } }', null],
])('the file of a rollout %s is read, or refused with the member that is unknown', async (text, problem) => {
  const folder = await mkdtemp(join(tmpdir(), 'spikewire-rollout-'));
  const file = join(folder, 'rollout.json');
  await writeFile(file, text);
  try {
    const read = rolloutIn(file, DEFAULT_PLAN);
    if (problem === null) expect(await read).toEqual(JSON.parse(text));
    else await expect(read).rejects.toThrow(problem);
  } finally {
    await rm(folder, { recursive: true });
  }
});
