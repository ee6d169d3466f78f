import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const STUDY = fileURLToPath(new URL('../../studies/src/study.mjs', import.meta.url));

it('eight channels at 1 kHz through the buffer of IIO reach the net without a loss', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [STUDY, 'iio-rate', '--seconds', '3']);
  expect(stdout).toMatch(/^wrote 3000 scans of 8 channels in \S+ s, 56 results$/m);
  // Nothing else in the line: no drop, gap, duplicate or failed attempt.
  expect(stdout).toMatch(
    /^sensor iio:adc8\?buffered: 3000 samples, 3000 taken, 1000 per second with a jitter of \S+ ms$/m,
  );
});
