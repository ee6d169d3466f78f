import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rtl } from './sources.mjs';

/** What an instruction takes, does with it, and asks; numbers as in link.v. README.md explains the words. */
const SOURCES = { imm: 0, ram: 1, body: 2, word: 3, at: 4, at_high: 5, head: 6, 0: 7 };
const FUNCTIONS = { add: 0, subtract: 1, addCarry: 2, subtractBorrow: 3, load: 4, pass: 6 };
const EFFECTS = {
  ...{ none: 0, ram: 1, put: 2, put_header: 3, word: 4, address: 5, count: 6, left: 7, at: 8, slot: 9 },
  ...{ notice: 10, notice_end: 11, bus: 12, control: 13, shift: 14 },
};
const NOTICES = { notice: EFFECTS.notice, notice_end: EFFECTS.notice_end };
const CONTROLS = { send: 1, start: 2, core_reset: 4, forget_dropped: 8 };
const BUS = { bus_write: 1, bus_read: 0 };
/**
 * Bits: 0 shifts ones in; 2 counts a down, and stops at 0; 3 stops at a one; 4 only once; 5 moves the CRC; 6 into it.
 */
const SHIFTS = { zeros: 0x04, scan: 0x0c, one: 0x11, crc: 0x60, crc_out: 0x20 };
/** The number of a condition, and whether it has to hold. */
const CONDITIONS = {
  ...{ never: [0, 0], always: [0, 1], zero: [1, 1], nonzero: [1, 0], carry: [2, 1], no_borrow: [2, 1], borrow: [2, 0] },
  ...{ even: [3, 0], all_read: [4, 1], more: [4, 0], none: [5, 1], some: [5, 0], not_last: [6, 0], full: [7, 1] },
  ...{ not_full: [7, 0], no_frame: [8, 0], dropped: [9, 1], lacked: [10, 1], short: [11, 1], pending: [12, 1] },
  ...{ pending_any: [13, 1], busy: [14, 1], late: [15, 1] },
};
const LONGEST = 512;

/** The program of the link, `link_program.txt`, as arms of a `case` of Verilog: an address and its instruction. */
export function verilogProgram(text = readFileSync(join(rtl, 'link_program.txt'), 'utf8')) {
  const labels = new Map();
  const lines = [];
  for (const [k, whole] of text.split('\n').entries()) {
    const line = whole.trim();
    if (line === '' || line.startsWith('#')) continue;
    const place = `link_program.txt:${k + 1}`;
    if (!line.endsWith(':')) lines.push({ line, place });
    else if (labels.has(line.slice(0, -1))) throw new Error(`${place}: a second label "${line.slice(0, -1)}"`);
    else labels.set(line.slice(0, -1), lines.length);
  }
  if (lines.length > LONGEST)
    throw new Error(`link_program.txt: ${lines.length} instructions; expected at most ${LONGEST}`);
  const variables = new Map();
  const arms = lines.map(({ line, place }, k) => {
    const word = instruction(line, { labels, variables, place });
    return `9'd${k}: instruction <= 32'h${word.toString(16).padStart(8, '0')};  // ${line}`;
  });
  const head = '// Written by `node devices/rtl/build.mjs description` from link_program.txt.';
  return [head, ...arms, ''].join('\n');
}

function instruction(line, { labels, variables, place }) {
  const fail = (what) => {
    throw new Error(`${place}: ${what} in "${line}"`);
  };
  const word = new Word(variables, fail);
  for (const part of line.split('; ')) parsePart(part, word, labels, fail);
  return word.bits;
}

/** One part of an instruction: a jump, an effect, or a computation with a destination. */
function parsePart(part, word, labels, fail) {
  const jump = /^(?:if (\w+) )?goto (\w+)$/.exec(part);
  if (jump !== null) {
    word.condition = known(CONDITIONS, jump[1] ?? 'always', 'condition', fail);
    word.target = labels.get(jump[2]) ?? fail(`unknown label "${jump[2]}"`);
  } else if (Object.hasOwn(CONTROLS, part)) word.do(EFFECTS.control, CONTROLS[part]);
  else if (Object.hasOwn(NOTICES, part)) word.do(NOTICES[part]);
  else if (Object.hasOwn(BUS, part)) word.do(EFFECTS.bus, BUS[part]);
  else if (part.startsWith('shift ')) {
    const shift = known(SHIFTS, part.slice(6), 'shift', fail);
    word.do(EFFECTS.shift, shift);
    if ((shift & 4) !== 0) word.function = FUNCTIONS.subtract;
  } else {
    const [, into, expression, destination] =
      /^(?:([ab]) = )?([^>]+?)(?: -> (\w+))?$/.exec(part) ?? fail('nothing known');
    word.compute(into, expression);
    if (destination !== undefined) word.store(destination);
  }
}

/** The fields of an instruction as its parts fill them. */
class Word {
  function = FUNCTIONS.pass;
  source = SOURCES[0];
  effect = EFFECTS.none;
  condition = CONDITIONS.never;
  target = 0;
  #immediate;
  #variables;
  #fail;

  constructor(variables, fail) {
    this.#variables = variables;
    this.#fail = fail;
  }

  get bits() {
    const [condition, holds] = this.condition;
    const high = (this.function << 13) | (this.source << 10) | (this.effect << 6);
    return high * 2 ** 16 + (this.#immediate ?? 0) * 2 ** 14 + (holds << 13) + (condition << 9) + this.target;
  }

  do(effect, immediate) {
    this.effect = effect;
    if (immediate !== undefined) this.#setImmediate(immediate);
  }

  store(destination) {
    if (isVariable(destination)) this.do(EFFECTS.ram, this.#numberOf(destination));
    else this.do(known(EFFECTS, destination, 'destination', this.#fail));
  }

  compute(into, expression) {
    const [, first, sign, second, third] =
      /^(\S+)(?: ([+-]) (\S+))?(?: [+-] (carry|borrow))?$/.exec(expression) ?? this.#fail('no expression');
    this.#take(second ?? first);
    if (sign === undefined) this.function = into === 'b' ? FUNCTIONS.pass : FUNCTIONS.load;
    else if (sign === '+') this.function = third ? FUNCTIONS.addCarry : FUNCTIONS.add;
    else this.function = third ? FUNCTIONS.subtractBorrow : FUNCTIONS.subtract;
  }

  #take(name) {
    if (name.startsWith('#')) {
      const number = Number(name.slice(1));
      if (name === '#' || !(Number.isInteger(number) && number >= 0 && number < 256))
        this.#fail(`"${name}" is no byte`);
      this.#setImmediate(number);
      this.source = SOURCES.imm;
    } else if (isVariable(name)) {
      this.#setImmediate(this.#numberOf(name));
      this.source = SOURCES.ram;
    } else this.source = known(SOURCES, name, 'source', this.#fail);
  }

  #numberOf(variable) {
    if (!this.#variables.has(variable)) this.#variables.set(variable, this.#variables.size);
    return this.#variables.get(variable);
  }

  #setImmediate(value) {
    if (this.#immediate !== undefined && this.#immediate !== value) this.#fail('a second number or place');
    this.#immediate = value;
  }
}

function known(table, name, what, fail) {
  return Object.hasOwn(table, name) ? table[name] : fail(`unknown ${what} "${name}"`);
}

/** Bytes that the program keeps have names in capitals. */
function isVariable(name) {
  return /^[A-Z]\w*$/.test(name);
}
