import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import { ReadStream } from 'node:tty';
import { promisify } from 'node:util';
import { SpikewireError } from '@spikewire/models';

/**
 * Opens a serial line for reading and writing, set to bytes as they are by `stty`. Rejects with `input`. It then emits
 * `open`, which those who know lines of the package `serialport` wait for, such as firmata-io.
 */
export async function openSerialLine(path: string, baud = 57_600): Promise<Duplex> {
  await promisify(execFile)('stty', ['-F', path, String(baud), 'raw', '-echo', 'clocal']).catch((cause) => {
    throw problemOf(path, cause);
  });
  const { O_RDWR, O_NOCTTY, O_NONBLOCK } = constants;
  const file = await open(path, O_RDWR | O_NOCTTY | O_NONBLOCK).catch((cause) => {
    throw problemOf(path, cause);
  });
  // A terminal can be waited for, where a file would take a thread for as long as nothing comes.
  const line = new ReadStream(file.fd, { writable: true });
  line.on('close', () => file.close().catch(() => {}));
  setImmediate(() => line.emit('open'));
  return line;
}

function problemOf(path: string, cause: { readonly stderr?: string; readonly message: string }): SpikewireError {
  const said = `${cause.stderr ?? ''} ${cause.message}`;
  if (/Permission denied|EACCES/.test(said)) {
    return new SpikewireError(
      'input',
      path,
      'may not be opened',
      'sudo usermod -a -G dialout $USER, then log in anew',
      cause,
    );
  }
  if (/No such|ENOENT/.test(said)) {
    return new SpikewireError('input', path, 'is not there', 'a board that is plugged in: ls /dev/serial/by-id', cause);
  }
  return new SpikewireError('input', path, `cannot be opened as a serial line (${cause.message})`, undefined, cause);
}
