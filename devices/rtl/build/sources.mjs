import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const rtl = fileURLToPath(new URL('..', import.meta.url));

/** The modules of the link and of boards with it, by file name. */
export const linkSources = [
  ...['answer_store.v', 'crc32.v', 'device.v', 'frame_rx.v', 'frame_tx.v', 'link.v', 'link_program.v', 'packet_fifo.v'],
  ...['spi_board.v', 'spi_slave.v', 'uart.v', 'uart_board.v'],
];

/** The modules of the core by file name, without what the link, simulation and boards add. */
export const coreSources = readdirSync(rtl).filter((name) => name.endsWith('.v') && !linkSources.includes(name));
