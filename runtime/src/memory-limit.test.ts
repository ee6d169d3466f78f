import { describe, expect, it } from 'vitest';
import { memoryOfMachine, parseMemory } from './memory-limit.ts';

describe('the memory that nets may take', () => {
  it.each([
    ['64M', 67_108_864],
    ['1.5G', 1_610_612_736],
    ['512k', 524_288],
    ['4096', 4096],
  ])('reads %s', (text, bytes) => {
    expect(parseMemory('--memory', text)).toBe(bytes);
  });

  it.each(['', '0', '-1M', '64 M', '64MB', '1e3', 'M', '0.1', '9999999999G', 'NaN'])('refuses "%s"', (text) => {
    expect(() => parseMemory('--memory', text)).toThrow(expect.objectContaining({ code: 'usage', where: '--memory' }));
  });

  it('is half of what the machine or the group of the process has', () => {
    expect(memoryOfMachine(4e9, 0)).toBe(2e9);
    expect(memoryOfMachine(4e9, 1e9)).toBe(5e8);
    // What Linux says where there is no limit.
    expect(memoryOfMachine(4e9, 2 ** 64)).toBe(2e9);
  });
});
