import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nextReadingModel, SpikewireError, writeModel } from '@spikewire/models';
import { download, RepositoryClient, sourceOfRepository, TrustFolder } from 'spikewire/agent';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Files,
  type ForgedKeys,
  newKey,
  part,
  reference,
  release,
  rootPart,
  sha256,
  signedFile,
} from '../repository/forge.mjs';
import { needsTuf } from '../services.ts';
import { resultOf, runCommand } from './command.ts';

/*
 * Every attack that section 1.5.2 of TUF 1.0.34 names, on our client and on that of python3-tuf: both accept, with the
 * same bytes, or both refuse.
 */
const ORACLE = fileURLToPath(new URL('./tuf-oracle.py', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'repository-oracle-'));
afterAll(() => rmSync(folder, { recursive: true }));

const keys: ForgedKeys = {
  root: [newKey(), newKey(), newKey()],
  targets: [newKey(), newKey()],
  snapshot: [newKey()],
  timestamp: [newKey()],
};
const thief = newKey();
const thieves = [thief, newKey()];
const thresholds = { root: 2, targets: 2 };
const root = signedFile(rootPart(1, keys, { thresholds }), keys.root);
const FIRST = Buffer.from('the first model');
const SECOND = Buffer.from('the second model');
const EVIL = Buffer.from('the model of a thief');
const NAME = 'a.spike';

/** A release whose files all have the version, where no others are given. */
function at(
  version: number,
  more: Parameters<typeof release>[3] & { own?: ForgedKeys; model?: Buffer; v?: object } = {},
) {
  const { own = keys, model = SECOND, v, ...options } = more;
  const versions = { targets: version, snapshot: version, timestamp: version, ...v };
  return release(own, versions, { [NAME]: model }, options);
}
const nextRoot = (own: ForgedKeys, signers: readonly ReturnType<typeof newKey>[], version = 2, days = 365): Files => ({
  [`metadata/${version}.root.json`]: signedFile(rootPart(version, own, { thresholds, days }), signers),
});
const without = (files: Files, path: string): Files => {
  return Object.fromEntries(Object.entries(files).filter(([name]) => name !== path));
};
/** The file of the model of a release, with other bytes. */
const withModel = (files: Files, model: Buffer, other: Buffer): Files => ({
  ...files,
  [`targets/${sha256(model)}.${NAME}`]: other,
});
/** Changes what a file says without a signature for that. */
function tampered(files: Files, path: string, change: (signed: Record<string, unknown>) => object): Files {
  const document = JSON.parse(files[path]!.toString());
  return { ...files, [path]: Buffer.from(JSON.stringify({ ...document, signed: change(document.signed) })) };
}
const with1 = (role: keyof ForgedKeys, ...own: ReturnType<typeof newKey>[]): ForgedKeys => ({ ...keys, [role]: own });

const good = at(1, { model: FIRST });
const better = at(2);
const rotated = { ...keys, timestamp: [newKey()], root: [keys.root[1]!, keys.root[2]!, newKey()] };
const allRotated = { ...rotated, snapshot: [newKey()] };

