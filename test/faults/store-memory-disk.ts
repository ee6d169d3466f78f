import { createHash } from 'node:crypto';
import type { Entry, FileSystem, NewFile } from 'spikewire/store';

/** What a disk does at one operation: carry it out, fail with a system code, or end just before it. */
export type Fate = 'proceed' | 'cut' | 'EIO' | 'ENOSPC' | 'EROFS';

/** The rejection of every operation of a process that was cut off. */
export class Cut extends Error {}

/** The rejection of an operation that was fated to fail. */
export class DiskFailure extends Error {
  readonly code: Fate;

  constructor(code: Fate) {
    super(`${code}: fated to fail`);
    this.code = code;
  }
}

type Folder = 'folder';
interface File {
  bytes: Uint8Array;
  /** What a power failure leaves for certain. */
  synced: Uint8Array;
}
interface NameChange {
  readonly folder: string;
  readonly drops: readonly string[];
  readonly puts: readonly (readonly [string, File | Folder])[];
}

const SECTOR = 512;
/** Of more unsynced changes of names than this, the oldest are taken as never having happened. */
const MAXIMUM_UNSYNCED_NAMES = 10;

/**
 * A disk that keeps only what POSIX promises. Content that was not synced is, after a power failure, lost, there, or
 * torn between sectors; each change of a name that was not synced has happened or not, independently of all others.
 */
export class MemoryDisk implements FileSystem {
  readonly #live: Map<string, File | Folder>;
  readonly #durable: Map<string, File | Folder>;
  #unsynced: NameChange[] = [];
  #isCut = false;
  /** Operations so far. */
  operations = 0;
  /** Decides about each operation, by its index. */
  fate: (operation: number) => Fate = () => 'proceed';
  /** Syncs that this disk claims and does not do, to show that a test would notice. */
  lies: 'nothing' | 'syncData' | 'syncFolder' = 'nothing';

  constructor(content: Iterable<readonly [string, File | Folder]> = [['/', 'folder']]) {
    this.#durable = new Map(content);
    this.#live = new Map(this.#durable);
  }

