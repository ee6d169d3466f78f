import type { AddressOptions } from '../executor/address.ts';
import type { CommandArguments, CommandListing, OptionDeclaration } from './command.ts';

/** The options of every command that runs nets: where. */
export const deviceOptions: Readonly<Record<'device' | 'split', OptionDeclaration>> = {
  device: {
    type: 'string',
    value: '<address>',
    doc: 'engine (listed below) or accelerator board (<driver>:<board>) that computes the model',
  },
  split: {
    type: 'boolean',
    doc: 'divide a model that does not fit on the board of --device: this device computes the rest of it',
  },
};

/** Whether a net is to be split, and what that is called here. */
export function splitOf(args: CommandArguments): Pick<AddressOptions, 'split' | 'splitName'> {
  return { split: args.flag('split'), splitName: '--split' };
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
