import { decode, type InstructionName, type OperandsOf } from '../kernels/instructions.ts';
import { listField } from '../kernels/kernel-constants.ts';
import type { Kernels } from '../kernels/kernels.ts';
import type { MemoryViews } from '../kernels/memory.ts';
import { stepAdaptive } from './adaptive-population.ts';
import { addOthers } from './all-but-one.ts';
import { ArrivalReader, isAnyFilled } from './arrivals.ts';
import { collect } from './collect.ts';
import { convolve } from './convolution.ts';
import { addFloatRows, addPairedRows } from './dense.ts';
import { addElements } from './elementwise.ts';
import { stepFloats } from './float-population.ts';
import { openWindow, takeInput } from './input-window.ts';
import { stepAdaptiveIntegers } from './integer-adaptive-population.ts';
import { stepIntegers } from './integer-population.ts';
import { addProduct, changeRow } from './learning.ts';
import { pool, poolSpikes } from './pooling.ts';
import { addSparse } from './sparse.ts';
import { sumsIn } from './sums.ts';
import { stepSynaptic } from './synaptic-population.ts';

/** What is not for every step. */
type Condition = (memory: MemoryViews, operands: OperandsOf<'onlyIf'>) => () => boolean;

const onlyIf: Condition = (memory, { list, delay, graded }) => {
  const arrivals = new ArrivalReader(memory, memory.int32, { list, delay, sourceStride: 1, sourcePixels: 1 });
  return () => {
    arrivals.open();
    return arrivals.graded === (graded !== 0);
  };
};

type Preparations = {
  [Name in Exclude<InstructionName, 'onlyIf'>]: (memory: MemoryViews, operands: OperandsOf<Name>) => () => void;
};

const preparations: Preparations = {
  advance: ({ int32 }, { list }) => {
    const [head, slots] = [(list + listField.head) / 4, (list + listField.slots) / 4];
    return () => {
      const next = int32[head]! + 1;
      int32[head] = next === int32[slots]! ? 0 : next;
    };
  },
  copy: ({ int8 }, { to, from, bytes }) => {
    return () => void int8.copyWithin(to, from, from + bytes);
  },
  collectInt16: (memory, operands) => collect(memory, sumsIn('int16', memory), operands),
  collectInt32: (memory, operands) => collect(memory, sumsIn('int32', memory), operands),
  collectFloat32: (memory, operands) => collect(memory, sumsIn('float32', memory), operands),
  addRowsInt16: (memory, operands) => addPairedRows(memory, sumsIn('int16', memory), operands),
  addRowsInt32: (memory, operands) => addPairedRows(memory, sumsIn('int32', memory), operands),
  addRowsFloat32: (memory, operands) => addFloatRows(memory, sumsIn('float32', memory), operands),
  addByteRowsFloat32: (memory, operands) => addPairedRows(memory, sumsIn('float32', memory), operands),
  convolveInt16: (memory, operands) => convolve(memory, sumsIn('int16', memory), operands),
  convolveInt32: (memory, operands) => convolve(memory, sumsIn('int32', memory), operands),
  convolveFloat32: (memory, operands) => convolve(memory, sumsIn('float32', memory), operands),
  gather: (memory, operands) => convolve(memory, sumsIn('int16', memory), operands),
  addPatterns: (memory, operands) => convolve(memory, sumsIn('int16', memory), operands),
  poolInt16: (memory, operands) => pool(memory, sumsIn('int16', memory), operands),
  poolInt32: (memory, operands) => pool(memory, sumsIn('int32', memory), operands),
  poolFloat32: (memory, operands) => pool(memory, sumsIn('float32', memory), operands),
  addElementsInt16: (memory, operands) => addElements(memory, sumsIn('int16', memory), operands),
  addElementsInt32: (memory, operands) => addElements(memory, sumsIn('int32', memory), operands),
  addElementsFloat32: (memory, operands) => addElements(memory, sumsIn('float32', memory), operands),
  stepMembranes16Sums16: (memory, operands) =>
    stepIntegers(memory, { membranes: memory.int16, sums: memory.int16 }, operands),
  stepMembranes16Sums32: (memory, operands) =>
    stepIntegers(memory, { membranes: memory.int16, sums: memory.int32 }, operands),
  stepMembranes32Sums16: (memory, operands) =>
    stepIntegers(memory, { membranes: memory.int32, sums: memory.int16 }, operands),
  stepMembranes32Sums32: (memory, operands) =>
    stepIntegers(memory, { membranes: memory.int32, sums: memory.int32 }, operands),
  stepFloats: (memory, operands) => stepFloats(memory, memory.float32, operands),
  stepFloatsSums16: (memory, operands) => stepFloats(memory, memory.int16, operands),
  stepFloatsSums32: (memory, operands) => stepFloats(memory, memory.int32, operands),
  addSparseInt16: (memory, operands) => addSparse(memory, sumsIn('int16', memory), operands),
  addSparseInt32: (memory, operands) => addSparse(memory, sumsIn('int32', memory), operands),
  addSparseFloat32: (memory, operands) => addSparse(memory, sumsIn('float32', memory), operands),
  addOthersInt16: (memory, operands) => addOthers(memory, sumsIn('int16', memory), operands),
  addOthersInt32: (memory, operands) => addOthers(memory, sumsIn('int32', memory), operands),
  addOthersFloat32: (memory, operands) => addOthers(memory, sumsIn('float32', memory), operands),
  stepSynaptic,
  stepAdaptive,
  mark: (memory, { list, delay, mark }) => {
    const listed = new ArrivalReader(memory, memory.int32, { list, delay, sourceStride: 1, sourcePixels: 1 });
    return () => {
      listed.open();
      if (listed.count > 0) memory.int32[mark / 4] = 1;
    };
  },
  stepAdaptiveMembranes16Sums16: (memory, operands) =>
    stepAdaptiveIntegers(memory, { membranes: memory.int16, sums: memory.int16 }, operands),
  stepAdaptiveMembranes16Sums32: (memory, operands) =>
    stepAdaptiveIntegers(memory, { membranes: memory.int16, sums: memory.int32 }, operands),
  stepAdaptiveMembranes32Sums16: (memory, operands) =>
    stepAdaptiveIntegers(memory, { membranes: memory.int32, sums: memory.int16 }, operands),
  stepAdaptiveMembranes32Sums32: (memory, operands) =>
    stepAdaptiveIntegers(memory, { membranes: memory.int32, sums: memory.int32 }, operands),
  takeInput,
  poolSpikesInt32: (memory, operands) => poolSpikes(memory, memory.int32, operands),
  poolSpikesFloat32: (memory, operands) => poolSpikes(memory, memory.float32, operands),
  addProduct,
  changeRow,
};

