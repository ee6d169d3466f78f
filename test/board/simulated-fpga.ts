import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'vitest';
import { buildBoard } from '../../devices/rtl/simulation/build.mjs';
import { needs } from '../services.ts';

const RTL = fileURLToPath(new URL('../../devices/rtl', import.meta.url));

export interface BoardKind {
  /** `echo`: a core of memory. */
  readonly core?: 'core' | 'echo';
  readonly line?: 'uart' | 'bytes' | 'spi';
}

/** The program of a simulated board; or the end of the calling test as in `needs`. */
export function needsBoard(context: TestContext, kind: BoardKind): string {
  for (const service of TOOLS) needs(context, service);
  return boardProgram(kind);
}

/** What builds a simulated board. */
export const TOOLS = ['verilator', 'g++'] as const;

/** The program of a simulated board, built once for all test files as long as the RTL does not change. */
export function boardProgram({ core = 'core', line = 'uart' }: BoardKind): string {
  const folder = join(tmpdir(), `spikewire-fpga-${core}-${line}-${digestOf(RTL)}`);
  const program = join(folder, 'board');
  if (existsSync(program)) return program;
  // Another file may build the same at the same time: the last one stays.
  const own = `${folder}-${process.pid}`;
  mkdirSync(own);
  buildBoard(own, { core, line });
  rmSync(folder, { recursive: true, force: true });
  renameSync(own, folder);
  return program;
}

function digestOf(folder: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()) {
    if (/^(?:[^/]+\.vh?|simulation\/.*\.(?:v|cpp|mjs))$/.test(name))
      hash.update(name).update(readFileSync(join(folder, name)));
  }
  return hash.digest('hex').slice(0, 16);
}

/** Starts a simulated board on a pty for one test; its path, and its process. */
export async function startBoard(
  context: TestContext,
  kind: BoardKind,
): Promise<{ path: string; board: ChildProcess }> {
  const board = spawn(needsBoard(context, kind), { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => board.once('close', resolve));
  context.onTestFinished(async () => {
    board.stdin.end();
    board.stdout.resume();
    await ended;
  });
  const [, path = ''] = await new Promise<string[]>((resolve) => {
    createInterface({ input: board.stdout }).once('line', (line) => resolve(line.split(' ')));
  });
  return { path, board };
}
