import { OutputStage } from '@spikewire/engine/coding';
import { prefixed } from '@spikewire/models';
import { Answering } from '../../session/answering.ts';
import type { NetModel } from '../../session/net-model.ts';
import { canRepeat } from '../../session/net-stream.ts';
import type { KeptLessons } from '../../session/readout/kept-lessons.ts';
import { Samples } from '../../session/samples.ts';
import type { Session } from '../../session/session.ts';
import { onAnotherBase, readSessionState } from '../../session/session-state.ts';

/** The state of a new session whose read-out was taught again what another state has kept of its lessons. */
export async function repeatedState(
  former: NetModel,
  state: Uint8Array,
  session: Session,
): Promise<Uint8Array | 'lessons'> {
  const { lessons, classes } = lessonsIn(state, former);
  if (lessons.count === 0) return 'lessons';
  const { notes } = await session.restore(onAnotherBase(state, await session.save()));
  await session.teachAgain(lessons, classes);
  return session.save(() => notes);
}

/** The lessons that a state has kept, and the names of their classes. Throws `store`. */
export function lessonsIn(
  state: Uint8Array,
  { model, graph }: NetModel,
): { readonly lessons: KeptLessons; readonly classes: readonly string[] } {
  const output = new OutputStage(model, graph, 1);
  const teachable = output.teachable!;
  const samples = new Samples(model, graph, { seed: 1, early: canRepeat(model, teachable), warmUp: undefined });
  const lessons = new Answering(model, graph, { output, samples, seed: 1 }, {}).emptyLessons()!;
  readSessionState(state, { ...output.state, ...prefixed('taught', lessons.state) }, {}, output.size).apply();
  return { lessons, classes: teachable.classes };
}
