import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { verilogProgram } from '../../devices/rtl/build/program.mjs';

describe('the program of the link', () => {
  it('is the same in Verilog: node devices/rtl/build.mjs description', () => {
    const written = readFileSync(new URL('../../devices/rtl/link_program.vh', import.meta.url), 'utf8');
    expect(written).toBe(verilogProgram());
  });

  it('says where it is wrong', () => {
    expect(() => verilogProgram('begin:\n  a = somewhere')).toThrow(
      'link_program.txt:2: unknown source "somewhere" in "a = somewhere"',
    );
    expect(() => verilogProgram('begin:\n  goto end')).toThrow('link_program.txt:2: unknown label "end" in "goto end"');
    expect(() => verilogProgram('begin:\n  a = #1 -> A')).toThrow('a second number or place in "a = #1 -> A"');
    for (const number of ['#300', '#-1', '#1.5', '#x', '#'])
      expect(() => verilogProgram(`a = ${number}`)).toThrow(`link_program.txt:1: "${number}" is no byte`);
    expect(() => verilogProgram('begin:\n  send\nbegin:')).toThrow('link_program.txt:3: a second label "begin"');
    const long = Array.from({ length: 513 }, () => 'send').join('\n');
    expect(() => verilogProgram(long)).toThrow('link_program.txt: 513 instructions; expected at most 512');
  });
});
