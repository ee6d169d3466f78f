import { SpikewireError } from 'spikewire';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { NodeStatus } from '../node-red.ts';
import { StatusLine } from './status-line.ts';

const WARM = { anomaly: false, learning: true, warmUp: { done: 400, of: 400 } };

describe('StatusLine', () => {
  let shown: NodeStatus[];
  let line: StatusLine;
  beforeEach(() => {
    vi.useFakeTimers();
    shown = [];
    const translate = (key: string, values?: Readonly<Record<string, unknown>>) =>
      values === undefined ? key : `warm-up ${values.percent} %`;
    line = new StatusLine({ status: (status) => shown.push(status) }, translate);
  });
  afterEach(() => {
    line.close();
    vi.useRealTimers();
  });

  const texts = () => shown.map(({ text }) => text);

  it('says the same once', () => {
    for (let k = 0; k < 1000; k++) line.state(WARM);
    vi.advanceTimersByTime(10_000);
    expect(texts()).toEqual(['status.learning']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('says what it was last, four times a second at most', () => {
    for (let done = 0; done <= 400; done++) {
      line.state({ ...WARM, warmUp: { done, of: 400 } });
      vi.advanceTimersByTime(5);
    }
    vi.advanceTimersByTime(500);
    expect(texts().length).toBeLessThanOrEqual(2000 / 250 + 2);
    expect(texts()[0]).toBe('warm-up 0 %');
    expect(texts().at(-1)).toBe('status.learning');
  });

  it('says that readings are gathered until the net has done something, and then what that was', () => {
    line.waiting();
    line.gathering();
    vi.advanceTimersByTime(300);
    line.state({ ...WARM, anomaly: true });
    vi.advanceTimersByTime(300);
    for (let k = 0; k < 10; k++) {
      line.gathering();
      vi.advanceTimersByTime(300);
    }
    expect(texts()).toEqual(['status.waiting', 'status.gathering', 'status.anomaly']);
    line.problem(new SpikewireError('input', 'message', 'is null'));
    line.gathering();
    vi.advanceTimersByTime(2100);
    expect(texts().slice(3)).toEqual(['status.badInput', 'status.anomaly']);
  });

  it('says how far the first answer is, and in which time', () => {
    const said = { done: 40, of: 256, secondsLeft: undefined };
    const translate = (key: string, values?: Readonly<Record<string, unknown>>) => `${key} ${JSON.stringify(values)}`;
    const own = new StatusLine({ status: (status) => shown.push(status) }, translate);
    own.gathering({ ...said, done: 1 });
    vi.advanceTimersByTime(300);
    own.gathering({ ...said, secondsLeft: 2160 });
    vi.advanceTimersByTime(300);
    own.state({ ...WARM, warmUp: { done: 100, of: 400, secondsLeft: 7200 } });
    own.close();
    expect(texts().slice(0, 3)).toEqual([
      'status.gathered {"done":1,"of":256}',
      'status.gatheredLeft {"done":40,"of":256,"left":"36 min"}',
      'status.warmUpLeft {"percent":25,"left":"2 h"}',
    ]);
  });

  it('counts what was dropped', () => {
    for (let k = 0; k < 1500; k++) line.problem(new SpikewireError('budget', 'msg.topic', 'exceeds the limit of 64'));
    vi.advanceTimersByTime(2100);
    expect(texts()).toEqual(['status.tooMany (1)', 'status.tooMany (1500)']);
  });

  it('says a problem at once and long enough to be read, then goes on', () => {
    line.state(WARM);
    line.problem(new SpikewireError('input', 'message', 'is null'));
    line.state(WARM);
    expect(texts()).toEqual(['status.learning', 'status.badInput']);
    vi.advanceTimersByTime(1900);
    expect(texts()).toHaveLength(2);
    vi.advanceTimersByTime(200);
    expect(texts()).toEqual(['status.learning', 'status.badInput', 'status.learning']);
  });

  it.each([
    ['input', 'status.badInput', 'yellow'],
    ['budget', 'status.tooMany (1)', 'red'],
    ['file', 'status.noModel', 'red'],
    ['usage', 'status.badSettings', 'red'],
    ['store', 'status.noStore', 'red'],
    ['unsupported', 'status.failed', 'red'],
  ] as const)('says a problem of the kind %s as %s', (code, text, fill) => {
    line.problem(new SpikewireError(code, 'x', 'y'));
    expect(shown).toEqual([{ text, fill, shape: 'ring' }]);
  });

  it('says nothing after it was closed, and leaves no timer', () => {
    line.state(WARM);
    line.close();
    line.state({ ...WARM, anomaly: true });
    expect(shown.at(-1)).toEqual({});
    expect(vi.getTimerCount()).toBe(0);
  });
});
