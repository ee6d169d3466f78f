import { generateKeyPairSync } from 'node:crypto';
import promises, {
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { modelDigest, nextReadingModel, readModel, writeModel } from '@spikewire/models';
import { type CommandConsole, parseArguments } from 'spikewire/cli';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fleet } from './fleet.ts';

let folder: string;
const warnings: string[] = [];
const WEEK = 7 * 86_400_000;
const at = (...names: string[]) => join(folder, ...names);

beforeEach(async () => {
  warnings.length = 0;
  folder = await mkdtemp(join(tmpdir(), 'fleet-'));
  await writeModelFile('pump.spike', 3);
});
afterEach(() => rm(folder, { recursive: true }));

async function writeModelFile(name: string, neurons: number): Promise<void> {
  await writeFile(at(name), writeModel(nextReadingModel({ channels: [{ name: 'level', unit: 'm' }], neurons })));
}

/** What a command line of `spikewire fleet` gives with `--json`; words that begin with `@` are paths in the folder. */
// biome-ignore lint/suspicious/noExplicitAny: documents of several actions
async function run(line: string): Promise<any> {
  const words = line.split(' ').map((word) => word.replace(/^@/, `${folder}/`));
  const args = parseArguments(fleet, words);
  let result: unknown;
  const console = {
    say: () => {},
    warn: (line: string) => void warnings.push(line),
    result(document: unknown, lines: () => string | readonly string[]) {
      result = { ...(document as object), text: [lines()].flat().join('\n') };
    },
  } as unknown as CommandConsole;
  await fleet.run(args, console);
  return result;
}

const publish = (more = '') => run(`publish @pump.spike --to @site --keys @keys${more}`);
const versions = async () => {
  const { roles } = await run('verify @site');
  return Object.fromEntries(roles.map(({ role, version }: { role: string; version: number }) => [role, version]));
};
const modelNames = async () => (await run('verify @site')).models.map(({ name }: { name: string }) => name);

async function edit(
  path: string,
  change: (document: { signatures: unknown[]; signed: Record<string, unknown> }) => void,
): Promise<void> {
  const document = JSON.parse(await readFile(path, 'utf8'));
  change(document);
  await writeFile(path, JSON.stringify(document));
}

/** Gives some of the keys to somebody else, with what he needs to trust the repository. */
async function hand(to: string, names: readonly string[]): Promise<void> {
  await cp(at('keys', 'trusted'), at(to, 'trusted'), { recursive: true });
  for (const name of names) await rename(at('keys', `${name}.pem`), at(to, `${name}.pem`));
}

