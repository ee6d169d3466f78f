/** Mean time between two reports of a device, in seconds. */
export const REPORT_SECONDS = 300;

/** Milliseconds without a report after which a device is silent: some reports are lost, and routers are restarted. */
export const SILENT_AFTER = 3 * REPORT_SECONDS * 1000 + 3_600_000;
