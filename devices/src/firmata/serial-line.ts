import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import { ReadStream } from 'node:tty';
import { failingAs } from '../device-files/problem.ts';
import { setSerialLine } from '../device-files/stty.ts';

/**
 * Opens a serial line for reading and writing, set to bytes as they are by `stty`. Rejects with `input`. It then emits
 * `open`, which those who know lines of the package `serialport` wait for, such as firmata-io.
 */
export async function openSerialLine(path: string, baud = 57_600): Promise<Duplex> {
  await setSerialLine(path, baud);
  const { O_RDWR, O_NOCTTY, O_NONBLOCK } = constants;
  const file = await open(path, O_RDWR | O_NOCTTY | O_NONBLOCK).catch(failingAs(path));
  // A terminal can be waited for, where a file would take a thread for as long as nothing comes.
  const line = new ReadStream(file.fd, { writable: true });
  line.on('close', () => file.close().catch(() => {}));
  setImmediate(() => line.emit('open'));
  return line;
}
