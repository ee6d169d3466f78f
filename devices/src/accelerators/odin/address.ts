import { SpikewireError } from '@spikewire/models';
import type { BoardLine } from '../fpga/board-line.ts';
import { openSerialBoard } from '../fpga/serial-line.ts';
import { Bridge, type ChipPins, MOST_SECONDS } from './bridge.ts';
import type { Chip, SdspSetup } from './chips.ts';
import { openSpiPins, USUAL_SPEED } from './spi-pins.ts';
import { openTcpBoard } from './tcp-line.ts';

const USUAL_BAUD = 3_000_000;
const USUAL_PATIENCE = 8;
const KINDS = 'tcp:<host>:<port>, /dev/tty… or spi:/dev/spidev…?aer=<one of these>';

/** Seconds, baud and hertz, each a whole number from 1. */
interface Settings {
  readonly patience: number;
  readonly baud: number;
  readonly speed: number;
  readonly aer?: string;
  readonly sdsp?: string;
}

/**
 * Opens the pins of a chip: `tcp:10.0.0.7:5000?patience=60`, `/dev/ttyACM0?baud=3000000`, or
 * `spi:/dev/spidev0.0?speed=1000000&aer=/dev/ttyACM0`. Rejects with `usage` for an address that means nothing here.
 */
export async function openPins(
  { name: scheme, hasSignedWeights }: Chip,
  address: string,
): Promise<{ readonly pins: ChipPins; readonly sdsp: SdspSetup | undefined }> {
  const [, place = '', query] = /^([^?]*)(?:\?(.*))?$/s.exec(address)!;
  const settings = settingsOf(`${scheme}:${address}`, query);
  const sdsp = settings.sdsp === undefined ? undefined : sdspOf(`${scheme}:${address}`, settings.sdsp);
  if (sdsp !== undefined && hasSignedWeights)
    throw new SpikewireError('usage', `${scheme}:${address}`, 'sets up learning', 'odin:…: tinyODIN does not learn');
  return { pins: await openPlace(scheme, address, place, settings), sdsp };
}

async function openPlace(scheme: string, address: string, place: string, settings: Settings): Promise<ChipPins> {
  const [, spi] = /^spi:(\/.+)$/.exec(place) ?? [];
  if (spi === undefined) return openBridge(scheme, place, settings);
  if (settings.aer === undefined)
    throw new SpikewireError('usage', `${scheme}:${address}`, 'has no line for events', `spi:${spi}?aer=<line>`);
  const bridge = await openBridge(scheme, settings.aer, settings);
  return openSpiPins(bridge, spi, settings).catch(async (problem: unknown) => {
    await bridge.close();
    throw problem;
  });
}

async function openBridge(scheme: string, place: string, { baud, patience }: Settings): Promise<ChipPins> {
  return Bridge.open(await openLine(scheme, place, baud), patience);
}

async function openLine(scheme: string, place: string, baud: number): Promise<BoardLine> {
  if (place.startsWith('/')) return openSerialBoard(place, baud);
  const [, host, port] = /^tcp:\[?([^\]]+?)\]?:(\d{1,5})$/.exec(place) ?? [];
  if (host === undefined || Number(port) > 0xffff)
    throw new SpikewireError('usage', `${scheme}:${place}`, 'is not a board address', KINDS);
  return openTcpBoard(host, Number(port));
}

const NUMBERS = ['patience', 'baud', 'speed'];

function settingsOf(address: string, query = ''): Settings {
  const settings = { patience: USUAL_PATIENCE, baud: USUAL_BAUD, speed: USUAL_SPEED };
  const given = query === '' ? [] : query.split('&');
  const read = given.map((word) => {
    const [, name = '', value = ''] = /^(\w+)=([^?]+)$/.exec(word) ?? [];
    if (name === 'aer' || name === 'sdsp') return [name, value] as const;
    if (NUMBERS.includes(name) && /^[1-9]\d{0,8}$/.test(value)) return [name, Number(value)] as const;
    throw new SpikewireError('usage', address, `has the setting "${word}"`, 'patience=, baud=, speed=, aer= or sdsp=');
  });
  const all = { ...settings, ...Object.fromEntries(read) };
  if (all.patience <= MOST_SECONDS) return all;
  throw new SpikewireError('usage', address, `has patience=${all.patience}`, `${MOST_SECONDS} seconds at most`);
}

/** `membrane,low,down,up,leak`. */
function sdspOf(address: string, text: string): SdspSetup {
  const numbers = text.split(',').map(Number);
  const most = [255, 7, 7, 7, 31];
  const isRight =
    numbers.length === most.length && numbers.every((n, k) => Number.isInteger(n) && n >= 0 && n <= most[k]!);
  const [membrane = 0, low = 0, down = 0, up = 0, leak = 0] = numbers;
  if (isRight) return { membrane, low, down, up, leak };
  const expected = 'sdsp=<membrane 0…255>,<low 0…7>,<down 0…7>,<up 0…7>,<leak 0…31>';
  throw new SpikewireError('usage', address, `has the setting "sdsp=${text}"`, expected);
}
