import { expect, it } from 'vitest';
import { joinCommand } from './join-command.ts';

it('names the controller as the browser reaches it, below a path too', () => {
  const command = (address: string) => joinCommand(new URL(address), 'abc');
  expect(command('https://fleet.example/')).toBe('spikewire agent --controller https://fleet.example --join abc');
  expect(command('http://10.0.0.2:8080/fleet/')).toContain('--controller http://10.0.0.2:8080/fleet --join abc');
});
