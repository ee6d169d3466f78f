import { describe, expect, it } from 'vitest';
import { memoryOfMachine } from './memory-limit.ts';

describe('the memory that nets may take', () => {
  it('is half of what the machine or the group of the process has', () => {
    expect(memoryOfMachine(4e9, 0)).toBe(2e9);
    expect(memoryOfMachine(4e9, 1e9)).toBe(5e8);
    // What Linux says where there is no limit.
    expect(memoryOfMachine(4e9, 2 ** 64)).toBe(2e9);
  });
});