describe('a repository', () => {
  it('publishes a model, its next version and another one, and withdraws one', async () => {
    await run('init @site --keys @keys');
    expect(await versions()).toEqual({ root: 1, timestamp: 1, snapshot: 1, targets: 1 });
    await publish();
    await publish(' --channel beta');
    await writeModelFile('pump.spike', 4);
    expect((await publish()).outcomes[0].changes).toEqual(['stable/pump.spike: replaced']);
    expect(await modelNames()).toEqual(['stable/pump.spike', 'beta/pump.spike']);
    expect(await versions()).toEqual({ root: 1, timestamp: 4, snapshot: 4, targets: 4 });
    await expect(run('withdraw pump --to @site --keys @keys')).rejects.toThrow('expected one of: stable/pump.spike');
    const { text } = await run('withdraw beta/pump.spike --to @site --keys @keys');
    expect(text.split('\n').slice(1)).toEqual(['  beta/pump.spike: withdrawn']);
    expect(await modelNames()).toEqual(['stable/pump.spike']);
    await expect(run('withdraw beta/pump.spike --to @site --keys @keys')).rejects.toThrow('is not published');
    expect((await run('withdraw pump --to @site --keys @keys')).text).toContain('stable/pump.spike: withdrawn');
  });

  it('tells an earlier base by its file, and offers what can be done with what was learned on it', async () => {
    await run('init @site --keys @keys');
    const offerWith = async (more: string) => (await publish(more)).offer;
    await writeModelFile('earlier.spike', 4);
    await writeModelFile('same.spike', 3);
    const [other, same] = [await offerWith(' --base @earlier.spike'), await offerWith(' --base @same.spike')];
    expect(other.bases).toEqual([modelDigest(readModel(await readFile(at('earlier.spike'))))]);
    expect(other.carrying).toEqual(['reset']);
    expect(same.carrying).toEqual(['carry', 'rebase', 'reset']);
    const both = await offerWith(` --base @earlier.spike --base ${'a'.repeat(64)} --learned carry,reset`);
    expect([both.bases.length, both.carrying]).toEqual([2, ['carry', 'reset']]);
  });

  it('makes keys that only their owner can read', async () => {
    const { keys } = await run('init @site --keys @keys --targets-keys 2/3');
    expect(keys).toHaveLength(2 + 3 + 1 + 1);
    for (const { path } of keys) expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(at('keys'))).mode & 0o777).toBe(0o700);
    await chmod(at('keys', 'snapshot.pem'), 0o640);
    await expect(publish()).rejects.toThrow('is accessible to other users (mode 0640)');
  });

  it('says until when it is valid, and is valid longer after it is renewed', async () => {
    await run('init @site --keys @keys --valid timestamp=2 --valid targets=1');
    const { until, role } = await run('renew @site --keys @keys');
    expect(role).toBe('targets');
    expect(Date.parse(until) - Date.now()).toBeLessThanOrEqual(86_400_000);
    expect(await versions()).toEqual({ root: 1, timestamp: 2, snapshot: 2, targets: 1 });
  });

  it('is renewed for years: targets and root too, in the second half of their time', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      const begin = Date.now();
      await run('init @site --keys @keys');
      await publish();
      const device = await readFile(at('site', 'metadata', '1.root.json'));
      for (let week = 1; week <= 3 * 52; week++) {
        vi.setSystemTime(begin + week * WEEK);
        const { renewed } = await run('renew @site --keys @keys');
        const due = [...(week % 53 === 0 ? ['root'] : []), ...(week % 27 === 0 ? ['targets'] : [])];
        expect([week, renewed]).toEqual([week, due]);
      }
      expect(await versions()).toEqual({ root: 3, timestamp: 158, snapshot: 158, targets: 7 });
      await writeFile(at('root.json'), device);
      const { models } = await run('verify @site --root @root.json');
      expect(models.map(({ name }: { name: string }) => name)).toEqual(['stable/pump.spike']);
      expect(warnings).toEqual([]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('warns well before targets and root expire whose keys are elsewhere', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2030, 0, 1) });
    try {
      await run('init @site --keys @keys --targets-keys 2/2');
      await hand('offline', ['root-1', 'root-2', 'targets-2']);
      const said = async (month: number) => {
        vi.setSystemTime(Date.UTC(2030, month, 1));
        warnings.length = 0;
        await run('renew @site --keys @keys');
        return warnings.map((line) => line.replace(`${at('site')}: `, ''));
      };
      const targets = (when: string, what: string) =>
        `targets ${when} on 2031-01-01, and devices get no new models${what}; run "spikewire fleet renew" with the ` +
        'keys of targets';
      expect(await said(8)).toEqual([]);
      expect(await said(10)).toEqual([targets('expires', ' from then on')]);
      expect(await said(13)).toEqual([targets('expired', '')]);
      expect(await said(20)).toEqual([expect.stringMatching(/^root expires on 2032-01-01/), targets('expired', '')]);
      expect((await run('verify @site').catch((failure: Error) => failure)).message).toContain('expired');
      for (const name of ['root-1', 'root-2', 'targets-2'])
        await rename(at('offline', `${name}.pem`), at('keys', `${name}.pem`));
      expect(await said(20)).toEqual([]);
      expect((await run('verify @site')).roles[0].expires).toBe('2033-08-31T00:00:00.000Z');
    } finally {
      vi.useRealTimers();
    }
  });

  it('keeps models of different groups apart, whatever their names are', async () => {
    await run('init @site --keys @keys');
    await publish(' --for mill --for hall');
    await publish(' --for mill-hall');
    await publish(' --for hall-mill');
    await publish(' --for hall --for mill');
    expect(await modelNames()).toEqual([
      'stable/hall/mill/pump.spike',
      'stable/mill-hall/pump.spike',
      'stable/hall-mill/pump.spike',
    ]);
    await publish(' --for hall --for hall');
    expect(await modelNames()).toContain('stable/hall/pump.spike');
  });
});

