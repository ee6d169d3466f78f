import type { Message } from '../node-red.ts';

/** What a monitor flags, as `msg.spikewire.monitors` has it. */
interface Flag {
  readonly alarm?: boolean;
  readonly reason?: string;
  readonly channels?: readonly string[];
  readonly note?: string;
}

/** What people call what a monitor sees; `said.<this>` in the locales. */
const WORDS: Readonly<Record<string, string>> = {
  stuck: 'stuck',
  stay: 'stuck',
  jump: 'jump',
  extremum: 'extreme',
  drift: 'drift',
  average: 'drift',
  spread: 'spread',
  'next-reading': 'value',
  surprise: 'value',
  'pair-novelty': 'pattern',
  sequence: 'pattern',
  relation: 'pattern',
  rate: 'rate',
  silence: 'silent',
};
/** What says most comes first: a stuck sensor also varies less, and a jump is an unusual value too. */
const ORDER = Object.keys(WORDS);

/** What is unusual about a reading, or about there being none. */
export interface Said {
  /** One of the words. */
  readonly kind: string;
  /** Where the monitor that says most knows one. */
  readonly channel?: string;
  /** Half a line of each monitor, for people. */
  readonly reason: string;
}

export interface ExtractedFlags {
  readonly said: Said | undefined;
  readonly alarm: boolean;
  readonly newLevel: boolean;
}

/** What the monitors say in a message. */
export function extractFlags({ spikewire }: Message): ExtractedFlags {
  const { monitors = {} } = (spikewire ?? {}) as { readonly monitors?: Readonly<Record<string, Flag>> };
  const flags = Object.entries(monitors).toSorted(([a], [b]) => ORDER.indexOf(a) - ORDER.indexOf(b));
  const reasons = flags.filter(([, { reason }]) => reason !== undefined);
  const said = reasons.length === 0 ? undefined : saidIn(reasons);
  return {
    said,
    alarm: flags.some(([, { alarm }]) => alarm === true),
    newLevel: flags.some(([, { note }]) => note !== undefined),
  };
}

function saidIn(reasons: readonly (readonly [string, Flag])[]): Said {
  const [monitor, { channels: [channel] = [] }] = reasons[0]!;
  return {
    kind: WORDS[monitor] ?? 'value',
    ...(channel === undefined ? {} : { channel }),
    reason: reasons.map(([, { reason }]) => reason).join('; '),
  };
}

export type Change = 'unusual' | 'normal' | 'new level';

/** What several monitors see of the same: it is said once. */
const SAME: Readonly<Record<string, string>> = { jump: 'value', extreme: 'value', pattern: 'value' };
/** So many readings without a flag end it: what follows a spike is a part of it. */
const QUIET = 5;
/** Nets whose alarms are remembered. */
const MOST_ALARMED = 10_000;

/** From alarms to changes: something that was unusual ends after a few usual readings, or with a new level. */
export class Changes {
  /** By net: what has been said since it was normal, and the quiet readings in a row. */
  readonly #alarmed = new Map<string, { readonly kinds: Set<string>; quiet: number }>();

  take(key: string, { said, alarm, newLevel }: ExtractedFlags): Change | undefined {
    if (newLevel) this.#alarmed.delete(key);
    if (newLevel) return 'new level';
    const alarmed = this.#alarmed.get(key);
    if (alarmed !== undefined) alarmed.quiet = said === undefined ? alarmed.quiet + 1 : 0;
    if (alarmed !== undefined && alarmed.quiet >= QUIET) {
      this.#alarmed.delete(key);
      return 'normal';
    }
    return alarm && said !== undefined ? this.#begin(key, SAME[said.kind] ?? said.kind) : undefined;
  }

  #begin(key: string, kind: string): 'unusual' | undefined {
    const alarmed = this.#alarmed.get(key);
    if (alarmed?.kinds.has(kind)) return undefined;
    if (alarmed === undefined) this.#remember(key, kind);
    else alarmed.kinds.add(kind);
    return 'unusual';
  }

  #remember(key: string, kind: string): void {
    if (this.#alarmed.size >= MOST_ALARMED) this.#alarmed.delete(this.#alarmed.keys().next().value!);
    this.#alarmed.set(key, { kinds: new Set([kind]), quiet: 0 });
  }
}
