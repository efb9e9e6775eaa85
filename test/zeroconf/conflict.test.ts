import assert from 'node:assert/strict';
import test from 'node:test';
import { milliseconds, seconds } from '../../src/core/time.ts';
import {
  alternativeHostName,
  alternativeServiceName,
} from '../../src/zeroconf/alternative-name.ts';
import { compareProbes } from '../../src/zeroconf/conflict.ts';
import { response } from '../../src/zeroconf/message.ts';
import { labelOf, name } from '../../src/zeroconf/name.ts';
import {
  addressOf,
  announcement,
  connectServer,
  HOST,
  INSTANCE,
  type LanServer,
  mandosResponder,
  quietLan,
  serviceOn,
} from './lan-fixtures.ts';
import { LanHost } from './simulated-lan.ts';

const names = (...servers: readonly LanServer[]): readonly string[] =>
  servers.map(({ responder }) => responder.name).toSorted();

test('the second server of the same name on a link takes another', async () => {
  const lan = quietLan();
  const first = connectServer(lan);
  await lan.clock.advance(seconds(10));
  const second = connectServer(lan, { address: 'fe80::b', host: 'other' });
  await lan.clock.advance(seconds(10));
  assert.equal(first.responder.name, 'Mandos');
  assert.equal(second.responder.name, 'Mandos #2');
  assert.deepEqual(
    second.host.effects.filter(({ kind }) => kind === 'renamed'),
    [{ kind: 'renamed', what: 'service', name: 'Mandos #2' }],
  );
  assert.deepEqual(first.host.effects.length, 1);
});

test('ten servers of one name and one host name, started together, end with ten names', async () => {
  const lan = quietLan();
  const servers = Array.from({ length: 10 }, (_, i) =>
    connectServer(lan, { address: `fe80::${i + 1}`, seed: i, port: 4711 + i }),
  );
  await lan.clock.advance(seconds(120));
  const expected = ['Mandos', ...Array.from({ length: 9 }, (_, i) => `Mandos #${i + 2}`)];
  assert.deepEqual(names(...servers), expected.toSorted());
});

test('of two that probe at the same moment, the one with the later records keeps the name', async () => {
  const lan = quietLan();
  const lower = connectServer(lan, { address: 'fe80::1', host: 'one', port: 4711, seed: 5 });
  const higher = connectServer(lan, { address: 'fe80::2', host: 'two', port: 4712, seed: 5 });
  await lan.clock.advance(seconds(20));
  assert.equal(higher.responder.name, 'Mandos');
  assert.equal(lower.responder.name, 'Mandos #2');
});

test('probes are compared as in the example of RFC 6762, section 8.2.1', () => {
  const host = name('MyPrinter.local');
  const ours = [addressOf(host, '169.254.99.200')];
  const theirs = [addressOf(host, '169.254.200.50')];
  assert.ok(compareProbes(ours, theirs) < 0);
  assert.ok(compareProbes(theirs, ours) > 0);
  assert.equal(compareProbes(ours, ours), 0);
});

test('bytes are compared as unsigned, types before data, and the longer list wins', () => {
  const of = (...addresses: readonly string[]) => addresses.map((text) => addressOf(HOST, text));
  assert.ok(compareProbes(of('10.0.0.127'), of('10.0.0.128')) < 0);
  assert.ok(compareProbes(of('255.0.0.1'), of('fe80::1')) < 0);
  assert.ok(compareProbes(of('10.0.0.1'), of('10.0.0.1', '10.0.0.2')) < 0);
});

test('a lost tie-break is tried again after a second, and succeeds when nobody has the name', async () => {
  const lan = quietLan();
  const server = connectServer(lan);
  await lan.clock.advance(milliseconds(300));
  const probe = lan.seen[0]?.message;
  assert.ok(probe !== undefined);
  const later = probe.authorities.map((record) =>
    record.data.kind === 'srv' ? serviceOn(INSTANCE, HOST, 65_535) : record,
  );
  lan.seen.length = 0;
  const start = lan.clock.now();
  lan.forge({ ...probe, authorities: later });
  await lan.clock.advance(seconds(10));
  const probes = lan.seen.slice(1).filter(({ message }) => !message.response);
  assert.equal(probes.length, 3);
  assert.equal((probes[0]?.at ?? 0) - start, 1000);
  assert.equal(server.responder.name, 'Mandos');
});

