/** L5: what runs as the server's own user, a checker that was taken over, cannot look into it. */
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { describe, it } from 'node:test';
import { clientSection } from '../support/client-keys.ts';
import { type Outcome, run } from '../support/process.ts';
import { requires } from '../support/requirements.ts';
import { ServerProgram } from '../support/server-program.ts';

const SECRET = Buffer.from('the blob').toString('base64');
const clients = clientSection('desk', {
  key_id: 'ab'.repeat(32),
  secret: SECRET,
  checker: 'true',
});

/** Runs a program as the user that the server has become, without any capability. */
async function asServerUser(server: ServerProgram, ...command: string[]): Promise<Outcome> {
  const status = readFileSync(`/proc/${server.program.pid}/status`, 'latin1');
  const [, user = ''] = /^Uid:\t(\d+)/m.exec(status) ?? [];
  assert.notEqual(user, '0');
  return await run('/usr/bin/setpriv', [
    ...[`--reuid=${user}`, `--regid=${user}`, '--clear-groups', '--inh-caps=-all'],
    ...command,
  ]);
}

describe('L5: as its own user', requires('root', 'strace', 'python'), () => {
  for (const file of ['environ', 'mem', 'maps', 'auxv', 'fd/0']) {
    it(`nobody reads /proc/PID/${file} of the server`, async () => {
      await using server = await ServerProgram.start({ clients });
      await server.program.waitForLine(/now listening/);
      const path = `/proc/${server.program.pid}/${file}`;
      const { code, stdout } = await asServerUser(server, '/usr/bin/head', '--bytes=1', path);
      assert.deepEqual([code, stdout.length], [1, 0]);
      assert.equal(statSync(`/proc/${server.program.pid}/mem`).uid, 0);
    });
  }

  it('nobody traces the server', async () => {
    await using server = await ServerProgram.start({ clients });
    await server.program.waitForLine(/now listening/);
    const pid = String(server.program.pid);
    const { code, stderr } = await asServerUser(
      server,
      '/usr/bin/strace',
      '-p',
      pid,
      '-o/dev/null',
    );
    assert.equal(code, 1);
    assert.match(stderr, /Operation not permitted/);
  });

  it('nobody reads its memory by process_vm_readv(2)', async () => {
    await using server = await ServerProgram.start({ clients });
    await server.program.waitForLine(/now listening/);
    const [, start = ''] =
      /^([0-9a-f]+)-/.exec(readFileSync(`/proc/${server.program.pid}/maps`, 'latin1')) ?? [];
    const script = `import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
class Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
here = ctypes.create_string_buffer(8)
local, remote = Vector(ctypes.addressof(here), 8), Vector(int(sys.argv[2], 16), 8)
read = libc.process_vm_readv(int(sys.argv[1]), ctypes.byref(local), 1, ctypes.byref(remote), 1, 0)
print(read, os.strerror(ctypes.get_errno()))`;
    const args = ['-c', script, String(server.program.pid), start];
    const { stdout, stderr } = await asServerUser(server, '/usr/bin/python3', ...args);
    assert.equal(stdout.toString(), '-1 Operation not permitted\n', stderr);
  });
});
