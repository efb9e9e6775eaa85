/**
 * When our server's package goes, its state stays for Debian's server to go on from (F1); and
 * nothing keeps the package from going.
 */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { prepareChroot, tells } from './chroot.ts';

const BEFORE = `
server() { install /pkg/mandos-ts-server*.deb; }
section() {
    printf '\\n[%s]\\nkey_id = %064d\\nfingerprint = A\\nsecret = c2VjcmV0\\nchecker = %s\\ninterval = PT1S\\n' "$@"
}
sections() {
    section alive 1 true; echo timeout = PT1H
    section dead 2 false; echo timeout = PT1S
}
start() { mandos --no-dbus --no-zeroconf --port=4711 && pid=$(cat /run/mandos.pid); }
stop() {
    kill "$pid"
    while readlink "/proc/$pid/exe" >/dev/null; do sleep 0.1; done
}
lived() {
    server
    sections >>/etc/mandos/clients.conf
    start
    until mandos-ledger | grep -q '"dead" locked out'; do sleep 0.2; done
}
goes() { install -o Dpkg::Options::=--force-confold mandos >/tmp/said 2>&1; }
state() { ls -A /var/lib/mandos; }
mode() { stat -c %a:%U:%G /var/lib/mandos/clients.pickle; }
# As Debian's server reads it.
enabled() {
    python3 -c 'import pickle
clients, settings = pickle.load(open("/var/lib/mandos/clients.pickle", "rb"), encoding="bytes")
print({name: clients[name]["enabled"] for name in settings})'
}
`;

describe('going back to Debian’s package', () => {
  before(prepareChroot);

  it('hands the state over, and takes it back', async () => {
    const told = await tells(`${BEFORE}
lived
stop
goes
tell code echo $?
tell status status mandos
tell said grep clients.pickle /tmp/said
tell mode mode
tell enabled enabled
server
start; stop
tell ledger mandos-ledger
dpkg --remove mandos-ts-server
tell alone enabled
dpkg --purge mandos-ts-server
tell purged ls -d /var/lib/mandos
`);
    assert.equal(told.answer('code'), '0', told.output);
    assert.equal(told.answer('status'), 'installed');
    assert.match(told.answer('said'), /the state is in \/var\/lib\/mandos\/clients\.pickle, for/);
    assert.equal(told.answer('mode'), '600:_mandos:_mandos');
    assert.equal(told.answer('enabled'), "{'alive': True, 'dead': False}");
    const ledger = told.answer('ledger');
    assert.match(ledger, /clients\.pickle written, .* clients\.pickle was read or written before/);
    assert.doesNotMatch(ledger, /"alive" locked out|enabled/);
    assert.equal(told.answer('alone'), told.answer('enabled'));
    assert.match(told.answer('purged'), /No such file/);
  });

  it('puts a barrier up when the state cannot be written, and goes all the same', async () => {
    const told = await tells(`${BEFORE}
lived
stop
echo stale >/var/lib/mandos/clients.pickle
echo 'port = many' >>/etc/mandos/mandos.conf
goes
tell code echo $?
tell status status mandos
tell said grep mandos-ts-server: /tmp/said
tell state state
tell mode mode
tell enabled enabled
sed -i '/many/d' /etc/mandos/mandos.conf
rm /var/lib/mandos/clients.pickle.aside
server
start; stop
tell ledger mandos-ledger
`);
    assert.equal(told.answer('code'), '0', told.output);
    assert.equal(told.answer('status'), 'installed');
    assert.match(
      told.answer('said'),
      /does not start with what is there now\. To go on, install mandos-ts-server again/,
    );
    assert.match(told.answer('state'), /clients\.pickle clients\.pickle\.aside/);
    assert.equal(told.answer('mode'), '600:_mandos:_mandos');
    assert.match(told.answer('enabled'), /UnpicklingError: invalid load key, '#'/);
    assert.doesNotMatch(told.answer('ledger'), /"alive" locked out|enabled/);
  });

  it('does so when the server does not stop, too', async () => {
    const told = await tells(`${BEFORE}
lived
goes
tell code echo $?
tell enabled enabled
stop
`);
    assert.equal(told.answer('code'), '0', told.output);
    assert.match(told.answer('enabled'), /UnpicklingError/);
  });

  it('leaves a state of Debian’s alone where ours has never run', async () => {
    const told = await tells(`${BEFORE}
server
echo untouched >/var/lib/mandos/clients.pickle
goes
tell code echo $?
tell pickle cat /var/lib/mandos/clients.pickle
tell state state
`);
    assert.equal(told.answer('code'), '0', told.output);
    assert.equal(told.answer('pickle'), 'untouched');
    assert.equal(told.answer('state'), 'clients.pickle');
  });
});
