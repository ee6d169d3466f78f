import { RandomGenerator, synfireChain } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { type Event, NetPlayer } from './net-player.ts';

const DT = 1e-4;
const WIDTH = 100;
const GROUPS = 7;
/** Steps before the pulse, in which the membranes come to where the background holds them, and in all. */
const START = 300;
const STEPS = 700;
/**
 * Excitatory and inhibitory spikes of the background that come to a neuron in a second: 17,600 sources of 2 Hz, 2,400
 * of 12.5 Hz.
 */
const [EXCITATORY, INHIBITORY] = [17_600 * 2, 2_400 * 12.5];

/**
 * What a spike moves a membrane by, in ms and mV: the solution for a current of alpha shape, with its peak of 0.14 mV.
 */
const evoked = (() => {
  const rate = 1 / 0.326 - 1 / 10;
  const shape = (t: number) => Math.exp(-t / 10) * (1 / rate ** 2 - (t / rate + 1 / rate ** 2) * Math.exp(-rate * t));
  const times = Array.from({ length: 10_000 }, (_, k) => k / 100);
  const most = Math.max(...times.map(shape));
  return times.map((t) => (0.14 * shape(t)) / most);
})();

interface Packet {
  readonly spikes: number;
  /** Standard deviation in ms. */
  readonly spread: number;
}

/** A number of a Poisson distribution (Knuth). */
function poisson(random: RandomGenerator, mean: number): number {
  let count = 0;
  for (let left = random.nextUniform(); left > Math.exp(-mean); left *= random.nextUniform()) count++;
  return count;
}

function backgroundOf(seed: number, neurons: number, steps = STEPS): Event[] {
  const random = new RandomGenerator(seed, 'background');
  return Array.from({ length: steps * neurons }, (_, k): Event => {
    const value = poisson(random, EXCITATORY * DT) - poisson(random, INHIBITORY * DT);
    return [Math.floor(k / neurons), k % neurons, value];
  });
}

/** A packet of so many spikes with so much spread runs into the chain; what each group makes of it. */
function propagate({ spikes, spread }: Packet, seed: number, background: readonly Event[], width = WIDTH): Packet[] {
  const random = new RandomGenerator(seed, 'packet');
  const pulse = Array.from({ length: spikes }, (_, i): Event => {
    return [START + Math.max(0, Math.round((10 + spread * random.nextNormal()) / 1e3 / DT)), i, 1];
  });
  const events = new NetPlayer(synfireChain({ groups: GROUPS, width, dt: DT })).run(STEPS, { pulse, background });
  return Array.from({ length: GROUPS }, (_, g) => {
    return packetOf(events[`group ${g}`]!.filter(([step]) => step >= START).map(([step]) => step * DT * 1e3));
  });
}

/** The spikes within 4 ms of the median: the packet without those of the background. */
function packetOf(times: number[]): Packet {
  const median = times[times.length >> 1] ?? 0;
  const packet = times.filter((time) => Math.abs(time - median) < 4);
  const mean = packet.reduce((sum, time) => sum + time, 0) / packet.length;
  const variance = packet.reduce((sum, time) => sum + (time - mean) ** 2, 0) / packet.length;
  return { spikes: packet.length, spread: Math.sqrt(variance) };
}

describe('a neuron of a synfire chain', () => {
  it('is moved by a spike by 0.14 of 15 mV after 1.7 ms, along the solution for a current of alpha shape', () => {
    const player = new NetPlayer(synfireChain({ groups: 1, width: 1, dt: 1e-5 }), 'reference');
    const course = Array.from({ length: 3000 }, (_, step) => {
      player.run(1, step === 0 ? { pulse: [[0, 0, 1]] } : {}, 1);
      return 15 * player.network.readState('neurons 0', 'v')[0]!;
    });
    // Conduction takes 1 ms.
    const peak = course.indexOf(Math.max(...course)) / 100 - 1;
    expect(Math.abs(peak - 1.7)).toBeLessThan(0.1);
    const farthest = course.slice(100).reduce((most, v, k) => Math.max(most, Math.abs(v - evoked[k]!)), 0);
    expect(farthest).toBeLessThan(0.02 * 0.14);
  });

  it('is held by the background where its sums over single spikes say', () => {
    const neurons = 200;
    const player = new NetPlayer(synfireChain({ groups: 1, width: neurons, dt: DT }));
    player.run(1000, { background: backgroundOf(1, neurons, 1000) });
    const seen: number[] = [];
    for (let n = 0; n < 10; n++) {
      player.run(100, { background: backgroundOf(n + 2, neurons, 100) });
      for (const v of player.network.readState('neurons 0', 'v')) seen.push(15 * v);
    }
    // Campbell's theorem; a few neurons have just been reset.
    const sum = (power: number) => evoked.reduce((total, v) => total + v ** power / 100, 0) / 1e3;
    const mean = seen.reduce((total, v) => total + v, 0) / seen.length;
    const deviation = Math.sqrt(seen.reduce((total, v) => total + (v - mean) ** 2, 0) / seen.length);
    expect(Math.abs(mean - (EXCITATORY - INHIBITORY) * sum(1))).toBeLessThan(0.5);
    expect(deviation / Math.sqrt((EXCITATORY + INHIBITORY) * sum(2))).toBeCloseTo(1, 1);
  });
});

// Diesmann, Gewaltig and Aertsen (1999): in the plane of spikes and spread, packets either come to one point, nearly
// all of a group's spikes within less than a millisecond, or die; the more spread a packet has, the more spikes it
// needs.
describe.each([1, 2, 3, 4, 5])('synfire chain, seed %d', (seed) => {
  const background = backgroundOf(seed, GROUPS * WIDTH);

  it.each<Packet>([
    { spikes: 60, spread: 0 },
    { spikes: 90, spread: 2.5 },
  ])('brings $spikes spikes with a spread of $spread ms to the same full and sharp packet', (packet) => {
    const packets = propagate(packet, seed, background);
    expect(packets[0]!.spikes).toBeLessThan(90);
    const { spikes, spread } = packets.at(-1)!;
    expect(Math.abs(spikes - 100)).toBeLessThan(6);
    expect(spread).toBeLessThan(0.9);
    expect(spread).toBeGreaterThan(0.15);
  });

  it('sharpens a wide packet group by group', () => {
    const spreads = propagate({ spikes: 100, spread: 4 }, seed, background).map(({ spread }) => spread);
    expect(spreads[0]).toBeGreaterThan(1.3);
    expect(spreads[3]).toBeLessThan(spreads[0]! - 0.3);
    expect(spreads.at(-1)).toBeLessThan(0.9);
  });

  it.each<Packet>([
    { spikes: 30, spread: 0 },
    { spikes: 45, spread: 3.5 },
  ])('lets $spikes spikes with a spread of $spread ms die', (packet) => {
    expect(propagate(packet, seed, background).at(-1)!.spikes).toBeLessThan(20);
  });

  it('has no such point with 60 neurons in a group: even a packet of all at once dies', () => {
    const narrow = backgroundOf(seed, GROUPS * 60);
    expect(propagate({ spikes: 60, spread: 0 }, seed, narrow, 60).at(-1)!.spikes).toBeLessThan(20);
  });
});
