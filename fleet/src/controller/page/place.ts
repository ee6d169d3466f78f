/** What the page shows, as the fragment of its address says: `#/devices/<id>?state=failed`. */
export interface Place {
  /** The first word; empty: the overview. */
  readonly view: string;
  /** The second: what the view is about; null: nothing in particular. */
  readonly id: string | null;
  readonly query: URLSearchParams;
}

export function readPlace(fragment: string): Place {
  const [path = '', query = ''] = fragment.replace(/^#?\/?/, '').split(/\?(.*)/s);
  const [view = '', id = ''] = path.split('/').map(decoded);
  return { view, id: id === '' ? null : id, query: new URLSearchParams(query) };
}

/** The fragment that leads to a view; without what is empty or null. */
export function linkTo(view: string, id?: string | null, query: Readonly<Record<string, string | null>> = {}): string {
  const path = [view, ...(id ? [id] : [])].map(encodeURIComponent).join('/');
  const kept = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return `#/${path}${kept.length === 0 ? '' : `?${new URLSearchParams(kept)}`}`;
}

/** A fragment that somebody has typed may be no encoding of anything. */
function decoded(word: string): string {
  try {
    return decodeURIComponent(word);
  } catch {
    return word;
  }
}
