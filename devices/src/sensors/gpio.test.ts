import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SensorSettings, splitAddress } from 'spikewire/sensors';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { take } from '../../fixtures/take.ts';
import { gpioDriver } from './gpio.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-gpio-'));
  vi.stubEnv('PATH', `${folder}:${process.env.PATH}`);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

/** Programs that stand in for those of libgpiod 2.2 on a machine without a chip: they print what these print. */
async function pretend(programs: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, script] of Object.entries(programs)) {
    await writeFile(join(folder, name), `#!/bin/sh\necho "$@" > ${join(folder, name)}.words\n${script}\n`);
    await chmod(join(folder, name), 0o755);
  }
}

const wordsOf = async (program: string) => (await readFile(join(folder, `${program}.words`), 'utf8')).trim();

function openLines(address: string) {
  const { name, texts } = splitAddress(address.slice('gpio:'.length));
  return gpioDriver.open(name, new SensorSettings(address, texts));
}

describe('edges on GPIO lines', () => {
  it('are the levels of all lines, with the times of the kernel to the nanosecond', async () => {
    await pretend({
      gpioget: "echo '1 0'",
      gpiomon:
        "printf '2 17 48.000000007 GPIO17\\n1 27 48.000000009 GPIO27\\n1 17 48.000000009 GPIO17\\n'; exec sleep 60",
    });
    const sensor = await openLines('gpio:gpiochip0/17,27?bias=pull-up&debounce=2');
    expect(sensor.description.channels.map(({ name }) => name)).toEqual(['17', '27']);
    const { times, samples, changed, origin, figures } = await take(sensor, 3);
    expect(times).toEqual([48.000000007, 48.000000009, 48.000000009]);
    expect(samples).toEqual([
      [0, 0],
      [0, 1],
      [1, 1],
    ]);
    expect(changed).toEqual([0, 1, 0]);
    // The kernel counts from its start, as the clock of this process does.
    const uptime = Number(process.hrtime.bigint()) / 1e6;
    expect(Math.abs(origin + uptime - Date.now())).toBeLessThan(60_000);
    expect(figures).toMatchObject({ duplicates: 0, backwards: 0 });
    expect(await wordsOf('gpioget')).toBe('--chip gpiochip0 --bias pull-up --numeric 17 27');
    expect(await wordsOf('gpiomon')).toBe(
      '--chip gpiochip0 --bias pull-up --edges both --debounce-period 2ms --unquoted --format %e %o %S %l 17 27',
    );
  });

  it('are those of lines by their names, whatever else is printed', async () => {
    await pretend({
      gpioget: 'echo 0',
      gpiomon: "printf 'a banner\\n1 17 1.5 GPIO17\\n1 4 1.6 GPIO4\\n'; exec sleep 60",
    });
    const { samples, times } = await take(await openLines('gpio:GPIO17'), 1);
    expect([samples, times]).toEqual([[[1]], [1.5]]);
  });

  it('say the command that lets a user in, what to install, and which lines', async () => {
    const problem = async (address: string) => {
      const abort = new AbortController();
      let said = '';
      const onProblem = ({ message }: Error) => {
        said = message;
        abort.abort();
      };
      const sensor = await openLines(address);
      await take(sensor, 1, { onProblem, signal: abort.signal }).catch(({ message }: Error) => {
        said = message;
      });
      return said;
    };
    await pretend({ gpioget: 'echo "gpioget: unable to open chip \'/dev/gpiochip0\': Permission denied" >&2; exit 1' });
    expect(await problem('gpio:gpiochip0/17')).toBe(
      "gpio:gpiochip0/17: gpioget: unable to open chip '/dev/gpiochip0': Permission denied; expected membership of the group gpio: sudo usermod -aG gpio $USER, and then a new login",
    );
    vi.stubEnv('PATH', join(folder, 'nothing'));
    expect(await problem('gpio:GPIO17')).toBe('gpio:GPIO17: needs gpioget; expected sudo apt install gpiod');
    await expect(openLines('gpio:17')).rejects.toThrow(/does not say which lines; expected gpio:gpiochip0\/17,27 or/);
    await expect(openLines('gpio:gpiochip0/17,17')).rejects.toThrow(/does not say which lines/);
    await expect(openLines('gpio:GPIO17?edges=up')).rejects.toThrow(/has edges=up; expected both, rising, falling/);
  });
});
