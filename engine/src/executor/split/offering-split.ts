import type { Model } from '@spikewire/models';
import { SpikewireError } from '@spikewire/models/error';
import type { ExecutorSource } from '../executor.ts';
import { splitOffer } from './split-offer.ts';

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
