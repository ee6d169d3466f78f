import { expect, it } from 'vitest';
import { runCommand } from './command.ts';

it('brings a better model to three devices, and stops a worse one before it answers', {
  timeout: 240_000,
}, async (context) => {
  if (process.getBuiltinModule?.('node:sqlite') === undefined)
    context.skip('needs SQLite, which this release of Node does not have');
  const { code, stdout } = await runCommand(['demo', '--fleet', '--port', '0', '--json']);
  expect(code).toBe(0);
  const { complete, v2, v3 } = JSON.parse(stdout);
  expect(complete).toBe(true);
  expect(v2).toMatchObject({ phase: 'done', exposed: 3 });
  expect(v3).toMatchObject({ phase: 'stopped', exposed: 0 });
});

it('is one of four demos', async () => {
  const { code, stderr } = await runCommand(['demo', '--fleet', '--update']);
  expect(code).toBe(2);
  expect(stderr).toContain('spikewire demo --fleet: cannot be combined with --update');
});
