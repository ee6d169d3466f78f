import { type EnsembleForm, scriptParameters } from './ensemble.ts';
import { LockStep } from './lock-step.ts';
import { parameterFile } from './parameter-file.ts';
import { RemoteScript, sendFile } from './remote-script.ts';
import type { BoardSettings } from './settings.ts';

/**
 * Times in milliseconds: for the first packet, and the silence after which an answer counts as lost (as nengo-fpga).
 */
const [CONNECT_MS, SILENCE_MS] = [30_000, 100];
/** The first repetition comes after several usual times of an answer, and not before this. */
const [USUAL_TIMES, SHORTEST_MS] = [8, 1];
/** Silences in a row after which the board counts as gone: about five seconds. */
const MOST_SILENCES = 50;
/** How often one lesson is sent again, or lessons are taken back in a row, before the board counts as one that errs. */
const MOST_CORRECTIONS = 50;
/** Lessons that may still be answered late. */
const REMEMBERED = 32;

/** What happened to packets and lessons. */
export interface BoardCounts {
  sent: number;
  silences: number;
  late: number;
  /** Steps that had the former answer again, because packets to membranes must not be sent twice. */
  repeated: number;
  /** Lessons that were sent again, taken back because they had been applied twice, or changed too little to tell. */
  resent: number;
  undone: number;
  unsure: number;
}

/** Where a script runs, and a signal that ends its start. */
export interface BoardPlace {
  readonly name: string;
  readonly settings: BoardSettings;
  readonly signal: AbortSignal;
}

/** An error that the board got for one input. */
interface Lesson {
  readonly x: Float64Array;
  readonly error: Float64Array;
  /** By how much it changes the answer to x. */
  readonly effect: Float64Array;
}

/** What the board should answer to an input, and the smallest change of it that is no rounding. */
export interface Expected {
  readonly answer: Float64Array;
  readonly resolution: number;
}

/**
 * The script on the board that runs one ensemble, from its start to its end. An input without an error may be sent
 * again where nothing is kept between steps. A lesson must be applied once: when its answer is lost, or comes twice,
 * the answer to the same input tells how often it was applied, since each time moves it by the same `effect`; what is
 * missing or too much is sent as one more lesson, which PES allows because it is linear in the error.
 */
export class RunningBoard {
  readonly #form: EnsembleForm;
  readonly #link: LockStep;
  readonly #script: RemoteScript;
  readonly #lessons = new Map<number, Lesson>();
  /** Lessons that may have been applied more often than once, and those of them of which nothing came back. */
  readonly #doubtful = new Set<Lesson>();
  readonly #unheard = new Set<Lesson>();
  readonly #more = { repeated: 0, resent: 0, undone: 0, unsure: 0 };
  #last: Float64Array;
  #silencesInARow = 0;
  /** Smoothed time of an answer, in milliseconds. */
  #usual = SILENCE_MS / USUAL_TIMES;

  private constructor(form: EnsembleForm, link: LockStep, script: RemoteScript) {
    this.#form = form;
    this.#link = link;
    this.#script = script;
    this.#last = new Float64Array(form.outputs);
    link.onLate = (number) => {
      const lesson = this.#lessons.get(number);
      if (lesson === undefined) return;
      this.#doubtful.add(lesson);
      this.#unheard.delete(lesson);
    };
  }

