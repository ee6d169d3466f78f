import { SpikewireError } from '@spikewire/models';
import { engines } from 'spikewire';
import { InProcessExecutor } from 'spikewire/executor';
import { Session } from 'spikewire/session';
import { pick } from '../mutations.mjs';
import { netOf } from '../nets.mjs';
import { mutateState } from '../state-mutations.mjs';

/** Nets whose states are changed. */
const NETS = 1000;
/** Readings that a net has had when it is saved, and how many it gets afterwards; more where it still waits. */
const [BEFORE, AFTER, PATIENCE] = [30, 4, 60];
/** Of so many states one is looked at for what a refusal left behind. */
const LOOK = 10;
/** Tables of flow take a second to make. */
const QUICK = engines.filter(({ name }) => name !== 'event-tables');
const EXTREMES = [0, 1e6, -1e6, 1e60, -1e60, 1e300, -1e300, Number.MAX_VALUE];

/**
 * States of a thousand nets of all kinds with hostile numbers under a right digest: each is refused with everything as
 * it was, or the net goes on to answer as it did. A state that nobody has changed is always taken, whatever readings the
 * net has had.
 */
export const states = {
  name: 'states',
  create() {
    const subjects = new Map();
    return async (random) => {
      const index = random.nextInteger(NETS);
      if (!subjects.has(index)) subjects.set(index, await subjectOf(index, random));
      const subject = subjects.get(index);
      if (subject === undefined) return false;
      if (subject.isSound && random.nextInteger(LOOK) === 0) await expectTaken(subject, random);
      return isStillNet(subject, mutateState(subject.saved, random), random);
    };
  },
};

function open({ model, engine }) {
  let time = 0;
  const clock = () => {
    time += 1e6;
    return time;
  };
  return new Session(model, new InProcessExecutor(engine, model), { clock, now: () => 1e12 });
}

/** A net with a past; undefined where the model cannot run on readings. */
async function subjectOf(index, random) {
  const model = netOf(index);
  const own = new random.constructor(index, 'past');
  const fitting = QUICK.filter(({ name }) => name !== 'integer' || model.quantization !== undefined);
  const subject = { model, engine: pick(own, fitting), saved: undefined, isSound: fitsFloat32(model) };
  try {
    const session = open(subject);
    await live(session, own, BEFORE, own.nextInteger(3) === 0);
    subject.saved = await session.save();
    // A model may hold numbers that no engine computes with; what becomes of its net is then not looked at.
    subject.isSound &&= (await live(session, own, 3 * AFTER, false)).every(({ isKnown }) => isKnown);
    await session.close();
    return subject;
  } catch (error) {
    if (error instanceof SpikewireError) return undefined;
    throw error;
  }
}

/** Whether no weight of the graph is infinite where weights are float32. */
function fitsFloat32({ graph }) {
  const weights = [...graph.nodes.values()].map(({ parameters }) => parameters.weight?.data ?? []);
  return weights.every((each) => each.every((weight) => Number.isFinite(Math.fround(weight))));
}

/** Feeds readings and teaches in between. Of readings that are not wild none is refused. */
async function live(session, random, readings, isWild, isTaught = true) {
  const answers = [];
  for (let k = 0; k < readings; k++) {
    const values = Float64Array.from({ length: session.channels }, () =>
      isWild && random.nextInteger(10) === 0 ? pick(random, EXTREMES) : Math.sin(k) + random.nextUniform(),
    );
    const wasWarm = session.monitors.watches.map(({ warmUp }) => warmUp.done >= warmUp.of);
    const feed = async () => answers.push(answerOf(await session.feed({ time: 1000 * k, values }), session, wasWarm));
    await (isWild ? attempt(feed) : feed());
    if (isTaught && random.nextInteger(4) === 0) await attempt(() => session.teach(lesson(session, random)));
  }
  return answers;
}

function answerOf({ result, verdicts, window, warmUp }, { monitors }, wasWarm) {
  const unknown = verdicts.filter(({ monitor, score }) => {
    return Number.isNaN(score) && wasWarm[monitors.watches.findIndex(({ name }) => name === monitor)];
  });
  const numbers = typeof result === 'object' ? [...result] : [];
  return {
    has: window !== undefined,
    isWarm: warmUp.done >= warmUp.of,
    isKnown: unknown.length === 0 && numbers.every(Number.isFinite),
  };
}

function lesson({ outputs, model: { labels } }, random) {
  if (labels.length > 0 && random.nextInteger(2) === 0) return { kind: 'label', label: pick(random, labels) };
  const values = Float64Array.from({ length: outputs }, () => random.nextUniform());
  return random.nextInteger(2) === 0 ? { kind: 'target', values } : { kind: 'reward', value: values[0] ?? 1 };
}

async function expectTaken(subject, random) {
  const session = open(subject);
  const { learnedOnly } = await orFind(() => session.restore(subject.saved), 'a state that nobody changed is refused');
  if (learnedOnly !== undefined)
    throw new Error(`a state that nobody changed is taken in part: ${learnedOnly.because}`);
  await goOn(session, random, 1, true);
  await session.close();
}

/** Whether the state is taken; then the net must go on. */
async function isStillNet(subject, state, random) {
  const session = open(subject);
  const before = random.nextInteger(LOOK) === 0 ? await session.save() : undefined;
  try {
    await session.restore(state);
  } catch (error) {
    if (!(error instanceof SpikewireError)) throw error;
    if (before !== undefined && Buffer.compare(before, await session.save()) !== 0) {
      throw new Error('a refused state has changed the net', { cause: error });
    }
    throw error;
  }
  let answers = await goOn(session, random, AFTER, random.nextInteger(2) === 0);
  if (!answers.some(({ has }) => has)) answers = await goOn(session, random, PATIENCE, true);
  if (!answers.some(({ has, isWarm }) => has || !isWarm)) throw new Error('a net answers nothing after its state');
  if (subject.isSound && !answers.every(({ isKnown }) => isKnown)) throw new Error('a net answers with no numbers');
  await session.save();
  await session.close();
  return true;
}

function goOn(session, random, readings, isTaught) {
  const asked = () => live(session, random, readings, false, isTaught);
  return orFind(asked, 'a net takes no readings after its state');
}

/** What must not be refused. */
async function orFind(task, problem) {
  try {
    return await task();
  } catch (error) {
    throw new Error(problem, { cause: error });
  }
}

/** A refusal is as good as success. */
async function attempt(task) {
  try {
    await task();
  } catch (error) {
    if (!(error instanceof SpikewireError)) throw error;
  }
}
