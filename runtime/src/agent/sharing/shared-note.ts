import { join } from 'node:path';
import { replaceDurably } from '../../store/durable-file.ts';
import { nodeFileSystem } from '../../store/file-system.ts';
import type { SharedPart } from '../fleet/member.ts';
import type { MarksBefore, PartMark } from './lesson-sums.ts';

/** A part that has left the device, or may have. */
export interface NotedPart extends SharedPart {
  readonly mark: PartMark;
}

/** The newest ones, and more than rounds that a controller keeps open for a device. */
const MOST_NOTED = 32;
const LARGEST_NOTE = 2 ** 20;

/** What has left the device, as `.fleet/shared.json` has it: noted before it leaves, so that nothing is forgotten. */
export class SharedNote {
  readonly #path: string;
  #parts: readonly NotedPart[];

  /** A note that cannot be read is an error: without it a next part could tell of single lessons. */
  static async open(folder: string): Promise<SharedNote> {
    const path = join(folder, 'shared.json');
    let bytes: Uint8Array;
    try {
      bytes = await nodeFileSystem.read(path, LARGEST_NOTE);
    } catch (failure) {
      if ((failure as NodeJS.ErrnoException).code === 'ENOENT') return new SharedNote(path, []);
      throw failure;
    }
    return new SharedNote(path, (JSON.parse(Buffer.from(bytes).toString()) as { parts: NotedPart[] }).parts);
  }

  private constructor(path: string, parts: readonly NotedPart[]) {
    [this.#path, this.#parts] = [path, parts];
  }

  /** The oldest first. */
  get parts(): readonly NotedPart[] {
    return this.#parts;
  }

  get marks(): MarksBefore {
    const marks = this.#parts.map(({ mark }) => mark);
    return { ever: Object.assign({}, ...marks.map(({ ever }) => ever)), digests: marks.map(({ digest }) => digest) };
  }

  ofRound(round: string): NotedPart | undefined {
    return this.#parts.find((part) => part.round === round);
  }

  /** In the place of what was noted of its round. */
  async keep(part: NotedPart): Promise<void> {
    const parts = [...this.#parts.filter(({ round }) => round !== part.round), part].slice(-MOST_NOTED);
    await replaceDurably(this.#path, Buffer.from(JSON.stringify({ parts })));
    this.#parts = parts;
  }
}
