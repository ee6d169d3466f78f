import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'vitest';
import { afterAll } from 'vitest';
import { lacks, needs } from '../services.ts';
import { buildUno, Uno } from './uno.mjs';

let built: { firmware: string; simulator: string } | undefined;
let folder: string | undefined;
afterAll(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true });
});

/** Firmware and simulator, built once; or the end of the calling test as in `needs`. */
export function needsUno(context: TestContext): { firmware: string; simulator: string } {
  if (built !== undefined) return built;
  for (const service of ['avr-gcc', 'gcc', 'simavr'] as const) needs(context, service);
  for (const header of ['simavr/sim_avr.h', 'libelf.h']) {
    if (!existsSync(join('/usr/include', header))) lacks(context, 'simavr', `${header} (libsimavr-dev, libelf-dev)`);
  }
  folder = mkdtempSync(join(tmpdir(), 'spikewire-uno-'));
  built = buildUno(folder);
  return built;
}

/** A board for one test, which has said what it is. */
export async function startUno(context: TestContext): Promise<Uno> {
  const uno = new Uno(needsUno(context));
  context.onTestFinished(() => uno.close());
  await uno.run(20_000);
  return uno;
}
