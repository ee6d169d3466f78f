import { expect, it } from 'vitest';
import type { MachineRow } from '../database/device-rows.ts';
import type { MachineState, Phase } from '../database/rollout-rows.ts';
import { machineState } from './machine-state.ts';

const [OLD, NEW] = ['a', 'b'].map((digit) => digit.repeat(64)) as [string, string];
const refusedFor = (cause: string) => JSON.stringify([{ sha256: NEW, cause, reason: '' }]);

it.each([
  ['has nothing of it', 'shadow', 'waiting', {}, 'waiting'],
  ['fetches it', 'shadow', 'waiting', { candidate: NEW, state: 'download' }, 'waiting'],
  ['runs it beside', 'shadow', 'waiting', { candidate: NEW, state: 'shadow' }, 'trying'],
  ['has it', 'waves', 'trying', { base: NEW }, 'installed'],
  ['has it and is pinned', 'waves', 'trying', { base: NEW, pinned: 1 }, 'installed'],
  ['is pinned', 'shadow', 'waiting', { pinned: 1 }, 'pinned'],
  ['is pinned to the former base', 'waves', 'installed', { pinned: 1, refused: refusedFor('model') }, 'pinned'],
  ['has refused it', 'shadow', 'trying', { refused: refusedFor('model') }, 'failed'],
  ['cannot run it', 'shadow', 'waiting', { refused: refusedFor('machine') }, 'failed'],
  ['is not offered it', 'shadow', 'trying', { unoffered: NEW }, 'unoffered'],
  ['is not offered another one', 'shadow', 'waiting', { unoffered: OLD }, 'waiting'],
  ['is offered it again', 'waves', 'unoffered', {}, 'waiting'],
  ['has no way to it', 'shadow', 'waiting', { refused: refusedFor('base') }, 'waiting'],
  ['went back from it', 'waves', 'installed', {}, 'failed'],
  ['went back and reports again', 'waves', 'failed', {}, 'failed'],
  ['tries it again', 'waves', 'failed', { candidate: NEW, state: 'shadow' }, 'trying'],
  ['is back after the device was gone', 'waves', 'gone', {}, 'waiting'],
  ['got it late', 'done', 'waiting', { base: NEW }, 'installed'],
  ['got another base later', 'done', 'installed', { base: OLD }, 'installed'],
  ['still has it', 'stopped', 'installed', { base: NEW }, 'installed'],
  ['went back when it was stopped', 'stopped', 'installed', { refused: refusedFor('model') }, 'left'],
  ['ended its trial when it was stopped', 'stopped', 'trying', {}, 'left'],
  ['never had what was stopped', 'stopped', 'waiting', {}, 'waiting'],
  ['had failed before it was stopped', 'stopped', 'failed', {}, 'failed'],
] as const)('a machine that %s, in %s, was %s', (_, phase: Phase, before: MachineState, change, expected) => {
  const row = { base: OLD, candidate: null, state: 'idle', refused: '[]', pinned: 0, ...change } as MachineRow;
  expect(machineState({ sha256: NEW, phase }, before, row)).toBe(expected);
});