interface Case {
  readonly name: string;
  readonly stages: readonly Files[];
  /** The model that a device has at the end; none: it refuses the last stage. */
  readonly model?: Buffer;
}
const CASES: Readonly<Record<string, readonly Case[]>> = {
  'right repositories': [
    { name: 'a first release', stages: [good], model: FIRST },
    { name: 'the next one', stages: [good, better], model: SECOND },
    { name: 'the same again', stages: [good, good], model: FIRST },
    {
      name: 'new keys',
      stages: [better, { ...nextRoot(rotated, [...keys.root, ...rotated.root]), ...at(3, { own: rotated }) }],
      model: SECOND,
    },
    {
      name: 'an expired root on the way',
      stages: [{ ...nextRoot(keys, keys.root, 2, -1), ...nextRoot(keys, keys.root, 3), ...better }],
      model: SECOND,
    },
    {
      name: 'other content under the version of a known timestamp',
      stages: [better, { ...better, ...at(3, { model: FIRST, v: { timestamp: 2 } }) }],
      model: SECOND,
    },
    {
      name: 'an older snapshot under the version of a known timestamp',
      stages: [better, { ...better, ...at(1, { model: FIRST, v: { timestamp: 2 } }) }],
      model: SECOND,
    },
  ],
  'arbitrary installation': [
    { name: 'other bytes of a model', stages: [withModel(better, SECOND, EVIL)] },
    { name: 'unknown keys', stages: [better, at(3, { own: with1('targets', thief, newKey()), model: EVIL })] },
    {
      name: 'a changed list',
      stages: [tampered(better, 'metadata/2.targets.json', (signed) => ({ ...signed, targets: {} }))],
    },
    {
      name: 'a foreign root',
      stages: [better, { ...nextRoot({ ...keys, root: thieves }, thieves), ...at(3, { model: EVIL }) }],
    },
    {
      name: 'a root that only its own keys have signed',
      stages: [better, { ...nextRoot(rotated, [rotated.root[0]!, rotated.root[2]!]), ...at(3, { own: rotated }) }],
    },
    {
      name: 'a root that only the old keys have signed',
      stages: [better, { ...nextRoot({ ...keys, root: [newKey(), newKey()] }, keys.root), ...at(3) }],
    },
    {
      name: 'a list that the keys of another role have signed',
      stages: [at(2, { own: with1('targets', ...keys.snapshot, ...keys.timestamp) })],
    },
  ],
  'endless data': [
    {
      name: 'a model that is too long',
      stages: [withModel(better, SECOND, Buffer.concat([SECOND, Buffer.alloc(5000)]))],
    },
    {
      name: 'a timestamp that is too long',
      stages: [{ ...better, 'metadata/timestamp.json': Buffer.alloc(1 << 20, ' ') }],
    },
    {
      name: 'a snapshot that is too long',
      stages: [{ ...better, 'metadata/2.snapshot.json': Buffer.alloc(1 << 20, ' ') }],
    },
    { name: 'a list that is too long', stages: [{ ...better, 'metadata/2.targets.json': Buffer.alloc(1 << 23, ' ') }] },
    {
      name: 'a root that is too long',
      stages: [better, { ...better, 'metadata/2.root.json': Buffer.alloc(1 << 20, ' ') }],
    },
  ],
  'extraneous dependencies': [
    {
      name: 'a second model in the list',
      stages: [
        tampered(better, 'metadata/2.targets.json', (signed) => ({
          ...signed,
          targets: {
            ...(signed.targets as object),
            'evil.spike': { length: EVIL.length, hashes: { sha256: sha256(EVIL) } },
          },
        })),
      ],
    },
    {
      name: 'a dependency that is said of a model',
      stages: [tampered(better, 'metadata/2.targets.json', (signed) => ({ ...signed, needs: ['evil.spike'] }))],
    },
    {
      name: 'files that nothing names',
      stages: [{ ...better, [`targets/${sha256(EVIL)}.evil.spike`]: EVIL }],
      model: SECOND,
    },
  ],
  'fast-forward': [
    {
      name: 'numbers that nobody has signed',
      stages: [tampered(better, 'metadata/timestamp.json', (signed) => ({ ...signed, version: 2 ** 40 }))],
    },
    {
      name: 'highest numbers, and new keys of the timestamp',
      stages: [
        at(2, { v: { timestamp: 2 ** 40 } }),
        { ...nextRoot(rotated, [...keys.root, ...rotated.root]), ...at(3, { own: rotated }) },
      ],
      model: SECOND,
    },
    {
      name: 'highest numbers, and new keys of timestamp and snapshot',
      stages: [
        at(2, { v: { timestamp: 2 ** 40, snapshot: 2 ** 40, targets: 2 ** 40 } }),
        { ...nextRoot(allRotated, [...keys.root, ...allRotated.root]), ...at(3, { own: allRotated }) },
      ],
      model: SECOND,
    },
    { name: 'highest numbers, and the old keys', stages: [at(2, { v: { timestamp: 2 ** 40 } }), at(3)] },
  ],
  'indefinite freeze': [
    ...(['timestamp', 'snapshot', 'targets'] as const).map((role) => ({
      name: `an expired ${role}`,
      stages: [better, at(3, { days: { [role]: -1 } })],
    })),
    { name: 'an expired timestamp that is known', stages: [better, at(2, { days: { timestamp: -1 } })], model: SECOND },
    { name: 'an expired root', stages: [{ ...nextRoot(keys, keys.root, 2, -1), ...better }] },
  ],
  'malicious mirror': [
    ...[
      'metadata/timestamp.json',
      'metadata/2.snapshot.json',
      'metadata/2.targets.json',
      `targets/${sha256(SECOND)}.${NAME}`,
    ].flatMap((path) => [
      { name: `no ${path}`, stages: [good, without(better, path)] },
      {
        name: `half of ${path}`,
        stages: [good, { ...better, [path]: better[path]!.subarray(0, better[path]!.length >> 1) }],
      },
      {
        name: `a page for ${path}, and later the file`,
        stages: [good, { ...better, [path]: Buffer.from('<html>') }, better],
        model: SECOND,
      },
    ]),
  ],
  'mix and match': [
    {
      name: 'a list of another release',
      stages: [better, { ...at(3), 'metadata/3.targets.json': at(3, { model: FIRST })['metadata/3.targets.json']! }],
    },
    {
      name: 'a snapshot of another release',
      stages: [better, { ...at(3), 'metadata/3.snapshot.json': at(3, { model: FIRST })['metadata/3.snapshot.json']! }],
    },
    {
      name: 'a list of another version under the name',
      stages: [{ ...at(3), 'metadata/3.targets.json': better['metadata/2.targets.json']! }],
    },
    { name: 'a snapshot that names another version of the list than it has', stages: [misnamed()] },
  ],
  rollback: [
    { name: 'to an older release', stages: [good, better, good] },
    { name: 'to an older list', stages: [better, at(3, { model: FIRST, v: { targets: 1 } })] },
    { name: 'to an older snapshot', stages: [better, at(4, { v: { snapshot: 1 } })] },
    {
      name: 'to an older root',
      stages: [
        { ...nextRoot(keys, keys.root), ...better },
        { 'metadata/2.root.json': root, 'metadata/3.root.json': root, ...better },
      ],
    },
    {
      name: 'to a root that is no next one',
      stages: [better, { 'metadata/2.root.json': signedFile(rootPart(3, keys, { thresholds }), keys.root), ...better }],
    },
    { name: 'of a list that is no longer named', stages: [at(2, { meta: { 'more.json': { version: 1 } } }), at(3)] },
    {
      name: 'of a second list',
      stages: [at(2, { meta: { 'more.json': { version: 2 } } }), at(3, { meta: { 'more.json': { version: 1 } } })],
    },
  ],
  'key compromise below the threshold': [
    { name: 'one key of two', stages: [better, at(3, { own: with1('targets', keys.targets[0]!), model: EVIL })] },
    { name: 'one key of two, twice', stages: [better, twiceSigned()] },
    {
      name: 'one key of two and a foreign one',
      stages: [better, at(3, { own: with1('targets', keys.targets[0]!, thief), model: EVIL })],
    },
    { name: 'one root key of two', stages: [better, { ...nextRoot(keys, [keys.root[0]!]), ...better }] },
    {
      name: 'two root keys of three',
      stages: [better, { ...nextRoot(keys, keys.root.slice(1)), ...better }],
      model: SECOND,
    },
    { name: 'keys of timestamp and snapshot, for a list', stages: [better, stolenOnline()] },
  ],
  'wrong software': [
    { name: 'an older right model under the hash of the next', stages: [withModel(better, SECOND, FIRST)] },
    {
      name: 'another right model of the same length',
      stages: [withModel(better, SECOND, Buffer.from('the second mode1'))],
    },
    {
      name: 'the list as snapshot',
      stages: [{ ...better, 'metadata/2.snapshot.json': better['metadata/2.targets.json']! }],
    },
    { name: 'no list of TUF 1', stages: [ofSpecification('2.0.0')] },
    { name: 'a list of a later TUF 1', stages: [ofSpecification('1.9.9')], model: SECOND },
  ],
};

