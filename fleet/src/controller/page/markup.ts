import { visibleText } from './text/visible-text.ts';

/** What an element contains: text is shown as text, whatever is in it. */
export type Content = Node | string | number | false | null | undefined | readonly Content[];

type Handler = (event: Event) => void;
/** Attributes as in HTML, and what happens: `click`, `submit`, `change`, `input`. */
export type Attributes = Readonly<Record<string, string | number | boolean | Handler | undefined>>;

/** By element and kind of event; `patch` carries them over. */
const HANDLERS = new WeakMap<Element, Map<string, Handler | undefined>>();

/** Makes an element. An attribute `true` has no value; one that is `false` or undefined is left out. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...content: Content[]
): HTMLElementTagNameMap[Tag] {
  return fill(document.createElement(tag), attributes, content);
}

/** The same for a drawing. */
export function draw(tag: 'svg' | 'rect' | 'line' | 'title', attributes: Attributes, ...content: Content[]): Element {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, content);
}

function fill<Kind extends Element>(element: Kind, attributes: Attributes, content: readonly Content[]): Kind {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') listen(element, name, value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...nodesOf(content));
  return element;
}

export function nodesOf(content: Content): (Node | string)[] {
  if (Array.isArray(content)) return content.flatMap(nodesOf);
  if (content === false || content === null || content === undefined) return [];
  return [content instanceof Node ? content : visibleText(String(content))];
}

function listen(element: Element, kind: string, handler: Handler): void {
  const handlers = HANDLERS.get(element) ?? new Map<string, Handler | undefined>();
  if (!handlers.has(kind)) element.addEventListener(kind, (event) => HANDLERS.get(element)?.get(kind)?.(event));
  HANDLERS.set(element, handlers.set(kind, handler));
}

/**
 * Makes the content of an element equal to other content. What is alike stays the same element: the keyboard keeps its
 * place, a field what was typed into it, and what a person has opened remains open.
 */
export function patch(element: Element, content: Content): void {
  const holder = document.createElement('template');
  holder.content.append(...nodesOf(content));
  patchNodes(element, holder.content);
}

function patchNodes(element: Node, wanted: Node): void {
  const [present, others] = [[...element.childNodes], [...wanted.childNodes]];
  for (const [k, other] of others.entries()) {
    const node = present[k];
    if (node === undefined) element.appendChild(other);
    else if (isAlike(node, other)) patchNode(node, other);
    else element.replaceChild(other, node);
  }
  for (const node of present.slice(others.length)) element.removeChild(node);
}

function isAlike(node: Node, other: Node): boolean {
  if (node.nodeName !== other.nodeName) return false;
  return !(node instanceof Element && other instanceof Element) || keyOf(node) === keyOf(other);
}

/** Elements with different ids or keys are about different things. */
const keyOf = (element: Element) => `${element.id} ${element.getAttribute('data-key') ?? ''}`;

function patchNode(node: Node, other: Node): void {
  if (!(node instanceof Element && other instanceof Element)) {
    if (node.nodeValue !== other.nodeValue) node.nodeValue = other.nodeValue;
    return;
  }
  patchAttributes(node, other);
  patchHandlers(node, other);
  patchNodes(node, other);
}

function patchHandlers(element: Element, wanted: Element): void {
  const [present, handlers] = [HANDLERS.get(element), HANDLERS.get(wanted)];
  for (const kind of present?.keys() ?? []) present!.set(kind, undefined);
  for (const [kind, handler] of handlers ?? []) if (handler !== undefined) listen(element, kind, handler);
}

function patchAttributes(element: Element, wanted: Element): void {
  for (const { name, value } of [...wanted.attributes])
    if (element.getAttribute(name) !== value) element.setAttribute(name, value);
  for (const { name } of [...element.attributes])
    if (!wanted.hasAttribute(name) && !isOfPerson(element, name)) element.removeAttribute(name);
}

/** What a person sets by using the page. */
const isOfPerson = (element: Element, name: string) => element instanceof HTMLDetailsElement && name === 'open';
