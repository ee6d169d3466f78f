import { stepAdaptive } from './adaptive-population';
import { addOthers } from './all-but-one';
import { collect, collect16 } from './collect';
import { convolve } from './convolution';
import { gather } from './convolution-gather';
import { addPatterns } from './convolution-patterns';
import { addRows } from './dense';
import { addElements } from './elementwise';
import { advance, isAnyFilled, isMet, mark } from './event-list';
import { takeInput } from './input-window';
import { stepAdaptiveIntegers } from './integer-adaptive-population';
import { stepIntegers } from './integer-population';
import { addProduct, changeRow } from './learning';
import { address, operand } from './memory';
import { pool, poolSpikes } from './pooling';
import { stepReals } from './real-population';
import { addSparse } from './sparse';
import { stepSynaptic } from './synaptic-population';

export { openWindow } from './input-window';

/** Runs a step again and again, `steps` times or until there is something in one of the lists at `watched`; returns how often. */
export function runUntil(from: usize, to: usize, steps: i32, watched: usize): i32 {
  for (let done = 1; done <= steps; done++) {
    run(from, to);
    if (isAnyFilled(watched)) return done;
  }
  return steps;
}

/**
 * Runs the instructions from address `from` to address `to`: of a step, or of a part of one. An instruction is its operation, its
 * length in bytes, and its operands; `runtime/src/engine/clocked/instructions.ts` names them. One call does a whole step, because
 * a call from JavaScript costs as much as some small layers.
 */
export function run(from: usize, to: usize): void {
  for (let p = from; p < to; p += <usize>load<u32>(p, 4)) {
    switch (load<i32>(p)) {
      case 0:
        advance(address(p, 0));
        break;
      case 1:
        memory.copy(address(p, 0), address(p, 1), <usize>operand(p, 2));
        break;
      case 2:
        collect<i32>(p);
        break;
      case 3:
        collect<f32>(p);
        break;
      case 4:
        addRows<i16, i8>(p);
        break;
      case 5:
        addRows<i32, i8>(p);
        break;
      case 6:
        addRows<f32, f32>(p);
        break;
      case 7:
        convolve<i16>(p);
        break;
      case 8:
        convolve<i32>(p);
        break;
      case 9:
        convolve<f32>(p);
        break;
      case 10:
        pool<i16>(p);
        break;
      case 11:
        pool<i32>(p);
        break;
      case 12:
        pool<f32>(p);
        break;
      case 13:
        addElements<i16>(p);
        break;
      case 14:
        addElements<i32>(p);
        break;
      case 15:
        addElements<f32>(p);
        break;
      case 16:
        stepIntegers<i16, i16>(p);
        break;
      case 17:
        stepIntegers<i16, i32>(p);
        break;
      case 18:
        stepIntegers<i32, i16>(p);
        break;
      case 19:
        stepIntegers<i32, i32>(p);
        break;
      case 20:
        stepReals<f32>(p);
        break;
      case 21:
        collect16(p);
        break;
      case 22:
        addSparse<i16>(p);
        break;
      case 23:
        addSparse<i32>(p);
        break;
      case 24:
        addSparse<f32>(p);
        break;
      case 25:
        addOthers<i16>(p);
        break;
      case 26:
        addOthers<i32>(p);
        break;
      case 27:
        addOthers<f32>(p);
        break;
      case 28:
        stepSynaptic(p);
        break;
      case 29:
        stepAdaptive(p);
        break;
      case 30:
        mark(p);
        break;
      case 31:
        stepAdaptiveIntegers<i16, i16>(p);
        break;
      case 32:
        stepAdaptiveIntegers<i16, i32>(p);
        break;
      case 33:
        stepAdaptiveIntegers<i32, i16>(p);
        break;
      case 34:
        stepAdaptiveIntegers<i32, i32>(p);
        break;
      case 40:
        takeInput(p);
        break;
      case 41:
        poolSpikes<i32>(p);
        break;
      case 42:
        poolSpikes<f32>(p);
        break;
      case 43:
        gather(p);
        break;
      case 44:
        addPatterns(p);
        break;
      case 50:
        addProduct(p);
        break;
      case 51:
        changeRow(p);
        break;
      case 60:
        if (!isMet(p)) p += <usize>load<u32>(p, 4);
        break;
      case 61:
        addRows<f32, i8>(p);
        break;
      case 62:
        stepReals<i16>(p);
        break;
      case 63:
        stepReals<i32>(p);
        break;
    }
  }
}