function misnamed(): Files {
  const files = at(3);
  const list = files['metadata/3.targets.json']!;
  const meta = { 'targets.json': { ...reference(list, 4) } };
  return { ...at(3, { meta }), 'metadata/4.targets.json': list };
}

function twiceSigned(): Files {
  const files = at(3, { own: with1('targets', keys.targets[0]!), model: EVIL });
  const path = 'metadata/3.targets.json';
  const document = JSON.parse(files[path]!.toString());
  const list = Buffer.from(
    JSON.stringify({ ...document, signatures: [...document.signatures, ...document.signatures] }),
  );
  return { ...files, [path]: list, ...named(list, 3) };
}

/** A thief with the keys of snapshot and timestamp names a list of his own. */
function stolenOnline(): Files {
  const list = at(3, { own: with1('targets', thief, newKey()), model: EVIL })['metadata/3.targets.json']!;
  return { ...at(3, { model: EVIL }), 'metadata/3.targets.json': list, ...named(list, 3) };
}

function ofSpecification(version: string): Files {
  const signed = { ...JSON.parse(better['metadata/2.targets.json']!.toString()).signed, spec_version: version };
  const list = signedFile(signed, keys.targets);
  return { ...better, 'metadata/2.targets.json': list, ...named(list, 2) };
}

