import type { ParameterTable } from '../../parameters/declaration.ts';
import { monitorKind, watchParameters } from '../monitor/monitor.ts';
import type { HashedTiles } from './hashed-tiles.ts';
import { JointVisits } from './joint-visits.ts';
import { noveltyMonitor } from './novelty-monitor.ts';

const parameters = {
  ...watchParameters,
  warmUp: { ...watchParameters.warmUp, default: 300 },
  sensitivity: { ...watchParameters.sensitivity, default: 5 },
  seed: { doc: 'of the hashes', form: 'integer', default: 1, minimum: 0, maximum: 0xffff },
} as const satisfies ParameterTable;

/** Columns of the tiles: so many that hardly two tiles share one. */
const COLUMNS = 65_536;
/** Readings of the mean: a relation that has changed stays so, and one that is rare passes. */
const LASTING = 30;

/**
 * Relation: two channels do not go together as they did, though each alone is as usual. Score = max over pairs of
 * neighbouring channels, of the last and the first too, of the risen novelty of what they show in the same reading. Of
 * one channel it has no say.
 */
export const relation = monitorKind({
  type: 'relation',
  title: 'broken relation',
  about: 'whether the relation between two channels is as usual',
  parameters,
  channelBytes: 11_264,

  prepare(options, { channels }) {
    const { length } = channels;
    const pairs = Array.from({ length: length > 2 ? length : length - 1 }, (_, k) => {
      const next = (k + 1) % length;
      const visits = new JointVisits(options.seed);
      return {
        channels: [channels[k]!, channels[next]!],
        state: visits.state,
        step: (tiles: readonly HashedTiles[], learning: boolean) =>
          visits.take(tiles[k]!.columns, tiles[next]!.columns, learning),
      };
    });
    return noveltyMonitor(
      length,
      pairs,
      { ...options, columns: COLUMNS, readings: LASTING, lenientAfterFaults: true },
      'do not go together as usual',
    );
  },
});
