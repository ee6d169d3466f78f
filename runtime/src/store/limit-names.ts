/** What the limits of nets and stores are called where they are set, for those who are told of one. */
export interface LimitNames {
  readonly capacity: string;
  readonly memory: string;
  readonly saveEverySeconds: string;
  readonly quotaBytes: string;
  readonly bytesPerDay: string;
}

/** As a program sets them. */
export const OPTION_NAMES: LimitNames = {
  capacity: 'capacity',
  memory: 'memory',
  saveEverySeconds: 'saveEverySeconds',
  quotaBytes: 'quotaBytes',
  bytesPerDay: 'bytesPerDay',
};
