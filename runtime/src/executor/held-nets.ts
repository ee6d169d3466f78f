import { type Executor, type ExecutorSource, refuseMisfits } from '@spikewire/engine/executor';
import { SpikewireError } from '@spikewire/models/error';

/** A board that holds as many nets as it can. */
export class FullBoardError extends SpikewireError {
  /** Which board holds which nets, without what to do about it. */
  readonly line: string;

  constructor(net: string | undefined, problem: string) {
    const where = net === undefined ? 'net' : `net "${net}"`;
    super('budget', where, problem, 'that it is closed first, or another device');
    this.line = `${where}: ${problem}`;
  }
}

/** For people: `toy 0 holds one net at a time, now "north"`. */
export function heldBy(board: string, most: number, held: readonly (string | undefined)[]): string {
  const nets = most === 1 ? 'one net' : `${most} nets`;
  return `${board} holds ${nets} at a time, now ${namesOf(held)}`;
}

function namesOf(held: readonly (string | undefined)[]): string {
  return held.map((net) => (net === undefined ? 'one on trial' : `"${net}"`)).join(', ');
}

/**
 * The same board, which knows the nets that it holds, and rejects with a {@link FullBoardError} where one more would
 * exceed its abilities, or finds no room beside them. A model that is beyond the abilities is refused for that.
 */
export function holdingNets(board: ExecutorSource): ExecutorSource {
  const most = board.abilities.nets;
  if (most === undefined) return board;
  const held = new Set<{ readonly name: string | undefined }>();
  const names = () => Array.from(held, (net) => net.name);
  return {
    name: board.name,
    abilities: board.abilities,
    get rests() {
      return board.rests === true;
    },
    ...(board.placement && { placement: (model) => board.placement!(model) }),
    async open(bytes, options = {}) {
      const { name, memory } = options;
      if (held.size >= most) {
        const { readAnyModel } = await import('@spikewire/models');
        await refuseMisfits(board, readAnyModel(bytes, memory === undefined ? {} : { bytes: memory }));
        throw new FullBoardError(name, heldBy(board.name, most, names()));
      }
      const others = names();
      const net = { name };
      held.add(net);
      const leave = () => held.delete(net);
      try {
        return leaving(await board.open(bytes, options), leave);
      } catch (failure) {
        leave();
        if (!(failure instanceof SpikewireError) || failure.code !== 'budget' || others.length === 0) throw failure;
        throw new FullBoardError(name, `${failure.message}; it holds ${namesOf(others)}`);
      }
    },
    close: () => board.close(),
  };
}

/** The same executor, which calls `leave` once it is closed, or cannot be. */
function leaving(executor: Executor, leave: () => void): Executor {
  return {
    get name() {
      return executor.name;
    },
    get bytes() {
      return executor.bytes;
    },
    get choice() {
      return executor.choice;
    },
    get nodes() {
      return executor.nodes;
    },
    run: (request) => executor.run(request),
    setLearning: (on) => executor.setLearning(on),
    resetLearning: () => executor.resetLearning(),
    save: () => executor.save(),
    restore: (state) => executor.restore(state),
    close: () => executor.close().finally(leave),
  };
}
