import { type AcceleratorDriver, tryBoard } from 'spikewire/accelerators';
import type { CommandConsole } from 'spikewire/cli';

/** Tries a board as its driver does, and where it loads nets, with one of which the answers are known. */
export async function testBoard(driver: AcceleratorDriver, rest: string, console: CommandConsole): Promise<void> {
  const findings = (await driver.test?.(rest)) ?? [];
  if (driver.runsPlacedNets) return console.result({ address: `${driver.scheme}:${rest}`, findings }, () => findings);
  for (const line of findings) console.say(line);
  const source = await driver.open(rest);
  try {
    const trial = await tryBoard(source);
    const { windows, steps, spikes, sameAs } = trial;
    const windowsPerSecond = Number(trial.windowsPerSecond.toPrecision(3));
    const same = sameAs === null ? 'in the arithmetic of the board' : `the same as on the engine ${sameAs}`;
    console.result(
      { address: `${driver.scheme}:${rest}`, findings, ...trial, windowsPerSecond },
      () => `net: ${windows} windows of ${steps} steps, ${spikes} spikes, ${same}; ${windowsPerSecond} windows/s`,
    );
  } finally {
    await source.close();
  }
}
