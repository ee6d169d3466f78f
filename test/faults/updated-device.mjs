// One life of a device that follows a repository: feeds readings, each with its label, and tells in one JSON document a
// line what it started with, which lessons were saved, and what an update does, until all updates have ended or it is
// killed. `update-kill.ts` starts and kills it, and says what the folders are.
import { readFile, readlink, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { RandomGenerator } from '@spikewire/models';
import { engineNamed } from 'spikewire';
import { Agent } from 'spikewire/agent';
import { InProcessExecutor } from 'spikewire/executor';
import { Host } from 'spikewire/host';
import { readNetModel, Session } from 'spikewire/session';

const { folder, sites, bases, labels, means, isApproved, seed } = JSON.parse(process.argv[2]);
const [OLD, BETTER, WORSE] = bases;
const RULES = { lookEverySeconds: 1, decideEverySeconds: 0.005, probationReadings: 200, probationSeconds: 0 };
/** Readings of a trial before a person approves the base. */
const SEEN_BY_PERSON = 30;

const at = (...names) => join(folder, ...names);
const tell = (document) => console.log(JSON.stringify(document));

const models = new Map();
for (const { sha256, path } of bases) {
  const model = readNetModel(await readFile(path));
  models.set(model.digest, { sha256, model });
}

const agent = await Agent.open({
  ...{ folder: at('update'), repository: at('site'), root: await readFile(join(sites[0], 'metadata', '1.root.json')) },
  wish: { model: 'pump', channel: 'stable', groups: [] },
  given: { bytes: await readFile(OLD.path), name: 'pump.spike' },
  ...{ version: '0.2.0', rules: RULES, warn: (line) => tell({ warning: line }) },
});
const configuration = {
  ...{ net: '', learning: true, device: 'clocked', threads: 0, lessonsPerDay: 1e9 },
  store: { directory: at('learned'), bytesPerDay: 2 ** 40, required: true },
};
const host = await Host.open(agent.base, configuration, {
  onNewModel: agent.onNewModel,
  warn: (line) => tell({ warning: line }),
});
/** The base that answers, and the labels known on it and on each base that is aside. */
async function tellWhatIsKnown(event) {
  const { current, former, refused, state } = agent.entry;
  const known = {};
  for (const [digest, { sha256, model }] of models) {
    known[sha256] = digest === host.digest ? await labelsKnown() : await labelsSaved(digest, model);
  }
  tell({
    ...{ event, state, answers: models.get(host.digest)?.sha256, known, carrying: current.carrying },
    ...{ current: current.sha256, former: former?.sha256, refused: refused.map(({ sha256 }) => sha256) },
  });
}

const labelsKnown = () => host.pool.use('', ({ session }) => session.taught.figures.labels);

async function labelsSaved(digest, { model }) {
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
  await nextTurn(); // a reading comes from outside
  const { digest } = host;
  await host.desk.feed('', { time, values });
  const { saved } = await host.desk.teach('', { kind: 'label', label: labels[class_], time });
  const known = await labelsKnown();
  if (host.digest !== digest) return; // which of both has learned it is not known here
  void saved.then((isSaved) => isSaved && tell({ event: 'saved', base: models.get(digest).sha256, known }));
}

const isSettled = ({ sha256 }) => {
  const { state, current, refused } = agent.entry;
  return state === 'idle' && (current.sha256 === sha256 || refused.some((each) => each.sha256 === sha256));
};
/** The second repository is the first one later, when it offers the worse base too. */
const offered = async () => ((await readlink(at('site'))) === sites[1] ? WORSE : BETTER);

async function offerWorse() {
  await rm(at('next'), { force: true });
  await symlink(sites[1], at('next'));
  await rename(at('next'), at('site'));
}

/** Does what a person does. */
async function decide() {
  const { state, candidate } = agent.entry;
  const isWorse = candidate?.sha256 === WORSE.sha256;
  if (state === 'shadow' && (!isWorse || isApproved) && agent.updater.readings >= SEEN_BY_PERSON) {
    agent.updater.approve('carry');
  }
  if (isSettled(await offered())) await offerWorse();
  if (state === 'idle') agent.updater.lookNow();
}

await tellWhatIsKnown('start');
await agent.begin(host);
let [state, digest] = [agent.entry.state, host.digest];
while (!isSettled(WORSE)) {
  for (let k = 0; k < 5; k++) {
    await live();
    if (host.digest !== digest) await tellWhatIsKnown('swap');
    digest = host.digest;
    if (agent.entry.state !== state) tell({ event: 'state', state: agent.entry.state });
    state = agent.entry.state;
  }
  await decide();
}
await tellWhatIsKnown('end');
await agent.close();
await host.close();
