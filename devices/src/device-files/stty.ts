import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { SpikewireError } from '@spikewire/models';
import { expectUnused } from './in-use.ts';
import { deviceProblem } from './problem.ts';

/** Sets a serial line that nobody uses, by `stty`, to bytes as they are at this rate. Rejects with `input`. */
export async function setSerialLine(path: string, baud: number, words: readonly string[] = []): Promise<void> {
  await expectUnused(path);
  const all = ['-F', path, String(baud), 'raw', '-echo', 'clocal', ...words];
  await promisify(execFile)('stty', all).catch(async (cause: { stderr?: string }) => {
    const said = cause.stderr ?? '';
    if (/No such (file|device)/.test(said)) {
      throw new SpikewireError(
        'input',
        path,
        'is not there',
        'a board that is plugged in: ls /dev/serial/by-id',
        cause,
      );
    }
    const code = /Permission denied/.test(said) ? 'EACCES' : said.trim().split('\n').at(-1) || 'stty failed';
    throw await deviceProblem(path, { code, cause });
  });
}
