import { dirname, join, sep } from 'node:path';
import { SpikewireError } from '@spikewire/models';

/** What a unit is made of. Paths are absolute. */
export interface ServiceUnit {
  /** Of the unit, without `.service`: letters, digits, `-` and `_`. */
  readonly name: string;
  readonly description: string;
  /** A user that exists; one that systemd makes up while the service runs where absent. */
  readonly user?: string | undefined;
  /** Node and the program. */
  readonly program: readonly [node: string, script: string];
  /** The command and its words, in order. */
  readonly words: readonly UnitWord[];
  /** Files that it reads in place, such as its model. */
  readonly files: readonly string[];
  /** Folders of packages that `SPIKEWIRE_PACKAGES` names. */
  readonly packages?: readonly string[];
}

/** A word as it is; a file that only the service may see, as systemd hands it over; a name in the service's folder. */
export type UnitWord = string | { readonly secret: string; readonly file: string } | { readonly state: string };

/** Folders of which a service sees nothing but what is bound into them. */
const HIDDEN = ['/home', '/root', '/run/user', '/tmp', '/var/tmp'];

/**
 * A hardened unit of systemd 250 or newer (systemd.exec(5), systemd.resource-control(5)). Throws `usage` for a text
 * that would not end with its line.
 */
export function unitText({ name, description, user, program, words, files, packages = [] }: ServiceUnit): string {
  const secrets = words.flatMap((word) => (typeof word === 'object' && 'secret' in word ? [word] : []));
  const [node, script] = program;
  const bound = [node, ...programPaths(script), ...files, ...packages].filter(isHidden);
  const variable = `SPIKEWIRE_PACKAGES=${packages.join(',')}`;
  return `# Written by "spikewire service install"; "systemctl edit ${name}" adds to it.
[Unit]
Description=${literal(description)}
Wants=network-online.target
After=network-online.target mosquitto.service
# systemd restarts the program without end. Three failed starts within ten minutes always fit, whether the program ends,
# hangs or never gets ready: after these, an updated model is replaced by the former one.
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=all
TimeoutStartSec=180
WatchdogSec=180
WatchdogSignal=SIGKILL
ExecStart=${[quoted(node), ...[script, ...words].map((word) => execWord(word, name))].join(' ')}
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=5
RestartSteps=4
RestartMaxDelaySec=60
# Exit status 2 means wrong usage, which a restart does not mend.
RestartPreventExitStatus=2
# A reload (SIGHUP) that comes before the program is ready ends it; then it is started again.
RestartForceExitStatus=SIGHUP
${user === undefined ? 'DynamicUser=yes' : `User=${literal(user)}`}
StateDirectory=${name}
StateDirectoryMode=0700
UMask=0077
# glibc gives memory back at once: about a tenth less, so that 64 MB are enough for an update.
Environment=MALLOC_ARENA_MAX=1 MALLOC_TRIM_THRESHOLD_=131072
${packages.length === 0 ? '' : `Environment=${quoted(variable)}\n`}${secrets.map(({ secret, file }) => `LoadCredential=${secret}:${literal(file)}\n`).join('')}
ProtectSystem=strict
ProtectHome=tmpfs
${bound.map((path) => `BindReadOnlyPaths=${quoted(path.replaceAll(':', '\\:'))}\n`).join('')}PrivateTmp=yes
PrivateDevices=yes
DevicePolicy=closed
PrivateUsers=yes
PrivateIPC=yes
ProtectProc=invisible
ProtectClock=yes
ProtectHostname=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes

NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RemoveIPC=yes
KeyringMode=private
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
# V8 writes the machine code of JavaScript and WebAssembly while it runs, and cannot start otherwise.
MemoryDenyWriteExecute=no

[Install]
WantedBy=multi-user.target
`;
}

/**
 * Where everything is that is imported from the script: the repository, or the folder in which its packages were
 * installed and the package.json that names them.
 */
function programPaths(script: string): readonly string[] {
  const parts = script.split(sep);
  const installed = parts.indexOf('node_modules');
  if (installed < 0) return [dirname(dirname(dirname(script)))];
  const folder = parts.slice(0, installed).join(sep);
  return [join(folder, 'node_modules'), join(folder, 'package.json')];
}

function isHidden(path: string): boolean {
  return HIDDEN.some((folder) => path === folder || path.startsWith(`${folder}/`));
}

function execWord(word: UnitWord, name: string): string {
  if (typeof word === 'string') return quoted(word.replaceAll('$', '$$$$'));
  return 'secret' in word ? `%d/${word.secret}` : `%S/${name}/${word.state}`;
}

/** Without the meaning that "%" has everywhere in a unit. */
function literal(text: string): string {
  if (/\p{Cc}|\\$/u.test(text)) {
    const problem = `${JSON.stringify(text)} does not end with its line`;
    throw new SpikewireError('usage', 'spikewire service install', problem, 'one line, without a backslash behind it');
  }
  return text.replaceAll('%', '%%');
}

function quoted(text: string): string {
  const escaped = literal(text).replace(/[\\"]/g, (sign) => `\\${sign}`);
  return /^[\w/.:=,@+%-]+$/.test(escaped) ? escaped : `"${escaped}"`;
}