/** Snapshot and timestamp that name a list. */
function named(list: Buffer, version: number): Files {
  const snapshot = signedFile(
    part('snapshot', version, 7, { meta: { 'targets.json': reference(list, version) } }),
    keys.snapshot,
  );
  const meta = { 'snapshot.json': reference(snapshot, version) };
  return {
    [`metadata/${version}.snapshot.json`]: snapshot,
    'metadata/timestamp.json': signedFile(part('timestamp', version, 1, { meta }), keys.timestamp),
  };
}

function put(name: string, files: Files): string {
  const place = join(folder, name);
  for (const [path, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(place, path)), { recursive: true });
    writeFileSync(join(place, path), bytes);
  }
  return place;
}

interface Job {
  readonly root: string;
  readonly stages: readonly string[];
  readonly target: string;
}

/** What our client says, in the words of the oracle. */
async function ours({ root: file, stages, target }: Job): Promise<string[]> {
  const own = mkdtempSync(join(folder, 'device-'));
  const results: string[] = [];
  for (const stage of stages) {
    const source = sourceOfRepository(stage);
    const trust = new TrustFolder(join(own, 'trust'));
    try {
      const { targets } = await new RepositoryClient({ source, folder: trust, root: readFileSync(file) }).refresh();
      const path = await download({
        source,
        target: targets.get(target)!,
        folder: join(own, sha256(Buffer.from(stage))),
      });
      results.push(`accept ${sha256(readFileSync(path))}`);
    } catch (failure) {
      if (!(failure instanceof SpikewireError) || failure.message.includes('\n')) throw failure;
      results.push(`refuse ${failure.code}`);
    }
  }
  return results;
}

