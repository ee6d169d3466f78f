import { bearingFrequencies } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { FAULTS, type Fault, type Scenario, SimulatedMachine, scenarioOf } from './machine.ts';
import { Vibration } from './vibration.ts';

const RATE = 12_000;
const HEALTHY: Scenario = { fault: 'none', severity: 0.3, load: 0.5, rpm: 1800, stuck: false, silent: false };
const LINES = { outer: 'bpfo', inner: 'bpfi', ball: 'bsf' } as const;

function machineWith(change: Partial<Scenario> = {}, growth = 0, seed = 1) {
  return new SimulatedMachine({ ...HEALTHY, ...change }, growth, seed);
}

const BEARING = { balls: 9, ballDiameter: 7.94, pitchDiameter: 39.04, contactAngle: 0 };

/** Mean features of eight windows of 0.7 s, as if the shaft turned `times` as fast. */
function featuresOf(machine: SimulatedMachine, times = 1): Record<string, number> {
  const vibration = new Vibration(
    {
      length: 8192,
      hop: 8192,
      unit: 'm/s2',
      bands: 0,
      machine: 'group2-rigid',
      bearing: BEARING,
      carrier: 1000,
      logarithms: false,
    },
    RATE,
  );
  const sums: Record<string, number> = {};
  for (let k = 0; k < 8; k++) {
    const [window] = vibration.take(machine.vibration(8192, RATE)!, (times * machine.truth.speed) / 60);
    for (const [name, value] of Object.entries(window!.features)) sums[name] = (sums[name] ?? 0) + value / 8;
  }
  return sums;
}

describe('a simulated machine', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(machineWith().vibration(100, RATE)).toEqual(machineWith().vibration(100, RATE));
    expect(machineWith({}, 0, 2).vibration(100, RATE)).not.toEqual(machineWith().vibration(100, RATE));
  });

  it('is one signal, whatever the blocks', () => {
    const [whole, parts] = [machineWith({ fault: 'inner' }), machineWith({ fault: 'inner' })];
    const signal = [...whole.vibration(300, RATE)!];
    expect([...parts.vibration(120, RATE)!, ...parts.vibration(180, RATE)!]).toEqual(signal);
  });

  it.each(['outer', 'inner', 'ball'] as const)(
    'with a damaged %s swings at its frequency, at any speed and load',
    (fault) => {
      for (const [rpm, load] of [
        [1800, 0],
        [1200, 1],
      ] as const) {
        const healthy = featuresOf(machineWith({ rpm, load }));
        const damaged = featuresOf(machineWith({ rpm, load, fault, severity: 0.6 }));
        expect(damaged[LINES[fault]]! / healthy[LINES[fault]]!).toBeGreaterThan(4);
        expect(damaged.kurtosis).toBeGreaterThan(4);
        expect(Math.abs(healthy.kurtosis! - 3)).toBeLessThan(0.5);
      }
      const { bpfo, bpfi, bsf } = featuresOf(machineWith({ fault, severity: 0.6 }));
      if (fault !== 'ball') expect(bsf).toBeLessThan(Math.max(bpfo!, bpfi!));
    },
  );

  it('shakes in turn with the shaft where the inner race is damaged, with the cage where a ball is', () => {
    // Where a cage is looked for that turns once with the shaft, the shaft is found.
    const asShaft = 1 / bearingFrequencies(BEARING, 1).ftf;
    const line = (fault: Fault, times: number) => featuresOf(machineWith({ fault, severity: 0.6 }), times).ftf!;
    expect(line('inner', asShaft) / line('outer', asShaft)).toBeGreaterThan(3);
    expect(line('ball', 1) / line('outer', 1)).toBeGreaterThan(3);
  });

  it('shakes more the worse it is, and the more it carries', () => {
    const strength = (change: Partial<Scenario>) => featuresOf(machineWith(change)).rms!;
    expect(strength({ fault: 'outer', severity: 0.8 })).toBeGreaterThan(
      1.5 * strength({ fault: 'outer', severity: 0.2 }),
    );
    expect(strength({ load: 1 })).toBeGreaterThan(1.1 * strength({ load: 0 }));
  });

  it('has damage that grows with time, to 1 at most, and none that grows without a fault', () => {
    const machine = machineWith({ fault: 'ball', severity: 0.1 }, 0.6);
    for (let k = 0; k < 10; k++) machine.vibration(RATE, RATE);
    expect(machine.truth.severity).toBeCloseTo(0.2, 10);
    machine.slow(3600);
    expect(machine.truth.severity).toBe(1);
    const healthy = machineWith({}, 0.6);
    healthy.slow(60);
    expect(healthy.truth.severity).toBe(HEALTHY.severity);
  });

  it('has a sensor that may be stuck or silent', () => {
    const machine = machineWith();
    const last = machine.vibration(50, RATE)!.at(-1)!;
    machine.change({ stuck: true });
    expect([...machine.vibration(3, RATE)!]).toEqual([last, last, last]);
    expect(machine.slow(1)).toBe(machine.slow(1));
    machine.change({ stuck: false, silent: true });
    expect(machine.vibration(3, RATE)).toBeUndefined();
    expect(machine.slow(1)).toBeUndefined();
    machine.change({ silent: false });
    expect(machine.vibration(3, RATE)).toHaveLength(3);
  });

  it('grows warm under load in its time, and takes more current', () => {
    const machine = machineWith({ load: 1 });
    const readings = Array.from({ length: 300 }, () => machine.slow(2)!);
    expect(readings[0]!.temperature).toBeLessThan(22);
    // After a minute 1 − 1/e of the way from 20 to 45 °C.
    expect(Math.abs(readings[29]!.temperature! - (45 - 25 / Math.E))).toBeLessThan(0.5);
    expect(Math.abs(readings.at(-1)!.temperature! - 45)).toBeLessThan(0.5);
    expect(Math.abs(readings.at(-1)!.current! - 8)).toBeLessThan(0.3);
  });
});

describe('what a message asks of it', () => {
  it('is read property by property', () => {
    expect(scenarioOf({ payload: 1, topic: 'x' })).toEqual({});
    for (const fault of FAULTS) expect(scenarioOf({ fault })).toEqual({ fault: fault satisfies Fault });
    expect(scenarioOf({ severity: 1, load: 0, rpm: 900, stuck: true, silent: false })).toEqual({
      ...{ severity: 1, load: 0, rpm: 900, stuck: true, silent: false },
    });
  });

  it.each([
    [{ fault: 'cage' }, 'msg.fault: is "cage"; expected none, outer, inner, ball'],
    [{ load: 0.5, severity: 1.1 }, 'msg.severity: is 1.1; expected a number from 0 to 1'],
    [{ rpm: Number.NaN }, 'expected a number from 1 to 100000'],
    [{ stuck: 'yes' }, 'msg.stuck: is "yes"; expected true or false'],
  ])('is refused where it is %j', (message, problem) => {
    expect(() => scenarioOf(message)).toThrow(problem);
  });
});
