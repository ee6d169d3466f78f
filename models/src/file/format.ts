import { type Budget, defaultBudget } from '../check/budget.ts';
import { checkModel } from '../check/check.ts';
import { SpikewireError } from '../error.ts';
import type { Semantics } from '../graph/semantics.ts';
import type { JsonObject, Model, SelfTest } from '../model/model.ts';
import type { ResolvedGraph } from '../resolve/resolve.ts';

/** What bytes of a format say. */
export interface Reading {
  readonly model: Model;
  /** What the bytes hold and a model cannot, or the other way round: a line each, for people. */
  readonly notes: readonly string[];
}

/** What was read of a model that was checked as a whole. */
export interface CheckedReading extends Reading {
  /** Resolved for the check: who needs the model's graph goes on with it. */
  readonly graph: ResolvedGraph;
}

/** What of a file a model begins and ends with, by the names that they have there. */
export interface Ends {
  readonly input?: string | undefined;
  readonly output?: string | undefined;
}

/** How a step is computed, for formats that do not say it: like a framework, by name, and part by part. */
export interface StepChoices extends Partial<Semantics> {
  /** One of the format's `stepRules`; the parts beside it come before its own. */
  readonly from?: string | undefined;
}

/** What a format leaves to who reads a file. */
export interface ReadingChoices extends Ends {
  readonly step?: StepChoices | undefined;
  /** Mends by a guess what is wrong with a file, where only one guess fits. */
  readonly repair?: boolean | undefined;
}

/** A model that comes closest to another one, and what it lacks. */
export interface Nearest {
  readonly model: Model;
  /** A line each, with the node in front. */
  readonly losses: readonly string[];
}

/** A net under a step rule, by the name of the rule. */
export interface RuleModel {
  readonly name: string;
  readonly model: Model;
}

/**
 * What a net is given from a fresh start: rows of (step, element, value) per Input node, and how many steps it runs.
 */
export type Stimulus = Pick<SelfTest, 'steps' | 'input'>;

/** How a net behaves under several step rules: for programs, for a terminal, and as a page that needs nothing else. */
export interface ComparisonPage {
  readonly document: JsonObject;
  readonly lines: readonly string[];
  /** HTML. */
  readonly page: string;
}

/** What a format that computes steps of a net is asked for. */
export interface WritingChoices {
  /** Steps at once, ≥ 1; absent: one step, whose values have no axis of time. */
  readonly steps?: number | undefined;
  /** Whether the spikes of every population come out too. */
  readonly spikes?: boolean | undefined;
  /** Takes what of the model is left to who uses the file, a line each. */
  readonly note?: ((line: string) => void) | undefined;
}

/**
 * A way to keep a model as bytes. One that cannot be read has no `read`, one that cannot be written no `write`. Neither
 * checks the model as a whole; `readWith` and `writeWith` do. A package that brings some names a module as `formats` in
 * the field `spikewire` of its package.json; the module exports `formats: readonly Format[]`.
 */
export interface Format<Given extends Reading | Promise<Reading> = Reading | Promise<Reading>> {
  /** One word, as people say it. */
  readonly name: string;
  readonly summary: string;
  /** Endings of its files in lower case, with the dot; no two formats share one. */
  readonly extensions: readonly string[];
  /** Whether bytes claim to be of this format. Looks at few of them, and at no more than it must. */
  sniff(bytes: Uint8Array): boolean;
  /** Whether files may have several inputs and outputs, of which `read` takes what is chosen. */
  readonly hasEnds?: boolean;
  /** The frameworks whose steps `read` knows, where files do not say how a step is computed, each with a line on it. */
  readonly stepRules?: Readonly<Record<string, string>>;
  /**
   * Total: any bytes give a reading or a `SpikewireError`, at once or later, in time bounded by their number, and in
   * memory by `memory`, in bytes, beyond which it throws `budget`. Nobody waits for one that comes later once `signal`
   * is aborted; that of another package is given up after 60 s.
   */
  read?(bytes: Uint8Array, choices?: ReadingChoices, memory?: number, signal?: AbortSignal): Given;
  /** Whether files compute steps of a net, so that `write` may be asked for how many of them, and for spikes. */
  readonly hasSteps?: boolean;
  /** Throws `unsupported`, with the node in front, for what the format cannot say: nothing is left out in silence. */
  write?(model: Model, choices?: WritingChoices): Uint8Array;
  /** The closest model that `write` takes; throws `unsupported` where nothing comes close. Absent: there is none. */
  nearest?(model: Model): Nearest;
  /**
   * Compares a net under the first of several step rules with the others, on samples that are what `what` says in a
   * sentence, or on random spikes. Only beside `stepRules`.
   */
  compare?(
    title: string,
    rules: readonly RuleModel[],
    given?: { readonly stimuli: readonly Stimulus[]; readonly what: string },
  ): Promise<ComparisonPage>;
}

/** One that reads at once, as those of devices do: opening a net from bytes waits for nothing. */
export type ImmediateFormat = Format<Reading>;

/**
 * Reads bytes of a format and checks the model as a whole, against the budget of the device too; gives a promise where
 * the format reads later.
 *
 * @param signal ends a reading that comes later
 */
export function readWith(
  format: ImmediateFormat,
  bytes: Uint8Array,
  budget?: Partial<Budget>,
  choices?: ReadingChoices,
  signal?: AbortSignal,
): CheckedReading;
export function readWith(
  format: Format,
  bytes: Uint8Array,
  budget?: Partial<Budget>,
  choices?: ReadingChoices,
  signal?: AbortSignal,
): CheckedReading | Promise<CheckedReading>;
export function readWith(
  format: Format,
  bytes: Uint8Array,
  budget: Partial<Budget> = {},
  choices: ReadingChoices = {},
  signal?: AbortSignal,
) {
  if (format.read === undefined) {
    throw new SpikewireError('unsupported', 'model', `is ${format.name}, which is only written`, 'another format');
  }
  refuseChoices(format, choices);
  const checked = (reading: Reading): CheckedReading => ({ ...reading, graph: checkModel(reading.model, budget) });
  const reading = format.read(bytes, choices, budget.bytes ?? defaultBudget.bytes, signal);
  return reading instanceof Promise ? reading.then(checked) : checked(reading);
}

/** Throws `usage` for choices that a format does not leave open. */
function refuseChoices({ name, hasEnds, stepRules }: Format, { input, output, step = {}, repair }: ReadingChoices) {
  if (hasEnds !== true && (input ?? output) !== undefined) {
    throw new SpikewireError('usage', 'model', `is ${name}, of which all is read`, 'no chosen input or output');
  }
  if (stepRules !== undefined) return;
  if (Object.values(step).some((part) => part !== undefined)) {
    throw new SpikewireError('usage', 'model', `is ${name}, which says how a step is computed`, 'no step rule');
  }
  if (repair === true)
    throw new SpikewireError('usage', 'model', `is ${name}, for which --repair has no effect`, 'no repair');
}

/** Writes a model that has been checked as a whole. */
export function writeWith(format: Format, model: Model, choices: WritingChoices = {}): Uint8Array {
  if (format.write === undefined) {
    throw new SpikewireError('unsupported', 'model', `cannot be written as ${format.name}`, 'another format');
  }
  if (format.hasSteps !== true && (choices.steps !== undefined || choices.spikes === true)) {
    throw new SpikewireError('usage', 'model', `as ${format.name} computes no steps`, 'no number of steps, no spikes');
  }
  checkModel(model);
  return format.write(model, choices);
}
