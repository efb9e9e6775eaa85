import { freePort } from '../test/support/free-port.ts';
import { PrivateBus } from '../test/support/private-bus.ts';
import { RunningProgram } from '../test/support/process.ts';
import { inRepository } from '../test/support/repository.ts';
import { TempDir } from '../test/support/temp-dir.ts';
import { waitForListener } from '../test/support/wait-for-listener.ts';
import type { LivingSubject } from './subjects.ts';

/** Our server as administrators run it, without a debug log, on a bus of its own. */
export async function startOursLiving(clients: string): Promise<LivingSubject> {
  await using cleanup = new AsyncDisposableStack();
  const dir = cleanup.use(await TempDir.create(0o711));
  const bus = cleanup.use(await PrivateBus.start());
  await dir.write('mandos.conf', '[DEFAULT]\n');
  await dir.write('clients.conf', clients);
  const port = await freePort();
  const options = ['--foreground', '--no-zeroconf', '--debuglevel', 'CRITICAL'];
  const address = ['--address', '::ffff:127.0.0.1', '--port', String(port)];
  const directories = ['--configdir', dir.path, '--statedir', dir.join('state')];
  const program = cleanup.use(
    RunningProgram.start(inRepository('bin/mandos'), [...options, ...address, ...directories], {
      env: { DBUS_SYSTEM_BUS_ADDRESS: bus.address },
    }),
  );
  await waitForListener(port, program);
  const started = cleanup.move();
  return {
    port,
    pid: program.pid,
    bus: bus.address,
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}
