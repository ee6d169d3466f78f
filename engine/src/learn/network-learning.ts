import { type KeptState, type LearnedState, prefixed, SpikewireError } from '@spikewire/models';
import type { Learner } from './learner.ts';
import { expectFit, type LearnedReport, takeOver } from './weights/take-over.ts';
import type { LearnedWeights } from './weights/weights.ts';

/** All learners of one net, by name of their connection node: what an engine hands its learning calls on to. */
export class NetworkLearning {
  /** In the order of a step. */
  readonly learners: readonly Learner[];
  readonly bytes: number;
  readonly #byName: ReadonlyMap<string, Learner>;

  constructor(learners: readonly Learner[]) {
    this.learners = learners;
    this.#byName = new Map(learners.map((learner) => [learner.name, learner]));
    this.bytes = learners.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** What the learners know of their connections, of which some may be the model's own; not in `bytes`. */
  get retained(): readonly object[] {
    return this.learners.map(({ connection: { connectivity, target } }) => ({ connectivity, target }));
  }

  /** Applies a teaching signal and counts what became of it. Throws `learning` for a connection that does not learn. */
  teach(
    connection: string,
    signal: ArrayLike<number>,
    step: number,
    counters: { taught: number; forgotten: number },
  ): 'applied' | 'forgotten' {
    const applied = this.#learnerOf(connection).teach(signal, step);
    if (applied) counters.taught++;
    else counters.forgotten++;
    return applied ? 'applied' : 'forgotten';
  }

  /** The learner of a connection, or undefined where its weights are fixed. */
  find(connection: string): Learner | undefined {
    return this.#byName.get(connection);
  }

  /** The first step from `step` on that has to be made though nothing happens in it; Infinity for never. */
  next(step: number): number {
    let next = Number.POSITIVE_INFINITY;
    for (const learner of this.learners) next = Math.min(next, learner.next(step));
    return next;
  }

  /** Remembers the activity at the end of a window. */
  endWindow(): void {
    for (const learner of this.learners) learner.endSample();
  }

  resetActivity(): void {
    for (const learner of this.learners) learner.resetActivity();
  }

  resetLearning(): void {
    for (const learner of this.learners) learner.resetLearning();
  }

  /** To be called after `state` was overwritten from outside. */
  restored(): void {
    for (const learner of this.learners) learner.restored();
  }

  /** What was learned, as every engine reads it; a copy. */
  save(): LearnedState {
    return new Map(
      this.learners.map(({ name, weights, memory }) => [name, { ...weights.save(), memory: copied(memory) }]),
    );
  }

  /** Takes over what any engine has learned; all or nothing. Throws `store` where it does not fit. */
  takeOver(learned: LearnedState): LearnedReport[] {
    this.expectFit(learned);
    const reports = takeOver(this.#weights, learned);
    for (const [name, { memory = new Map() }] of learned) this.#byName.get(name)!.takeOverMemory(memory);
    return reports;
  }

  /** Throws `store` where it does not fit. */
  expectFit(learned: LearnedState): void {
    expectFit(this.#weights, learned);
    for (const [name, { memory = new Map() }] of learned) this.#byName.get(name)!.expectMemory(memory);
  }

  get #weights(): ReadonlyMap<string, LearnedWeights> {
    return new Map(this.learners.map(({ name, weights }) => [name, weights]));
  }

  /** Everything that changes, by name. */
  get state(): KeptState {
    return Object.assign({}, ...this.learners.map(({ state }, index) => prefixed(`learner${index}`, state)));
  }

  #learnerOf(connection: string): Learner {
    const learner = this.#byName.get(connection);
    if (learner !== undefined) return learner;
    const known = [...this.#byName.keys()].join(', ') || 'none in this model';
    throw new SpikewireError('learning', `connection "${connection}"`, 'does not learn', known);
  }
}

function copied(memory: ReadonlyMap<string, Float32Array>): Map<string, Float32Array> {
  return new Map([...memory].map(([name, values]) => [name, values.slice()]));
}
