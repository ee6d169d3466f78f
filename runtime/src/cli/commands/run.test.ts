import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { nextReadingModel, writeModel } from '@spikewire/models';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { bringing, Installation, sensorText } from '../../extensions/installation.test-data.ts';
import { parseArguments } from '../arguments.ts';
import { openConsole } from '../console.ts';
import { command } from './run.ts';

const channels = ['x', 'y'].map((name) => ({ name, unit: '' }));
const predicting = nextReadingModel({ channels, neurons: 5, rangeWarmUp: 4, monitor: { warmUp: 4 } });

/** A busy machine is slow to load what the command needs. */
const PATIENCE = { timeout: 30_000 };

let installed: Installation;
beforeEach(() => {
  installed = new Installation();
  installed.install(installed.home, { sensors: bringing('sensors', 'sensorDrivers', sensorText('fake')) });
  vi.stubEnv('SPIKEWIRE_PACKAGES', join(installed.home, 'node_modules/sensors'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  installed.remove();
});

describe('spikewire run with a sensor and no topic', () => {
  it('prints answers as the model that runs gives them, also after SIGHUP', async () => {
    const path = join(installed.project, 'net.spike');
    writeFileSync(path, writeModel(predicting));
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    let output = '';
    stdout.on('data', (chunk) => {
      output += chunk;
    });
    const ending = new AbortController();
    let hangUp = () => {};
    const console = openConsole(false, {
      ...{ stdout, stderr, signal: ending.signal, now: () => 0 },
      endedBySignals: (work) => work(),
      onHangUp: (listener) => {
        hangUp = listener;
      },
    });
    const words = [path, '--sensor', 'fake:a', '--interval', '0.002', '--threads', '0'];
    const running = command.run(parseArguments(command, words), console);
    const results = () =>
      output
        .split('\n')
        .filter((line) => line.startsWith('{') && line.endsWith('}'))
        .map((line) => JSON.parse(line).result)
        .filter((result) => result !== null);
    try {
      await expect.poll(() => results().length, PATIENCE).toBeGreaterThan(0);
      // The same without a monitor, whose numbers are no prediction of the channels by their names.
      writeFileSync(path, writeModel({ ...predicting, monitors: [] }));
      const before = output.length;
      hangUp();
      await expect.poll(() => output.slice(before), PATIENCE).toMatch(/model: \S+, digest/);
      const { length } = results();
      await expect.poll(() => results().length, PATIENCE).toBeGreaterThan(length + 1);
    } finally {
      ending.abort();
      await running;
    }
    expect(results()[0]).toEqual({ x: expect.any(Number), y: expect.any(Number) });
    expect(results().at(-1)).toEqual([expect.any(Number), expect.any(Number)]);
  });
});
