/** A message that goes on for longer is dropped. */
const LONGEST_MESSAGE = 65_536;

/**
 * The data of the messages that are whole in a text of server-sent events, and the rest, of the next message. Comments,
 * and fields beside `data`, are left out.
 */
export function readMessages(text: string): { readonly messages: readonly string[]; readonly rest: string } {
  const parts = text.split(/\r?\n\r?\n/);
  const rest = parts.pop()!;
  const messages = parts.map(dataOf).filter((data) => data !== undefined);
  return { messages, rest: rest.length > LONGEST_MESSAGE ? '' : rest };
}

function dataOf(message: string): string | undefined {
  const lines = message.split(/\r?\n/).filter((line) => line.startsWith('data:'));
  return lines.length === 0 ? undefined : lines.map((line) => line.slice(5).replace(/^ /, '')).join('\n');
}
