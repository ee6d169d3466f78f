import type { WatchSettings } from '@spikewire/models';
import type { SwitchedCommand } from '../desk/access.ts';
import type { TlsOptions } from '../mqtt/link/connection.ts';
import type { MissingRule } from '../reading/form.ts';
import type { NewModelPolicy } from '../session/kept/state-keeper.ts';

/**
 * What a host is to run, and where: plain data, which a JSON document can hold. `checkConfiguration` says what is wrong
 * with one. What is left out has the default that is named here.
 */
export interface HostConfiguration {
  /** Where nets run: an engine, or `<driver>:<board>`. Default `auto`. */
  readonly device?: string | undefined;
  /** Whether what of a model does not fit on a board of `device` runs on this machine. Default false. */
  readonly split?: boolean | undefined;
  /** Worker threads over which nets on an engine are spread; 0: the main thread. Default 1. */
  readonly threads?: number | undefined;
  /** Bytes that all nets may take together. Default: half of the memory of this machine. */
  readonly memory?: number | undefined;
  /** Of everything random. Default 1. */
  readonly seed?: number | undefined;
  /** Whether the first net has to answer the model's self-tests before it starts. Default true. */
  readonly selfTest?: boolean | undefined;
  /** The name of the only net, where there is neither `stream` nor `sensor`. Default: a net for each name. */
  readonly net?: string | undefined;
  /** Nets that are open at the same time. Default: as many as `memory` holds. */
  readonly capacity?: number | undefined;
  /** Whether nets learn as long as nobody has asked for or against it. Default true. */
  readonly learning?: boolean | undefined;
  /** Readings of the warm-up, at most the model's. Default: as the model says, fewer where readings are slow. */
  readonly warmUp?: number | undefined;
  /** Labels that a net takes in a day of UTC. Default 10,000. */
  readonly lessonsPerDay?: number | undefined;
  /** Settings of monitors by their names, which hold until a person sets others. */
  readonly monitors?: Readonly<Record<string, WatchSettings>> | undefined;
  readonly store?: StoreConfiguration | undefined;
  readonly rules?: RulesConfiguration | undefined;
  /** Topics of MQTT; without any, readings come from the sensor, or from who holds the host. */
  readonly stream?: StreamConfiguration | undefined;
  readonly messages?: MessagesConfiguration | undefined;
  readonly sensor?: SensorConfiguration | undefined;
  /** Spikes that leave the only net as address events. Default: none do. */
  readonly spikes?: SpikesConfiguration | undefined;
  readonly page?: PageConfiguration | undefined;
}

/** Where what is learned is kept. */
export interface StoreConfiguration {
  /** Folder of the stores, a folder in it for each net. Default: what is learned ends with the process. */
  readonly directory?: string | undefined;
  /** Whether the host must not open where the folder cannot be used. Default false. */
  readonly required?: boolean | undefined;
  /** Bytes that all stores together may take. Default 512 MiB. */
  readonly quotaBytes?: number | undefined;
  /** Bytes that may be written to them in 24 hours. Default 512 MiB. */
  readonly bytesPerDay?: number | undefined;
  /** Least time between two saves of what readings teach. Default 60. */
  readonly saveEverySeconds?: number | undefined;
  /** What becomes of what another model has learned there. Default `keep`. */
  readonly onNewModel?: NewModelPolicy | undefined;
}

/** What others may ask of the nets. */
export interface RulesConfiguration {
  /** Commands that are carried out. Default all. */
  readonly commands?: readonly SwitchedCommand[] | undefined;
  /** Whether lessons teach. Default true. */
  readonly lessons?: boolean | undefined;
}

/** Readings and results by MQTT. */
export interface StreamConfiguration {
  /** Topic of the readings; each `+` stands for nets of their own. */
  readonly in: string;
  /** Topic of the results. */
  readonly out: string;
  /** Of the readings; see `Subscription`. Default 1. */
  readonly qos?: 0 | 1 | undefined;
  /** Names that may have a net. Default: each that has had a good reading. */
  readonly only?: readonly string[] | undefined;
  /** Whether the broker keeps the last result of each net. Default false; true with `homeAssistant`. */
  readonly retainResults?: boolean | undefined;
  /** Topic below which nets are announced to Home Assistant. Default: they are not. */
  readonly homeAssistant?: string | undefined;
  /** Where messages come from. Default: who holds the host attaches a link to its stream. */
  readonly broker?: BrokerConfiguration | undefined;
}

/** How messages say readings. */
export interface MessagesConfiguration {
  /** Who makes the messages. Default `plain`. */
  readonly profile?: string | undefined;
  /** Where channels stand in a message, as `name=path,name=path`. Default: where the profile says. */
  readonly channels?: string | undefined;
  /** What becomes of a reading of which a channel is missing. Default `refuse`. */
  readonly missing?: MissingRule | undefined;
  /** Several topics below the input make a reading, and their last values count for so many milliseconds. */
  readonly joinWithin?: number | undefined;
}

/** A broker, and as whom to talk to it. */
export interface BrokerConfiguration {
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly tls?: TlsOptions | undefined;
  /** Name of the session at the broker, stable over restarts. Default: of this machine and the topic. */
  readonly clientId?: string | undefined;
}

/** A sensor of this machine. */
export interface SensorConfiguration {
  /** `<driver>:<address>`. */
  readonly address: string;
  /** Seconds between two readings of a sensor that is asked. Default 5. */
  readonly interval?: number | undefined;
}

/** Where the spikes of a node go. */
export interface SpikesConfiguration {
  /** A node of neurons that spike. */
  readonly node: string;
  /** `aer:udp://host:port`, `aer:tcp://host:port`, `aer:FILE.aedat` or `aer:FILE.bin`; see `openSink`. */
  readonly to: string;
}

/** The live page. */
export interface PageConfiguration {
  /** Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** 0 takes a free one. */
  readonly port: number;
  /** Token of who may use the page. Default: one is generated where it is needed. */
  readonly token?: string | undefined;
  /** A file that has it, readable by its owner only; it is never said then. */
  readonly tokenFile?: string | undefined;
  /** A file with a token of those who may only look. */
  readonly viewerTokenFile?: string | undefined;
}
