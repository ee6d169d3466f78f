import { SpikewireError } from '@spikewire/models';
import type { FlashCommand } from 'spikewire/accelerators';

/** Packages of Debian by the program that they bring. */
const packages = { iceprog: 'fpga-icestorm', 'dfu-util': 'dfu-util', openFPGALoader: 'openfpgaloader' } as const;

type Tool = readonly [program: keyof typeof packages, words: (file: string) => readonly string[]];

const iceprog: Tool = ['iceprog', (file) => [file]];

/** What writes a bit stream to the flash memory of a board, by its name in devices/rtl/boards. */
const tools: Readonly<Record<string, Tool>> = {
  'up5k-icebreaker': iceprog,
  'up5k-upduino': iceprog,
  'up5k-pico-ice': ['dfu-util', (file) => ['--device', '1209:b1c0', '--alt', '0', '--download', file, '--reset']],
  'ecp5-ulx3s': ['openFPGALoader', (file) => ['--board', 'ulx3s', '--write-flash', file]],
  'ecp5-orangecrab': ['dfu-util', (file) => ['--device', '1209:5af0', '--alt', '0', '--download', file]],
};

/** The command that writes a bit stream to a kind of board. Throws `usage` for one that it does not know. */
export function flashCommand(board: string, file: string): FlashCommand {
  const tool = Object.hasOwn(tools, board) ? tools[board] : undefined;
  if (tool === undefined) {
    const known = Object.keys(tools).map((name) => `fpga:${name}`);
    throw new SpikewireError('usage', `fpga:${board}`, 'is not a known kind of board', known.join(', '));
  }
  const [program, words] = tool;
  return { program, words: words(file), install: `sudo apt install ${packages[program]}` };
}
