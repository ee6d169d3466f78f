/** Mean time between two reports of a device, in seconds, where nobody says otherwise. */
export const REPORT_SECONDS = 300;

/** Milliseconds without a report after which a device is silent: some reports are lost, and routers are restarted. */
export const SILENT_AFTER = 3 * REPORT_SECONDS * 1000 + 3_600_000;

/** Of the time between reports, in seconds: a device reports three times before it is silent. */
export const MOST_REPORT_SECONDS = SILENT_AFTER / 3000;