/**
 * The kernels in plain TypeScript: for machines without SIMD in WebAssembly, and the readable truth beside the fast
 * form.
 */
export function typescriptKernels(memory: MemoryViews): Kernels {
  const prepared = new Map<number, readonly (() => void)[]>();
  const run = (from: number, to: number) => {
    let instructions = prepared.get(from);
    if (instructions === undefined) {
      instructions = prepare(memory, from, to);
      prepared.set(from, instructions);
    }
    for (const instruction of instructions) instruction();
  };
  return {
    run,
    runUntil(from, to, steps, watched) {
      for (let done = 1; done <= steps; done++) {
        run(from, to);
        if (isAnyFilled(memory, watched)) return done;
      }
      return steps;
    },
    openWindow: (window, events, first, steps) => openWindow(memory, window, events, first, steps),
  };
}

/** The instructions of a program part; a program never changes, so that this is done once. */
function prepare(memory: MemoryViews, from: number, to: number): (() => void)[] {
  const instructions: (() => void)[] = [];
  for (let at = from / 4; at < to / 4; ) {
    const { instruction, next } = prepareOne(memory, at);
    instructions.push(instruction);
    at = next;
  }
  return instructions;
}

function prepareOne(memory: MemoryViews, at: number): { instruction: () => void; next: number } {
  const { name, operands, next } = decode(memory.int32, at);
  if (name === 'onlyIf') {
    const isMet = onlyIf(memory, operands as OperandsOf<'onlyIf'>);
    const conditional = prepareOne(memory, next);
    return { ...conditional, instruction: () => isMet() && conditional.instruction() };
  }
  const preparation = preparations[name] as (memory: MemoryViews, operands: Record<string, number>) => () => void;
  return { instruction: preparation(memory, operands), next };
}
