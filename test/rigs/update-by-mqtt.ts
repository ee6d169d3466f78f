import { setTimeout as delay } from 'node:timers/promises';
import { RandomGenerator } from '@spikewire/models';
import { MqttLink } from 'spikewire/mqtt';
import { CHANNELS, LABELS } from './published-update.ts';

const [IN, OUT] = ['mill/pump', 'mill/pump/state'];
/** Of the channels, by label. */
const MEANS = [
  [-1, 0, 0.5],
  [1, 0, 0],
  [0, 1.5, -0.5],
];
/** Readings from one answer of the classifier to the next. */
const ANSWER_EVERY = 8;
/** Readings for which a state lasts. */
const STRETCH = 40;
/** Readings for one label. */
const LABEL_EVERY = 5;
/** The words of `run` for the topics of the machine. */
export const TOPICS = ['--in', IN, '--out', OUT] as const;

export interface UpdateByMqttOptions {
  readonly broker: string;
  /** Readings in a second, every fifth with its label. */
  readonly rate: number;
  /**
   * Of them before the device is told to look at its repository, in the trial before it is approved, and in the
   * probation.
   */
  readonly before: number;
  readonly trial: number;
  readonly probation: number;
  /** Seconds from the first answer, in which all of it must have come. */
  readonly patience: number;
  readonly seed: number;
}

/** What is read of a device's messages about updates. */
interface UpdateMessage {
  readonly state: string;
  readonly current: { readonly carrying: string | null };
}

/** What a broker sees of an update. */
export interface SeenUpdate {
  /** States in their order, each with the readings before it. A state that is left within a moment is not published. */
  readonly states: readonly (readonly [state: string, readings: number])[];
  readonly carrying: string | null;
  readonly readings: number;
  /** One for eight readings. */
  readonly answers: number;
  readonly lost: number;
  readonly doubled: number;
  /** Between two answers, in milliseconds: over all, and from the first answer to the trial. */
  readonly longestGap: number;
  readonly longestGapBefore: number;
  /** Share of right answers among the last hundred. */
  readonly right: number;
  readonly seconds: number;
}

/**
 * Plays a machine whose states somebody labels, until the update of the device that gets its readings has come to the
 * given place in its probation. Rejects where it has not in time.
 */
export async function updateByMqtt(options: UpdateByMqttOptions): Promise<SeenUpdate> {
  const random = new RandomGenerator(options.seed, 'link');
  const link = await MqttLink.connect(options.broker, {
    clientId: 'labelled-machine',
    random: () => random.nextUniform(),
  });
  try {
    return await new LabelledMachine(link, options).play();
  } finally {
    await link.close();
  }
}

class LabelledMachine {
  readonly #link: MqttLink;
  readonly #options: UpdateByMqttOptions;
  readonly #random: RandomGenerator;
  /** Label of each reading by its time, and whether its answer was right. */
  readonly #labels = new Map<number, string>();
  readonly #answers = new Map<number, boolean>();
  readonly #states: [string, number][] = [];
  #update: UpdateMessage | undefined;
  #doubled = 0;
  #last: number | undefined;
  #longest = 0;
  #longestBefore = 0;

  constructor(link: MqttLink, options: UpdateByMqttOptions) {
    [this.#link, this.#options, this.#random] = [link, options, new RandomGenerator(options.seed, 'machine')];
  }

  async play(): Promise<SeenUpdate> {
    const { rate, before, trial, probation, patience } = this.#options;
    await this.#link.subscribe(OUT, ({ payload }) => this.#takeAnswer(JSON.parse(String(payload))));
    await this.#link.subscribe(`${OUT}/update`, ({ payload }) => this.#takeUpdate(JSON.parse(String(payload))));
    await this.#answered();
    const start = performance.now();
    let [isTold, isApproved] = [false, false];
    for (let k = 0; !this.#hasSeen('probation', probation); k++) {
      const due = start + (1000 * k) / rate;
      await delay(Math.max(0, due - performance.now()));
      if (performance.now() - start > 1000 * patience) throw new Error(`not within ${patience} s: ${this.#said()}`);
      await this.#read();
      if (k >= before && !isTold) isTold = await this.#order('look');
      if (this.#hasSeen('shadow', trial) && !isApproved) isApproved = await this.#order('approve');
    }
    const seconds = (performance.now() - start) / 1000;
    const expected = Math.floor(this.#labels.size / ANSWER_EVERY);
    for (let k = 0; k < 100 && this.#answers.size < expected; k++) await delay(100);
    const right = [...this.#answers.values()].slice(-100);
    return {
      ...{ states: this.#states, carrying: this.#update!.current.carrying, readings: this.#labels.size },
      ...{ answers: this.#answers.size, lost: Math.max(0, expected - this.#answers.size), doubled: this.#doubled },
      ...{ longestGap: Math.round(this.#longest), longestGapBefore: Math.round(this.#longestBefore) },
      ...{ right: right.filter(Boolean).length / right.length, seconds: Math.round(seconds) },
    };
  }

  /** Publishes until the device answers: it may not have subscribed yet. */
  async #answered(): Promise<void> {
    for (const end = performance.now() + 1000 * this.#options.patience; this.#answers.size === 0; await delay(500)) {
      if (performance.now() > end) throw new Error(`no answer within ${this.#options.patience} s`);
      await this.#read();
    }
    await delay(2000);
    for (const own of [this.#labels, this.#answers]) own.clear();
    [this.#last, this.#longest, this.#doubled] = [undefined, 0, 0];
  }

  async #read(): Promise<void> {
    const label = Math.floor(this.#labels.size / STRETCH) % LABELS.length;
    const values = CHANNELS.map((name, k) => [name, MEANS[label]![k]! + 0.5 * this.#random.nextNormal()]);
    const time = Math.max(Date.now(), Math.max(0, ...[...this.#labels.keys()].slice(-1)) + 1);
    this.#labels.set(time, LABELS[label]!);
    await this.#link.publish(IN, JSON.stringify({ t: time, ...Object.fromEntries(values) }));
    // Each label waits for the disk, and a broker hands on 20 messages at a time.
    if (this.#labels.size % LABEL_EVERY === 0)
      await this.#link.publish(`${IN}/label`, JSON.stringify({ label: LABELS[label], t: time }));
  }

  #takeAnswer({ t, result }: { t: number; result: string }): void {
    if (!this.#labels.has(t)) return;
    if (this.#answers.has(t)) this.#doubled++;
    this.#answers.set(t, result === this.#labels.get(t));
    const now = performance.now();
    if (this.#last !== undefined) this.#longest = Math.max(this.#longest, now - this.#last);
    this.#last = now;
  }

  #takeUpdate(update: UpdateMessage): void {
    this.#update = update;
    if (this.#states.at(-1)?.[0] === update.state) return;
    if (update.state === 'shadow') this.#longestBefore = this.#longest;
    this.#states.push([update.state, this.#labels.size]);
  }

  async #order(action: 'look' | 'approve'): Promise<true> {
    await this.#link.publish(`${IN}/command`, JSON.stringify({ command: 'update', action }));
    return true;
  }

  /** Whether so many readings have come since a state began. */
  #hasSeen(state: string, readings: number): boolean {
    const began = this.#states.find(([each]) => each === state);
    return began !== undefined && this.#labels.size >= began[1] + readings;
  }

  #said(): string {
    return `${JSON.stringify(this.#states)}, ${this.#answers.size} of ${this.#labels.size} readings answered`;
  }
}
