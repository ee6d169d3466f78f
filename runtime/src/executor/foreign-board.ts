import type { BoardLimit, Executor, ExecutorSource } from '@spikewire/engine/executor';
import type { ForeignCode } from '../extensions/foreign-code.ts';
import { flag, list, method, optional, type Requirement, table, text } from '../extensions/kind.ts';
import type { AcceleratorDescription, BoardProfile } from './accelerator.ts';

const count: Requirement = {
  expected: 'a whole number from 1',
  holds: (value) => Number.isSafeInteger(value) && Number(value) >= 1,
};

/** What `list` of somebody else's driver gave, once it is known to be descriptions. */
export function checkBoards(given: unknown, code: ForeignCode): readonly AcceleratorDescription[] {
  if (!Array.isArray(given)) throw code.refuse('what list gave', given, 'an array of descriptions');
  for (const [k, each] of given.entries()) {
    const what = `what list gave at ${k}`;
    checkAll(each, { address: text, name: text, abilities: table }, what, code);
    checkAbilities(each.abilities, what, code);
  }
  return given;
}

/** What `open` of somebody else's driver gave: a source whose nets reject with one line, whatever they throw. */
export function guardBoard(given: unknown, code: ForeignCode): ExecutorSource {
  const what = 'what open gave';
  const source = checkAll(given, { name: text, abilities: table, open: method, close: method }, what, code);
  checkAbilities(source.abilities, what, code);
  return guardMethods(source, code, {
    open: (executor) => guardExecutor(executor, code),
    close: (nothing) => nothing,
  }) as unknown as ExecutorSource;
}

/** What `profiles` of somebody else's driver gave: profiles that reject with one line, whatever they throw. */
export function guardProfiles(given: unknown, code: ForeignCode): readonly BoardProfile[] {
  if (!Array.isArray(given)) throw code.refuse('what profiles gave', given, 'an array of profiles');
  return given.map((each, k) => {
    const what = `what profiles gave at ${k}`;
    const optionals = { limits: optional(method), notes: optional(method) };
    const shape = { address: text, name: text, abilities: table, expectFit: method, ...optionals };
    const profile = checkAll(each, shape, what, code);
    checkAbilities(profile.abilities, what, code);
    const guards = {
      expectFit: (nothing: unknown) => nothing,
      ...(profile.limits === undefined ? {} : { limits: (limits: unknown) => checkLimits(limits, code) }),
      ...(profile.notes === undefined ? {} : { notes: (notes: unknown) => checkNotes(notes, code) }),
    };
    return guardMethods(profile, code, guards) as unknown as BoardProfile;
  });
}

const EVIDENCE = ['source file', 'vendor or abstract', 'second hand', 'recalled'];
const evidence: Requirement = {
  expected: EVIDENCE.join(', '),
  holds: (value) => EVIDENCE.some((known) => known === value),
};

/** What `limits` of somebody else's board gave. */
export function checkLimits(given: unknown, code: ForeignCode): readonly BoardLimit[] {
  if (!Array.isArray(given)) throw code.refuse('what limits gave', given, 'an array of limits');
  const texts = { node: optional(text), what: text, needs: text, has: text, missedBy: optional(text) };
  for (const [k, each] of given.entries()) {
    const what = `what limits gave at ${k}`;
    const { source } = checkAll(each, { ...texts, fits: flag, source: table }, what, code);
    checkAll(source, { title: text, evidence }, `source of ${what}`, code);
  }
  return given;
}

/** What `notes` of somebody else's board gave. */
export function checkNotes(given: unknown, code: ForeignCode): readonly string[] {
  if (!Array.isArray(given)) throw code.refuse('what notes gave', given, 'an array of texts');
  const odd = given.findIndex((each) => !text.holds(each));
  if (odd >= 0) throw code.refuse(`what notes gave at ${odd}`, given[odd], text.expected);
  return given;
}

/** What `refusal` of somebody else's board gave. */
export function checkRefusal(given: unknown, code: ForeignCode): string | undefined {
  if (given === undefined || text.holds(given)) return given as string | undefined;
  throw code.refuse('what refusal gave', given, `${text.expected}, or undefined`);
}

const executorMethods = ['run', 'setLearning', 'resetLearning', 'save', 'restore', 'close'] as const;

function guardExecutor(given: unknown, code: ForeignCode): Executor {
  const methods = Object.fromEntries(executorMethods.map((name) => [name, method]));
  const executor = checkAll(given, { name: text, choice: table, ...methods }, 'the net that was opened', code);
  const asTheyAre = Object.fromEntries(executorMethods.map((name) => [name, (result: unknown) => result]));
  return guardMethods(executor, code, {
    ...asTheyAre,
    run: (result) =>
      checkAll(result, { output: table, membranes: table, counters: table, taught: list }, 'what run gave', code),
    save(state) {
      if (state instanceof Uint8Array) return state;
      throw code.refuse('what save gave', state, 'a Uint8Array');
    },
  }) as unknown as Executor;
}

type Table = Readonly<Record<string, unknown>>;

function checkAll(
  given: unknown,
  shape: Readonly<Record<string, Requirement>>,
  what: string,
  code: ForeignCode,
): Table {
  if (!table.holds(given)) throw code.refuse(what, given, `an object with ${Object.keys(shape).join(', ')}`);
  for (const [name, { holds, expected }] of Object.entries(shape)) {
    const value = (given as Table)[name];
    if (!holds(value)) throw code.refuse(`${name} of ${what}`, value, expected);
  }
  return given as Table;
}

function checkAbilities(abilities: unknown, what: string, code: ForeignCode): void {
  checkAll(
    abilities,
    { weightBits: list, runs: text, nets: optional(count), twin: optional(text) },
    `abilities of ${what}`,
    code,
  );
}

/** The same object, whose values are read when they are asked for, as they change, with guarded methods. */
function guardMethods(
  object: Table,
  code: ForeignCode,
  results: Readonly<Record<string, (result: unknown) => unknown>>,
): object {
  const guards = new Map(
    Object.entries(results).map(([name, check]) => {
      const call = object[name] as (...words: unknown[]) => unknown;
      return [name, (...words: unknown[]) => code.wait(name, async () => check(await call.apply(object, words)))];
    }),
  );
  return new Proxy(
    {},
    {
      get: (_target, name) => guards.get(String(name)) ?? object[name as string],
      has: (_target, name) => name in object,
    },
  );
}
