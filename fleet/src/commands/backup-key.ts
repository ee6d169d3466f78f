import { rm } from 'node:fs/promises';
import { newRecoveryKey } from 'spikewire/agent';
import type { Action } from './action.ts';
import { OWNERS_MODE, PUBLIC_MODE, writeNewFile } from './new-file.ts';

export const backupKeyAction: Action = {
  name: 'backup-key',
  doc: 'make the recovery key with which devices encrypt backups of what they learn',
  subject: { name: 'file', doc: 'new file for the private key; the public key, for devices, is written to <file>.pub' },
  options: [],

  async run(file, _, console) {
    const { privateKey, publicKey } = newRecoveryKey();
    const publicFile = `${file}.pub`;
    await writeNewFile(publicFile, publicKey, PUBLIC_MODE);
    await writeNewFile(file, privateKey, OWNERS_MODE).catch(async (failure: unknown) => {
      await rm(publicFile, { force: true });
      throw failure;
    });
    console.result({ privateKey: file, publicKey: publicFile }, () => [
      `${publicFile}: give this to devices (spikewire agent --backup-key-file)`,
      `${file}: keep this offline, and a copy elsewhere; without it nobody can read a backup`,
    ]);
  },
};
