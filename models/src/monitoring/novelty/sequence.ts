import type { ParameterTable } from '../../parameters/declaration.ts';
import { monitorKind, watchParameters } from '../monitor/monitor.ts';
import { noveltyMonitor } from './novelty-monitor.ts';
import { TemporalMemory } from './temporal-memory.ts';

const parameters = {
  ...watchParameters,
  warmUp: { ...watchParameters.warmUp, default: 300 },
  sensitivity: { ...watchParameters.sensitivity, default: 3 },
  seed: { doc: 'of hashes and of what is learned by chance', form: 'integer', default: 1, minimum: 0, maximum: 0xffff },
} as const satisfies ParameterTable;

/** 15 kB of state; a larger memory found no more in the Numenta Anomaly Benchmark. */
const SIZE = { columns: 128, cells: 4, segments: 500 };

/**
 * Sequences that a spiking temporal memory did not foresee, one memory for each channel. Score = max over channels of
 * the risen share of columns that burst.
 */
export const sequence = monitorKind({
  type: 'sequence',
  title: 'unusual order',
  about: 'whether the last values follow each other in a new order',
  parameters,
  channelBytes: 24_576,

  prepare: (options, { channels }) =>
    noveltyMonitor(
      channels.length,
      channels.map((of, channel) => {
        const memory = new TemporalMemory(SIZE, options.seed + channel);
        return {
          channels: [of],
          state: memory.state,
          workingBytes: memory.workingBytes,
          step: (tiles, learning) => memory.step(tiles[channel]!.columns, learning),
        };
      }),
      { ...options, columns: SIZE.columns },
      'comes in an order that was not foreseen',
    ),
});
