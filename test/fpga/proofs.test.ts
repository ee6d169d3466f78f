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
    ['integrate.v', 'done = state == SCAN && pending == 0 && left == 0', 'done = state == SCAN && left == 0'],
    ['integrate.v', 'reads_weights <= state == RUN;', 'reads_weights <= state != IDLE;'],
    ['update.v', 'done = state == STORE && closing && later_words == 0', 'done = state == STORE && later_words == 0'],
    ['update.v', 'sum_read = state == LOAD', 'sum_read = state == LOAD || state == IDLE'],
    ['learn.v', 'if (ends) state <= learns ? SAVE : DONE;', 'if (ends) state <= learns ? SAVE : IDLE;'],
    ['core.v', 'learning_opcode ? learn_address : record_address', 'record_address'],
    ['core.v', '!busy ? h_wdata : learning_opcode ? learn_data', '!busy ? h_wdata : integrating ? learn_data'],
    ['core.v', 'h_ready = state == IDLE & ~start', 'h_ready = state != WORK & ~start'],
    ['core.v', 'WORK: if (integrate_done | update_done | learn_done) state', 'WORK: if (integrate_done) state'],
    ['core.v', 'if (fetched != `CORE_INSTRUCTION_WORDS) counter', 'if (fetched != 0) counter'],
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
