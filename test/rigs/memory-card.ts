import { spawnSync } from 'node:child_process';
import { basename, join } from 'node:path';

const MEGABYTES = 256;
/** What Linux reads ahead from a memory card; a virtual disk may read megabytes, which do not fit beside a program. */
const READ_AHEAD_KB = 128;

/** An ext4 file system in a file, read in pieces as from a memory card. */
export class MemoryCard {
  readonly path: string;
  readonly #device: string;

  /** In a folder of its own; undefined where this user or this machine may not mount one. */
  static insert(folder: string): MemoryCard | undefined {
    const [image, path] = [join(folder, 'card'), join(folder, 'device')];
    const isMade = run('truncate', '-s', `${MEGABYTES}M`, image) && run('mkfs.ext4', '-q', '-F', image);
    if (!isMade || !run('mkdir', path)) return undefined;
    // Past the memory for files of this machine: what it holds would count for the device, too.
    const loop = spawnSync('losetup', ['--find', '--show', '--direct-io=on', image], {
      encoding: 'utf8',
      ...SURROUNDINGS,
    });
    if (loop.status !== 0) return undefined;
    const card = new MemoryCard(path, loop.stdout.trim());
    const queue = `/sys/block/${basename(card.#device)}/queue/read_ahead_kb`;
    if (run('sh', '-c', `echo ${READ_AHEAD_KB} > ${queue}`) && run('mount', '-o', 'noatime', card.#device, path))
      return card;
    run('losetup', '-d', card.#device);
    return undefined;
  }

  private constructor(path: string, device: string) {
    [this.path, this.#device] = [path, device];
  }

  /** Takes all files out of memory, so that they count for who reads them first. */
  forgetFiles(): void {
    const forget = 'sync -f "$0"; find "$0" -type f -exec dd if={} iflag=nocache count=0 status=none ";"';
    run('sh', '-c', forget, this.path);
  }

  remove(): void {
    run('umount', '-l', this.path);
    run('losetup', '-d', this.#device);
  }
}

/** Debian has these where only root looks. */
const SURROUNDINGS = { env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` } };

function run(program: string, ...words: string[]): boolean {
  return spawnSync(program, words, { ...SURROUNDINGS, stdio: 'ignore' }).status === 0;
}
