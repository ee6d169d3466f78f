import { describe, expect, it } from 'vitest';
import { EventBuffer } from '../event-buffer.ts';
import { createKernels } from './engine/create-kernels.ts';
import { InputWindow, InputWindowPlan } from './input-window.ts';
import { MemoryPlan } from './kernels/memory.ts';

describe('the steps that kernels may run at once', () => {
  it.each([
    [7, 7],
    [2.5, 3],
    [3e9, 2 ** 30],
    [Number.POSITIVE_INFINITY, 2 ** 30],
  ])('of %d are %d: a whole number that 32 bits hold', (steps, expected) => {
    const plan = new MemoryPlan();
    const window = new InputWindowPlan(plan, [{ index: 0, size: 2, spike: 1 }]);
    const { memory, kernels } = createKernels(plan.bytes, 'typescript');
    plan.fill(memory);
    const input = new InputWindow(window, memory);
    const events = new EventBuffer(0);
    expect(input.open(kernels, events, steps)).toBe(true);
    expect(input.supply(kernels, events, 0, steps)).toBe(expected);
  });
});
