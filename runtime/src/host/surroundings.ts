import type { ExecutorSource } from '@spikewire/engine/executor';
import type { SharedSecret } from '../desk/shared-secret.ts';
import type { Updates } from '../desk/updates.ts';
import type { CarryOver } from '../session/kept/state-keeper.ts';
import type { Outcome } from '../session/outcome.ts';
import type { WatchedModel } from './hosted-model.ts';
import type { KeyNames } from './key-checks.ts';

/** What a host finds around it, beside its configuration: whom it tells of what, and what it shares with others. */
export interface Surroundings {
  /** Ends the following of a sensor, and windows in this thread. Default: nothing does. */
  readonly signal?: AbortSignal | undefined;
  /** A line for people about how it runs. */
  readonly say?: ((line: string) => void) | undefined;
  /** A line about what nets live through, and its kind. Default: nothing watches that. */
  readonly tell?: ((line: string, kind: string) => void) | undefined;
  /**
   * A line about something a person should know, and its kind where there are many such: each has a limit of its own.
   */
  readonly warn?: ((line: string, kind?: string) => void) | undefined;
  /** What settings are called in what people are told. Default: as in the configuration. */
  readonly names?: KeyNames | undefined;
  /** What a message with a command or lesson must show. */
  readonly secret?: SharedSecret | undefined;
  /** A second model that is watched beside the first from the first reading on; see `Host.watch`. Default: none is. */
  readonly beside?: WatchedModel | undefined;
  /** What becomes of what another model has learned in the stores. Default: as the configuration says. */
  readonly onNewModel?: CarryOver | undefined;
  /** The updates of this process, for the page and messages. Default: it follows no repository. */
  readonly updates?: Updates | undefined;
  /** Where nets run, instead of on a device of its own; whoever has opened it closes it. */
  readonly source?: ExecutorSource | undefined;
  /** Called with each outcome before anything else happens to its net. */
  readonly listener?: ((key: string, outcome: Outcome) => void) | undefined;
  /** Text to keep with the states of a net. Default: what the page remembers. */
  readonly notes?: ((key: string) => string | undefined) | undefined;
}
