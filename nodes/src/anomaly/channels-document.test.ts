import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { foundChannels } from 'spikewire/session';
import { expect, it, onTestFinished } from 'vitest';
import { KeptDocument } from '../nets/kept-document.ts';
import { channelsDocument } from './channels-document.ts';

it('channels are kept so that they can be read again, or not at all', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'spikewire-channels-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const kept = new KeptDocument(channelsDocument, folder);
  const found = (document: object) => foundChannels(new TextEncoder().encode(JSON.stringify(document)));
  await expect(kept.write(found({ ['a'.repeat(1 << 16)]: 1 }))).rejects.toMatchObject({ code: 'budget' });
  expect(await readdir(folder)).toEqual([]);
  const usual = found(JSON.parse('{"pump": {"__proto__": 1, "y": 2}, "fan": {"y": 3}}'));
  await kept.write(usual);
  expect(await kept.read()).toEqual(usual);
});