function oracle(python: string, jobs: readonly Job[]): string[][] {
  const { status, stdout, stderr } = spawnSync(python, [ORACLE], { input: JSON.stringify(jobs), encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

const verdict = (results: readonly string[]) => results.map((each) => each.replace(/^refuse.*/, 'refuse'));

describe.each(Object.entries(CASES))('%s', (attack, cases) => {
  const jobs = cases.map(({ name, stages }, k) => ({
    name,
    root: '',
    stages: stages.map((files, stage) => put(`${attack} ${k}-${stage}`, { 'metadata/1.root.json': root, ...files })),
    target: NAME,
  }));
  beforeAll(() => {
    for (const job of jobs) job.root = join(put('trusted', { 'root.json': root }), 'root.json');
  });

  it.each(cases.map((each, k) => [each.name, each, k] as const))('%s', async (_, { model }, k) => {
    const results = await ours(jobs[k]!);
    if (model === undefined) expect(results.at(-1)).toMatch(/^refuse (access|file|link)$/);
    else expect(results.at(-1)).toBe(`accept ${sha256(model)}`);
  });

  it('is judged by python3-tuf in the same way', async (context) => {
    const python = needsTuf(context);
    const judged = oracle(python, jobs);
    for (const [k, job] of jobs.entries()) {
      expect([job.name, ...verdict(judged[k]!)]).toEqual([job.name, ...verdict(await ours(job))]);
    }
  });
});

describe('a key with two names', () => {
  it('counts once', async () => {
    const one = keys.targets[0]!;
    const listed = { ...one.listed, note: 'the same key' };
    const again = { ...one, listed, id: sha256(Buffer.from(JSON.stringify(sorted(listed)))) };
    const own = with1('targets', one, again);
    const trusted = signedFile(rootPart(1, own, { thresholds }), own.root);
    const stage = put('two names', { 'metadata/1.root.json': trusted, ...at(1, { own }) });
    const job = { root: join(stage, 'metadata', '1.root.json'), stages: [stage], target: NAME };
    expect(await ours(job)).toEqual(['refuse access']);
  });

  const sorted = (object: object) => Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
});

describe('other tools', () => {
  it('read what spikewire fleet writes, after each change', { timeout: 600_000 }, async (context) => {
    const python = needsTuf(context);
    const [site, own] = [join(folder, 'site'), join(folder, 'keys')];
    const model = (neurons: number) => {
      return writeModel(nextReadingModel({ channels: [{ name: 'level', unit: 'm' }], neurons }));
    };
    const fleet = (...words: string[]) => resultOf(['fleet', ...words, '--keys', own], folder);
    const expectBoth = async (expected: RegExp) => {
      const job = {
        root: join(site, 'metadata', '1.root.json'),
        stages: [site],
        target: 'stable/hall/mill/pump.spike',
      };
      const [judged] = oracle(python, [job]);
      expect(verdict(judged!)).toEqual(verdict(await ours(job).catch(() => ['refuse'])));
      expect(judged![0]).toMatch(expected);
    };
    writeFileSync(join(folder, 'pump.spike'), model(3));
    await fleet('init', site, '--targets-keys', '2/3', '--root-keys', '2/2');
    const publish = () => fleet('publish', 'pump.spike', '--to', site, '--for', 'mill', '--for', 'hall');
    await publish();
    await expectBoth(new RegExp(`^accept ${sha256(model(3))}$`));
    writeFileSync(join(folder, 'pump.spike'), model(4));
    await publish();
    await fleet('renew', site);
    await expectBoth(new RegExp(`^accept ${sha256(model(4))}$`));
    for (const role of ['root', 'timestamp', 'targets']) await fleet('rotate', role, '--to', site);
    expect(readdirSync(join(site, 'metadata'))).toContain('4.root.json');
    await expectBoth(new RegExp(`^accept ${sha256(model(4))}$`));
    await fleet('withdraw', 'stable/hall/mill/pump.spike', '--to', site);
    await expectBoth(/^refuse/);
    const { code, stdout } = await runCommand(['fleet', 'verify', site], folder);
    expect([code, stdout]).toEqual([0, expect.stringContaining('no models')]);
  });

  it('write what our client reads, with new root keys, names of any letters and other hashes', async (context) => {
    const python = needsTuf(context);
    const place = join(folder, 'written');
    const { status, stderr } = spawnSync(python, [ORACLE, 'write', place], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const job = { root: join(place, 'metadata', '1.root.json'), stages: [place], target: 'models/a.spike' };
    expect(await ours(job)).toEqual([`accept ${sha256(Buffer.from('a model of another tool'))}`]);
    expect(oracle(python, [job])).toEqual([await ours(job)]);
  });
});