describe('signatures of several people', () => {
  const lineOf = ({ outcomes }: { outcomes: readonly object[] }) => outcomes[0];

  it('wait until two of three have signed', async () => {
    await run('init @site --keys @keys --targets-keys 2/3');
    await hand('second', ['targets-2']);
    await hand('third', ['targets-3', 'snapshot', 'timestamp']);
    const changes = ['stable/pump.spike: new'];
    const first = { role: 'targets', version: 2, missingSignatures: 1, missingKeys: [], changes };
    expect(lineOf(await publish())).toEqual(first);
    expect(await modelNames()).toEqual([]);
    await expect(publish()).rejects.toThrow('waits for signatures since version 2');
    expect(lineOf(await run('sign @site --keys @keys'))).toEqual(first);
    // The second has no key of the roles that name the new targets: his signature waits too.
    const second = { ...first, missingSignatures: 0, missingKeys: ['snapshot', 'timestamp'] };
    expect(lineOf(await run('sign @site --keys @second'))).toEqual(second);
    expect(await modelNames()).toEqual([]);
    expect(lineOf(await run('sign @site --keys @third'))).toEqual({ ...second, missingKeys: [] });
    expect(await modelNames()).toEqual(['stable/pump.spike']);
    await expect(run('sign @site --keys @keys')).rejects.toThrow('has nothing that waits for signatures');
  });

  it('of a key that is offline wait for those that are not', async () => {
    await run('init @site --keys @keys');
    await hand('online', ['snapshot', 'timestamp']);
    expect(lineOf(await publish())).toMatchObject({ missingSignatures: 0, missingKeys: ['snapshot', 'timestamp'] });
    await run('renew @site --keys @online');
    expect(await modelNames()).toEqual([]);
    await run('sign @site --keys @online');
    expect(await modelNames()).toEqual(['stable/pump.spike']);
    await expect(run('renew @site --keys @keys')).rejects.toThrow('the keys of snapshot and timestamp are missing');
    await expect(run('publish @pump.spike --to @site --keys @online')).rejects.toThrow('do not include one of targets');
  });

  it('do not count where what waits was changed meanwhile', async () => {
    await run('init @site --keys @keys --targets-keys 2/2');
    await hand('second', ['targets-2']);
    await publish();
    await edit(at('site', 'staged', 'targets.json'), ({ signed }) => {
      signed.targets = { 'evil.spike': { length: 1, hashes: { sha256: '0'.repeat(64) } } };
    });
    await expect(run('sign @site --keys @second')).rejects.toThrow('has no right signature');
    await edit(at('site', 'staged', 'targets.json'), (document) => {
      document.signatures = [];
    });
    await expect(run('sign @site --keys @second')).rejects.toThrow('has no right signature');
    expect(await modelNames()).toEqual([]);
  });

  it('that were overtaken are refused, and no longer waited for', async () => {
    await run('init @site --keys @keys --targets-keys 2/2');
    await hand('second', ['targets-2']);
    await publish();
    const staged = await readFile(at('site', 'staged', 'targets.json'));
    await cp(at('second', 'targets-2.pem'), at('keys', 'targets-2.pem'));
    await run('sign @site --keys @keys');
    await writeFile(at('site', 'staged', 'targets.json'), staged);
    // It is published already: a process was killed before it took this file away.
    expect(lineOf(await run('sign @site --keys @keys'))).toMatchObject({ version: 2, missingSignatures: 0 });
    await run('withdraw stable/pump.spike --to @site --keys @keys');
    await writeFile(at('site', 'staged', 'targets.json'), staged);
    await expect(run('sign @site --keys @keys')).rejects.toThrow('was overtaken by version 3');
    await publish();
    expect(await modelNames()).toEqual(['stable/pump.spike']);
  });
});

