import { texts } from './corpus.mjs';
import { pick } from './mutations.mjs';

/** Numbers at the edges of formats, of arithmetic and of what a device can carry. */
const NUMBERS = [
  ...[0, -0, 1, -1, 2, 3, 7, 0.5, -0.5, 0.001, 1e-12, 1e-320, 100, 127, 128, -128, 255, 1000, 4096, 32768, 65536, 1e6],
  ...[
    2 ** 24,
    2 ** 26,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 32,
    2 ** 53,
    2 ** 53 + 2,
    1e15,
    1e30,
    1e38,
    1e39,
    1e154,
    1e308,
    -1e308,
  ],
];
const OTHERS = [null, true, '', [], {}, [[]], 'in', 'out', 'x', '__proto__', '\ud800', 'reset', 'many'];
/** Containers that a mutation looks at: more than any seed has, and a bound where mutations pile up. */
const MOST_PLACES = 5000;

/** Every member of every object and list of a tree. */
function placesOf(tree) {
  const places = [];
  const open = [tree];
  while (open.length > 0 && places.length < MOST_PLACES) {
    const owner = open.pop();
    for (const key of Object.keys(owner)) {
      places.push({ owner, key });
      const value = owner[key];
      if (typeof value === 'object' && value !== null) open.push(value);
    }
  }
  return places;
}

/**
 * What stands under each key anywhere in the seeds: a member that moves from one model into another often fits there.
 */
function membersByKey() {
  const members = new Map();
  for (const { owner, key } of texts.flatMap(placesOf)) {
    if (Array.isArray(owner)) continue;
    members.set(key, [...(members.get(key) ?? []), owner[key]]);
  }
  return members;
}

const members = membersByKey();
const keys = [...members.keys()];

const CHANGES = [replaceNumber, replaceNumber, exchange, exchange, add, remove, repeat, replaceByAny];

/**
 * A copy of a model's text with one to three changes of its structure: most remain JSON that a reader understands, and
 * many a model.
 *
 * @param {unknown} text
 * @param {import('@spikewire/models').RandomGenerator} random
 */
export function mutateTree(text, random) {
  const tree = structuredClone(text);
  for (let changes = 1 + random.nextInteger(3); changes > 0; changes--) {
    const places = placesOf(tree);
    if (places.length > 0) pick(random, CHANGES)(pick(random, places), random, places);
  }
  return tree;
}

function replaceNumber(_place, random, places) {
  const numbers = places.filter(({ owner, key }) => typeof owner[key] === 'number');
  if (numbers.length === 0) return;
  const { owner, key } = pick(random, numbers);
  owner[key] = random.nextInteger(4) === 0 ? owner[key] * pick(random, [-1, 0.1, 2, 10, 1000]) : pick(random, NUMBERS);
}

/** Another value of the same key. */
function exchange(_place, random, places) {
  const named = places.filter(({ owner, key }) => !Array.isArray(owner) && members.has(key));
  if (named.length === 0) return;
  const { owner, key } = pick(random, named);
  owner[key] = structuredClone(pick(random, members.get(key)));
}

function add({ owner }, random) {
  if (Array.isArray(owner)) return;
  const key = pick(random, keys);
  owner[key] = structuredClone(pick(random, members.get(key)));
}

function remove({ owner, key }) {
  if (Array.isArray(owner)) owner.splice(Number(key), 1);
  else delete owner[key];
}

function repeat({ owner, key }, random) {
  if (Array.isArray(owner)) owner.splice(Number(key), 0, structuredClone(owner[key]));
  else owner[`${key}${random.nextInteger(3)}`] = structuredClone(owner[key]);
}

function replaceByAny({ owner, key }, random) {
  owner[key] = structuredClone(pick(random, OTHERS)); // or the next case would have what this one does to it
}
