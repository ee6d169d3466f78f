import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Identity } from './identity.ts';

const CONTROLLER = 'https://fleet.example';
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-identity-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const said = { controller: CONTROLLER, token: 'a1', name: 'hall 3' };

describe('the identity of a device', () => {
  it('is made once, for its owner only, and later starts need to say nothing', async () => {
    expect(await Identity.open(folder)).toBeUndefined();
    const first = (await Identity.open(folder, said))!;
    expect((await stat(join(folder, 'identity.json'))).mode & 0o777).toBe(0o600);
    const next = (await Identity.open(folder))!;
    expect([next.device, next.publicKey, next.controller, next.name, next.token]).toEqual([
      ...[first.device, first.publicKey, CONTROLLER, 'hall 3', 'a1'],
    ]);
    expect(next.device).toMatch(/^[0-9a-f]{32}$/);
    expect((await Identity.open(join(folder, 'other'), said))!.device).not.toBe(first.device);
  });

  it('forgets its token when it has joined, and joins again only with another one', async () => {
    const first = (await Identity.open(folder, said))!;
    await first.joined();
    expect(await readFile(join(folder, 'identity.json'), 'utf8')).not.toContain('"a1"');
    expect((await Identity.open(folder, said))!.token).toBeUndefined();
    const again = (await Identity.open(folder, { token: 'b2' }))!;
    expect([again.token, again.device]).toEqual(['b2', first.device]);
  });

  it('follows a controller to another address', async () => {
    const first = (await Identity.open(folder, said))!;
    await first.joined();
    const moved = (await Identity.open(folder, { controller: 'http://10.0.0.7:8080/fleet/' }))!;
    expect([moved.controller, moved.device, moved.token]).toEqual([
      ...['http://10.0.0.7:8080/fleet/', first.device, undefined],
    ]);
  });

  it.each([
    [{ controller: CONTROLLER }, 'needs a token to join'],
    [{ controller: 'ftp://x', token: 'a' }, 'is malformed'],
    [{ controller: 'https://user:secret@x', token: 'a' }, 'is malformed'],
    [{ controller: CONTROLLER, token: 'two words' }, 'is malformed'],
  ])('is refused for %j, without the secret', async (wrong, message) => {
    const refused = Identity.open(folder, wrong);
    await expect(refused).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining(message) });
    await expect(refused).rejects.not.toThrow(/secret|two words/);
  });

  it.each(['', 'null', '[]', '{"format":1}', '\0\0', '{"controller":1}'])(
    'that is damaged (%j) is not replaced',
    async (text) => {
      await writeFile(join(folder, 'identity.json'), text, { mode: 0o600 });
      await expect(Identity.open(folder, said)).rejects.toMatchObject({ code: 'store' });
      expect(await readFile(join(folder, 'identity.json'), 'utf8')).toBe(text);
    },
  );

  it('that others may read is refused', async () => {
    await Identity.open(folder, said);
    await chmod(join(folder, 'identity.json'), 0o644);
    await expect(Identity.open(folder)).rejects.toThrow('is accessible to other users (mode 0644)');
  });
});
