import { NetworkBuilder } from '@spikewire/models';
import { expect, it } from 'vitest';
import { type Event, NetPlayer } from './net-player.ts';

const TAU = 0.1;

// Principle 3 of the NEF (Eliasmith and Anderson 2003): feedback of x through a synapse of τ, and of τ times the input,
// gives the integral.
it.each([1, 2, 3, 4])(
  'an ensemble that is connected to itself integrates its input and holds the value, seed %i',
  (seed) => {
    const net = new NetworkBuilder({ seed });
    const integrator = net.ensemble('integrator', { neurons: 300, dimensions: 1, synapse: TAU });
    const input = net.input('in', 1);
    net.connect(integrator.output, integrator.input, { kind: 'one-to-one', delay: net.dt });
    net.connect(input, integrator.input, { kind: 'one-to-one', weights: TAU });
    net.output('out', integrator.output);
    const player = new NetPlayer(net.model());
    const constant = (value: number, steps: number) =>
      Array.from({ length: steps }, (_, step): Event => [step, 0, value]);
    const last = (steps: number, value: number) => player.run(steps, { in: constant(value, steps) }).out!.at(-1)![2];
    const expectNear = (actual: number, expected: number, tolerance: number) =>
      expect(Math.abs(actual - expected)).toBeLessThan(tolerance);
    expectNear(last(500, 1), 0.5, 0.015);
    expectNear(last(200, 0), 0.5, 0.025);
    expectNear(last(500, 0), 0.5, 0.04);
    expectNear(last(800, -1), 0.5 - 0.8, 0.04);
  },
);
