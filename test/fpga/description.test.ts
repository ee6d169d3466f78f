import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { verilogDescription } from '../../devices/rtl/build/description.mjs';

describe('the description of the FPGA core', () => {
  it('is the same in Verilog: node devices/rtl/build.mjs description', async () => {
    const written = readFileSync(new URL('../../devices/rtl/description.vh', import.meta.url), 'utf8');
    expect(written).toBe(await verilogDescription());
  });
});
