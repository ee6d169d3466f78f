import { SpikewireError } from '@spikewire/models';
import { clockedEngine } from '../clocked/engine/clocked.ts';
import type { Engine } from '../engine.ts';
import { eventEngine, tabledEventEngine } from '../event/event.ts';
import { integerEngine } from '../reference/integer.ts';
import { referenceEngine } from '../reference/reference.ts';
import { automaticEngine } from './automatic.ts';

/** Every engine that runs in this process. A new one is a folder and a line here. */
export const engines: readonly Engine[] = [
  referenceEngine,
  integerEngine,
  clockedEngine,
  eventEngine,
  tabledEventEngine,
  automaticEngine,
];

/** The engine of a name, or a `usage` error that lists them. */
export function engineNamed(name: string): Engine {
  const engine = engines.find((candidate) => candidate.name === name);
  if (engine !== undefined) return engine;
  throw new SpikewireError(
    'usage',
    `engine "${name}"`,
    'does not exist',
    engines.map((known) => known.name).join(', '),
  );
}