describe('new keys', () => {
  it.each(['root', 'targets', 'snapshot', 'timestamp'])('of %s are followed by devices', async (role) => {
    await run('init @site --keys @keys --root-keys 2/2');
    await publish();
    await run(`rotate ${role} --to @site --keys @keys`);
    expect(await versions()).toMatchObject({ root: 2 });
    const olds = (await readdir(at('keys'))).filter((name) => name.startsWith(role) && !name.includes('-v'));
    for (const name of olds) await rm(at('keys', name));
    await publish(' --channel beta');
    await run(`rotate ${role} --to @site --keys @keys`);
    expect(await modelNames()).toEqual(['stable/pump.spike', 'beta/pump.spike']);
    expect(await versions()).toMatchObject({ root: 3 });
  });

  it('of root wait for the other root key, and then for those of snapshot and timestamp', async () => {
    await run('init @site --keys @keys --root-keys 2/2');
    await hand('second', ['root-2']);
    const { outcomes } = await run('rotate root --to @site --keys @keys');
    const changes = ['keys of root: replaced'];
    expect(outcomes).toEqual([{ role: 'root', version: 2, missingSignatures: 1, missingKeys: [], changes }]);
    await expect(run('rotate timestamp --to @site --keys @keys')).rejects.toThrow(
      'waits for signatures since version 2',
    );
    expect(await readdir(at('keys'))).not.toContain('timestamp-v2.pem');
    await publish();
    await run('sign @site --keys @second');
    await run('sign @site --keys @keys');
    expect(await versions()).toMatchObject({ root: 2, targets: 2 });
  });

  it('that few have signed are never given out, even after a copy was left behind', async () => {
    await run('init @site --keys @keys --root-keys 2/2');
    const whole = at('whole');
    await cp(at('site'), whole, { recursive: true });
    await hand('second', ['root-2']);
    await run('rotate root --to @site --keys @keys');
    const staged = await readFile(at('site', 'staged', 'root.json'));
    await cp(at('second', 'root-2.pem'), at('keys', 'root-2.pem'));
    await run('sign @site --keys @keys');
    const root = await readFile(at('site', 'metadata', '2.root.json'));
    await mkdir(at('site', 'staged'), { recursive: true });
    await writeFile(at('site', 'staged', 'root.json'), staged);
    await rm(at('keys', 'root-2.pem'));
    await run('sign @site --keys @keys');
    expect(await readFile(at('site', 'metadata', '2.root.json'))).toEqual(root);
    await versions();
  });
});

describe('whoever can write where the repository lies', () => {
  beforeEach(async () => {
    await run('init @site --keys @keys');
    await publish();
  });

  it('gets no model signed by the next publication', async () => {
    await edit(at('site', 'metadata', '2.targets.json'), ({ signed }) => {
      const [entry] = Object.values(signed.targets as object);
      signed.targets = { 'stable/evil.spike': entry };
    });
    // Somebody with a key who has not seen this version yet refuses it; who has takes what he knows.
    await cp(at('keys'), at('later'), { recursive: true });
    for (const role of ['timestamp', 'snapshot', 'targets']) await rm(at('later', 'trusted', `${role}.json`));
    const later = run('publish @pump.spike --to @site --keys @later');
    await expect(later).rejects.toMatchObject({ code: 'access' });
    await publish(' --channel beta');
    expect(await modelNames()).toEqual(['stable/pump.spike', 'beta/pump.spike']);
  });

  it('gets no key signed by the next rotation', async () => {
    await run('init @other --keys @thief');
    await cp(at('other', 'metadata', '1.root.json'), at('site', 'metadata', '1.root.json'));
    await run('rotate timestamp --to @site --keys @keys');
    const root = JSON.parse(await readFile(at('site', 'metadata', '2.root.json'), 'utf8'));
    const foreign = JSON.parse(await readFile(at('other', 'metadata', '1.root.json'), 'utf8'));
    expect(Object.keys(root.signed.keys)).not.toEqual(expect.arrayContaining(foreign.signed.roles.root.keyids));
    expect(root.signed.roles.root.keyids).not.toEqual(foreign.signed.roles.root.keyids);
  });

  it('gets no older list signed again', async () => {
    await cp(at('site'), at('old'), { recursive: true });
    await run('withdraw stable/pump.spike --to @site --keys @keys');
    await cp(at('old'), at('site'), { recursive: true });
    const line = `${at('site')}: timestamp: is version 2; expected 3 or later, as was known before`;
    await expect(publish()).rejects.toMatchObject({ code: 'access', message: line });
  });
});

