import { join } from 'node:path';
import { profileNamed } from 'spikewire/session';
import { describe, expect, it } from 'vitest';
import { readFields } from '../field.ts';
import type { NodeConfiguration } from '../node-red.ts';
import { netFields, netSettings } from './settings.ts';

const USER = join('/', 'var', 'node-red');

function readSettings(stored: NodeConfiguration, id: string, userDir: string) {
  return netSettings(readFields(stored, netFields), id, userDir);
}

const otherRule = 'another choice of "If missing"';

describe('the settings of nets', () => {
  it('takes what the editor gives a new node, with a store of its own', () => {
    expect(readSettings({ model: 'a.spike' }, 'n1', USER)).toEqual({
      model: { kind: 'file', path: join(USER, 'a.spike') },
      directory: join(USER, 'spikewire', 'n1'),
      per: 'flow',
      capacity: 64,
      form: { profile: profileNamed('plain'), missing: 'refuse', otherRule },
      learning: true,
      only: undefined,
      saveEverySeconds: 60,
      storeLimits: { quotaBytes: 512 * 2 ** 20, bytesPerDay: 512 * 2 ** 20 },
      onNewModel: 'keep',
      sensitivity: undefined,
      holdOff: undefined,
      inRow: undefined,
      device: 'clocked',
      threads: 1,
    });
  });

  it('reads where channels stand, and says what it cannot read', () => {
    const stored = { model: 'a.spike', profile: 'tasmota', paths: 'level=a.b', missing: 'hold' };
    expect(readSettings(stored, 'n1', USER).form).toEqual({
      profile: profileNamed('tasmota'),
      paths: new Map([['level', ['a', 'b']]]),
      missing: 'hold',
      otherRule,
    });
    expect(() => readSettings({ ...stored, paths: 'level' }, 'n1', USER)).toThrow('channels: have "level"');
  });

  it('reads numbers from text, keeps absolute paths, and takes false for false', () => {
    const model = join('/', 'opt', 'a.spike');
    const stored = {
      model,
      store: 'learned',
      per: 'topic',
      capacity: '5',
      only: ' hall, attic/north ,hall',
      saveEvery: '0',
      storeBudget: '0.25',
      storePerDay: '2',
      sensitivity: '7.5',
      holdOff: '0',
      inRow: '3',
      learning: false,
      worker: false,
    };
    expect(readSettings(stored, 'n1', USER)).toMatchObject({
      model: { path: model },
      directory: join(USER, 'learned'),
      ...{
        per: 'topic',
        capacity: 5,
        only: new Set(['hall', 'attic/north']),
        saveEverySeconds: 0,
        storeLimits: { quotaBytes: 262_144, bytesPerDay: 2_097_152 },
        sensitivity: 7.5,
        holdOff: 0,
        inRow: 3,
        learning: false,
        device: 'clocked',
      },
    });
  });

  it.each([
    ['', true, 'clocked', 1],
    ['', false, 'clocked', 0],
    [' auto ', true, 'auto', 1],
    ['auto', false, 'auto', 0],
    ['event+worker', false, 'event', 1],
    ['loom:192.168.1.7', true, 'loom:192.168.1.7', 1],
  ])('device "%s", with a thread: %s, is %s with %i threads', (address, worker, device, threads) => {
    expect(readSettings({ model: 'a', device: address, worker }, 'n1', USER)).toMatchObject({ device, threads });
  });

  it.each([
    [
      'temperature (°C), relative humidity ( % ), n',
      [
        ['temperature', '°C'],
        ['relative humidity', '%'],
        ['n', ''],
      ],
    ],
    ['speed(m/s)', [['speed', 'm/s']]],
  ])('reads channels: %s', (model, expected) => {
    const { model: source } = readSettings({ model, modelType: 'channels', warmUp: '40' }, 'n1', USER);
    expect(source).toEqual({
      kind: 'next-reading',
      channels: expected.map(([name, unit]) => ({ name, unit })),
      rangeWarmUp: 40,
    });
  });

  it.each([
    [{ model: ' ' }, 'model: is not set; expected the path of a .spike file'],
    [{ model: 'a,,b', modelType: 'channels' }, 'model: has channel ""; expected name (unit)'],
    [{ model: '(m)', modelType: 'channels' }, 'model: has channel "(m)"; expected name (unit)'],
    [
      { model: 'a, b, a (m)', modelType: 'channels' },
      'model: has channel "a" twice; expected a name of its own for each',
    ],
    [
      { model: 'a', modelType: 'channels', warmUp: '1.5' },
      'warmUp: is "1.5"; expected a whole number from 2 to 1000000',
    ],
    [{ model: 'a', per: 'topic', capacity: '0' }, 'capacity: is "0"; expected a whole number from 1 to 1000'],
    [{ model: 'a', per: 'topic', only: 'a,,b' }, 'only: has topic ""; expected topics, with a comma between two'],
    [{ model: 'a', storeBudget: '0' }, 'storeBudget: is "0"; expected a number from 0.0625 to 1048576'],
    [{ model: 'a', saveEvery: 'often' }, 'saveEvery: is "often"; expected a number from 0 to 86400'],
    [{ model: 'a', sensitivity: 0 }, 'sensitivity: is "0"; expected a number from 0.01 to 1000000000'],
    [{ model: 'a', onNewModel: 'burn' }, 'onNewModel: is "burn"; expected keep, rebase, reset'],
  ])('says what is wrong with %o', (stored, line) => {
    expect(() => readSettings(stored, 'n1', USER)).toThrow(line);
  });

  it('takes no offence at what the form does not show', () => {
    const stored = { model: 'a', warmUp: '1', capacity: 'many', only: ',' };
    expect(readSettings(stored, 'n1', USER)).toMatchObject({ model: { kind: 'file' }, capacity: 64, only: undefined });
  });
});
