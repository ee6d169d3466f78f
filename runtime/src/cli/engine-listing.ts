import type { CommandListing } from './command.ts';

/** The words that `--engine` takes. */
export async function engineListing(): Promise<CommandListing> {
  const { engines } = await import('../engine/engines.ts');
  return { title: 'Engines', rows: engines.map(({ name, doc }) => [name, doc] as const) };
}
