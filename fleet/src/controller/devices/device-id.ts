/** Whether the text has the form of `deviceId`: PostgreSQL cannot search for every text. */
export function isDeviceId(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text);
}
