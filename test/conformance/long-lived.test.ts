import { BLANK_DIGEST, quantize, readSafetensors, seal, writeSafetensors } from '@spikewire/models';
import fc from 'fast-check';
import { engineNamed, type RunningNetwork } from 'spikewire';
import { describe, expect, it } from 'vitest';
import { arbitraryNet } from './arbitrary-model.ts';
import { playTaught } from './behaviour/random-nets.ts';

/** Far beyond 32 bits, and a multiple of the length of every ring that a net here can have. */
const AGE = 60 * 2 ** 40;

/** The net as if it had run for AGE steps before, without ever meeting anything. */
function age(network: RunningNetwork): RunningNetwork {
  const { tensors, metadata } = readSafetensors(network.save(), { allowNonFinite: true });
  const bytes = writeSafetensors(tensors, { ...metadata, digest: BLANK_DIGEST, step: String(AGE) });
  seal(bytes);
  network.restore(bytes);
  return network;
}

describe('a net that has run for 6·10^13 steps', () => {
  it.each([
    ['reference', 'float'],
    ['integer', 'int8'],
    ['clocked', 'float'],
    ['clocked', 'int8'],
  ])('goes on as a young one does: %s, %s', (name, form) => {
    const { load } = engineNamed(name);
    fc.assert(
      fc.property(arbitraryNet, (net) => {
        const model = form === 'int8' ? quantize(net.model, { bits: 8 }) : net.model;
        const old = age(load(model));
        expect(playTaught(old, { ...net, model })).toEqual(playTaught(load(model), { ...net, model }));
        expect(old.step).toBe(AGE + net.steps);
        // And what it saves is the state of that step.
        const again = load(model);
        again.restore(old.save());
        expect(again.step).toBe(old.step);
      }),
      { numRuns: 25 },
    );
  });
});
