import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FirmataBoard } from '@spikewire/devices/firmata';
import { buildUno, Uno } from '@spikewire/test/board/uno.mjs';

/**
 * Builds the firmware and the simulator (avr-gcc, gcc and libsimavr), and gives `use` a function that gives its own use
 * a new simulated Arduino Uno and its driver.
 */
export async function withUno(use) {
  const folder = mkdtempSync(join(tmpdir(), 'spikewire-uno-'));
  try {
    const built = buildUno(folder);
    return await use((action) => withBoard(built, action));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function withBoard(built, action) {
  const uno = new Uno(built);
  const board = await uno.during(FirmataBoard.open(uno.line));
  try {
    return await action(uno, board);
  } finally {
    await uno.close();
  }
}
