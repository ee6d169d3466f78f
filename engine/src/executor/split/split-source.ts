import type { Model } from '@spikewire/models';
import type { Executor, ExecutorSource } from '../executor.ts';

/**
 * A board and what runs here as one source: of a model that does not fit on the board whole, the board runs the
 * populations that do, and `here` runs the rest. `placementOn` says which node lies where, and why; an open net says
 * it, too. A model of which nothing fits on the board is refused.
 */
export function splitOver(board: ExecutorSource, here: ExecutorSource): ExecutorSource {
  const name = `${board.name} and ${here.name}`;
  return {
    name,
    abilities: here.abilities,
    get rests() {
      return board.rests === true || here.rests === true;
    },
    async placement(model: Model) {
      const { placementOf, planSplit } = await import('./plan.ts');
      return placementOf(planSplit(model, board.abilities), name, { board, here });
    },
    async open(bytes, options = {}): Promise<Executor> {
      const [{ readAnyModel }, { openSplit }] = await Promise.all([
        import('@spikewire/models'),
        import('./split-executor.ts'),
      ]);
      const { memory } = options;
      const model = readAnyModel(bytes, memory === undefined ? {} : { bytes: memory });
      return openSplit(model, { name, board, here, options });
    },
    async close() {
      await Promise.all([board.close(), here.close()]);
    },
  };
}