test('an announced name that somebody claims is looked at again, and kept when nobody has it', async () => {
  const lan = quietLan();
  const server = connectServer(lan);
  await lan.clock.advance(seconds(10));
  lan.seen.length = 0;
  lan.forge(announcement(INSTANCE, name('evil.local'), 'fe80::bad'));
  await lan.clock.advance(seconds(10));
  const kinds = lan.seen.slice(1).map(({ message }) => message.response);
  assert.deepEqual(kinds, [false, false, false, true, true]);
  assert.equal(server.responder.name, 'Mandos');
});

test('a host name that is taken becomes another, and the service keeps its own', async () => {
  const lan = quietLan();
  connectServer(lan, { name: 'First' });
  await lan.clock.advance(seconds(10));
  const second = connectServer(lan, { address: 'fe80::b', name: 'Second' });
  await lan.clock.advance(seconds(10));
  assert.equal(second.responder.name, 'Second');
  const said = lan.seen.at(-1)?.message.answers.find(({ data }) => data.kind === 'srv');
  assert.deepEqual(said, serviceOn([labelOf('Second'), ...INSTANCE.slice(1)], name('web-2.local')));
});

test('a machine with two interfaces on one network is in no conflict with itself', async () => {
  const lan = quietLan();
  const responder = mandosResponder();
  const host = new LanHost(lan, responder, [
    { interface: 'eth0', address: 'fe80::10', lan },
    { interface: 'eth1', address: 'fe80::20', lan },
  ]);
  await lan.clock.advance(seconds(60));
  assert.deepEqual(
    host.effects.map(({ kind }) => kind),
    ['announced', 'announced'],
  );
});

test('what a machine said before its addresses changed is no conflict with itself', async () => {
  const lan = quietLan({ weather: { loss: 0, duplication: 0.5, delay: 2000 } });
  const server = connectServer(lan);
  for (let i = 0; i < 20; i++) {
    await lan.clock.advance(milliseconds(1500));
    server.host.attach([{ interface: 'eth0', address: `fe80::${i + 1}`, lan }]);
  }
  await lan.clock.advance(seconds(20));
  assert.ok(server.host.effects.every(({ kind }) => kind === 'announced'));
});

test('who is contradicted without end pauses five seconds between its tries', async () => {
  const lan = quietLan();
  connectServer(lan);
  let probes = 0;
  let heard = 0;
  for (let i = 0; i < 600; i++) {
    await lan.clock.advance(milliseconds(100));
    for (const { message, from } of lan.seen.slice(heard)) {
      const [asked] = message.questions;
      if (message.response || from === 'fe80::bad' || asked === undefined) continue;
      probes++;
      lan.forge(response({ answers: [serviceOn(asked.name, name('evil.local'))] }));
    }
    heard = lan.seen.length;
  }
  assert.ok(probes >= 20 && probes <= 30, `${probes} probes in a minute`);
});

test('alternatives count on from a number and fit into a label', () => {
  assert.equal(alternativeServiceName('Mandos'), 'Mandos #2');
  assert.equal(alternativeServiceName('Mandos #2'), 'Mandos #3');
  assert.equal(alternativeServiceName('Mandos #9'), 'Mandos #10');
  assert.equal(alternativeServiceName('#2'), '#2 #2');
  assert.equal(alternativeServiceName('ö'.repeat(31)), `${'ö'.repeat(30)} #2`);
  assert.equal(alternativeHostName('web', 3), 'web-3');
  assert.equal(alternativeHostName('w'.repeat(63), 12), `${'w'.repeat(60)}-12`);
});