describe('a publication that is interrupted', () => {
  it('at any file leaves a repository that devices read, and the next publication works', async () => {
    await run('init @site --keys @keys');
    await publish();
    await cp(at('site'), at('before'), { recursive: true });
    await cp(at('keys'), at('keys-before'), { recursive: true });
    await writeModelFile('pump.spike', 4);
    await publish();
    const files = ['metadata/3.targets.json', 'metadata/3.snapshot.json'];
    const [target] = (await readdir(at('site', 'targets', 'stable'))).filter((name) => {
      return name.endsWith('.spike');
    });
    const all = [`targets/stable/${target}`, ...files];
    for (let count = 1; count <= all.length; count++) {
      await rm(at('trial'), { recursive: true, force: true });
      await cp(at('before'), at('trial'), { recursive: true });
      for (const name of all.slice(0, count)) await cp(at('site', name), at('trial', name));
      await writeFile(at('trial', 'metadata', '3.targets.json.99999.part'), 'half');
      await rm(at('keys'), { recursive: true });
      await cp(at('keys-before'), at('keys'), { recursive: true });
      const { roles } = await run('verify @trial');
      expect(roles.map(({ version }: { version: number }) => version)).toEqual([1, 2, 2, 2]);
      await run('publish @pump.spike --to @trial --keys @keys --channel beta');
      const { models } = await run('verify @trial');
      expect(models).toHaveLength(2);
    }
  });

  it('since a file cannot be written leaves what was there, and is done again', async () => {
    await run('init @site --keys @keys');
    const obstacles = ['targets/stable', 'metadata/2.targets.json', 'metadata/2.snapshot.json'];
    for (const name of obstacles) {
      const path = at('site', name);
      if (name === 'targets/stable') await mkdir(at('site', 'targets')).then(() => writeFile(path, ''));
      else await mkdir(path);
      await expect(publish()).rejects.toMatchObject({ code: 'file' });
      expect(await versions()).toEqual({ root: 1, timestamp: 1, snapshot: 1, targets: 1 });
      await rm(path, { recursive: true });
    }
    await publish();
    expect(await modelNames()).toEqual(['stable/pump.spike']);
  });

  it('as a rotation leaves one that devices with the old root read, and is finished by signing', async () => {
    await run('init @site --keys @keys');
    await cp(at('keys', 'trusted'), at('trusted'), { recursive: true });
    await run('rotate timestamp --to @site --keys @keys');
    // Everything but the root, which is the last file, and was put aside as the first one.
    await rename(at('site', 'metadata', '2.root.json'), at('site', 'staged', 'root.json'));
    await rm(at('keys', 'trusted'), { recursive: true });
    await rename(at('trusted'), at('keys', 'trusted'));
    expect(await versions()).toEqual({ root: 1, timestamp: 2, snapshot: 2, targets: 1 });
    await publish();
    await run('sign @site --keys @keys');
    expect(await versions()).toEqual({ root: 2, timestamp: 4, snapshot: 4, targets: 2 });
    await rm(at('keys', 'timestamp.pem'));
    await publish(' --channel beta');
    expect(await modelNames()).toHaveLength(2);
  });

  it('shows nothing half to a device that reads a copy in which the timestamp is last', async () => {
    await run('init @site --keys @keys');
    await publish();
    await cp(at('site'), at('copy'), { recursive: true });
    await writeModelFile('pump.spike', 4);
    await publish();
    for (const name of await readdir(at('site', 'metadata'))) {
      if (name !== 'timestamp.json') await cp(at('site', 'metadata', name), at('copy', 'metadata', name));
      expect((await run('verify @copy')).roles[1].version).toBe(2);
    }
    await cp(at('site', 'metadata', 'timestamp.json'), at('copy', 'metadata', 'timestamp.json'));
    await expect(run('verify @copy')).rejects.toMatchObject({
      code: 'file',
      message: expect.stringContaining('.spike'),
    });
    await cp(at('site', 'targets'), at('copy', 'targets'), { recursive: true });
    expect((await run('verify @copy')).roles[1].version).toBe(3);
  });

  it('has every file on the medium before one that names it, the timestamp last', async () => {
    await run('init @site --keys @keys');
    const done = await recorded(async () => void (await publish()));
    const written = [/^targets\/stable\/[0-9a-f]+\.pump\.spike$/, 'targets', 'snapshot', 'timestamp'].map((name) => {
      return typeof name !== 'string'
        ? name
        : name === 'timestamp'
          ? /^metadata\/timestamp/
          : RegExp(`^metadata/2.${name}`);
    });
    expect(done.filter((line) => line.startsWith('named')).map((line) => line.slice('named '.length))).toEqual(
      written.map((name) => expect.stringMatching(name)),
    );
    for (const line of done.filter((line) => line.startsWith('named '))) {
      const [at, path] = [done.indexOf(line), line.slice('named '.length)];
      expect(done[at - 1]).toMatch(RegExp(`^synced ${path}\\.\\d+\\.part$`));
      expect(done[at + 1]).toBe(`synced ${dirname(path)}`);
    }
    // The folder of the first model is new, and so is that above it.
    const first = done.findIndex((line) => line.startsWith('named metadata'));
    expect(done.slice(0, first)).toEqual(expect.arrayContaining(['synced targets', 'synced .']));
  });

  it('is alone with the repository: others wait, with the same keys and with different ones', async () => {
    await run('init @site --keys @keys');
    await cp(at('keys'), at('others'), { recursive: true });
    const channels = ['a', 'b', 'c', 'd'];
    const publishing = channels.map((channel, k) => {
      const keys = k % 2 === 0 ? '@keys' : '@others';
      return run(`publish @pump.spike --to @site --keys ${keys} --channel ${channel}`);
    });
    await Promise.all(publishing);
    expect((await modelNames()).toSorted()).toEqual(channels.map((channel) => `${channel}/pump.spike`));
    expect((await versions()).targets).toBe(1 + channels.length);
    expect((await readdir(at('site'))).toSorted()).toEqual(['metadata', 'targets']);
  });

  it('needs no hard links, which a USB stick does not have', async () => {
    const { link } = promises;
    promises.link = () => Promise.reject(Object.assign(new Error('EPERM'), { code: 'EPERM' }));
    syncBuiltinESMExports();
    try {
      await run('init @site --keys @keys');
      await publish();
      await run('renew @site --keys @keys');
      expect(await modelNames()).toEqual(['stable/pump.spike']);
    } finally {
      promises.link = link;
      syncBuiltinESMExports();
    }
  });
});

