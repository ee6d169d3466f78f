/** The element of index.html with that id, which the page cannot do without. */
export function element<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) {
    throw new TypeError(`#${id}: missing from the page; expected a ${kind.name}`);
  }
  return found;
}
