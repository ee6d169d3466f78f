import { acceleratorDrivers } from '@spikewire/devices/accelerators';
import { expect, it } from 'vitest';
import { needs } from '../../services.ts';
import { ensembleModel, playCourse } from './ensembles.mjs';
import { sshdRig } from './rig.mjs';

const driver = acceleratorDrivers.find(({ scheme }) => scheme === 'nengofpga')!;
const model = ensembleModel({ inputs: 1, outputs: 1, neurons: 20, learningRate: 0.01 });

it('runs over the ssh and sftp of the system', async (context) => {
  needs(context, 'openssh-server');
  const rig = await sshdRig();
  try {
    expect((await driver.test!(rig.file))[0]).toBe('board: number 0x0123456789ABCDEF');
    const source = await driver.open(rig.file);
    expect((await playCourse(source, model, 100)).worst).toBeLessThan(1e-4);
    await source.close();
  } finally {
    await rig.close();
  }
});

it('sends nothing to a host whose key ssh does not know', async (context) => {
  needs(context, 'openssh-server');
  const rig = await sshdRig({ known: false });
  try {
    const course = playCourse(await driver.open(rig.file), model, 1);
    await expect(course).rejects.toThrow(/^nengofpga 127\.0\.0\.2: takes no file: .*; expected a board with ssh$/);
  } finally {
    await rig.close();
  }
});
