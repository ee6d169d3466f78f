import { type JsonTree, parseJsonTree } from '@spikewire/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from './canonical-json.ts';

/** What `encode_canonical` of python3-securesystemslib 1.2.0 makes of a document, in hex. */
const VECTORS = [
  ['{}', '7b7d'],
  ['[]', '5b5d'],
  ['{"b":1,"a":[true,false,null]}', '7b2261223a5b747275652c66616c73652c6e756c6c5d2c2262223a317d'],
  [String.raw`"\\ \" \/ \n \u0001 \u007f"`, '225c5c205c22202f200a2001207f22'],
  ['{"10":0,"2":-1,"1":9007199254740991}', '7b2231223a393030373139393235343734303939312c223130223a302c2232223a2d317d'],
  [
    String.raw`{"\uffff":1,"\ud83d\ude00":2,"z":3,"\ue000":4,"\u00e9":5}`,
    '7b227a223a332c22c3a9223a352c22ee8080223a342c22efbfbf223a312c22f09f9880223a327d',
  ],
  [
    '{"":"","__proto__":{"constructor":[]}}',
    '7b22223a22222c225f5f70726f746f5f5f223a7b22636f6e7374727563746f72223a5b5d7d7d',
  ],
  [String.raw`{"a\"b":"c\\d","a":"b"}`, '7b2261223a2262222c22615c2262223a22635c5c64227d'],
  ['[[],[[]],{"x":{}}]', '5b5b5d2c5b5b5d5d2c7b2278223a7b7d7d5d'],
  [String.raw`{"\ud800\udc00":1,"\uffee":2,"\ud7ff":3}`, '7b22ed9fbf223a332c22efbfae223a322c22f0908080223a317d'],
  ['-0', '30'],
] as const;

/** Also names at the edges of the surrogates. */
const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom('"', '\\', 'a', '\n', '\ud7ff', '\ue000', '\uffff', '\u{10000}'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
  maxLength: 4,
});
const { tree } = fc.letrec<{ tree: JsonTree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, false),
    fc.maxSafeInteger(),
    text,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.array(fc.tuple(text, tie('tree')), { maxLength: 6 }).map((entries) => new Map(entries)),
  ),
}));

/** Reads the form back, and expects the names of each object in order. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#text = Buffer.from(bytes).toString();
  }

  whole(): JsonTree {
    const value = this.#value();
    expect(this.#at).toBe(this.#text.length);
    return value;
  }

  #value(): JsonTree {
    const next = this.#text[this.#at];
    if (next === '"') return this.#string();
    if (next === '[') return this.#items(']', () => this.#value());
    if (next === '{') return this.#object();
    const word = /true|false|null|-?\d+/y;
    word.lastIndex = this.#at;
    const [found] = word.exec(this.#text)!;
    this.#at += found.length;
    return JSON.parse(found);
  }

  #object(): JsonTree {
    const entries = this.#items('}', () => {
      const name = this.#string();
      expect(this.#text[this.#at++]).toBe(':');
      return [name, this.#value()] as const;
    });
    const points = entries.map(([name]) => [...name].map((each) => each.codePointAt(0)!));
    for (let k = 1; k < points.length; k++) expect(isBefore(points[k - 1]!, points[k]!)).toBe(true);
    return new Map(entries);
  }

  #items<Item>(end: string, read: () => Item): Item[] {
    const items: Item[] = [];
    this.#at++;
    while (this.#text[this.#at] !== end) {
      if (items.length > 0) expect(this.#text[this.#at++]).toBe(',');
      items.push(read());
    }
    this.#at++;
    return items;
  }

  #string(): string {
    const string = /"((?:[^"\\]|\\["\\])*)"/sy;
    string.lastIndex = this.#at;
    const [whole, inner] = string.exec(this.#text)!;
    this.#at += whole.length;
    return inner!.replace(/\\(.)/gs, '$1');
  }
}

function isBefore(a: readonly number[], b: readonly number[]): boolean {
  const k = a.findIndex((point, index) => point !== b[index]);
  return k < 0 ? a.length < b.length : b[k] !== undefined && a[k]! < b[k]!;
}

describe('canonical JSON', () => {
  it.each(VECTORS)('of %s is what another implementation writes', (document, hex) => {
    expect(canonicalJson(parseJsonTree(document, 'x'), 'x').toString('hex')).toBe(hex);
  });

  it('can be read back, so that two documents never have the same, and sorts names by code point', () => {
    fc.assert(
      fc.property(tree, (each) => {
        expect(new Reader(canonicalJson(each, 'x')).whole()).toEqual(each);
      }),
      { numRuns: 2000 },
    );
  });

  it('does not depend on the order or spacing of a file', () => {
    const one = parseJsonTree('{"a":1,"b":{"d":2,"c":3}}', 'x');
    const other = parseJsonTree(' { "b": {"c":3 ,"d" : 2}, "a":1e0}', 'x');
    expect(canonicalJson(one, 'x')).toEqual(canonicalJson(other, 'x'));
  });

  it.each(['0.5', '1e300', '9007199254740992', '[{"a":-0.1}]'])('does not exist for %s', (document) => {
    expect(() => canonicalJson(parseJsonTree(document, 'x'), 'root')).toThrow(/^root: has the number .* whole numbers/);
  });
});
