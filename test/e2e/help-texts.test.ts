import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('../../runtime/bin/spikewire.js', import.meta.url));
const COMMANDS = [
  ...['new', 'run', 'teach', 'record', 'simulate', 'eval', 'inspect', 'import', 'export', 'doctor', 'backup'],
  ...['restore', 'agent', 'service', 'completion', 'demo', 'train', 'convert', 'quantize', 'stream-eval', 'devices'],
  'fleet',
];

// A line for people is shortened in its middle where it is too long.
it.each(COMMANDS)('%s --help gives each text whole', (name) => {
  const words = [MAIN, name, name === 'train' ? '--help-all' : '--help'];
  const text = execFileSync(process.execPath, words, { encoding: 'utf8' });
  expect(text.match(/\w+…\w+/g) ?? []).toEqual([]);
});
