import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MEGABYTES = 64;
/** Without what ext4 does for programs that forget to sync before they rename. */
const OPTIONS = 'loop,noatime,noauto_da_alloc';

/**
 * An ext4 file system in a file, whose power can be cut: it takes and gives nothing more, and what it has not written
 * is lost (`EXT4_IOC_SHUTDOWN` without a flush of its log).
 */
export class CuttableDisk {
  readonly path: string;
  readonly #folder: string;
  /** Waits for its command, so that the cut itself takes no time. */
  #cutter: ChildProcess | undefined;

  /** Undefined where this user or this machine may not mount one. */
  static async mount(): Promise<CuttableDisk | undefined> {
    const folder = await mkdtemp(join(tmpdir(), 'spikewire-disk-'));
    const disk = new CuttableDisk(folder);
    await mkdir(disk.path);
    const image = await open(disk.#image, 'wx');
    await image.truncate(MEGABYTES * 2 ** 20);
    await image.close();
    if (run('xfs_io', ['-V']) && run('mkfs.ext4', ['-q', '-F', disk.#image]) && disk.#mount()) return disk;
    process.off('exit', disk.#leave);
    await rm(folder, { recursive: true });
    return undefined;
  }

  private constructor(folder: string) {
    this.#folder = folder;
    this.path = join(folder, 'mounted');
    process.once('exit', this.#leave);
  }

  /** Nothing stays mounted after a process that ends early. */
  readonly #leave = () => void run('umount', ['-l', this.path]);

  get #image(): string {
    return join(this.#folder, 'image');
  }

  #mount(): boolean {
    if (!run('mount', ['-o', OPTIONS, this.#image, this.path])) return false;
    this.#cutter = spawn('xfs_io', ['-x', this.path], { env: ENVIRONMENT, stdio: ['pipe', 'ignore', 'inherit'] });
    return true;
  }

  async cutPower(): Promise<void> {
    const cutter = this.#cutter!;
    const hasEnded = once(cutter, 'exit');
    cutter.stdin!.end('shutdown\nquit\n');
    await hasEnded;
  }

  /** What is found when the power is back. Nobody may use the files any more. */
  async restart(): Promise<void> {
    await this.#unmount();
    if (!this.#mount()) throw new Error(`cannot mount ${this.#image} again`);
  }

  async close(): Promise<void> {
    if (this.#cutter?.exitCode === null) {
      const hasEnded = once(this.#cutter, 'exit');
      this.#cutter.stdin!.end('quit\n');
      await hasEnded;
    }
    await this.#unmount();
    process.off('exit', this.#leave);
    await rm(this.#folder, { recursive: true });
  }

  async #unmount(): Promise<void> {
    if (!run('umount', [this.path])) throw new Error(`cannot unmount ${this.path}`);
  }
}

/** Debian has these where only root looks. */
const ENVIRONMENT = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };

function run(program: string, words: readonly string[]): boolean {
  return spawnSync(program, words, { env: ENVIRONMENT, stdio: 'ignore' }).status === 0;
}
