import { SpikewireError } from '@spikewire/models';
import type { BoardLine } from './board-line.ts';
import { openSerialBoard, USUAL_BAUD } from './serial-line.ts';
import { BUILT, openSimulatedBoard } from './simulated-line.ts';
import { openSpiBoard, USUAL_SPEED } from './spi-line.ts';

/** The program of a simulated board, see devices/rtl/README.md. */
const SIMULATOR = 'SPIKEWIRE_FPGA_SIMULATOR';

/**
 * Opens the line to a board: `/dev/ttyACM0?baud=3000000`, `spi:/dev/spidev0.0?speed=4000000` or `sim`. Rejects with
 * `usage` for an address that means nothing here, with `input` or `unsupported` where the line cannot be opened.
 */
export async function openBoardLine(address: string): Promise<BoardLine> {
  if (address === 'sim') return openSimulatedBoard(expectSimulator());
  const [, spi, path, query = ''] = /^(spi:)?(\/[^?]*)(?:\?(.*))?$/.exec(address) ?? [];
  if (path === undefined)
    throw new SpikewireError(
      'usage',
      `fpga:${address}`,
      'is not a board address',
      'fpga:/dev/tty…, fpga:spi:/dev/spidev… or fpga:sim',
    );
  const [name, usual] = spi === undefined ? ['baud', USUAL_BAUD] : ['speed', USUAL_SPEED];
  const rate = rateOf(address, query, name as string, usual as number);
  return spi === undefined ? openSerialBoard(path, rate) : openSpiBoard(path, rate);
}

function rateOf(address: string, query: string, name: string, usual: number): number {
  if (query === '') return usual;
  const [, rate] = new RegExp(`^${name}=([1-9]\\d{0,8})$`).exec(query) ?? [];
  if (rate === undefined)
    throw new SpikewireError('usage', `fpga:${address}`, `has the setting "${query}"`, `${name}=<number>`);
  return Number(rate);
}

/** The program of a simulated board, where there is one. */
export function simulatorProgram(): string | undefined {
  return process.env[SIMULATOR] || undefined;
}

function expectSimulator(): string {
  const program = simulatorProgram();
  if (program !== undefined) return program;
  throw new SpikewireError('unsupported', 'fpga:sim', `needs a simulated board in ${SIMULATOR}`, BUILT);
}
