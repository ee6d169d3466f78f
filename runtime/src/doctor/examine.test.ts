import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { foreignCommands } from '../cli/commands/registry.ts';
import { bringing, Installation, sensorText } from '../extensions/installation.test-data.ts';
import { brokerAdvice } from './checks/broker.ts';
import type { Check } from './checks/check.ts';
import { clockAdvice, judgeClock } from './checks/clock.ts';
import { engines } from './checks/engines.ts';
import { judgeMemory } from './checks/memory.ts';
import { judgeNode } from './checks/node.ts';
import { judgePackage, lookAtPackages } from './checks/packages.ts';
import { storeAdvice } from './checks/store.ts';
import { examine } from './examine.ts';

const question = { mqtt: undefined, store: undefined };

describe('an examination', () => {
  it('tells findings in the order of the checks, whichever is ready first', async () => {
    const slow: Check = { name: 'slow', look: async () => delay(20).then(() => ({ state: 'ok', found: 'at last' })) };
    const many: Check = {
      name: 'many',
      look: async () => [
        { state: 'ok', found: 'one' },
        { state: 'note', found: 'two', advice: 'three' },
      ],
    };
    expect(await examine([slow, many], question)).toEqual([
      { check: 'slow', state: 'ok', found: 'at last' },
      { check: 'many', state: 'ok', found: 'one' },
      { check: 'many', state: 'note', found: 'two', advice: 'three' },
    ]);
  });

  it('takes a check that fails as a bad finding', async () => {
    const failing: Check = {
      name: 'failing',
      look: async () => {
        throw new Error('no such luck');
      },
    };
    expect(await examine([failing], question)).toEqual([{ check: 'failing', state: 'bad', found: 'no such luck' }]);
  });
});

describe('the clock', () => {
  const today = new Date('2026-11-25T10:00:00Z');

  it.each([
    ['a PC', today, false, true, 'ok'],
    ['a container, which shows neither', today, false, false, 'ok'],
    ['a board with a clock chip', today, true, true, 'ok'],
    ['a board without one', today, true, false, 'note'],
    ['one that has not been set', new Date(0), true, true, 'note'],
  ])('of %s', (_, now, isBoard, hasChip, state) => {
    const finding = judgeClock(now, isBoard, hasChip);
    expect(finding.state).toBe(state);
    expect(finding.advice === undefined).toBe(state === 'ok');
  });
});

describe('advice', () => {
  const machine = (programs: string[], systemd = true, root = false) => ({
    programs: new Set(programs),
    systemd,
    root,
  });

  it.each([
    [
      'Debian',
      machine(['apt-get', 'sudo']),
      'sudo apt-get install -y mosquitto && sudo systemctl enable --now mosquitto',
    ],
    ['one with a broker', machine(['mosquitto', 'apt-get', 'sudo']), 'sudo systemctl enable --now mosquitto'],
    ['a container', machine(['apt-get'], false, true), 'apt-get install -y mosquitto && mosquitto -d'],
    ['Alpine', machine(['apk', 'sudo'], false, true), 'apk add mosquitto && mosquitto -d'],
    ['a Mac', machine(['brew', 'sudo'], false), 'brew install mosquitto && mosquitto -d'],
    ['one without packages', machine([]), 'install mosquitto (https://mosquitto.org/download)'],
  ])('about a broker is what works on %s', (_, of, advice) => {
    expect(brokerAdvice(of, 'localhost', 'broker: connection refused; expected a running MQTT broker')).toBe(advice);
  });

  it('about a broker that refuses is about that, and about one elsewhere to name another', () => {
    const advice = (problem: string, host = '127.0.0.1') => brokerAdvice(machine(['mosquitto']), host, problem);
    expect(advice('broker: wrong user name or password')).toBe('add --mqtt-user <name> --mqtt-password-file <file>');
    expect(advice('its certificate is not signed by a known authority')).toBe('add --mqtt-ca <file>');
    expect(advice('connection refused', 'hub')).toBe(
      'give the address of a running broker: spikewire doctor --mqtt <url>',
    );
  });

  it('about clock and store names a command where this user may call it', () => {
    expect(clockAdvice(machine(['timedatectl', 'sudo']))).toMatch(/^sudo timedatectl set-ntp true, or fit/);
    expect(clockAdvice(machine(['timedatectl'], false))).toBe('fit a battery-backed clock');
    const advice = (code: string, root = false) => storeAdvice(machine(['sudo'], true, root), "/var/o'k", 'pi', code);
    expect(advice('EACCES')).toBe("sudo install -d -o pi '/var/o'\\''k'");
    for (const other of [advice('EROFS'), advice('EACCES', true)]) expect(other).toMatch(/^choose a folder on a disk/);
  });
});

describe('judgements', () => {
  it.each([
    ['18.20.8', 'bad'],
    ['20.0.0', 'ok'],
    ['24.1.0', 'ok'],
  ])('Node %s is %s', (version, state) => {
    expect(judgeNode(version, 'linux arm64').state).toBe(state);
  });

  it('little memory is noted with what to do', () => {
    expect(judgeMemory(3000, 4000, 4)).toEqual({ state: 'ok', found: '3000 MiB available of 4000; 4 cores' });
    expect(judgeMemory(40, 430, 1)).toMatchObject({ state: 'note', advice: expect.stringContaining('--threads 0') });
  });

  it('a package is missing, the same version, or another', () => {
    expect(judgePackage('x', undefined, '1.0.0')).toMatchObject({ state: 'note', advice: 'npm install x' });
    expect(judgePackage('x', '1.0.0', '1.0.0')).toEqual({ state: 'ok', found: 'x 1.0.0' });
    expect(judgePackage('x', '1.1.0', '1.0.0')).toMatchObject({
      state: 'note',
      advice: 'npm install x, of version 1.0.0',
    });
  });

  it('packages that bring something are listed with it, and broken ones in one line each', async () => {
    const made = new Installation();
    made.install(made.project, {
      good: bringing('sensors', 'sensorDrivers', sensorText('weather')),
      bad: { spikewire: { sensors: './none.js', commands: './none.js' } },
      worse: { spikewire: 1 },
    });
    const results = await lookAtPackages(foreignCommands, made.places);
    made.remove();
    expect(results.filter(({ state }) => state !== 'note')).toEqual([
      { state: 'ok', found: 'good 1.0.0 brings sensor weather' },
      { state: 'bad', found: expect.stringMatching(/^worse: package\.json: has "spikewire": 1; expected /) },
      { state: 'bad', found: 'bad: ./none.js: does not exist; expected a module of the package' },
    ]);
    expect(results.filter(({ state }) => state === 'note').map(({ found }) => found)).toEqual([
      '@spikewire/trainer is not installed',
      '@spikewire/exchange is not installed',
      '@spikewire/devices is not installed',
    ]);
  });

  it('every engine runs its trial net', async () => {
    expect(await engines.look(question)).toMatchObject({ state: 'ok', found: expect.stringContaining('reference') });
  });
});
