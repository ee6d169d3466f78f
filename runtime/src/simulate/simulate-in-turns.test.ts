import { parseModel } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { chain } from '../../../test/chain.ts';
import { addressEvents } from '../address-events/address-events.ts';
import { simulate, simulateInTurns } from './simulate.ts';
import { simulateEvents } from './simulate-events.ts';

const model = parseModel({
  nodes: { in: { type: 'Input', shape: [1] }, cell: { type: 'IF', v_threshold: 1 }, out: { type: 'Output' } },
  edges: chain('in', 'cell', 'out'),
});

describe('a simulation in turns', () => {
  it('gives what one without gives', async () => {
    const input = { steps: 100_000, input: { in: [[40_000, 0, 2000000]] } };
    const { signal } = new AbortController();
    expect(await simulateInTurns(model, input, {}, signal)).toEqual(simulate(model, input));
  });

  it('ends with a signal in continuous time too', async () => {
    const camera = parseModel({
      nodes: { in: { type: 'Input', shape: [2, 1, 1] }, cell: { type: 'IF', v_threshold: 1 }, out: { type: 'Output' } },
      edges: chain('in', 'cell', 'out'),
    });
    const recording = addressEvents(2_000_000);
    for (let k = 0; k < recording.time.length; k++) recording.time[k] = k * 1e-5;
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 1);
    const stopped = simulateEvents(camera, recording, controller.signal);
    await expect(stopped).rejects.toThrow(/^simulation: was stopped after [\d.]+ of 20\S* s; expected its end$/);
  });

  it('ends with a signal, however long it is', async () => {
    const controller = new AbortController();
    const endless = simulateInTurns(model, { steps: 2 ** 31 - 1, input: {} }, {}, controller.signal);
    setTimeout(() => controller.abort(), 1);
    await expect(endless).rejects.toThrow(/^simulation: was stopped after \d+ of 2147483647 steps; expected its end$/);
  });
});
