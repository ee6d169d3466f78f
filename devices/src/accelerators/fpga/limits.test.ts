import { parseModel, quantize } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { fpgaDriver } from './fpga.ts';

/** All to all from some inputs to some neurons. */
function modelOf(inputs: number, neurons: number, node: Readonly<Record<string, unknown>> = {}) {
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [inputs] },
      w: { type: 'Linear', weight: Array.from({ length: neurons }, () => new Array(inputs).fill(0.5)) },
      cell: { type: 'LIF', tau: 0.01, v_threshold: 1, ...node },
      out: { type: 'Output' },
    },
    edges: [
      ['in', 'w'],
      ['w', 'cell'],
      ['cell', 'out'],
    ],
  });
}

async function profile(family: string) {
  const profiles = await fpgaDriver.profiles!();
  return profiles.find(({ address }) => address === `fpga:${family}`)!;
}

describe('limits of the core on an FPGA', () => {
  it.each([
    [modelOf(10, 10), true],
    [modelOf(1, 1024), true],
    [modelOf(1, 1026), false],
    [modelOf(200, 700), false],
  ])('are missed where a model is refused, %#', async (model, fits) => {
    const board = await profile('up5k');
    const limits = await board.limits!(model);
    expect(limits.every((limit) => limit.fits)).toBe(fits);
    const integer = quantize(model, { bits: 8, membraneBits: 16 });
    const refused = board.expectFit(integer).then(
      () => false,
      () => true,
    );
    expect(await refused).toBe(!fits);
    // What is said of the integer form is what is said of the float form that becomes it.
    expect(await board.limits!(integer)).toEqual(limits);
  });

  it('name the node that the core does not compute, with the number and the limit', async () => {
    const board = await profile('ecp5');
    const kind = await board.limits!(modelOf(2, 2, { type: 'ALIF', theta_plus: 1, tau_theta: 0.1 }));
    expect(kind.filter(({ fits }) => !fits)).toMatchObject([{ node: 'cell', what: 'type of node', needs: 'ALIF' }]);
    const rest = await board.limits!(modelOf(2, 2, { tau_ref: 70 }));
    expect(rest.filter(({ fits }) => !fits)).toMatchObject([
      { node: 'cell', needs: 'rests for 70000 steps', has: 'the core counts at most 65535', missedBy: '1.07 times' },
    ]);
  });
});
