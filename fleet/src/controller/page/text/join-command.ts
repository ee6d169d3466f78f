/** The command line by which a device joins the controller at an address. */
export function joinCommand(controller: URL, token: string): string {
  const address = `${controller.origin}${controller.pathname}`.replace(/\/$/, '');
  return `spikewire agent --controller ${address} --join ${token}`;
}
