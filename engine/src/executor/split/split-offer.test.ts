import { nextReadingModel } from '@spikewire/models';
import { expect, it } from 'vitest';
import { referenceEngine } from '../../reference/reference.ts';
import { inProcess } from '../in-process-source.ts';
import { offeringSplit } from './split-offer.ts';

it('says of the board where its models lie, and whether it rests', async () => {
  const placement = { executor: 'board', fits: true, nodes: [], problems: [] };
  let rests = false;
  const board = {
    ...inProcess(referenceEngine),
    get rests() {
      return rests;
    },
    placement: async () => placement,
  };
  const offering = offeringSplit(board, '--split');
  const model = nextReadingModel({ channels: [{ name: 'level', unit: 'm' }], neurons: 5 });
  expect(await offering.placement?.(model)).toBe(placement);
  expect(offering.rests).toBe(false);
  rests = true;
  expect(offering.rests).toBe(true);
  expect(offeringSplit(inProcess(referenceEngine), '--split').placement).toBeUndefined();
});
