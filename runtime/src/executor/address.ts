import type { ExecutorSource } from '@spikewire/engine/executor';
import { abilitiesOf, offeringSplit, splitOver } from '@spikewire/engine/executor';
import type { Engine } from '@spikewire/engine/network';
import { SpikewireError } from '@spikewire/models/error';
import type { AcceleratorDriver } from './accelerator.ts';
import { boardAddress, driverOf, expectedBoards } from './find-accelerators.ts';
import { holdingNets } from './held-nets.ts';
import { inProcess } from './in-process-source.ts';
import { spreadOver } from './spread.ts';
import { knowingFailures, withSuccessor } from './successor.ts';
import { InferenceWorker } from './worker-executor.ts';

export interface AddressOptions {
  /** Bytes that a net may take; half of the machine's memory where absent. */
  readonly memory?: number | undefined;
  /** Ends windows in this thread that are not done soon after. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Worker threads over which nets on an engine are spread; 0: the calling thread. Default 0, and 1 for nets whose
   * board is lost.
   */
  readonly threads?: number | undefined;
  /**
   * Whether what of a model does not fit on a board runs on this machine. Default false: the model is refused.
   */
  readonly split?: boolean | undefined;
  /** What `split` is called where it is set. Default `split`. */
  readonly splitName?: string | undefined;
  /** One line about something a person should know. */
  readonly warn?: ((line: string) => void) | undefined;
  /** The kinds of boards that there are; those that are installed where absent. */
  readonly drivers?: readonly AcceleratorDriver[] | undefined;
}

/** The engine of nets whose board is lost. */
const SUCCESSOR = 'auto';

/**
 * Where nets run, by address: the name of an engine, or `<driver>:<board>`. Nets of a board that is lost, or parts of
 * them, continue on this machine, and return if the board's states can be read here; nets beyond the number that a
 * board holds run on this machine from the start. Rejects with `usage` for an address that means nothing here, with
 * `unsupported` where a board cannot be opened.
 */
export async function executorSourceOf(address: string, options: AddressOptions = {}): Promise<ExecutorSource> {
  const { memory, signal, threads, warn, split = false, splitName = 'split' } = options;
  if (boardAddress(address) !== undefined) {
    const openAgain = () => openBoard(address, options);
    const here = (engine = SUCCESSOR) => executorSourceOf(engine, { ...options, threads: threads ?? 1, split: false });
    const first = await openAgain();
    const { twin } = first.abilities;
    // Loaded here, because a thread that leaves all nets to a worker does without what nets are made of.
    const returning = async () => {
      const { returningBoard } = await import('./returning-board.ts');
      return returningBoard(first, { openBoard: openAgain, here: () => here(twin), warn });
    };
    const board = holdingNets(twin === undefined ? first : await returning());
    // One that returns is never given up.
    const mayBeLost = (failure: SpikewireError) => twin === undefined && isOwn(failure);
    const { source, isOwn } = knowingFailures(board);
    if (!split) return withSuccessor(offeringSplit(source, splitName), here, warn, mayBeLost);
    const beside = await here();
    return withSuccessor(splitOver(source, beside), async () => beside, warn, mayBeLost);
  }
  if (split)
    throw new SpikewireError('usage', splitName, `needs a board, and "${address}" is an engine`, '<driver>:<board>');
  const engine = await engineOf(address);
  if (threads === undefined || threads === 0) return inProcess(engine, { memory, signal });
  const abilities = abilitiesOf(engine);
  return spreadOver(Array.from({ length: threads }, () => new InferenceWorker(engine.name, { memory, abilities })));
}

/** Whether nets of an address have worker threads, of which there can be more. */
export function isInThreads(address: string, threads: number): boolean {
  return threads > 0 && !address.includes(':');
}

/** The engine of an address on this machine. Rejects with `usage` where it names none. */
export async function engineOf(address: string): Promise<Engine> {
  // Loaded here, because a thread that leaves all nets to a worker does without engines.
  const { engines } = await import('@spikewire/engine');
  const engine = engines.find(({ name }) => name === address);
  if (engine !== undefined) return engine;
  const known = engines.map((candidate) => candidate.name).join(', ');
  throw new SpikewireError('usage', `device "${address}"`, 'is not an engine', `one of ${known}, or <driver>:<board>`);
}

async function openBoard(address: string, { drivers, warn }: AddressOptions): Promise<ExecutorSource> {
  const { driver, rest, entries, problems } = await driverOf(address, drivers);
  if (driver !== undefined) return driver.open(rest, { warn });
  const { scheme } = boardAddress(address)!;
  throw new SpikewireError(
    'usage',
    `device "${address}"`,
    `needs the driver "${scheme}", which is not installed`,
    expectedBoards(
      entries.map((each) => each.scheme),
      problems,
    ),
  );
}
