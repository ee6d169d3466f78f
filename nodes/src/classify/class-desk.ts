import { SpikewireError } from 'spikewire';
import type { Nets } from '../nets/nets.ts';
import type { Message } from '../node-red.ts';
import type { ClassTraining } from './class-training.ts';
import type { Classifier } from './classifier.ts';

/** What stands for the topic where there is one net for all. */
const ONLY = '';
/** Topics of which the last answer is remembered. */
const MOST_TOPICS = 64;
/** For so long what a net said of itself is taken for true. */
const LOOK_MS = 600;
/** A state that is held by hand. */
const LONGEST_TEACHING = 3600;

/** What was answered last, about one topic. */
interface LastAnswer {
  /** A class, `unknown`, or null before anything was taught. */
  readonly answer: unknown;
  readonly confidence: number | null;
  /** The class that something unknown is most like. */
  readonly likeliest: string | null;
}

/** A label that holds for what comes, until a time. */
interface Held {
  readonly label: string;
  /** The net that it is for. */
  readonly key: string;
  readonly until: number;
}

/** What a person at the node's form asks for, and is shown. */
export class ClassDesk {
  readonly classifier: Classifier;
  readonly training: ClassTraining;
  /** By topic, the one that was heard of last at the end. */
  readonly #last = new Map<string, LastAnswer>();
  #held: Held | undefined;
  #look: { readonly topic: string; readonly until: number; readonly figures: Promise<object> } | undefined;

  constructor(classifier: Classifier, training: ClassTraining) {
    this.classifier = classifier;
    this.training = training;
  }

  /** The label that a person holds over what comes now; undefined where there is none. */
  heldFor(topic: unknown): string | undefined {
    const held = this.#held;
    if (held === undefined || performance.now() >= held.until) return undefined;
    return held.key === this.#keyOf(topic) ? held.label : undefined;
  }

  #keyOf(topic: unknown): string {
    return this.classifier.nets.keyOf(topic);
  }

  /** Asks the net of a topic. Rejects where there has been no reading that says what it is for. */
  async #ask<T>(topic: string | undefined, ask: (nets: Nets, key: string) => Promise<T>): Promise<T> {
    const { classifier } = this;
    if (await classifier.knowsShape()) return ask(classifier.nets, this.#keyOf(topic));
    throw new SpikewireError('input', 'net', 'has received no reading', 'a reading before the first lesson');
  }

  get #isSingle(): boolean {
    return this.classifier.settings.per === 'flow';
  }

  /** The topic that is meant: the one that was heard of last, where nobody says. */
  #meant(asked: string | undefined): string | undefined {
    return this.#isSingle ? ONLY : (asked ?? [...this.#last.keys()].at(-1));
  }

  /** Remembers an answer for those who look. */
  answered({ topic, payload, spikewire }: Message): void {
    const { confidence = null, likeliest = null } = spikewire as Partial<LastAnswer>;
    const key = this.#isSingle ? ONLY : String(topic);
    this.#last.delete(key);
    this.#last.set(key, { answer: payload ?? null, confidence, likeliest });
    if (this.#last.size > MOST_TOPICS) this.#last.delete(this.#last.keys().next().value!);
  }

  /** What the form shows of the net of a topic; without one of that which was heard of last. */
  async state(asked?: string) {
    const topic = this.#meant(asked);
    const held = this.#held;
    const left = held === undefined ? 0 : Math.max(0, held.until - performance.now());
    const isKnown = topic !== undefined && (await this.classifier.knowsShape());
    return {
      topics: this.#isSingle ? [] : [...this.#last.keys()].sort(),
      topic: topic ?? null,
      training: this.training.state,
      last: this.#last.get(topic ?? ONLY) ?? null,
      held: left === 0 ? null : { label: held!.label, secondsLeft: Math.ceil(left / 1000) },
      ...(isKnown ? await this.#taught(topic) : {}),
    };
  }

  /** A look serves all who ask soon after, so that many forms ask a net no more often than it answers. */
  #taught(topic: string) {
    const now = performance.now();
    if (this.#look?.topic !== topic || now >= this.#look.until)
      this.#look = { topic, until: now + LOOK_MS, figures: this.#lookAt(topic) };
    return this.#look.figures;
  }

  #lookAt(topic: string) {
    return this.#ask(topic, (nets, key) =>
      nets.ask(key, (desk) =>
        desk.look(key, async ({ session: { taught, learning } }) => ({
          learning,
          ...(taught === undefined ? {} : { ...taught.figures, confusion: taught.confusion }),
        })),
      ),
    );
  }

  /**
   * "This is `label`": the last answer was, and for so many seconds each that comes. Answers what came of it; of a
   * single lesson `unsaved` where it was learned and is in memory only.
   */
  async teach(label: unknown, topic?: string, seconds?: unknown): Promise<string> {
    if (typeof label !== 'string' || label.trim() === '')
      throw new SpikewireError('input', 'label', 'is missing', 'the name of a class');
    const meant = this.#meant(topic);
    if (seconds !== undefined) this.#hold(label.trim(), meant, seconds);
    this.#look = undefined;
    const lesson = { kind: 'label', label: label.trim(), time: undefined } as const;
    try {
      const teach = (nets: Nets, key: string) => nets.ask(key, (desk) => desk.teach(key, lesson));
      const { outcome, saved } = await this.#ask(meant, teach);
      return outcome !== 'applied' || seconds !== undefined || (await saved) ? outcome : 'unsaved';
    } catch (refused) {
      if (seconds !== undefined) this.letGo(); // it would be refused with each that comes
      throw refused;
    }
  }

  #hold(label: string, topic: string | undefined, seconds: unknown): void {
    if (typeof seconds !== 'number' || !(seconds > 0 && seconds <= LONGEST_TEACHING))
      throw new SpikewireError('input', 'seconds', 'is not a valid number', `above 0, at most ${LONGEST_TEACHING}`);
    this.#held = { label, key: this.#keyOf(topic), until: performance.now() + 1000 * seconds };
  }

  /** Ends a label that is held. */
  letGo(): void {
    this.#held = undefined;
  }

  /** Undoes the last lesson of a topic. */
  async takeBack(topic?: string): Promise<string> {
    this.letGo();
    this.#look = undefined;
    const { answer } = await this.#ask(this.#meant(topic), (nets, key) => nets.command(key, 'take-back'));
    return answer;
  }
}
