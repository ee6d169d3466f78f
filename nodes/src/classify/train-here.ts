import { readAnyModel } from 'spikewire';
import { Host } from 'spikewire/host';
import type { RecordedShape } from 'spikewire/recorded';
import type { KeptSession } from 'spikewire/session';
import type { Place } from '../nets/place.ts';
import { type RecordingFile, readRecording } from '../record/recordings.ts';
import type { OnProgress, TrainingFigures } from './training-figures.ts';

/** A day has 10,000, and people want some of them. */
const MOST_LESSONS = 4000;
/** One recording of so many is not learned. */
const HELD_OUT = 4;
/** Readings of a recording at a time, while the net learns what is usual. */
const TURN = 32;
const KEY = 'training';

export interface TrainHere extends Place {
  readonly recordings: readonly RecordingFile[];
  /** The model for what readings hold. */
  readonly modelFor: (shape: RecordedShape) => Promise<Uint8Array>;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}

/**
 * Teaches a net of its own with three of four recordings of each class, one label for each answer, and tries the
 * others. Gives the model, and the state that a net goes on from.
 */
export async function trainHere({ recordings, modelFor, device, threads, signal, onProgress }: TrainHere) {
  const { shape } = await readRecording(recordings[0]!);
  const bytes = await modelFor(shape);
  const [learned, tested] = divided(recordings);
  const host = await Host.open({ bytes }, { device, threads, net: KEY, lessonsPerDay: 2 * MOST_LESSONS });
  try {
    return await host.pool.use(KEY, async (kept) => {
      const trainingNet = new TrainingNet(kept, { shape, span: spanOf(bytes), signal });
      await trainingNet.look(learned);
      for (const [k, recording] of learned.entries()) {
        await trainingNet.learn(recording, MOST_LESSONS / learned.length);
        onProgress((k + 1) / recordings.length);
      }
      await kept.settle();
      await kept.setLearning(false);
      const answers = new Map<RecordingFile, string[]>();
      for (const [k, recording] of tested.entries()) {
        answers.set(recording, await trainingNet.answers(recording));
        onProgress((learned.length + k + 1) / recordings.length);
      }
      await kept.setLearning(true);
      return { bytes, shape, state: await kept.session.save(), figures: figuresOf(answers, trainingNet.unknown) };
    });
  } finally {
    await host.close();
  }
}

/** Every fourth recording of a class, the last of fewer, is tried; of each class the first ones come first. */
function divided(recordings: readonly RecordingFile[]): readonly [RecordingFile[], RecordingFile[]] {
  const labels = [...new Set(recordings.map(({ label }) => label))];
  const placed = labels
    .map((label) => recordings.filter((file) => file.label === label))
    .flatMap((files) => files.map((file, k) => ({ file, k, of: files.length })));
  const isTried = ({ k, of }: { k: number; of: number }) =>
    of < HELD_OUT ? k === of - 1 : k % HELD_OUT === HELD_OUT - 1;
  const inTurn = placed.sort((a, b) => a.k - b.k);
  return [
    inTurn.filter((place) => !isTried(place)).map(({ file }) => file),
    inTurn.filter(isTried).map(({ file }) => file),
  ];
}

/** Readings after which an answer is about nothing that came before them. */
function spanOf(bytes: Uint8Array): number {
  const stages = [...(readAnyModel(bytes).features?.values() ?? [])][0] ?? [];
  const [first] = stages as readonly { readonly type?: string; readonly parameters?: { readonly length?: unknown } }[];
  return first?.type === 'window' ? Number(first.parameters?.length) : 1;
}

/** The net that learns. */
class TrainingNet {
  readonly #kept: KeptSession;
  readonly #shape: RecordedShape;
  readonly #span: number;
  readonly #signal: AbortSignal;
  /** Answers that were unknown. */
  unknown = 0;

  constructor(kept: KeptSession, about: { shape: RecordedShape; span: number; signal: AbortSignal }) {
    this.#kept = kept;
    this.#shape = about.shape;
    this.#span = about.span;
    this.#signal = about.signal;
  }

  /** Shows it something of each recording, a little of each in turn, until it knows what is usual. */
  async look(recordings: readonly RecordingFile[]): Promise<void> {
    for (let begin = 0, more = true; more; begin += TURN) {
      more = false;
      for (const recording of recordings) {
        const { readings } = await readRecording(recording, this.#shape);
        more ||= readings.length > begin + TURN;
        for (const { t, values } of readings.slice(begin, begin + TURN))
          if ((await this.#feed(t, values)).pending !== true) return;
      }
    }
  }

  /** A lesson for each answer, as many as it may have, evenly. */
  async learn(recording: RecordingFile, lessons: number): Promise<void> {
    const { readings } = await readRecording(recording, this.#shape);
    let next = this.#span;
    for (const [k, { t, values }] of readings.entries()) {
      const { pending } = await this.#feed(t, values);
      if (pending === true || k + 1 < next) continue;
      await this.#kept.teach({ kind: 'label', label: recording.label, time: undefined });
      next = k + 1 + readings.length / lessons;
    }
  }

  /** What it names in a recording that it has not learned. */
  async answers(recording: RecordingFile): Promise<string[]> {
    const { readings } = await readRecording(recording, this.#shape);
    const named: string[] = [];
    for (const [k, { t, values }] of readings.entries()) {
      const { pending, result, likeliest } = await this.#feed(t, values);
      if (pending === true || k + 1 < this.#span || typeof result !== 'string') continue;
      if (likeliest !== undefined) this.unknown++;
      named.push(likeliest ?? result);
    }
    return named;
  }

  async #feed(time: number, values: readonly number[]) {
    this.#signal.throwIfAborted();
    return this.#kept.feed({ time, values: Float64Array.from(values) });
  }
}

function figuresOf(answers: ReadonlyMap<RecordingFile, readonly string[]>, unknown: number): TrainingFigures {
  const classes = [...new Set([...answers.keys()].map(({ label }) => label))].sort();
  const confusion = classes.map((shown) => {
    const own = [...answers].filter(([{ label }]) => label === shown).flatMap(([, named]) => named);
    return classes.map((name) => own.filter((answer) => answer === name).length);
  });
  const sums = confusion.map((row) => row.reduce((sum, count) => sum + count, 0));
  const tested = sums.reduce((sum, count) => sum + count, 0);
  const right = confusion.reduce((sum, row, k) => sum + row[k]!, 0);
  const share = (count: number) => (tested === 0 ? 0 : count / tested);
  return {
    by: 'device',
    accuracy: share(right),
    majority: share(Math.max(...sums)),
    unknown: share(unknown),
    classes,
    confusion,
    tested,
    recordings: answers.size,
  };
}
