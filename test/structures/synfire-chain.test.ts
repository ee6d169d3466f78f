import { RandomGenerator, synfireChain } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { type Event, NetPlayer } from './net-player.ts';

const DT = 1e-4;
const WIDTH = 100;
const GROUPS = 8;
const STEPS = 500;
/** Deviation that the background gives a membrane, in units of the way to the threshold. */
const NOISE = 0.15;

interface Packet {
  readonly spikes: number;
  /** Standard deviation in ms. */
  readonly spread: number;
}

/** A packet of so many spikes with so much spread runs into the chain; what each group makes of it. */
function propagate({ spikes, spread }: Packet, seed: number): Packet[] {
  const random = new RandomGenerator(seed, 'packet');
  const pulse = Array.from({ length: spikes }, (_, i): Event => {
    return [Math.max(0, Math.round((15 + spread * random.nextNormal()) / 1e3 / DT)), i, 1];
  });
  // White noise with which a membrane of τ = 10 ms has the deviation above.
  const left = Math.exp(-DT / 0.01);
  const size = (NOISE * Math.sqrt(1 - left ** 2)) / (1 - left);
  const noise = Array.from({ length: STEPS * GROUPS * WIDTH }, (_, k): Event => {
    return [Math.floor(k / (GROUPS * WIDTH)), k % (GROUPS * WIDTH), size * random.nextNormal()];
  });
  const events = new NetPlayer(synfireChain({ groups: GROUPS, width: WIDTH, dt: DT })).run(STEPS, { pulse, noise });
  return Array.from({ length: GROUPS }, (_, g) => packetOf(events[`group ${g}`]!.map(([step]) => step * DT * 1e3)));
}

/** The spikes within 5 ms of the median: the packet without those of the background. */
function packetOf(times: number[]): Packet {
  const median = times[times.length >> 1] ?? 0;
  const packet = times.filter((time) => Math.abs(time - median) < 5);
  const mean = packet.reduce((sum, time) => sum + time, 0) / packet.length;
  const variance = packet.reduce((sum, time) => sum + (time - mean) ** 2, 0) / packet.length;
  return { spikes: packet.length, spread: Math.sqrt(variance) };
}

// Diesmann, Gewaltig and Aertsen (1999), fig. 3: packets go either to the attractor of about 95 spikes within less than a
// millisecond, or die; the more spread a packet has, the more spikes it needs.
describe('synfire chain', () => {
  it.each<Packet>([
    { spikes: 100, spread: 0 },
    { spikes: 100, spread: 3 },
    { spikes: 80, spread: 1 },
  ])('carries $spikes spikes with a spread of $spread ms, and makes them synchronous', (packet) => {
    const { spikes, spread } = propagate(packet, 1).at(-1)!;
    expect(spikes).toBeGreaterThan(90);
    expect(spread).toBeLessThan(0.8);
    expect(spread).toBeGreaterThan(0.2);
  });

  it('sharpens a wide packet group by group', () => {
    const spreads = propagate({ spikes: 100, spread: 4 }, 2).map(({ spread }) => spread);
    expect(spreads[0]).toBeGreaterThan(1.5);
    expect(spreads[1]).toBeLessThan(spreads[0]!);
    expect(spreads[2]).toBeLessThan(spreads[1]!);
    expect(spreads.at(-1)).toBeLessThan(0.8);
  });

  it.each<Packet>([
    { spikes: 40, spread: 0 },
    { spikes: 60, spread: 3 },
  ])('lets $spikes spikes with a spread of $spread ms die', (packet) => {
    expect(propagate(packet, 1).at(-1)!.spikes).toBeLessThan(10);
  });
});