/** What is brought onto the medium and what gets its name below the site while something is done, in order. */
async function recorded(work: () => Promise<void>): Promise<readonly string[]> {
  const done: string[] = [];
  const { open, rename: named } = promises;
  const note = (what: string, path: string) => {
    const way = relative(at('site'), path);
    if (!way.startsWith('..') && !way.startsWith('.lock')) done.push(`${what} ${way || '.'}`);
  };
  promises.open = async (path, ...more) => {
    const file = await open(path, ...more);
    const sync = file.sync.bind(file);
    file.sync = () => sync().then(() => note('synced', `${path}`));
    return file;
  };
  promises.rename = (from, to) => named(from, to).then(() => note('named', `${to}`));
  syncBuiltinESMExports();
  try {
    await work();
  } finally {
    Object.assign(promises, { open, rename: named });
    syncBuiltinESMExports();
  }
  return done;
}

describe('a repository on a web server', () => {
  it('is verified without a word about the password in its address', async () => {
    await run('init @site --keys @keys');
    await publish();
    const server = createServer(async ({ url, headers }, response) => {
      const isKnown = headers.authorization === `Basic ${Buffer.from('reader:s3cret').toString('base64')}`;
      const bytes = isKnown && (await readFile(at('site', `${url}`)).catch(() => undefined));
      response.writeHead(bytes ? 200 : 404).end(bytes || '');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const verified = await run(`verify http://reader:s3cret@127.0.0.1:${port}`);
    expect(verified).toMatchObject({ address: `http://127.0.0.1:${port}/`, models: [{ name: 'stable/pump.spike' }] });
    expect(JSON.stringify(verified)).not.toMatch(/s3cret|reader/);
    await expect(run(`verify http://127.0.0.1:${port}`)).rejects.toThrow('is not a repository');
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('encrypted keys', () => {
  it('sign with their passphrase and with no other', async () => {
    await writeFile(at('secret'), 'correct horse\n', { mode: 0o600 });
    await writeFile(at('wrong'), 'wrong horse\n', { mode: 0o600 });
    await writeFile(at('empty'), '\n', { mode: 0o600 });
    await expect(run('init @site --keys @keys --passphrase-file @empty')).rejects.toThrow('has no passphrase');
    await run('init @site --keys @keys --passphrase-file @secret');
    for (const role of ['root-1', 'root-2', 'targets']) {
      expect(await readFile(at('keys', `${role}.pem`), 'utf8')).toContain('ENCRYPTED');
    }
    await expect(publish()).rejects.toThrow('is encrypted; expected its passphrase with --passphrase-file');
    await expect(publish(' --passphrase-file @wrong')).rejects.toThrow('cannot be decrypted with this passphrase');
    await publish(' --passphrase-file @secret');
    expect(await modelNames()).toEqual(['stable/pump.spike']);
    await rm(at('keys', 'root-2.pem'));
    await run('rotate targets --to @site --keys @keys --passphrase-file @secret');
    expect(await readFile(at('keys', 'targets-v2.pem'), 'utf8')).toContain('ENCRYPTED');
  });

  it('that are encrypted do not hinder the others', async () => {
    await writeFile(at('secret'), 'correct horse\n', { mode: 0o600 });
    await run('init @site --keys @keys --passphrase-file @secret');
    await run('renew @site --keys @keys');
    expect(await versions()).toMatchObject({ timestamp: 2 });
  });
});

describe('wrong use', () => {
  beforeEach(async () => {
    await run('init @site --keys @keys');
  });

  it.each([
    ['init @site --keys @new', 'site: is a repository already; expected a new folder'],
    ['init @new --keys @keys', 'keys: has keys of another repository; expected a new folder'],
    ['init @new --keys @new/keys', 'which is published'],
    ['init @new --keys @new', 'which is published'],
    ['init @new --keys @new/..keys', 'which is published'],
    ['init @new --keys @k --root-keys 3/2', '--root-keys 3/2: is invalid; expected <m>/<n> with 1 ≤ m ≤ n ≤ 16'],
    ['init @new --keys @k --root-keys 0/2', 'is invalid'],
    ['init @new --keys @k --targets-keys x', 'is invalid'],
    ['init @new --keys @k --valid timestamp=0', 'is invalid; expected <role>=<days>, 1 to 36500 days'],
    ['init @new --keys @k --valid timestamp=1e9', 'is invalid'],
    ['init @new --keys @k --valid timestamp', 'is invalid'],
    ['init @new --keys @k --valid mirrors=3', '"mirrors" is not a role; expected root, timestamp, snapshot, targets'],
    ['init https://user:secret@example.org/models --keys @k', 'is not a folder'],
    ['init @new --keys @k --channel x', 'init --channel: is an option of "spikewire fleet publish|round"'],
    ['publish @pump.spike --to @nothing --keys @keys', 'nothing: is not a repository'],
    ['publish @pump.spike --to @site --keys @nothing', 'nothing: does not exist'],
    ['publish @pump.spike --to @site --keys @keys/trusted', 'trusted: has no keys'],
    ['publish @nothing.spike --to @site --keys @keys', 'does not exist'],
    ['publish @site --to @site --keys @keys', 'is a folder'],
    ['publish @pump.spike --to @site --keys @keys --name ../up', 'the name "../up" is invalid'],
    ['publish @pump.spike --to @site --keys @keys --name a/b', 'the name "a/b" is invalid'],
    ['publish @pump.spike --to @site --keys @keys --channel .', 'the name "." is invalid'],
    ['publish @pump.spike --to @site --keys @keys --for ""', 'is invalid'],
    ['publish @pump.spike --to @site --keys @keys --for a+b', 'the name "a+b" is invalid'],
    [`publish @pump.spike --to @site --keys @keys --name ${'n'.repeat(150)}`, 'at most'],
    ['publish @pump.spike --to @site --keys @keys --learned carry,keep', '--learned keep: is an unknown word'],
    ['publish @pump.spike --to @site --keys @keys --base abc', 'is not a digest'],
    ['rotate mirrors --to @site --keys @keys', '"mirrors" is not a role'],
    ['withdraw x --to @site --keys @keys', 'site: x: is not published; expected one of: none'],
    ['sign @site --keys @keys', 'has nothing that waits for signatures'],
    ['verify @nothing', 'is not a repository'],
    ['verify @site --root @pump.spike', 'root: is not UTF-8'],
    ['verify @site --root @nothing', 'cannot be read (ENOENT)'],
    ['forget @site --keys @keys', 'is not a known action'],
    ['init', 'spikewire fleet init: <folder> is missing; expected a new folder for the repository'],
  ])('%s is one line', async (line, words) => {
    const failure = await run(line).then(
      () => expect.fail('it was done'),
      (problem: Error) => problem,
    );
    expect(failure).toMatchObject({ name: 'SpikewireError', message: expect.stringContaining(words) });
    expect(failure.message).not.toMatch(/\n|secret/);
    expect(await readdir(folder)).not.toContain('k');
  });

  it('finds keys inside the repository through a link', async () => {
    await mkdir(at('site', 'deep'));
    await symlink(at('site', 'deep'), at('link'));
    await expect(run('init @new --keys @link/keys')).resolves.toBeDefined();
    await expect(run('publish @pump.spike --to @site --keys @link/keys')).rejects.toThrow('which is published');
  });

  it('needs the trusted root beside the keys', async () => {
    await rm(at('keys', 'trusted'), { recursive: true });
    await expect(publish()).rejects.toThrow('has no trusted/root.json');
  });

  it('makes no key over one that is there', async () => {
    await rm(at('keys', 'trusted'), { recursive: true });
    await expect(run('init @new --keys @keys')).rejects.toThrow('root-1.pem: exists already; expected a new file');
  });

  it('refuses a key of another kind, and a file that is no key', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const text = privateKey.export({ format: 'pem', type: 'pkcs8' });
    await writeFile(at('keys', 'x.pem'), text, { mode: 0o600 });
    await expect(publish()).rejects.toThrow('x.pem: is of the type ec; expected Ed25519');
    await writeFile(at('keys', 'x.pem'), 'no key', { mode: 0o600 });
    await expect(publish()).rejects.toThrow('x.pem: is not a private key');
  });

  it('leaves no file of a model that it does not publish', async () => {
    await rm(at('keys', 'targets.pem'));
    await expect(publish()).rejects.toThrow('do not include one of targets');
    expect(await readdir(at('site'))).not.toContain('targets');
  });
});