  makeFolder(path: string): Promise<void> {
    return this.#operate(() => {
      if (this.#live.has(path)) throw systemError('EEXIST', path);
      this.#expectFolder(parentOf(path));
      this.#rename({ folder: parentOf(path), drops: [], puts: [[path, 'folder']] });
    });
  }

  list(folder: string): Promise<string[]> {
    return this.#operate(() => {
      this.#expectFolder(folder);
      return [...this.#live.keys()].filter((path) => path !== '/' && parentOf(path) === folder).map(nameOf);
    });
  }

  stat(path: string): Promise<Entry> {
    return this.#operate(() => {
      const found = this.#live.get(path);
      if (found === undefined) throw systemError('ENOENT', path);
      return found === 'folder' ? { kind: 'folder', bytes: 0 } : { kind: 'file', bytes: found.bytes.byteLength };
    });
  }

  read(path: string, maximumBytes: number): Promise<Uint8Array> {
    return this.#operate(() => {
      const { bytes } = this.#file(path);
      if (bytes.byteLength > maximumBytes) throw systemError('EFBIG', path);
      return bytes.slice();
    });
  }

  create(path: string): Promise<NewFile> {
    return this.#operate(() => {
      if (this.#live.has(path)) throw systemError('EEXIST', path);
      this.#expectFolder(parentOf(path));
      const file: File = { bytes: new Uint8Array(), synced: new Uint8Array() };
      this.#rename({ folder: parentOf(path), drops: [], puts: [[path, file]] });
      return this.#openFile(file);
    });
  }

  append(path: string): Promise<NewFile> {
    return this.#operate(() => this.#openFile(this.#file(path)));
  }

  link(existing: string, path: string): Promise<void> {
    return this.#operate(() => {
      const file = this.#file(existing);
      if (this.#live.has(path)) throw systemError('EEXIST', path);
      this.#rename({ folder: parentOf(path), drops: [], puts: [[path, file]] });
    });
  }

  rename(from: string, to: string): Promise<void> {
    return this.#operate(() => {
      this.#rename({ folder: parentOf(to), drops: [from], puts: [[to, this.#file(from)]] });
    });
  }

  truncate(path: string): Promise<void> {
    return this.#operate(() => {
      this.#file(path).bytes = new Uint8Array();
    });
  }

  remove(path: string): Promise<void> {
    return this.#operate(() => {
      this.#file(path);
      this.#rename({ folder: parentOf(path), drops: [path], puts: [] });
    });
  }

  syncFolder(path: string): Promise<void> {
    return this.#operate(() => {
      this.#expectFolder(path);
      if (this.lies === 'syncFolder') return;
      for (const change of this.#unsynced) if (change.folder === path) applyTo(this.#durable, change);
      this.#unsynced = this.#unsynced.filter((change) => change.folder !== path);
    });
  }

  /** Changes one byte of a file, on the medium too, as decay does. */
  damage(path: string, offset: number): void {
    const file = this.#file(path);
    file.bytes[offset]! ^= 0xff;
    file.synced = file.bytes.slice();
  }

  /** Goes on after a cut that ended the process but not the machine: nothing is lost, and nothing synced by it. */
  restart(): void {
    this.#isCut = false;
    this.fate = () => 'proceed';
  }

  /** Every different disk that may be found after a power failure now. */
  *survivors(): Generator<MemoryDisk> {
    const changes = this.#unsynced.slice(-MAXIMUM_UNSYNCED_NAMES);
    const found = new Set<string>();
    for (const remains of [syncedOnly, allWritten, torn]) {
      for (let subset = 0; subset < 2 ** changes.length; subset++) {
        const names = new Map(this.#durable);
        for (const change of changes.filter((_, index) => (subset >> index) & 1)) applyTo(names, change);
        const survivor = new MemoryDisk(withoutOrphans(names, remains));
        const isNew = found.size < found.add(survivor.fingerprint()).size;
        if (isNew) yield survivor;
      }
    }
  }

  /** The same for two disks exactly if their names and contents are. */
  fingerprint(): string {
    const hash = createHash('sha256');
    for (const path of [...this.#live.keys()].sort()) {
      const file = this.#live.get(path)!;
      hash.update(`${path}:${file === 'folder' ? file : file.bytes.byteLength};`);
      if (file !== 'folder') hash.update(file.bytes);
    }
    return hash.digest('base64');
  }

  #openFile(file: File): NewFile {
    return {
      write: (bytes) => {
        const before = file.bytes;
        const whole = Buffer.concat([before, bytes]);
        const half = whole.subarray(0, before.byteLength + (bytes.byteLength >> 1));
        const set = (content: Uint8Array) => {
          file.bytes = new Uint8Array(content);
        };
        return this.#operate(
          () => set(whole),
          () => set(half),
        );
      },
      syncData: () =>
        this.#operate(() => {
          if (this.lies !== 'syncData') file.synced = file.bytes.slice();
        }),
      close: () => this.#operate(() => undefined),
    };
  }

  /** @param partly what remains done of an operation that fails or is cut off */
  async #operate<T>(effect: () => T, partly: () => void = () => undefined): Promise<T> {
    if (this.#isCut) throw new Cut();
    const fate = this.fate(this.operations++);
    if (fate === 'proceed') return effect();
    partly();
    this.#isCut = fate === 'cut';
    throw fate === 'cut' ? new Cut() : new DiskFailure(fate);
  }

  #rename(change: NameChange): void {
    applyTo(this.#live, change);
    this.#unsynced.push(change);
  }

  #expectFolder(path: string): void {
    if (this.#live.get(path) !== 'folder') throw systemError('ENOENT', path);
  }

  #file(path: string): File {
    const found = this.#live.get(path);
    if (found === undefined || found === 'folder') throw systemError('ENOENT', path);
    return found;
  }
}

function applyTo(names: Map<string, File | Folder>, change: NameChange): void {
  for (const path of change.drops) names.delete(path);
  for (const [path, file] of change.puts) names.set(path, file);
}

function withoutOrphans(names: Map<string, File | Folder>, remains: (file: File) => Uint8Array) {
  const copies = new Map<File, File>();
  const copyOf = (file: File): File => {
    const bytes = remains(file);
    const copy = copies.get(file) ?? { bytes, synced: bytes.slice() };
    copies.set(file, copy);
    return copy;
  };
  return [...names]
    .filter(([path]) => path === '/' || names.get(parentOf(path)) === 'folder')
    .map(([path, file]) => [path, file === 'folder' ? file : copyOf(file)] as const);
}

function syncedOnly(file: File): Uint8Array {
  return file.synced.slice();
}

function allWritten(file: File): Uint8Array {
  return file.bytes.slice();
}

/** Every second sector of what was written since the last sync never reached the medium. */
function torn(file: File): Uint8Array {
  if (Buffer.compare(file.bytes, file.synced) === 0) return file.synced.slice();
  return file.bytes.map((byte, index) => {
    const isUnsynced = byte !== file.synced[index];
    return isUnsynced && Math.floor(index / SECTOR) % 2 === 1 ? (file.synced[index] ?? 0) : byte;
  });
}

function systemError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: '${path}'`), { code });
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
