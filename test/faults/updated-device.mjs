// One life of a device that follows a repository: feeds readings, each with its label, and tells in one JSON document a
// line what it started with, which lessons were saved, and what an update does, until all updates have ended or it is
// interrupted. `interrupted-updates.ts` starts and interrupts it, and says what the folders are.
import { readFile, readlink, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { momentOf } from './moment.mjs';

const { folder, site, sites, bases, labels, means, isApproved, seed, moment, withoutSync } = JSON.parse(
  process.argv[2],
);
const at = (...names) => join(folder, ...names);
const tell = (document) => console.log(JSON.stringify(document)); // a pipe: written when it returns

/** Where the power is to be cut: nothing more happens until whoever started it has done that. */
function standStill() {
  tell({ event: 'stands' });
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

const come = moment?.isKill ? () => process.kill(process.pid, 'SIGKILL') : standStill;
const count = await momentOf(moment ?? {}, come, { withoutSync });
const [{ RandomGenerator }, { engineNamed }, { Agent }, { InProcessExecutor }, { Host }, { readNetModel, Session }] =
  await Promise.all([
    import('@spikewire/models'),
    import('spikewire'),
    import('spikewire/agent'),
    import('spikewire/executor'),
    import('spikewire/host'),
    import('spikewire/session'),
  ]);

const RULES = { lookEverySeconds: 1, decideEverySeconds: 0.005, probationReadings: 20, probationSeconds: 0 };
/** Readings of a trial before a person approves the base. */
const SEEN_BY_PERSON = 5;
/** Milliseconds. */
const PAUSE = 4;

const models = new Map();
for (const { sha256, path } of bases) models.set(sha256, readNetModel(await readFile(path)));
const baseOf = (digest) => bases.find(({ sha256 }) => models.get(sha256).digest === digest)?.sha256;

let transitions = 0;
const begin = () => transitions === moment?.transitions && count.begin();
begin();
const agent = await Agent.open({
  ...{ folder: at('update'), repository: site, root: await readFile(join(sites[0], 'metadata', '1.root.json')) },
  wish: { model: 'pump', channel: 'stable', groups: [] },
  given: { bytes: await readFile(bases[0].path), name: 'pump.spike' },
  ...{ version: '0.2.0', rules: RULES, warn: (line) => tell({ warning: line }) },
  entered: (state) => {
    tell({ event: 'state', state });
    transitions++;
    begin();
  },
});
const configuration = {
  ...{ net: '', learning: true, device: 'clocked', threads: 0, lessonsPerDay: 1e9 },
  store: { directory: at('learned'), bytesPerDay: 2 ** 40, required: true },
};
const host = await Host.open(agent.base, configuration, {
  onNewModel: agent.onNewModel,
  warn: (line) => tell({ warning: line }),
});

/** The base that answers, and the labels known on it and on the one before it. */
async function tellWhatIsKnown(event) {
  const { current, former, refused, state, candidate } = agent.entry;
  const known = { [current.sha256]: await labelsKnown() };
  if (former !== null) known[former.sha256] = await labelsSaved(models.get(former.sha256));
  tell({
    ...{ event, state, answers: baseOf(host.digest), known, carrying: current.carrying, candidate: candidate?.sha256 },
    ...{ current: current.sha256, former: former?.sha256, refused: refused.map(({ sha256 }) => sha256) },
  });
}

const labelsKnown = () => host.pool.use('', ({ session }) => session.taught.figures.labels);

async function labelsSaved({ digest, model }) {
  const state = await host.pool.savedOn('', digest);
  if (state === undefined) return 0;
  const session = new Session(model, new InProcessExecutor(engineNamed('clocked'), model), { keepLessons: true });
  await session.restore(state);
  return session.taught.figures.labels;
}

const random = new RandomGenerator(seed, 'machine');
let time = 0;
async function live() {
  const class_ = random.nextInteger(means.length);
  const values = Float64Array.from(means[class_], (mean) => mean + 0.5 * random.nextNormal());
  time = Math.max(time + 1, Date.now());
  // Readings come fast where they bring an update forward.
  await (['shadow', 'probation'].includes(agent.entry.state) ? nextTurn() : delay(PAUSE));
  const { digest } = host;
  await host.desk.feed('', { time, values });
  const { saved } = await host.desk.teach('', { kind: 'label', label: labels[class_], time });
  const known = await labelsKnown();
  if (host.digest !== digest) return; // which of both has learned it is not known here
  void saved.then((isSaved) => isSaved && tell({ event: 'saved', base: baseOf(digest), known }));
}

const isSettled = ({ sha256 }) => {
  const { state, current, refused } = agent.entry;
  return state === 'idle' && (current.sha256 === sha256 || refused.some((each) => each.sha256 === sha256));
};
/** Each repository offers one base more than the one before it. */
const siteNow = async () => sites.indexOf(await readlink(site));

async function offer(target) {
  const next = `${site}-next`;
  await rm(next, { force: true });
  await symlink(target, next);
  await rename(next, site);
}

/** Does what a person does. Returns whether all updates have ended. */
async function decide() {
  const { state, candidate } = agent.entry;
  const isWorse = bases.find(({ sha256 }) => sha256 === candidate?.sha256)?.isWorse;
  if (state === 'shadow' && (!isWorse || isApproved) && agent.updater.readings >= SEEN_BY_PERSON) {
    // A medium that fails, or a trial that has ended meanwhile: a person asks again.
    await agent.updater.approve('carry').catch(() => {});
  }
  if (state !== 'idle') return false;
  const offered = await siteNow();
  if (isSettled(bases[offered + 1])) {
    if (offered === sites.length - 1) return true;
    await offer(sites[offered + 1]);
  }
  agent.updater.lookNow();
  return false;
}

await tellWhatIsKnown('start');
await agent.begin(host);
for (let { digest } = host; !(await decide()); ) {
  await live();
  if (host.digest !== digest) await tellWhatIsKnown('swap');
  digest = host.digest;
}
await tellWhatIsKnown('end');
await agent.close();
await host.close();
