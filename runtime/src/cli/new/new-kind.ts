import type { Model } from '@spikewire/models';
import type { CommandArguments, CommandConsole, OptionDeclaration } from '../command.ts';

/** A model that `spikewire new` writes for a stream of one's own: it learns everything else from that. */
export interface NewKind {
  readonly name: string;
  /** One line for the help. */
  readonly summary: string;
  readonly options: Readonly<Record<string, OptionDeclaration>>;
  /** Throws `usage`, with the option in front. */
  make(args: CommandArguments, console: Pick<CommandConsole, 'say'>): Promise<Model>;
}
