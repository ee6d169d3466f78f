import type { Model } from '@spikewire/models';
import type { CommandAction, CommandArguments, CommandConsole } from '../command.ts';

/** A model that `spikewire new` writes for a stream of one's own: it learns everything else from that. */
export interface NewKind extends Omit<CommandAction, 'positionals'> {
  /** Throws `usage`, with the option in front. */
  make(args: CommandArguments, console: Pick<CommandConsole, 'say'>): Promise<Model>;
}
