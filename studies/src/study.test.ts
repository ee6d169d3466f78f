import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { standingOn } from './shared/page.mjs';
import { studies } from './studies.mjs';

const STUDY = fileURLToPath(new URL('study.mjs', import.meta.url));

function study(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [STUDY, ...words], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

it('lists the studies where none is named', () => {
  const { status, stdout } = study();
  expect(status).toBe(0);
  for (const [name, { help }] of Object.entries(studies)) {
    expect(stdout.split('\n').some((line) => line.trim().startsWith(`${name} `) && line.endsWith(help))).toBe(true);
  }
});

it('says in one line what is wrong, and measures nothing', () => {
  expect(study('nothing')).toEqual({
    status: 1,
    stdout: '',
    stderr: 'study: there is no study "nothing"; `npm run study` lists them\n',
  });
  expect(study('masks', 'no row').stderr).toMatch(/^study: there is no "no row", only .+\n$/);
});

it.each(Object.entries(studies))('%s has options, and a place for its tables', async (name, { fills, load }) => {
  expect(await load()).toMatchObject({ page: expect.any(Function) });
  if (fills !== undefined) expect(standingOn(fills, name).trim()).not.toBe('');
});
