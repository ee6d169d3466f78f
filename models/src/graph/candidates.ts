const LISTED = 20;
const LONGEST = 64;

/** The names an error offers for a wrong one; a long list is cut short, because an error is one line. */
export function candidates(names: Iterable<string>): string {
  const all = [...names];
  if (all.length === 0) return 'none';
  const more = all.length - LISTED;
  const listed = all.slice(0, LISTED).map((name) => (name.length > LONGEST ? `${name.slice(0, LONGEST - 1)}…` : name));
  return listed.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
