/**
 * Bytes of the buffers behind all typed arrays among `parts`, looked for through lists, maps and the properties of
 * objects. A buffer counts once, however many arrays show it, and not at all where it is also among those of `others`,
 * such as the model's own.
 */
export function retainedBytes(parts: readonly unknown[], others: readonly unknown[] = []): number {
  const seen = buffersIn(others, new Set());
  const before = bytesOf(seen);
  return bytesOf(buffersIn(parts, seen)) - before;
}

/** Adds what is reachable from `part` to `seen`: buffers, and what was looked through. */
function buffersIn(part: unknown, seen: Set<object>): Set<object> {
  if (typeof part !== 'object' || part === null || seen.has(part)) return seen;
  if (ArrayBuffer.isView(part)) return seen.add(part.buffer);
  seen.add(part);
  const inner = part instanceof Map || part instanceof Set || Array.isArray(part) ? part : Object.values(part);
  for (const each of inner) buffersIn(each, seen);
  return seen;
}

function bytesOf(seen: ReadonlySet<object>): number {
  let bytes = 0;
  for (const each of seen) if (each instanceof ArrayBuffer) bytes += each.byteLength;
  return bytes;
}
