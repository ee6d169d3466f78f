import {
  type DeviceReport,
  LARGEST_REPORT,
  LONGEST_REPORTED_TEXT,
  type MachineReport,
  MOST_REPORTED_MACHINES,
} from './report.ts';

/** How much is told of a machine: characters of a reason, and refusals. The first that fits is taken. */
const DETAILS = [
  { reason: 300, refused: 8 },
  { reason: 60, refused: 4 },
  { reason: 20, refused: 1 },
  { reason: 0, refused: 0 },
] as const;

/** What a device says of itself, the same in each report of its process. */
export type ReportedDevice = Pick<DeviceReport, 'version' | 'memory' | 'boot'>;

/**
 * Makes the reports of a device; says once how many machines they leave out.
 * @param machines all of the device; undefined while they start
 */
export function reporterOf(
  device: ReportedDevice,
  machines: () => readonly MachineReport[] | undefined,
  warn: (line: string) => void,
): () => DeviceReport | undefined {
  let hasWarned = false;
  return () => {
    const all = machines();
    if (all === undefined) return undefined;
    const report = deviceReport(device, all);
    const left = all.length - report.machines.length;
    if (left > 0 && !hasWarned)
      warn(
        `controller: ${left} of ${all.length} machines do not fit into a report, so no rollout reaches them: ` +
          `the first is "${all.at(-left)!.machine}"; a report has at most ${MOST_REPORTED_MACHINES} machines and ` +
          `${LARGEST_REPORT / 1024} KiB`,
      );
    hasWarned ||= left > 0;
    return report;
  };
}

/** The report of a device, with less detail, and at last with fewer machines, where it is too large. */
export function deviceReport(device: ReportedDevice, machines: readonly MachineReport[]): DeviceReport {
  const platform = `${process.platform} ${process.arch}, Node ${process.versions.node}`;
  const reportOf = (some: readonly MachineReport[]): DeviceReport => ({
    format: 1,
    ...device,
    platform,
    machines: some,
  });
  const most = machines.slice(0, MOST_REPORTED_MACHINES);
  const fits = (report: DeviceReport) => Buffer.byteLength(JSON.stringify(report)) <= LARGEST_REPORT;
  for (const detail of DETAILS) {
    const report = reportOf(most.map((machine) => shortened(machine, detail)));
    if (fits(report)) return report;
  }
  for (let count = most.length; ; count--) {
    const report = reportOf(most.slice(0, count).map((machine) => shortened(machine, DETAILS.at(-1)!)));
    if (fits(report) || count === 0) return report;
  }
}

function shortened(machine: MachineReport, { reason: most, refused }: (typeof DETAILS)[number]): MachineReport {
  const { trial, problem } = machine;
  const shortOrNull = (text: string | null) => (text === null ? null : shortText(text, most));
  return {
    ...machine,
    problem: shortOrNull(problem),
    trial: trial && { ...trial, ways: trial.ways.map((way) => ({ ...way, ended: shortOrNull(way.ended) })) },
    refused: (refused === 0 ? [] : machine.refused.slice(-refused)).map((each) => ({
      ...each,
      reason: shortText(each.reason, most),
    })),
  };
}

/** Without what a database or a terminal does not take: control characters and halves of surrogates. */
export function shortText(text: string, most = LONGEST_REPORTED_TEXT): string {
  return text.slice(0, most).replace(/[\p{Cc}\p{Cs}]/gu, ' ');
}
