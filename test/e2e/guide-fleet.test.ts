import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { it } from 'vitest';
import { needs } from '../services.ts';
import { GuideReader } from './guide-reader.ts';
import { startMosquitto } from './mosquitto.ts';

const MAIN = fileURLToPath(new URL('../../runtime/bin/spikewire.js', import.meta.url));

// Apart from the other pages of the guide, which run on Node 20 only: their database is SQLite of Node.
it.for(['fleet', 'learning-together'])(
  '%s: does what it says, command by command',
  { timeout: 180_000 },
  async (page, context) => {
    if (process.getBuiltinModule?.('node:sqlite') === undefined)
      context.skip('needs SQLite, which this release of Node does not have');
    for (const service of ['mosquitto', 'mosquitto-clients'] as const) needs(context, service);
    const folder = await mkdtemp(join(tmpdir(), 'spikewire-guide-'));
    const broker = (await startMosquitto())!;
    const reader = new GuideReader({ folder, broker, command: `'${process.execPath}' '${MAIN}'`, longest: 60_000 });
    try {
      await reader.read(`${page}.md`);
    } finally {
      await reader.close();
      await broker.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
);
