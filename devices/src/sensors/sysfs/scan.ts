import { SpikewireError } from '@spikewire/models';

/** How one element of a scan lies in memory. */
export interface ScanType {
  readonly littleEndian: boolean;
  readonly form: 's' | 'u' | 'f';
  /** Bits that hold the value, once it is shifted. */
  readonly bits: number;
  /** Bytes that it takes. */
  readonly bytes: 1 | 2 | 4 | 8;
  readonly shift: number;
}

/** Elements of a scan at their offsets, and the bytes of a whole scan. */
export interface ScanLayout {
  readonly offsets: readonly number[];
  readonly bytes: number;
}

/**
 * What a file `in_*_type` says, such as `le:s12/16>>4`.
 *
 * Source: Linux kernel, Documentation/ABI/testing/sysfs-bus-iio (`scan_elements/*_type`).
 */
export function parseScanType(text: string, where: string): ScanType {
  const [, endian, form, bits, storage, repeat = '1', shift = '0'] =
    /^(be|le):([suf])(\d+)\/(\d+)(?:X(\d+))?(?:>>(\d+))?$/.exec(text) ?? [];
  const bytes = Number(storage) / 8;
  const fits = Number(bits) > 0 && Number(bits) + Number(shift) <= Number(storage);
  const isFloat = form === 'f' && (bits === '32' || bits === '64') && bits === storage && shift === '0';
  if (
    fits &&
    repeat === '1' &&
    (bytes === 1 || bytes === 2 || bytes === 4 || bytes === 8) &&
    (form !== 'f' || isFloat)
  ) {
    return {
      littleEndian: endian === 'le',
      form: form as 's' | 'u' | 'f',
      bits: Number(bits),
      bytes,
      shift: Number(shift),
    };
  }
  throw new SpikewireError('input', where, `holds ${JSON.stringify(text)}`, 'a type such as le:s12/16>>4');
}

/**
 * Each element at a multiple of its own size, and the whole a multiple of the largest (Documentation/iio/iio_devbuf).
 */
export function layOutScan(types: readonly ScanType[]): ScanLayout {
  let end = 0;
  const offsets = types.map(({ bytes }) => {
    const offset = Math.ceil(end / bytes) * bytes;
    end = offset + bytes;
    return offset;
  });
  const largest = Math.max(1, ...types.map(({ bytes }) => bytes));
  return { offsets, bytes: Math.ceil(end / largest) * largest };
}

/** The number of an element, exact up to 2^53. */
export function decodeScan(view: DataView, at: number, { littleEndian, form, bits, bytes, shift }: ScanType): number {
  if (form === 'f') return bytes === 4 ? view.getFloat32(at, littleEndian) : view.getFloat64(at, littleEndian);
  if (bytes === 8) {
    const raw = view.getBigUint64(at, littleEndian) >> BigInt(shift);
    return Number(form === 's' ? BigInt.asIntN(bits, raw) : BigInt.asUintN(bits, raw));
  }
  const stored =
    bytes === 4 ? view.getUint32(at, littleEndian) : bytes === 2 ? view.getUint16(at, littleEndian) : view.getUint8(at);
  const unused = 32 - bits;
  const top = (stored >>> shift) << unused;
  return form === 's' ? top >> unused : top >>> unused;
}
