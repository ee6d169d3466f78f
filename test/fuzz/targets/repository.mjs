import { offerFor, offerOf, pathOfTarget, Trust } from 'spikewire/agent';
import { newKey, part, release, rootPart, signedFile } from '../../repository/forge.mjs';
import { mutateBytes, pick } from '../mutations.mjs';
import { mutateTree } from '../tree-mutations.mjs';

const WISH = { model: 'pump', channel: 'stable', groups: ['mill'] };
const said = { model: 'pump', channel: 'stable', groups: [], engine: '0.2.0', form: 'int8', input: '0'.repeat(64) };
const OFFER = { ...said, memory: 1000, selfTests: 1, carrying: ['carry', 'reset'], bases: ['0'.repeat(64)] };
/** What stands in such files, and what nearly does. */
const VALUES = [
  ...[
    'root',
    'targets',
    'snapshot',
    'timestamp',
    'mirrors',
    '1.0.31',
    '2.0',
    'ed25519',
    'rsa',
    'stable',
    'mill',
    'carry',
  ],
  ...['2027-01-31T12:00:00Z', '9999-12-31T23:59:59Z', '2027-02-31T00:00:00Z', '2027-01-31T12:00:00+01:00'],
  ...['../up', '/etc/passwd', 'a//b', 'CON', 'x'.repeat(300), '\u{1f600}', 'é"\\', '0'.repeat(64), 'F'.repeat(64)],
  ...[2 ** 53 - 1, 1, 2, 3, 1e21, false, null],
];

/**
 * Files of a repository of the four roles: damaged ones, other ones without a signature, and other ones that the right
 * keys have signed. Each is taken or refused in one line; a refused one leaves what was trusted before.
 */
export const repository = {
  name: 'repository',
  async create() {
    const keys = { root: [newKey()], targets: [newKey()], snapshot: [newKey()], timestamp: [newKey()] };
    const root = signedFile(rootPart(1, keys, { days: 3000 }), keys.root);
    const roles = {
      root: [rootPart(2, keys, { days: 3000 }), (trust, bytes) => trust.nextRoot(bytes)],
      timestamp: [timestampPart(3), (trust, bytes) => trust.nextTimestamp(bytes)],
      snapshot: [snapshotPart(2), (trust, bytes) => trust.nextSnapshot(bytes)],
      targets: [targetsPart(), (trust, bytes) => trust.nextTargets(bytes)],
    };
    const timestamp = signedFile(timestampPart(2), keys.timestamp);
    const snapshots = [1, 2].map((version) => signedFile(snapshotPart(version), keys.snapshot));
    /** A device that has read what comes before the file of a role. */
    const device = (role) => {
      const trust = new Trust(root, Date.now());
      if (role !== 'root') trust.nextTimestamp(timestamp);
      if (role === 'snapshot') trust.nextSnapshot(snapshots[0], true);
      if (role === 'targets') trust.nextSnapshot(snapshots[1]);
      return trust;
    };
    const devices = Object.fromEntries(Object.keys(roles).map((role) => [role, device(role)]));
    return (random) => {
      const role = pick(random, Object.keys(roles));
      const [right, take] = roles[role];
      const before = devices[role][role];
      try {
        take(devices[role], changed(right, keys[role], random));
      } catch (failure) {
        if (devices[role][role] !== before && !/expired/.test(failure.message)) {
          throw new Error(`a refused ${role} is trusted`, { cause: failure });
        }
        if (devices[role][role] !== before) devices[role] = device(role);
        throw failure;
      }
      const { targets } = devices[role];
      devices[role] = device(role);
      if (targets !== undefined) use(targets);
      return true;
    };
  },
};

/** Length and hash are optional, so that a device takes whatever has the version. */
function timestampPart(version) {
  return part('timestamp', version, 3000, { meta: { 'snapshot.json': { version: 2 } } });
}

function snapshotPart(version) {
  return part('snapshot', version, 3000, {
    meta: { 'targets.json': { version }, 'more.json': { version: 1, length: 9 } },
  });
}

function targetsPart() {
  const keys = { targets: [], snapshot: [], timestamp: [] };
  const models = { 'stable/pump.spike': Buffer.from('one'), 'other.txt': Buffer.from('two') };
  const files = release(keys, { targets: 2, snapshot: 2, timestamp: 2 }, models, {
    custom: { spikewire: OFFER },
    days: { targets: 3000 },
  });
  return JSON.parse(files['metadata/2.targets.json'].toString()).signed;
}

function changed(right, keys, random) {
  const choice = random.nextInteger(10);
  if (choice < 2) return mutateBytes(signedFile(right, keys), random);
  if (choice === 2) return encode(mutateTree(JSON.parse(signedFile(right, keys).toString()), random));
  if (choice === 3) return signedFile({ ...right, note: random.nextInteger(1000) }, keys);
  const tree = choice < 7 ? mutateTree(right, random) : exchanged(right, random);
  return signedFile(tree, keys);
}

/** A copy in which one to three values are others. */
function exchanged(right, random) {
  const tree = structuredClone(right);
  for (let changes = 1 + random.nextInteger(3); changes > 0; changes--) {
    let owner = tree;
    let key = pick(random, Object.keys(owner));
    while (
      typeof owner[key] === 'object' &&
      owner[key] !== null &&
      Object.keys(owner[key]).length > 0 &&
      random.nextInteger(5) > 0
    ) {
      owner = owner[key];
      key = pick(random, Object.keys(owner));
    }
    const value = pick(random, VALUES);
    if (random.nextInteger(3) > 0 || Array.isArray(owner) || typeof value !== 'string') owner[key] = value;
    else owner[value] = owner[key];
  }
  return tree;
}

function encode(tree) {
  return Buffer.from(JSON.stringify(tree) ?? '');
}

/** All that a device does with a list before it fetches a model. */
function use({ targets }) {
  for (const target of targets.values()) {
    if (!/^targets\/([\w-][\w.-]*\/)*[\w-][\w.-]*$/.test(pathOfTarget(target)))
      throw new Error('a path leads elsewhere');
    offerOf(target);
  }
  offerFor(WISH, { targets });
}
