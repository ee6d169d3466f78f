import { referenceEngine } from '@spikewire/engine';
import { InProcessExecutor } from '@spikewire/engine/executor';
import { anomalyModel, classifierModel } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { Session } from '../session/session.ts';
import { parseArguments } from './arguments.ts';
import { monitorOptions, readMonitorSettings } from './monitor-options.ts';

const channels = [{ name: 'level', unit: 'm' }];
const model = anomalyModel({ channels, beside: ['drift', 'stuck'], neurons: 10 });
const command = { name: 'run', summary: '', options: monitorOptions, run: async () => {} };
const read = (words: string[], of = model) => readMonitorSettings(parseArguments(command, words), of);

describe('settings of monitors', () => {
  it('are of the first monitor, or of one by its name', () => {
    const words = ['--sensitivity', '8', '--sensitivity', 'drift=3.5', '--hold-off', 'drift=0', '--hold-off', '5'];
    expect(Object.fromEntries(read(words))).toEqual({
      'next-reading': { sensitivity: 8, holdOff: 5 },
      drift: { sensitivity: 3.5, holdOff: 0 },
    });
  });

  it('take a name with an equals sign in it', () => {
    const named = { ...model, monitors: [{ type: 'drift', parameters: { name: 'a=b' } }] };
    expect(Object.fromEntries(read(['--sensitivity', 'a=b=3'], named))).toEqual({ 'a=b': { sensitivity: 3 } });
  });

  it.each([
    [['--sensitivity', 'fast'], /^spikewire run --sensitivity: is "fast"; expected a number above 0$/],
    [['--sensitivity', 'drift='], /is ""; expected a number above 0/],
    [['--hold-off', '-1.5'], /--hold-off/],
    [['--hold-off', '1.5'], /is "1.5"; expected a whole number from 0/],
    [
      ['--sensitivity', 'rate=3'],
      /is "rate=3"; expected a number, or <monitor>=<number> with one of next-reading, drift, stuck$/,
    ],
    [
      ['--sensitivity', 'rate=drift=3'],
      /is "rate=drift=3"; expected a number, or <monitor>=<number> with one of next-reading, drift, stuck$/,
    ],
  ])('are refused where they are wrong: %j', (words, message) => {
    expect(() => read(words)).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.stringMatching(message) }),
    );
  });

  it('are refused for a model without monitors', () => {
    const classifier = classifierModel({ channels, labels: [], neurons: 10 });
    expect(() => read(['--sensitivity', '3'], { ...classifier, monitors: [] })).toThrow(
      'expected a model with monitors',
    );
  });

  it('hold in the place of those of the model, until a person sets others, which are kept', async () => {
    const open = () => {
      const monitorSettings = read(['--sensitivity', '8', '--hold-off', 'stuck=7']);
      return new Session(model, new InProcessExecutor(referenceEngine, model), { monitorSettings });
    };
    const first = open();
    const limits = ({ monitors }: Session) =>
      monitors.watches.map(({ sensitivity, holdOff }) => [sensitivity, holdOff]);
    expect(limits(first)).toEqual([
      [8, 60],
      [2, 60],
      [expect.any(Number), 7],
    ]);
    first.monitors.find('next-reading')!.configure({ sensitivity: 20 });
    const second = open();
    await second.restore(await first.save());
    expect(limits(second)[0]).toEqual([20, 60]);
    await second.reset();
    expect(limits(second).map(([, holdOff]) => holdOff)).toEqual([60, 60, 7]);
  });
});
