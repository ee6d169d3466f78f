// A device on a recorded stream: it learns for the first half, then a base comes.
import { engineNamed } from 'spikewire';
import { carriedState } from 'spikewire/agent';
import { InProcessExecutor, inProcess } from 'spikewire/executor';
import { Session } from 'spikewire/session';

const source = () => inProcess(engineNamed('clocked'));

export function sessionOf({ model, graph }, keepLessons = false) {
  const executor = new InProcessExecutor(engineNamed('clocked'), model, graph);
  return new Session(model, executor, { graph, seed: 1, keepLessons, lessonsPerDay: 1e9, clock: () => 0 });
}

/** Spike counts of the front for samples in their order. */
export async function countsOf(net, samples) {
  const session = sessionOf(net);
  const size = session.graph.nodes.find(({ name }) => name === 'front').shape[0];
  const rows = [];
  for (const [time, { values }] of samples.entries()) {
    const { window } = await session.feed({ time, values });
    const counts = new Uint8Array(size);
    for (const index of window.output.index) counts[index]++;
    rows.push(counts);
  }
  await session.close();
  return rows;
}

/** The answers to samples from `from` on, each before its label, where one comes, is learned. */
async function answersOf(session, samples, labels, classes, from, to) {
  const answers = [];
  for (let k = from; k < to; k++) {
    const { result, likeliest } = await session.feed({ time: k, values: samples[k].values });
    answers.push(classes.indexOf(likeliest ?? result));
    if (labels[k] >= 0) await session.teach({ kind: 'label', label: classes[labels[k]], time: undefined });
  }
  return answers;
}

/** Answers in both halves: of the pair that stays, and of each base that comes, by how it comes. */
export async function courses(bases, samples, labels, classes) {
  const half = Math.floor(samples.length / 2);
  const none = labels.map(() => -1);
  const device = sessionOf(bases.former.net, true);
  const first = await answersOf(device, samples, labels, classes, 0, half);
  const state = await device.save();
  const go = async (net, from, taught) => {
    const session = sessionOf(net, true);
    if (from !== undefined) await session.restore(from);
    const answers = await answersOf(session, samples, taught, classes, half, samples.length);
    await session.close();
    return answers;
  };
  const never = await go(bases.former.net, state, labels);
  const bytes = { with: state.length, without: await stateBytes(bases.former.net) };
  const next = {};
  for (const name of ['better', 'equal', 'worse', 'broken']) {
    const { net } = bases[name];
    const carried = async (how) => carriedState(how, bases.former.net, state, net, source(), { seed: 1 });
    const [carry, rebase] = [await carried('carry'), await carried('rebase')];
    next[name] = {
      carry: carry && (await go(net, carry, labels)),
      rebase: rebase && (await go(net, rebase, labels)),
      reset: await go(net, undefined, labels),
      replaced: await go(net, undefined, none),
    };
  }
  await device.close();
  return { first, never, next, bytes };
}

async function stateBytes(net) {
  const session = sessionOf(net);
  const { length } = await session.save();
  await session.close();
  return length;
}
