import { SpikewireError } from '@spikewire/models';
import type { AddressOptions } from '../executor/address.ts';
import type { CommandArguments, CommandListing, OptionDeclaration } from './command.ts';

/** The options of every command that runs nets: where. */
export const deviceOptions: Readonly<Record<'device' | 'engine' | 'split', OptionDeclaration>> = {
  device: {
    type: 'string',
    value: '<address>',
    doc: 'engine (see below), <engine>+worker for a worker thread, or <driver>:<board>',
  },
  engine: { type: 'string', value: '<name>', doc: 'short for --device <name>' },
  split: { type: 'boolean', doc: 'run on this machine the nodes that do not fit on the board of --device' },
};

/** Whether a net is to be split, and what that is called here. */
export function splitOf(args: CommandArguments): Pick<AddressOptions, 'split' | 'splitName'> {
  return { split: args.flag('split'), splitName: '--split' };
}

/**
 * The address that a command was given: that of `--device`, or the engine of `--engine`. Rejects with `usage` where
 * both are given, or the engine does not exist.
 */
export async function deviceOf(args: CommandArguments): Promise<string | undefined> {
  const [device, engine] = [args.text('device'), args.text('engine')];
  if (engine === undefined) return device;
  if (device !== undefined)
    throw new SpikewireError('usage', `--engine ${engine}`, 'cannot be combined with --device', 'one of the two');
  const { engineNamed } = await import('@spikewire/engine');
  return engineNamed(engine).name;
}

/** The engines, and the kinds of boards that are installed. */
export async function deviceListing(): Promise<CommandListing> {
  const [{ engines }, { acceleratorDrivers }] = await Promise.all([
    import('@spikewire/engine'),
    import('../executor/find-accelerators.ts'),
  ]);
  const { entries } = await acceleratorDrivers();
  const boards = entries.map(({ scheme, summary }) => [`${scheme}:<board>`, summary] as const);
  return { title: 'Engines', rows: [...engines.map(({ name, doc }) => [name, doc] as const), ...boards] };
}
