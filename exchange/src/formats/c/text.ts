/** Names come from outside: nothing in them may end a comment. */
export const plain = (name: string) => name.replace(/[^\p{L}\p{N}\w./:°% -]/gu, '?');

export function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}

/** A constant array with the type and name of its declaration; no array of C is empty. */
export function constantArray(declaration: string, values: readonly string[]): string {
  const lines = (values.length === 0 ? ['0'] : values)
    .join(',')
    .replace(/(.{1,110})(,|$)/g, '$1$2\n  ')
    .trim();
  return `static const ${declaration}[] = {\n  ${lines}\n};\n`;
}

/** A whole number of 32 bits, of which the lowest cannot be written as such in C. */
export const wholeLiteral = (value: number) => (value === -(2 ** 31) ? 'INT32_MIN' : String(value));

/** The shortest number that a compiler reads as exactly this double. */
export function doubleLiteral(value: number): string {
  const text = String(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

/** Nine digits tell all numbers of float32 apart. */
export const floatLiteral = (value: number) => `${doubleLiteral(Number(value.toPrecision(9)))}f`;

/** UTF-8 of which everything but plain characters is escaped, which says the same to every compiler. */
export function stringLiteral(text: string): string {
  const characters = Array.from(new TextEncoder().encode(text), (byte) => {
    const character = String.fromCharCode(byte);
    return /[\w ./:+-]/.test(character) ? character : `\\${byte.toString(8).padStart(3, '0')}`;
  });
  return `"${characters.join('')}"`;
}
