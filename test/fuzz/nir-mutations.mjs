import { pick } from './mutations.mjs';

/** Numbers at the edges of what a net can mean. */
const NUMBERS = [
  0,
  -0,
  1,
  -1,
  2,
  3,
  0.5,
  1e-9,
  1e-320,
  1e6,
  1e15,
  2 ** 31,
  2 ** 53,
  1e308,
  Number.NaN,
  Infinity,
  -Infinity,
];
const TYPES = [
  ...['Input', 'Output', 'Linear', 'Affine', 'Scale', 'Conv1d', 'Conv2d', 'SumPool2d', 'AvgPool2d', 'Flatten', 'Delay'],
  ...['Threshold', 'I', 'LI', 'IF', 'LIF', 'CubaLI', 'CubaLIF', 'NIRGraph', 'Reset', '', 'constructor'],
];
const WORDS = ['input', 'output', 'lif', 'lif1.lif', 'same', 'valid', '', '.', 'a.b.c', '__proto__', ...TYPES];

/**
 * A copy of a tree with one to four changes that a net notices: parts are left out, repeated, moved, and their numbers,
 * texts and shapes replaced.
 *
 * @param {import('@spikewire/exchange/hdf5').Hdf5Group} root
 * @param {import('@spikewire/models').RandomGenerator} random
 */
export function mutateNir(root, random) {
  const tree = copied(root);
  for (let changes = 1 + random.nextInteger(4); changes > 0; changes--) {
    const places = placesOf(tree);
    if (places.length > 0) pick(random, CHANGES)(pick(random, places), random, places);
  }
  return tree;
}

function copied(node) {
  if (node.kind !== 'group') return node;
  const children = new Map([...node.children].map(([name, child]) => [name, copied(child)]));
  return { kind: 'group', attributes: node.attributes, children };
}

/** Every member of every group. */
function placesOf(tree) {
  const places = [];
  const open = [tree];
  for (let group = open.pop(); group !== undefined; group = open.pop()) {
    for (const [name, child] of group.children) {
      places.push({ group, name, child });
      if (child.kind === 'group') open.push(child);
    }
  }
  return places;
}

const CHANGES = [remove, rename, exchange, exchange, repeat, renumber, renumber, reshape, reword, retype];

function remove({ group, name }) {
  group.children.delete(name);
}

function rename({ group, name, child }, random) {
  group.children.delete(name);
  group.children.set(
    pick(
      random,
      WORDS.filter((word) => word !== '' && word !== '.'),
    ),
    child,
  );
}

/** What another place has in place of this. */
function exchange({ group, name, child }, random, places) {
  const alike = places.filter((other) => other.child.kind === child.kind);
  // A group that came into itself would have no end.
  group.children.set(name, copied(pick(random, alike).child));
}

function repeat({ group, name, child }, random) {
  group.children.set(`${name}${random.nextInteger(3)}`, copied(child));
}

function renumber(_place, random, places) {
  const numbers = places.filter(({ child }) => child.kind === 'dataset' && child.type.class !== 'string');
  if (numbers.length === 0) return;
  const { group, name, child } = pick(random, numbers);
  const values = Float64Array.from(child.values);
  const value = pick(random, NUMBERS);
  if (random.nextInteger(2) === 0) values.fill(value);
  else if (values.length > 0) values[random.nextInteger(values.length)] = value;
  group.children.set(name, { ...child, values, type: { class: 'float', bytes: 8, order: 'little' } });
}

/** Fewer or more numbers, in a row or in a shape of more dimensions. */
function reshape(_place, random, places) {
  const arrays = places.filter(({ child }) => child.kind === 'dataset');
  if (arrays.length === 0) return;
  const { group, name, child } = pick(random, arrays);
  const shape = pick(random, [[], [0], [1], [1, 1], [2], [3], [2, 2], [child.values.length], [1, child.values.length]]);
  const count = shape.reduce((product, size) => product * size, 1);
  const first = child.type.class === 'string' ? '' : 0;
  const values = Array.from({ length: count }, (_, k) => child.values[k] ?? child.values[0] ?? first);
  group.children.set(name, {
    ...child,
    shape,
    values: child.type.class === 'string' ? values : Float64Array.from(values),
  });
}

function reword(_place, random, places) {
  const texts = places.filter(({ child }) => child.kind === 'dataset' && child.type.class === 'string');
  if (texts.length === 0) return;
  const { group, name, child } = pick(random, texts);
  const values = [...child.values];
  if (values.length > 0)
    values[random.nextInteger(values.length)] = pick(random, random.nextInteger(2) ? values : WORDS);
  group.children.set(name, { ...child, values });
}

function retype(_place, random, places) {
  const types = places.filter(({ name, child }) => name === 'type' && child.kind === 'dataset');
  if (types.length === 0) return;
  const { group, child } = pick(random, types);
  group.children.set('type', { ...child, shape: [], values: [pick(random, TYPES)] });
}
