import type { Plan, RolloutSummary } from '@spikewire/fleet/controller';
import type { RandomGenerator } from '@spikewire/models';
import type { VirtualTime } from '../../faults/virtual-time.ts';
import type { FaultyController } from './faulty-controller.ts';
import { doing } from './faulty-database.ts';
import { MODEL } from './faulty-device.ts';
import type { Action, Happening } from './history.ts';

const MINUTE = 60_000;
const PATIENCE = MINUTE;
const LOOK_EVERY = 60 * MINUTE;
const NAME = 'ann';

export interface PersonOptions {
  readonly time: VirtualTime;
  readonly random: RandomGenerator;
  /** A controller that is there, if there is one. */
  readonly controller: () => FaultyController | undefined;
  /** Makes and signs a new base, and returns its SHA-256. */
  readonly publish: () => string;
  readonly rollouts: number;
  readonly plan: Plan;
  readonly record: (happening: Happening) => void;
}

/** Begins one rollout after another, and does at times what people do to them; at last only what lets them end. */
export class Person {
  /** Whether it lets all end. */
  isPatient = false;
  readonly #options: PersonOptions;
  #begun = 0;
  #acts = 0;
  /** Of which no rollout is known to have begun. */
  #newest: string | undefined;
  #published: string | undefined;
  #areAllEnded = false;

  constructor(options: PersonOptions) {
    this.#options = options;
  }

  /** Whether all rollouts were begun, and have ended. */
  get isDone(): boolean {
    return this.#areAllEnded && this.#begun >= this.#options.rollouts;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { time, random } = this.#options;
    for (;;) {
      await time.pause(LOOK_EVERY * (0.5 + random.nextUniform()), signal);
      if (signal.aborted) return;
      await this.#look();
    }
  }

  async #look(): Promise<void> {
    const { random, rollouts } = this.#options;
    const open = await this.#open();
    if (open === undefined) return;
    this.#areAllEnded = open.length === 0;
    for (const rollout of open) await this.#steer(rollout);
    const begins = open.length === 0 ? this.#begun < rollouts : !this.isPatient && random.nextUniform() < 0.03;
    if (begins) await this.#begin();
  }

  /** Undefined where no controller answers. */
  async #open(): Promise<readonly RolloutSummary[] | undefined> {
    const list = this.#options.controller()?.rollouts.list({ phase: 'open', limit: 100 });
    return list && (await this.#inTime(list).catch(() => undefined))?.items;
  }

  async #steer({ id, phase, paused }: RolloutSummary): Promise<void> {
    const { random } = this.#options;
    const draw = random.nextUniform();
    if (paused) {
      if (this.isPatient || draw < 0.3) await this.#act('resume', id);
    } else if (!this.isPatient && draw < 0.06) await this.#act('pause', id);
    else if (!this.isPatient && draw < 0.09) await this.#act('abort', id);
    else if (phase === 'held' && (this.isPatient || draw < 0.6)) {
      await this.#act('approve', id);
      // Before the machines of the wave have heard of it.
      if (!this.isPatient && random.nextUniform() < 0.3) await this.#act('pause', id);
    }
  }

  /** With the newest base where its rollout is not known to have begun, or while another one is open. */
  async #begin(): Promise<void> {
    const { publish, plan } = this.#options;
    const sha256 = this.#newest ?? (this.#areAllEnded ? publish() : this.#published!);
    this.#published = sha256;
    if (this.#areAllEnded) this.#newest = sha256;
    const request = { name: 'a pump', model: MODEL, channel: 'stable', sha256, labels: {}, plan };
    const problem = await this.#do('begin', (controller) => controller.rollouts.begin(request, NAME));
    if (problem !== undefined) return;
    this.#begun++;
    this.#newest = undefined;
    this.#areAllEnded = false;
  }

  #act(action: Exclude<Action, 'begin'>, id: string): Promise<string | undefined> {
    return this.#do(action, (controller) => controller.rollouts[action](id, NAME));
  }

  /** What was wrong; undefined where it was done. */
  async #do(action: Action, work: (controller: FaultyController) => Promise<unknown>): Promise<string | undefined> {
    const controller = this.#options.controller();
    if (controller === undefined) return 'no controller';
    const act = ++this.#acts;
    const operation = { kind: 'act', act, action, person: NAME } as const;
    let problem: string | undefined;
    try {
      await this.#inTime(doing.run({ ...operation }, () => work(controller)));
    } catch (failure) {
      problem = (failure as Error).message;
    }
    this.#options.record({ kind: 'done', act, action, problem });
    return problem;
  }

  #inTime<T>(work: Promise<T>): Promise<T> {
    const { time } = this.#options;
    const late = time.pause(PATIENCE, new AbortController().signal).then(() => Promise.reject(new Error('no answer')));
    late.catch(() => {}); // it came before
    return Promise.race([work, late]);
  }
}
