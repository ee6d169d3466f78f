import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Format } from '@spikewire/models';
import { readDescription } from './board-network.ts';
import { readDatabase } from './database.ts';
import { modelOfNetwork } from './model-of-network.ts';

const BEGINNINGS = ['SQLite format 3\0', '[', 'label,x,y,core,tag,atom,key'];

/**
 * What describes a net on a SpiNNaker board, read as a model that stands for it: `spikewire import database.sqlite3`.
 */
export const spinnakerNetwork: Format = {
  name: 'spinnaker',
  summary: 'a net on a SpiNNaker board: the database of its tools, or a list of populations in JSON or CSV',
  extensions: ['.sqlite3'],
  sniff: (bytes) => {
    const start = Buffer.from(bytes.subarray(0, 64)).toString('latin1').trimStart();
    return BEGINNINGS.some((beginning) => start.startsWith(beginning));
  },
  async read(bytes) {
    const isDatabase = bytes[0] === BEGINNINGS[0]!.charCodeAt(0);
    const network = isDatabase ? await fromBytes(bytes) : readDescription(Buffer.from(bytes).toString('utf8'));
    const notes = ['stands for the net on the board, where alone it runs: the model itself computes nothing'];
    return { model: modelOfNetwork(network), notes };
  },
};

/** `sqlite3` reads files only. */
async function fromBytes(bytes: Uint8Array) {
  const path = join(tmpdir(), `spikewire-${randomUUID()}.sqlite3`);
  await writeFile(path, bytes, { mode: 0o600, flag: 'wx' });
  try {
    return await readDatabase(path);
  } finally {
    await rm(path);
  }
}
