import { readFile } from 'node:fs/promises';
import { SpikewireError } from '@spikewire/models';
import { nearestWord } from 'spikewire/cli';
import type { Plan } from '../controller/rollouts/plan.ts';
import type { RolloutRequest } from '../controller/wire/wire.ts';

/** What a person has written of a rollout; the rest is as by default. */
export interface WrittenRollout extends Partial<Omit<RolloutRequest, 'plan'>> {
  readonly plan?: Partial<Plan>;
}

const LARGEST = 65_536;
const MEMBERS = [
  'name',
  'model',
  'channel',
  'sha256',
  'labels',
  'plan',
] as const satisfies readonly (keyof RolloutRequest)[];

/**
 * Reads the JSON file of a rollout; the controller checks its values. Rejects with `file` if it is not a JSON object,
 * and with `usage` if a member is unknown.
 * @param plan with all members that a plan may have
 */
export async function rolloutIn(file: string, plan: Plan): Promise<WrittenRollout> {
  const said = (await jsonIn(file)) as WrittenRollout;
  expectKnown(file, said, MEMBERS);
  expectKnown(`${file}, plan`, said.plan, Object.keys(plan));
  expectKnown(`${file}, plan, gates`, said.plan?.gates, Object.keys(plan.gates));
  return said;
}

function expectKnown(where: string, said: unknown, known: readonly string[]): void {
  const unknown = isObject(said) ? Object.keys(said).find((name) => !known.includes(name)) : undefined;
  if (unknown === undefined) return;
  const meant = nearestWord(unknown, known);
  const expected = meant === undefined ? `one of ${known.join(', ')}` : `"${meant}"`;
  throw new SpikewireError('usage', where, `"${unknown}" is unknown`, expected);
}

async function jsonIn(file: string): Promise<object> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new SpikewireError('file', file, `cannot be read (${cause.code})`, 'a JSON file', cause);
  });
  try {
    const said: unknown = text.length > LARGEST ? undefined : JSON.parse(text);
    if (isObject(said)) return said;
  } catch {
    // named below
  }
  throw new SpikewireError('file', file, 'is not a JSON object', `an object of at most ${LARGEST} characters`);
}

function isObject(said: unknown): said is object {
  return typeof said === 'object' && said !== null && !Array.isArray(said);
}
