/** Bytes of UTF-8 in a text of a packet (MQTT 5 §1.5.4). */
export const LONGEST_TEXT = 65_535;

/** The levels that a topic must have; of a shared subscription `$share/<group>/<filter>` those of its filter. */
export function levelsOf(filter: string): readonly string[] {
  return unshared(filter).split('/');
}

/**
 * Whether the levels of a topic match those of a filter (MQTT 5 §4.7): `+` stands for one level, `#` for the rest and
 * its parent; neither at the first level matches a topic that begins with `$`.
 */
export function levelsMatch(pattern: readonly string[], levels: readonly string[]): boolean {
  if (levels[0]!.startsWith('$') && (pattern[0] === '+' || pattern[0] === '#')) return false;
  for (let i = 0; i < pattern.length; i++) {
    if (pattern[i] === '#') return true;
    if (i === levels.length) return false;
    if (pattern[i] !== '+' && pattern[i] !== levels[i]) return false;
  }
  return pattern.length === levels.length;
}

/** Whether a message may be published to this: 1…65,535 bytes of UTF-8 that may be sent, without wildcards. */
export function isTopic(topic: unknown): topic is string {
  return isTopicText(topic) && isSendable(topic) && !/[+#]/.test(topic);
}

/** Whether this may be subscribed to: a topic whose levels may also be `+` or, at the end, `#`. */
export function isTopicFilter(filter: unknown): filter is string {
  if (!isTopicText(filter)) return false;
  if (filter.startsWith('$share/') && !/^\$share\/[^/+#]+\/./.test(filter)) return false;
  const levels = unshared(filter).split('/');
  return levels.every((level, i) => level === '+' || (level === '#' && i === levels.length - 1) || !/[+#]/.test(level));
}

function isTopicText(text: unknown): text is string {
  return typeof text === 'string' && text !== '' && !text.includes('\0') && fits(text);
}

/** Whether a packet may carry this text and no broker ends the connection for it (MQTT 5 §1.5.4). */
export function isSendable(text: string): boolean {
  return !/[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u.test(text) && fits(text);
}

function fits(text: string): boolean {
  return Buffer.byteLength(text) <= LONGEST_TEXT;
}

/** The filter without the group of a shared subscription. */
export function unshared(filter: string): string {
  return filter.startsWith('$share/') ? filter.slice(filter.indexOf('/', '$share/'.length) + 1) : filter;
}