  /**
   * Sends the parameters, starts the script, and waits for its first packet. Rejects with `unsupported`, also where it
   * is aborted.
   */
  static async start(
    { name, settings, signal }: BoardPlace,
    form: EnsembleForm,
    decoders: Float64Array,
  ): Promise<RunningBoard> {
    const link = await LockStep.open(name, settings, form);
    let script: RemoteScript | undefined;
    const abort = () => link.fail('was closed before it began', 'an open board');
    signal.addEventListener('abort', abort);
    try {
      if (signal.aborted) abort();
      // One file for all starts from this machine, so that none stays behind for each.
      const file = `${settings.folder}/fpen_args_${link.localIp}.npz`;
      await sendFile(name, settings, file, parameterFile(scriptParameters(form, decoders)));
      const ends = [`--host_ip=${link.localIp}`, `--remote_ip=${link.boardIp}`, `--udp_port=${link.port}`];
      link.expectOpen();
      script = new RemoteScript(settings, ['python', settings.script, ...ends, `--arg_data_file=${file}`]);
      script.onEnd = (problem) => link.fail(`its script ${problem}`);
      await link.connected(CONNECT_MS, !form.keepsState);
      return new RunningBoard(form, link, script);
    } catch (problem) {
      await script?.stop(() => link.sayEnd());
      link.close();
      throw problem;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  get counts(): BoardCounts {
    const { sent, silences, late } = this.#link.counts;
    return { sent, silences, late, ...this.#more };
  }

  /** Whether the board rounds its times so much that its script should begin anew. */
  get isTimeCoarse(): boolean {
    return this.#link.isTimeCoarse;
  }

  /** Packets that were lost, late or came twice since its script began. */
  get faults(): number {
    return this.#link.counts.silences + this.#link.counts.late;
  }

  /** The answer to one step. Where the board keeps a state, a lost answer is the former one again, as in nengo-fpga. */
  async answer(x: Float64Array): Promise<Float64Array> {
    let first: number | undefined;
    for (;;) {
      const began = performance.now();
      const { number, answer } = await this.#link.exchange(x, undefined, this.#patience(), first);
      first ??= number;
      if (answer !== undefined) {
        if (number === first) this.#usual += (performance.now() - began - this.#usual) / 8;
        this.#silencesInARow = 0;
        this.#last = answer;
        return answer;
      }
      this.#countSilence();
      if (!this.#form.keepsState) continue;
      this.#more.repeated++;
      return this.#last;
    }
  }

  /**
   * Applies an error (actual − target) for x once; `before` is the answer to x until now. Gives the answer from now on.
   */
  async teach({ x, error, effect }: Lesson, before: Expected): Promise<Float64Array> {
    let [share, answer] = [1, before.answer];
    for (let sent = 0; sent <= MOST_CORRECTIONS; sent++) {
      const times = (values: Float64Array) => values.map((value) => share * value);
      const lesson = { x, error: times(error), effect: times(effect) };
      const exchange = await this.#link.exchange(x, lesson.error, this.#patience());
      this.#remember(exchange.number, lesson);
      if (exchange.answer !== undefined) {
        this.#silencesInARow = 0;
        return exchange.answer.map((value, j) => value + lesson.effect[j]!);
      }
      this.#countSilence();
      this.#unheard.add(lesson);
      const found = await this.answer(x);
      const count = this.#timesApplied(lesson.effect, answer, found, before.resolution);
      if (count === 1 || count === undefined) return found;
      share *= 1 - count;
      answer = found;
      this.#more.resent++;
    }
    throw this.#link.fail('answers inputs, and no lesson', 'a board that learns');
  }

  /** Whether something came late or twice that may have changed what the board has learned. */
  get isDoubtful(): boolean {
    return this.#doubtful.size > 0;
  }

  /** Whether that may be lessons for several inputs, whose effects cannot be told apart. */
  get isAmbiguous(): boolean {
    return new Set([...this.#doubtful].map(({ x }) => x)).size > 1;
  }

  /** Finds lessons that were applied twice by what the board answers to their inputs, and takes them back. */
  async settle(expected: (x: Float64Array) => Expected): Promise<void> {
    let corrections = 0;
    for (const lesson of this.#doubtful) {
      if (corrections++ > MOST_CORRECTIONS) throw this.#link.fail('gets each lesson twice', 'lessons that come once');
      this.#doubtful.delete(lesson);
      const [wanted, found] = [expected(lesson.x), await this.answer(lesson.x)];
      const count = this.#timesApplied(lesson.effect, wanted.answer, found, wanted.resolution);
      if (count === undefined || count === 0) continue;
      const back = (values: Float64Array) => values.map((value) => -count * value);
      this.#more.undone++;
      await this.teach(
        { x: lesson.x, error: back(lesson.error), effect: back(lesson.effect) },
        { ...wanted, answer: found },
      );
    }
  }

  /** Whether a lesson that seemed lost may have arrived since then; these are doubtful from now on. */
  doubtUnheard(): boolean {
    for (const lesson of this.#unheard) this.#doubtful.add(lesson);
    this.#unheard.clear();
    return this.isDoubtful;
  }

  /** From now on every call rejects, because the board answers other than expected. */
  fail(found: Float64Array, { answer }: Expected): never {
    const [what, wanted] = [found, answer].map((values) =>
      Array.from(values, (value) => value.toPrecision(6)).join(', '),
    );
    throw this.#link.fail(`answers ${what}`, `${wanted}, as its neurons and PES give`);
  }

  async close(): Promise<void> {
    this.#script.onEnd = () => {};
    await this.#script.stop(() => this.#link.sayEnd());
    this.#link.close();
  }

  /** Where each packet counts, the time of the vendor; else shorter, and longer with each silence. */
  #patience(): number {
    if (this.#form.keepsState) return SILENCE_MS;
    const usual = Math.max(SHORTEST_MS, USUAL_TIMES * this.#usual, 2 * this.#link.longest);
    return Math.min(SILENCE_MS, usual * 2 ** Math.min(this.#silencesInARow, 10));
  }

  #countSilence(): void {
    if (++this.#silencesInARow < MOST_SILENCES) return;
    throw this.#link.fail('does not answer', 'a board that is attached');
  }

  #remember(number: number, lesson: Lesson): void {
    this.#lessons.set(number, lesson);
    const [oldest] = this.#lessons;
    if (this.#lessons.size <= REMEMBERED) return;
    this.#lessons.delete(oldest![0]);
    this.#unheard.delete(oldest![1]);
  }

  /** How often an effect lies between two answers, by least squares; undefined: it is too small to tell. */
  #timesApplied(effect: Float64Array, before: Float64Array, after: Float64Array, resolution: number) {
    let [along, square] = [0, 0];
    for (let j = 0; j < effect.length; j++) {
      along += (after[j]! - before[j]!) * effect[j]!;
      square += effect[j]! ** 2;
    }
    if (Math.sqrt(square) > 2 * resolution) return Math.round(along / square);
    this.#more.unsure++;
    return undefined;
  }
}
