import { SpikewireError } from '@spikewire/models';
import type { CommandArguments } from './command.ts';
import { runOptions } from './run-options.ts';

const BROKER = ['in', 'out', 'mqtt'];
const STORE = ['store'];

/** Options of `run` that have no effect unless one of others is given, besides those that begin with its name. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  interval: ['sensor'],
  join: ['in'],
  only: ['in'],
  nets: ['in'],
  qos: BROKER,
  retain: BROKER,
  'client-id': BROKER,
  'home-assistant': ['out'],
  'require-store': STORE,
  'store-budget': STORE,
  'store-per-day': STORE,
  'save-every': STORE,
  'on-new-model': STORE,
};

/** What is given without effect is a mistake. Throws `usage`, which names the option. */
export function refuseIneffective(args: Pick<CommandArguments, 'text' | 'flag'>): void {
  for (const name of Object.keys(runOptions)) {
    const needed = neededBy(name);
    if (needed.length === 0 || !isGiven(args, name) || needed.some((other) => isGiven(args, other))) continue;
    const [first] = needed;
    const problem = `has no effect without --${needed.join(' or --')}`;
    throw new SpikewireError('usage', `spikewire run --${name}`, problem, `--${first} ${runOptions[first!]!.value}`);
  }
  if (isGiven(args, 'nets') && args.text('in')?.includes('+') === false)
    throw new SpikewireError('usage', 'spikewire run --nets', 'has no effect without "+" in --in', 'a "+" in --in');
  if (args.flag('no-lessons') && isGiven(args, 'lessons-per-day')) {
    const where = 'spikewire run --lessons-per-day';
    throw new SpikewireError('usage', where, 'has no effect with --no-lessons', 'one of them');
  }
}

function neededBy(name: string): readonly string[] {
  const owner = ['update', 'dashboard'].find((prefix) => name.startsWith(`${prefix}-`));
  return owner === undefined ? (NEEDED[name] ?? []) : [owner];
}

function isGiven(args: Pick<CommandArguments, 'text' | 'flag'>, name: string): boolean {
  const { type, default: preset } = runOptions[name]!;
  return type === 'boolean' ? args.flag(name) : args.text(name) !== preset;
}
