import { describe, expect, it } from 'vitest';
import { loadMoteStreams } from './wsn.ts';

describe('labelled wireless sensor network data', () => {
  it('has the eight streams, the rows and the four events that its source states', async () => {
    const streams = await loadMoteStreams();
    expect(streams).toHaveLength(8);
    const rows = (network: string) =>
      streams.filter(({ id }) => id.startsWith(network)).reduce((sum, { readings }) => sum + readings.length, 0);
    expect(rows('single-hop')).toBe(18_914);
    expect(rows('multi-hop')).toBe(18_760);
    const labelled = (network: string) =>
      streams
        .filter(({ id }) => id.startsWith(network))
        .reduce((sum, { readings }) => sum + readings.filter((reading) => reading.labelled).length, 0);
    expect(labelled('single-hop')).toBe(149);
    expect(labelled('multi-hop')).toBe(158);
    expect(streams.flatMap(({ events }) => events)).toHaveLength(4);
  });
});
