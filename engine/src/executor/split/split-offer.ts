import type { Model } from '@spikewire/models';
import { SpikewireError } from '@spikewire/models/error';
import type { ExecutorSource } from '../executor.ts';

/**
 * What a split of a model that is beyond a board's abilities would bring, for people: `--split would place 3 of 9 nodes
 * on toy`. Undefined where the model is within them, and where nothing of it would be on the board.
 *
 * @param name what a split is called where people ask for one
 */
export async function splitOffer(
  model: Model,
  { name: board, abilities }: Pick<ExecutorSource, 'name' | 'abilities'>,
  name: string,
): Promise<string | undefined> {
  // Loaded here, because a thread that leaves all nets to a worker does without what reads models.
  const [{ misfitsOf }, { nodesOnBoard, planSplit }] = await Promise.all([
    import('../misfits.ts'),
    import('./plan.ts'),
  ]);
  const plan = planSplit(model, abilities);
  const { problems, ofNodes } = misfitsOf(abilities, model, plan.graph);
  const { size } = nodesOnBoard(plan);
  if (problems.length + ofNodes.size === 0 || size === 0) return undefined;
  return `${name} would place ${size} of ${plan.graph.nodes.length} nodes on ${board}`;
}

/**
 * The same board, whose refusal of a model that does not fit there whole says how much of it a split would place there.
 *
 * @param name what a split is called where people ask for one
 */
export function offeringSplit(board: ExecutorSource, name: string): ExecutorSource {
  return {
    name: board.name,
    abilities: board.abilities,
    get rests() {
      return board.rests === true;
    },
    ...(board.placement && { placement: (model: Model) => board.placement!(model) }),
    async open(bytes, options) {
      try {
        return await board.open(bytes, options);
      } catch (failure) {
        if (!(failure instanceof SpikewireError) || failure.code !== 'unsupported') throw failure;
        const { readAnyModel } = await import('@spikewire/models');
        const limit = options?.memory === undefined ? {} : { bytes: options.memory };
        const offer = await splitOffer(readAnyModel(bytes, limit), board, name);
        if (offer === undefined) throw failure;
        throw SpikewireError.restore(failure.code, failure.where, `${failure.message}; ${offer}`);
      }
    },
    close: () => board.close(),
  };
}
