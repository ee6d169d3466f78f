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
    if (line.endsWith(':')) labels.set(line.slice(0, -1), lines.length);
    else lines.push({ line, place: `link_program.txt:${k + 1}` });
  }
  if (lines.length > LONGEST) throw new Error(`link_program.txt: ${lines.length} instructions; expected ${LONGEST}`);
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
  const known = (table, name, what) => (Object.hasOwn(table, name) ? table[name] : fail(`unknown ${what} "${name}"`));
  const fields = { function: FUNCTIONS.pass, source: SOURCES[0], effect: EFFECTS.none, condition: CONDITIONS.never };
  let immediate;
  let target = 0;
  const setImmediate = (value) => {
    if (immediate !== undefined && immediate !== value) fail('a second number or place');
    immediate = value;
  };
  const variable = (name) => {
    if (!variables.has(name)) variables.set(name, variables.size);
    setImmediate(variables.get(name));
  };
  const source = (name) => {
    if (name.startsWith('#')) setImmediate(Number(name.slice(1)));
    else if (isVariable(name)) variable(name);
    fields.source = name.startsWith('#')
      ? SOURCES.imm
      : isVariable(name)
        ? SOURCES.ram
        : known(SOURCES, name, 'source');
  };
  const compute = (into, expression) => {
    const [, first, sign, second, third] =
      /^(\S+)(?: ([+-]) (\S+))?(?: [+-] (carry|borrow))?$/.exec(expression) ?? fail('no expression');
    source(second ?? first);
    if (sign === undefined) fields.function = into === 'b' ? FUNCTIONS.pass : FUNCTIONS.load;
    else if (sign === '+') fields.function = third ? FUNCTIONS.addCarry : FUNCTIONS.add;
    else fields.function = third ? FUNCTIONS.subtractBorrow : FUNCTIONS.subtract;
  };
  for (const part of line.split('; ')) {
    const jump = /^(?:if (\w+) )?goto (\w+)$/.exec(part);
    const move = /^(?:([ab]) = )?([^>]+?)(?: -> (\w+))?$/.exec(part);
    if (jump !== null) {
      fields.condition = known(CONDITIONS, jump[1] ?? 'always', 'condition');
      target = labels.get(jump[2]) ?? fail(`unknown label "${jump[2]}"`);
    } else if (Object.hasOwn(CONTROLS, part)) {
      fields.effect = EFFECTS.control;
      setImmediate(CONTROLS[part]);
    } else if (Object.hasOwn(NOTICES, part)) {
      fields.effect = NOTICES[part];
    } else if (Object.hasOwn(BUS, part)) {
      fields.effect = EFFECTS.bus;
      setImmediate(BUS[part]);
    } else if (part.startsWith('shift ')) {
      fields.effect = EFFECTS.shift;
      setImmediate(known(SHIFTS, part.slice(6), 'shift'));
      if ((immediate & 4) !== 0) fields.function = FUNCTIONS.subtract;
    } else if (move !== null) {
      compute(move[1], move[2]);
      if (move[3] === undefined) continue;
      if (isVariable(move[3])) variable(move[3]);
      fields.effect = isVariable(move[3]) ? EFFECTS.ram : known(EFFECTS, move[3], 'destination');
    } else fail('nothing known');
  }
  const [condition, holds] = fields.condition;
  const high = (fields.function << 13) | (fields.source << 10) | (fields.effect << 6);
  return high * 2 ** 16 + (immediate ?? 0) * 2 ** 14 + (holds << 13) + (condition << 9) + target;
}

/** Bytes that the program keeps have names in capitals. */
function isVariable(name) {
  return /^[A-Z]\w*$/.test(name);
}
