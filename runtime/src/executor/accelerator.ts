import type { Abilities, BoardLimit, ExecutorSource } from '@spikewire/engine/executor';
import type { Model } from '@spikewire/models';

/** A board that can run nets, found or named. */
export interface AcceleratorDescription {
  /** What `--device` takes: `<driver>:<rest>`. */
  readonly address: string;
  readonly name: string;
  readonly abilities: Abilities;
}

/** A board for which models can be made where none is attached. */
export interface BoardProfile {
  /** What `train --for` takes: `<driver>:<board>`, such as `fpga:up5k`. */
  readonly address: string;
  readonly name: string;
  /** What the board can run; the first of its bits of weights and membranes are those that models get. */
  readonly abilities: Abilities;
  /** Rejects with `unsupported`, in one line that has the number and the limit, where an integer model does not fit. */
  expectFit(model: Model): Promise<void>;
  /** What of a model, float or integer, meets a limit of the board, as published; `inspect --for` prints it. */
  limits?(model: Model): Promise<readonly BoardLimit[]>;
  /** What the board changes about a model that meets its limits, a line each for people. */
  notes?(model: Model): Promise<readonly string[]>;
}

/** What a driver may use of whoever opens a board. */
export interface BoardOptions {
  /** Takes one line about something a person should know, such as spikes that nobody expects. */
  readonly warn?: ((line: string) => void) | undefined;
}

/**
 * A kind of board. A package that brings some names a module as `drivers` in the field `spikewire` of its package.json;
 * the module exports `acceleratorDrivers: readonly AcceleratorDriver[]`. An open board runs nets through the same
 * interface as a worker thread: windows of events in and out.
 */
export interface AcceleratorDriver {
  readonly scheme: string;
  readonly summary: string;
  /** The boards that are attached now; empty where there are none, never an error. */
  list(): Promise<readonly AcceleratorDescription[]>;
  /** Opens `<scheme>:<rest>`; rejects with `unsupported` that says what is missing. */
  open(rest: string, options?: BoardOptions): Promise<ExecutorSource>;
  /** Whether its boards run nets that other tools have placed there, so that no net of a test can be tried. */
  readonly runsPlacedNets?: boolean;
  /** The boards for which models can be made; absent: none. */
  profiles?(): Promise<readonly BoardProfile[]>;
  /**
   * Tries the line and the memory of `<scheme>:<rest>`, and changes what is in it; gives what it found, a line each,
   * for people. Rejects with what is wrong.
   */
  test?(rest: string): Promise<readonly string[]>;
  /**
   * The command that puts a file onto a board of this kind so that nets can run there. Throws `usage` for a kind that
   * it does not know.
   */
  flash?(board: string, file: string): FlashCommand;
}

/** A program of others that writes a file to a board. */
export interface FlashCommand {
  readonly program: string;
  readonly words: readonly string[];
  /** What installs the program, as a command. */
  readonly install: string;
}
