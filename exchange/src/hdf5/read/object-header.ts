import { SpikewireError } from '@spikewire/models';
import type { Cursor } from '../bytes/cursor.ts';
import { type FileBytes, Visited } from '../bytes/file-bytes.ts';

/** Types of messages (HDF5 File Format Specification, IV.A.2). */
export const MESSAGE = {
  dataspace: 0x01,
  linkInfo: 0x02,
  datatype: 0x03,
  oldFillValue: 0x04,
  fillValue: 0x05,
  link: 0x06,
  externalFiles: 0x07,
  layout: 0x08,
  filters: 0x0b,
  attribute: 0x0c,
  continuation: 0x10,
  symbolTable: 0x11,
  attributeInfo: 0x15,
} as const;

const IS_SHARED = 2;
const MUST_BE_KNOWN = 0x80;
const LAST_KNOWN = 0x18;
const IN_A_HEAP = 1;

/** The messages of an object, in the order of the file; those that it shares are read from where they stand. */
export class ObjectHeader {
  readonly where: string;
  readonly #file: FileBytes;
  readonly #messages: readonly Message[];

  constructor(file: FileBytes, address: number, where: string) {
    this.#file = file;
    this.where = where;
    this.#messages = messagesOf(file, address, where);
  }

  has(type: number): boolean {
    return this.#messages.some((message) => message.type === type);
  }

  /** The first of a type. */
  find(type: number): Cursor | undefined {
    const message = this.#messages.find((each) => each.type === type);
    return message === undefined ? undefined : this.#open(message);
  }

  get(type: number, what: string): Cursor {
    return this.find(type) ?? missing(this.where, what);
  }

  all(type: number): Cursor[] {
    return this.#messages.filter((message) => message.type === type).map((message) => this.#open(message));
  }

  #open({ type, isShared, data }: Message): Cursor {
    data.at = 0;
    return isShared ? sharedMessage(this.#file, data, type) : data;
  }
}

/** A message that stands in the object header of another object: a named datatype (IV.A.2, "Shared Messages"). */
export function sharedMessage(file: FileBytes, data: Cursor, type: number): Cursor {
  const version = data.version('a shared message', 1, 2, 3);
  if (data.uint(1) === IN_A_HEAP && version === 3) {
    throw new SpikewireError('unsupported', data.where, 'has messages in a shared heap', 'messages at each object');
  }
  // An entry of a symbol table stands there, which begins with the offset of a name.
  if (version === 1) data.skip(6 + file.widths.length);
  const messages = messagesOf(file, data.defined('shared message'), data.where);
  const found = messages.find((message) => message.type === type);
  if (found === undefined || found.isShared) return data.fail('shares a message that does not exist');
  return found.data;
}

interface Message {
  readonly type: number;
  readonly isShared: boolean;
  readonly data: Cursor;
}

function messagesOf(file: FileBytes, address: number, where: string): Message[] {
  const isNew = file.part(address, 1, where).uint(1) !== 1;
  return isNew ? newMessages(file, address, where) : oldMessages(file, address, where);
}

/** Version 1 (IV.A.1.a). */
function oldMessages(file: FileBytes, address: number, where: string): Message[] {
  const [BEFORE_SIZE, SIZE, PADDING] = [8, 4, 4];
  const prefix = file.part(address, BEFORE_SIZE + SIZE + PADDING, where);
  prefix.skip(BEFORE_SIZE);
  const first = { address: address + BEFORE_SIZE + SIZE + PADDING, bytes: prefix.uint(SIZE) };
  return messagesOfBlocks(file, first, where, {
    headBytes: 8,
    open: (block) => block,
    head(block) {
      const [type, size, flags] = [block.uint(2), block.uint(2), block.uint(1)];
      block.skip(3);
      return { type, size, flags };
    },
  });
}

/** Version 2 (IV.A.1.b). Each block has a checksum. */
function newMessages(file: FileBytes, address: number, where: string): Message[] {
  const [TIMES, LIMITS, CHECKSUM, LONGEST_PREFIX] = [16, 4, 4, 34];
  const prefix = file.upTo(address, LONGEST_PREFIX, where);
  prefix.signature('OHDR');
  prefix.version('an object header', 2);
  const flags = prefix.uint(1);
  if ((flags & 0x20) !== 0) prefix.skip(TIMES);
  if ((flags & 0x10) !== 0) prefix.skip(LIMITS);
  const bytes = prefix.uint(2 ** (flags & 3));
  const hasOrder = (flags & 4) !== 0;
  return messagesOfBlocks(file, { address, bytes: prefix.at + bytes + CHECKSUM }, where, {
    headBytes: hasOrder ? 6 : 4,
    open(block, isFirst) {
      block.at = block.bytes.length - CHECKSUM;
      block.checksum();
      block.at = 0;
      if (isFirst) block.skip(prefix.at);
      else block.signature('OCHK');
      return block.part(block.left - CHECKSUM);
    },
    head(block) {
      const [type, size, flags] = [block.uint(1), block.uint(2), block.uint(1)];
      if (hasOrder) block.skip(2);
      return { type, size, flags };
    },
  });
}

interface Block {
  readonly address: number;
  readonly bytes: number;
}

/** How a version keeps messages in blocks. */
interface Form {
  /** Bytes before each message. A block may end with fewer. */
  readonly headBytes: number;
  /** The part of a block that has messages. */
  open(block: Cursor, isFirst: boolean): Cursor;
  head(block: Cursor): { type: number; size: number; flags: number };
}

function messagesOfBlocks(file: FileBytes, first: Block, where: string, form: Form): Message[] {
  const OF_MESSAGE = 256;
  const visited = new Visited();
  const messages: Message[] = [];
  const blocks = [first];
  for (const { address, bytes } of blocks) {
    visited.add(address, where);
    const whole = file.part(address, bytes, where);
    if (bytes < 8) whole.fail('has a block of messages that is too short');
    const block = form.open(whole, address === first.address);
    while (block.left >= form.headBytes) {
      file.memory.take(where, OF_MESSAGE);
      const { type, size, flags } = form.head(block);
      if (type > LAST_KNOWN && (flags & MUST_BE_KNOWN) !== 0) {
        throw new SpikewireError('unsupported', where, `has a message of type ${type}`, 'an older format of HDF5');
      }
      const data = block.part(size);
      if (type === MESSAGE.continuation) blocks.push({ address: data.defined('messages'), bytes: data.length() });
      else messages.push({ type, isShared: (flags & IS_SHARED) !== 0, data });
    }
  }
  return messages;
}

function missing(where: string, what: string): never {
  throw new SpikewireError('file', where, `has no ${what}`, 'an undamaged HDF5 file');
}
