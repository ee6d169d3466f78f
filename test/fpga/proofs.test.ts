import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, type TestContext } from 'vitest';
import { holds, proofs } from '../../devices/rtl/formal/prove.mjs';
import { needs } from '../services.ts';

const RTL = fileURLToPath(new URL('../../devices/rtl', import.meta.url));

function needsSolver(context: TestContext): void {
  for (const service of ['yosys', 'yosys-smtbmc', 'z3'] as const) needs(context, service);
}

describe('proofs of the RTL', () => {
  it.for(proofs)('$name', (proof, context) => {
    needsSolver(context);
    expect(holds(proof)).toBe(true);
  });

  it.for<[file: string, line: string, changed: string]>([
    ['frame_rx.v', "RESIDUE = 32'hDEBB20E3", "RESIDUE = 32'hDEBB20E2"],
    ['frame_rx.v', 'count == length + HEADER + CHECK && ', ''],
    ['frame_rx.v', '!broken && !escaped && count', '!broken && count'],
    ['frame_rx.v', 'commit = ends && is_good && !full', 'commit = ends && is_good'],
    ['packet_fifo.v', 'if (rollback) tail <= committed;', ''],
    ['packet_fifo.v', 'head != committed;', 'head != tail;'],
    ['packet_fifo.v', 'wire store = push && room;', 'wire store = push;'],
    ['crc32.v', "32'hEDB88320 : 32'd0", "32'hEDB88321 : 32'd0"],
  ])('fail for %s with "%s" changed into "%s"', ([file, line, changed], context) => {
    needsSolver(context);
    const folder = mkdtempSync(join(tmpdir(), 'spikewire-mutant-'));
    try {
      cpSync(RTL, folder, { recursive: true });
      const text = readFileSync(join(folder, file), 'utf8');
      expect(text).toContain(line);
      writeFileSync(join(folder, file), text.replace(line, changed));
      const concerned = proofs.filter(({ files }) => files.includes(file)).toReversed();
      expect(concerned.every((proof) => holds(proof, folder))).toBe(false);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
