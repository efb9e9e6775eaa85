/**
 * Debian's server sometimes stops without saving whom it has locked out. When ours takes its place
 * then, all clients that there are begin locked out (F1); and in no other case.
 */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { prepareChroot, tells } from './chroot.ts';

const BEFORE = `
originals() {
    install mandos
    section web 1 >>/etc/mandos/clients.conf
}
section() { printf '\\n[%s]\\nkey_id = %064d\\nsecret = c2VjcmV0\\n' "$1" "$2"; }
booted() { echo 'it has booted' >/var/log/wtmp; }
takes_over() { dpkg --install /pkg/mandos-ts-server*.deb </dev/null >/tmp/said 2>&1; }
state() { ls -A /var/lib/mandos; }
# What the ledger has after a run of the server: who was locked out, and why.
serves() {
    mandos --no-dbus --no-zeroconf --port=4711
    pid=$(cat /run/mandos.pid)
    kill "$pid"
    while readlink "/proc/$pid/exe" >/dev/null; do sleep 0.1; done
    mandos-ledger
}
`;

describe('taking over from a server that has not saved its state', () => {
  before(prepareChroot);

  it('locks all clients out, says how to go on, and lets new clients live', async () => {
    const told = await tells(`${BEFORE}
originals
booted
takes_over
tell code echo $?
tell said grep -B 3 'mandos-ctl --enable' /tmp/said
tell state state
tell owner stat -c %a /var/lib/mandos/state-of-mandos
tell ledger serves
section late 2 >>/etc/mandos/clients.conf
tell later serves
`);
    assert.equal(told.answer('code'), '0', told.output);
    assert.match(told.answer('said'), /stopped without saving .* begin locked out/);
    assert.equal(told.answer('state'), 'state-of-mandos');
    assert.equal(told.answer('owner'), '600');
    const lockedOut = /"web" locked out \(state-lost\)/;
    assert.match(told.answer('ledger'), lockedOut);
    assert.match(told.answer('later'), lockedOut);
    assert.match(told.answer('later'), /"late" added(?! *,)/);
    assert.doesNotMatch(told.answer('later'), /enabled|"late" locked out/);
  });

  it('does so as well when Debian’s package was removed before', async () => {
    const told = await tells(`${BEFORE}
originals
booted
dpkg --remove mandos
tell status status mandos
takes_over
tell code echo $?
tell state state
tell ledger serves
`);
    assert.equal(told.answer('status'), 'config-files');
    assert.equal(told.answer('code'), '0', told.output);
    assert.equal(told.answer('state'), 'state-of-mandos');
    assert.match(told.answer('ledger'), /"web" locked out \(state-lost\)/);
  });

  for (const { what, story } of [
    { what: 'on a machine that has never had a server', story: 'section web 1 >/tmp/x; booted' },
    { what: 'from a server that has never run', story: 'originals' },
    { what: 'from a server without clients', story: 'install mandos; booted' },
    {
      what: 'from a server that was told to forget',
      story:
        "originals; booted; sed -i 's/^.*restore *=.*/restore = False/' /etc/mandos/mandos.conf",
    },
    {
      what: 'when the server before has saved its state',
      story: 'originals; booted; touch /var/lib/mandos/clients.pickle',
    },
    {
      what: 'when there is state of our own',
      story: 'originals; booted; mkdir /var/lib/mandos/store-1',
    },
  ]) {
    it(`does nothing of the kind ${what}`, async () => {
      const told = await tells(`${BEFORE}
${story}
takes_over
tell code echo $?
tell said grep -c 'mandos-ctl --enable' /tmp/said
tell state state
`);
      assert.equal(told.answer('code'), '0', told.output);
      assert.equal(told.answer('said'), '0');
      assert.doesNotMatch(told.answer('state'), /state-of-mandos/);
    });
  }
});
