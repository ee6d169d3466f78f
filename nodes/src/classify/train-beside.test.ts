import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Recording } from 'spikewire/recorded';
import { expect, it, onTestFinished } from 'vitest';
import { trainBeside } from './train-beside.ts';

it.each([
  [
    'is killed, as by a machine without memory',
    "process.kill(process.pid, 'SIGKILL')",
    'training: was ended by SIGKILL',
  ],
  ['says what is wrong', "console.error('spikewire: no data'); process.exit(2)", 'training: no data'],
])('a trainer that %s is told of as it was, and leaves nothing', async (_, ends, problem) => {
  const folder = await mkdtemp(join(tmpdir(), 'spikewire-train-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'one.jsonl');
  const recording = new Recording({ path, label: 'idle', limit: 1e6 });
  for (let k = 0; k < 20; k++) await recording.add(new TextEncoder().encode(`[${k}]`));
  await recording.close();
  const program = join(folder, 'trainer.cjs');
  await writeFile(program, `process.stderr.write('epoch 1/2 accuracy 50 %\\n', () => { ${ends} });`);
  const work = join(folder, 'work');
  const trained = trainBeside({
    ...{ program, folder, work, samples: undefined, onProgress: () => {} },
    recordings: [{ label: 'idle', path, bytes: (await stat(path)).size }],
    signal: new AbortController().signal,
  });
  await expect(trained).rejects.toThrow(problem);
  await expect(stat(work)).rejects.toMatchObject({ code: 'ENOENT' });
});
