import { printableLine } from '@spikewire/models';
import type { DashboardNetState, DashboardSource } from './source.ts';
import type { ListedNet, NetsPage } from './wire.ts';

/** Nets of a page. */
export const LISTED_NETS = 48;

/** Nets that are found at a glance: these stay in the order of their names. */
const FEW_NETS = 8;

/** For so long after a flag a net stays ahead of those without one: somebody may not have looked just then. */
const LATELY_MILLISECONDS = 60_000;

/** As a person counts: "mote 2" comes before "mote 10". */
const NATURAL = new Intl.Collator('en', { numeric: true });

/** Characters of a search. */
const LONGEST_SEARCH = 256;

/** What is looked for: the page of those nets whose name has the words of `search`. */
export interface NetsQuery {
  readonly search: string;
  /** From 0; beyond the last it is the last. */
  readonly page: number;
  /** Whether the nets are listed, or only counted. */
  readonly isBrief: boolean;
  /** Whether each comes with its newest readings as a small picture. */
  readonly hasCourses: boolean;
}

/** A query as an address has it. What it says that cannot be meant is left out. */
export function netsQuery(said: URLSearchParams): NetsQuery {
  const page = Math.floor(Number(said.get('page')));
  return {
    search: (said.get('search') ?? '').slice(0, LONGEST_SEARCH),
    page: page >= 1 ? page : 0,
    isBrief: said.has('brief'),
    hasCourses: said.has('courses'),
  };
}

interface Entry {
  readonly id: string;
  readonly name: string;
  readonly lowerCase: string;
  /** Flagged readings at the last look, and when they had become more. */
  flags: number | undefined;
  flaggedAt: number;
  state: DashboardNetState | undefined;
}

/** The nets of a source in the order in which people look for them, page by page: a page of thousands costs no more. */
export class NetList {
  readonly #source: DashboardSource;
  readonly #clock: () => number;
  #entries = new Map<string, Entry>();
  /** By name. */
  #sorted: readonly Entry[] = [];

  /** @param clock milliseconds that rise steadily */
  constructor(source: DashboardSource, clock = () => performance.now()) {
    this.#source = source;
    this.#clock = clock;
  }

  page({ search, page, isBrief, hasCourses }: NetsQuery): NetsPage {
    this.#look();
    const wanted = search.trim().toLowerCase();
    const found = this.#sorted.filter(({ lowerCase }) => lowerCase.includes(wanted));
    const last = Math.max(0, Math.ceil(found.length / LISTED_NETS) - 1);
    const from = LISTED_NETS * Math.min(page, last);
    const listed = isBrief ? [] : this.#inOrder(found).slice(from, from + LISTED_NETS);
    return {
      total: this.#sorted.length,
      unusual: this.#sorted.filter(isUnusual).length,
      found: found.length,
      from,
      most: LISTED_NETS,
      nets: listed.map((entry) => ({
        ...listedNet(entry),
        ...(hasCourses && { course: this.#source.course?.(entry.id) ?? [] }),
      })),
    };
  }

  /** Takes up which nets there are, and how they are. */
  #look(): void {
    const nets = this.#source.nets();
    const isSame =
      nets.length === this.#entries.size && nets.every(({ id, name }) => this.#entries.get(id)?.name === name);
    if (!isSame) this.#sort(nets);
    const now = this.#clock();
    for (const entry of this.#sorted) {
      const state = this.#source.state?.(entry.id);
      if (entry.flags !== undefined && (state?.flags ?? 0) > entry.flags) entry.flaggedAt = now;
      entry.flags = state?.flags ?? 0;
      entry.state = state;
    }
  }

  /** Those that are known already come sorted: where few are new, sorting is quick. */
  #sort(nets: ReturnType<DashboardSource['nets']>): void {
    const given = new Map(nets.map(({ id, name }) => [id, name]));
    const known = this.#sorted.filter(({ id, name }) => given.get(id) === name);
    for (const { id } of known) given.delete(id);
    const added = [...given].map(([id, name]) => ({
      ...{ id, name, lowerCase: name.toLowerCase() },
      ...{ flags: undefined, flaggedAt: Number.NEGATIVE_INFINITY, state: undefined },
    }));
    this.#sorted = [...known, ...added].sort((a, b) => NATURAL.compare(a.name, b.name) || (a.id < b.id ? -1 : 1));
    this.#entries = new Map(this.#sorted.map((entry) => [entry.id, entry]));
  }

  /** What is unusual now comes first, then what was lately. */
  #inOrder(entries: readonly Entry[]): readonly Entry[] {
    if (this.#sorted.length <= FEW_NETS) return entries;
    const since = this.#clock() - LATELY_MILLISECONDS;
    const ranks: Entry[][] = [[], [], []];
    for (const entry of entries) ranks[isUnusual(entry) ? 0 : entry.flaggedAt > since ? 1 : 2]!.push(entry);
    return ranks.flat();
  }
}

function isUnusual({ state }: Entry): boolean {
  return state?.anomaly === true;
}

function listedNet({ id, name, state }: Entry): ListedNet {
  const named = { id, name: printableLine(name) };
  if (state === undefined) return { ...named, flags: 0 };
  const { anomaly, answer, flags, gathering, last, learning, muted, readings, warmUp } = state;
  const calm = warmUp.done ? 'calm' : 'warming';
  return {
    ...named,
    is: anomaly ? 'unusual' : readings === 0 && gathering !== undefined ? 'gathering' : calm,
    ...(!learning && { isFrozen: true }),
    ...(muted && { isMuted: true }),
    flags,
    ...(last !== undefined && { flagged: last.ended }),
    ...(answer !== undefined && { answer: printableLine(answer) }),
  };
}
