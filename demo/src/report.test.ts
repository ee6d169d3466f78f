import { describe, expect, it } from 'vitest';
import type { ComparedScore } from './comparisons.ts';
import type { DemoSummary } from './demo.ts';
import { formatNodeRedSummary, formatSummary } from './report.ts';
import type { Score } from './scorecard.ts';
import type { NodeRedDemoSummary } from './summary.ts';

function compared(name: string, score: Partial<Score>): ComparedScore {
  const base = { readings: 34_466, events: 4, found: 4, delays: [1, 1, 1, 0], falseEpisodes: 3, flagged: 0.0045 };
  return { name, score: { ...base, temperatureError: 0.1, humidityError: 0.45, quietAfter: 20, ...score } };
}

const summary: DemoSummary = {
  model: { digest: '0'.repeat(64), bytes: 7768, neurons: 100 },
  moved: { stream: 'single-hop-2', reading: 2000, shift: 3 },
  sensitivity: 6,
  holdOff: 60,
  resumedAt: 12_345,
  complete: true,
  learning: compared('learning', {}),
  frozen: compared('frozen after the warm-up', {
    found: 0,
    delays: [],
    flagged: 0.6516,
    falseEpisodes: 23,
    quietAfter: null,
  }),
  baselines: [
    compared('moving z-score 3σ', { found: 0, delays: [], falseEpisodes: 228, temperatureError: 0.2 }),
    compared('moving z-score 50σ (best for these labels)', {
      delays: [114, 101, 32, 57],
      falseEpisodes: 3,
      temperatureError: 0.2,
    }),
    compared('moving average of 10, learned range', { found: 3, delays: [0, 0, 100] }),
    compared('last reading, learned range', { found: 4, falseEpisodes: 4, temperatureError: 0.015 }),
  ],
  latencyMs: { p50: 17.6, p99: 177.1, answers: 37_674, underWay: 64 },
  spikesPerReading: 539.2,
  synapticOperationsPerReading: 11_068.3,
  memory: { residentBytes: 208e6, networkBytes: 81_348 },
  saves: { count: 58, bytes: 1.46e6 },
  messages: { received: 37_674, bad: 0, published: 37_674, dropped: 0 },
};

describe('report of the demo', () => {
  it('fits into 80 columns', () => {
    for (const line of formatSummary(summary).split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  it('has a column for each contestant under its letter', () => {
    const lines = formatSummary(summary).split('\n');
    const row = (name: string) =>
      lines
        .find((line) => line.trim().startsWith(name))!
        .trim()
        .split(/\s{2,}/)
        .slice(1);
    expect(row('A   ')).toEqual(['B', 'C', 'D', 'E', 'F']);
    expect(row('events found')).toEqual(['4/4', '0/4', '0/4', '4/4', '3/4', '4/4']);
    expect(row('moved sensor')).toEqual(['20', 'never', '20', '20', '20', '20']);
    expect(row('readings flagged')[1]).toBe('65.16');
  });

  it('names those that are as good or better, by the figures, and claims no better detection', () => {
    const text = formatSummary(summary).replaceAll('\n', ' ');
    expect(text).toContain(
      'As good or better at detecting on these labels: moving z-score 50σ (best for these labels).',
    );
    expect(text).toContain('Better at predicting temperature: last reading, learned range.');
    expect(text).toContain('no better detection');
    expect(text).toContain('65.2 %');
    const none = formatSummary({ ...summary, baselines: summary.baselines!.slice(0, 1) });
    expect(none).not.toContain('As good or better');
    expect(none).not.toContain('Better at predicting');
  });

  it('claims nothing of what was not run to its end', () => {
    const { frozen: _, ...rest } = summary;
    const stopped = formatSummary({ ...rest, frozen: undefined, baselines: undefined, complete: false }).replaceAll(
      '\n',
      ' ',
    );
    expect(stopped).toContain('The replay was stopped. Start the demo again and it continues');
    expect(stopped).not.toMatch(/frozen|as good/i);
    const early = { ...rest.learning, score: { ...rest.learning.score, quietAfter: null } };
    const moved = /moved sensor quiet after +(\S+)/;
    const said = (complete: boolean) =>
      moved.exec(formatSummary({ ...rest, frozen: undefined, baselines: undefined, learning: early, complete }))![1];
    expect([said(false), said(true)]).toEqual(['–', 'never']);
  });
});

describe('report of the flow', () => {
  const flow: NodeRedDemoSummary = {
    nodeRed: { version: '4.1.15', editor: 'http://127.0.0.1:1880/', page: 'http://127.0.0.1:1880/motes' },
    moved: summary.moved,
    sensitivity: 6,
    holdOff: 60,
    resumedAt: 12_345,
    notScored: 3,
    complete: true,
    learning: compared('learning in Node-RED', {}),
    latencyMs: summary.latencyMs,
    spikesPerReading: 539.2,
    networkBytes: 82_308,
    saves: 126,
  };

  it('fits into 80 columns and has the same rows', () => {
    const lines = formatNodeRedSummary(flow).split('\n');
    for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(80);
    for (const row of ['events found', 'false-alarm episodes', 'moved sensor quiet after'])
      expect(lines.filter((line) => line.startsWith(row))).toHaveLength(1);
  });

  it('says what was resumed, what is in no score, and when it was stopped', () => {
    expect(formatNodeRedSummary(flow)).toContain('resumed: 12345 readings');
    expect(formatNodeRedSummary(flow)).toContain('not scored: 3 readings');
    expect(formatNodeRedSummary({ ...flow, notScored: 0, complete: false })).not.toContain('not scored');
    expect(formatNodeRedSummary({ ...flow, complete: false })).toContain('Start the demo again');
  });
});
