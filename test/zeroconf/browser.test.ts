import assert from 'node:assert/strict';
import test from 'node:test';
import { milliseconds, minutes, seconds } from '../../src/core/time.ts';
import { response } from '../../src/zeroconf/message.ts';
import { labelOf, name } from '../../src/zeroconf/name.ts';
import { RecordType } from '../../src/zeroconf/record.ts';
import {
  ADDRESS,
  addressOf,
  announcement,
  connectBrowser,
  connectServer,
  HOST,
  INSTANCE,
  MANDOS_TYPE,
  pointerTo,
  question,
  quietLan,
  serversOf,
  serviceOn,
} from './lan-fixtures.ts';
import type { SimulatedLan } from './simulated-lan.ts';

const BROWSER = 'fe80::c';

/** The moments of the questions for all servers, counted from the first. */
function queries(lan: SimulatedLan): readonly number[] {
  const asked = lan.seen.filter(
    ({ message }) => message.questions[0]?.type === RecordType.ptr && !message.response,
  );
  return asked.map(({ at }) => at - (asked[0]?.at ?? 0));
}

test('the first second has four queries, then they come after 1, 2, 4 … seconds, at last every hour', async () => {
  const lan = quietLan();
  const start = lan.clock.now();
  connectBrowser(lan);
  assert.equal(lan.seen[0]?.at, start);
  await lan.clock.advance(minutes(60 * 6));
  const times = queries(lan);
  assert.deepEqual(times.slice(0, 4), [0, 150, 500, 1000]);
  const pauses = times.slice(4).map((time, i) => time - (times[i + 3] ?? 0));
  const doubled = Array.from({ length: 12 }, (_, i) => 1000 * 2 ** i);
  assert.deepEqual(pauses.slice(0, 12), doubled);
  assert.ok(pauses.slice(12).every((pause) => pause === 3_600_000));
});

test('of the first queries every other one asks for a direct answer', async () => {
  const lan = quietLan();
  connectBrowser(lan);
  await lan.clock.advance(seconds(3));
  assert.deepEqual(
    lan.seen.map(({ message }) => message.questions),
    [true, false, true, false, false].map((direct) => [
      question(MANDOS_TYPE, RecordType.ptr, direct),
    ]),
  );
});

test('a server is found within a third of a second although the first query is lost', async () => {
  const lan = quietLan();
  connectServer(lan);
  await lan.clock.advance(minutes(60));
  lan.weather = { loss: 1, duplication: 0, delay: 0 };
  const { host } = connectBrowser(lan);
  lan.weather = { loss: 0, duplication: 0, delay: 0 };
  await lan.clock.advance(milliseconds(149));
  assert.equal(serversOf(host).length, 0);
  await lan.clock.advance(milliseconds(121));
  assert.equal(serversOf(host).length, 1);
});

test('a server on the link is found within 120 ms, with the interface in its address', async () => {
  const lan = quietLan();
  connectServer(lan);
  await lan.clock.advance(minutes(60));
  const { host } = connectBrowser(lan);
  await lan.clock.advance(milliseconds(120));
  const [server, ...more] = serversOf(host);
  assert.equal(more.length, 0);
  assert.deepEqual(
    { ...server, id: '' },
    {
      id: '',
      name: 'Mandos',
      interface: 'eth0',
      host: 'web.local',
      port: 4711,
      addresses: ['fe80::a%eth0'],
    },
  );
});

test('a server that comes up later is found as soon as it announces itself', async () => {
  const lan = quietLan();
  const { host } = connectBrowser(lan);
  await lan.clock.advance(minutes(30));
  connectServer(lan);
  await lan.clock.advance(seconds(1));
  assert.equal(serversOf(host).length, 1);
});

test('an interface that comes up late is asked on at once', async () => {
  const lan = quietLan();
  connectServer(lan);
  const { host } = connectBrowser(lan);
  host.attach([]);
  await lan.clock.advance(minutes(30));
  lan.seen.length = 0;
  host.attach([{ interface: 'eth7', address: BROWSER, lan }]);
  assert.equal(lan.seen.length, 1);
  await lan.clock.advance(milliseconds(120));
  assert.deepEqual(
    serversOf(host).map(({ addresses }) => addresses),
    [['fe80::a%eth7']],
  );
});

test('the same server on two interfaces is two ways to connect', async () => {
  const lan = quietLan();
  connectServer(lan);
  await lan.clock.advance(minutes(5));
  const { host } = connectBrowser(lan);
  host.attach([
    { interface: 'eth0', address: 'fe80::c0', lan },
    { interface: 'eth1', address: 'fe80::c1', lan },
  ]);
  await lan.clock.advance(seconds(3));
  assert.deepEqual(
    serversOf(host)
      .flatMap(({ addresses }) => addresses)
      .toSorted(),
    ['fe80::a%eth0', 'fe80::a%eth1'],
  );
});

test('what an answer leaves out is asked for at once, and again with growing pauses', async () => {
  const lan = quietLan();
  const { host } = connectBrowser(lan);
  await lan.clock.advance(minutes(10));
  lan.seen.length = 0;
  const start = lan.clock.now();
  lan.forge(response({ answers: [pointerTo(INSTANCE)] }));
  await lan.clock.advance(seconds(7));
  const service = lan.seen.filter(({ message }) =>
    message.questions.some(({ type }) => type === RecordType.srv),
  );
  assert.deepEqual(
    service.map(({ at }) => at - start),
    [0, 150, 500, 1000, 2000, 4000],
  );
  lan.forge(response({ answers: [serviceOn(INSTANCE, HOST)] }));
  lan.seen.length = 0;
  await lan.clock.advance(milliseconds(0));
  const asked = lan.seen[0]?.message.questions.map(({ type }) => type);
  assert.deepEqual(asked, [RecordType.srv, RecordType.aaaa, RecordType.a]);
  assert.deepEqual(serversOf(host), []);
  lan.forge(response({ answers: [addressOf(HOST, ADDRESS)] }));
  await lan.clock.advance(milliseconds(0));
  assert.equal(serversOf(host).length, 1);
});

test('addresses come in order: IPv6 link-local, other IPv6, IPv4; useless ones never', async () => {
  const lan = quietLan();
  const { host } = connectBrowser(lan);
  const useless = ['::', '::1', 'ff02::1', '127.0.0.1', '0.0.0.0', '255.255.255.255'];
  const given = ['192.0.2.1', '2001:db8::1', ...useless, ADDRESS];
  const answers = [pointerTo(INSTANCE), serviceOn(INSTANCE, HOST)];
  lan.forge(response({ answers, additionals: given.map((text) => addressOf(HOST, text)) }));
  await lan.clock.advance(milliseconds(0));
  assert.deepEqual(serversOf(host)[0]?.addresses, ['fe80::a%eth0', '2001:db8::1', '192.0.2.1']);
});

test('a server that stays is known for days, and one that vanishes for two minutes', async () => {
  const lan = quietLan();
  const server = connectServer(lan);
  const { host } = connectBrowser(lan);
  await lan.clock.advance(minutes(60 * 24));
  assert.deepEqual(
    host.effects.map(({ kind }) => kind),
    ['found'],
  );
  server.host.attach([]);
  await lan.clock.advance(seconds(121));
  assert.deepEqual(serversOf(host), []);
  assert.equal(host.effects.at(-1)?.kind, 'gone');
});

test('a known server is asked about at 80, 85, 90 and 95 of 100 parts of its time', async () => {
  const lan = quietLan();
  const { host } = connectBrowser(lan);
  await lan.clock.advance(minutes(10));
  lan.seen.length = 0;
  const start = lan.clock.now();
  lan.forge(announcement(INSTANCE, HOST, ADDRESS));
  await lan.clock.advance(seconds(130));
  const asked = lan.seen.filter(({ message }) =>
    message.questions.some(({ type }) => type === RecordType.srv),
  );
  assert.deepEqual(
    asked.map(({ at }) => at - start),
    [96_000, 102_000, 108_000, 114_000],
  );
  assert.deepEqual(serversOf(host), []);
});

test('a server that says goodbye is gone after three seconds', async () => {
  const lan = quietLan();
  const server = connectServer(lan);
  const { host } = connectBrowser(lan);
  await lan.clock.advance(seconds(30));
  assert.equal(serversOf(host).length, 1);
  server.stop();
  await lan.clock.advance(seconds(3));
  assert.deepEqual(serversOf(host), []);
});

test('an interface that goes takes its servers with it', async () => {
  const lan = quietLan();
  connectServer(lan);
  const { host } = connectBrowser(lan);
  await lan.clock.advance(seconds(30));
  host.attach([]);
  assert.deepEqual(
    host.effects.map((effect) => (effect.kind === 'gone' ? effect.why : effect.kind)),
    ['found', 'interface'],
  );
});

test('servers that are known are named in the query and need not answer', async () => {
  const lan = quietLan();
  connectServer(lan);
  await lan.clock.advance(seconds(30));
  lan.seen.length = 0;
  connectBrowser(lan);
  await lan.clock.advance(seconds(60));
  const pointers = lan.seen.flatMap(({ message }) =>
    message.response ? message.answers.filter(({ data }) => data.kind === 'ptr') : [],
  );
  assert.equal(pointers.length, 1);
  const known = lan.seen.filter(({ message }) => !message.response)[1]?.message.answers;
  assert.deepEqual(
    known?.map(({ data }) => data),
    [pointerTo(INSTANCE).data],
  );
});

test('a service of no port, and names of other types, are no servers', async () => {
  const lan = quietLan();
  const { host } = connectBrowser(lan);
  const other = name('Mandos._ipp._tcp.local');
  lan.forge(announcement(INSTANCE, HOST, ADDRESS, 0));
  lan.forge(announcement(other, HOST, ADDRESS));
  lan.forge(announcement(MANDOS_TYPE, HOST, ADDRESS));
  lan.forge(announcement([labelOf('a'), ...INSTANCE], HOST, ADDRESS));
  await lan.clock.advance(seconds(1));
  assert.deepEqual(serversOf(host), []);
});

for (const seed of [1, 2, 3, 4, 5]) {
  test(`on a network that loses, doubles and reorders, all is found and named (${seed})`, async () => {
    const lan = quietLan({ seed, weather: { loss: 0.3, duplication: 0.3, delay: 80 } });
    const servers = [1, 2, 3].map((i) =>
      connectServer(lan, { address: `fe80::${i}`, host: `web${i}`, seed: seed * 10 + i }),
    );
    const { host } = connectBrowser(lan);
    await lan.clock.advance(minutes(3));
    // Two of one name, neither of whom hears the other, are in conflict until they do.
    const there = serversOf(host).map(({ addresses }) => addresses[0]);
    assert.deepEqual(there.toSorted(), ['fe80::1%eth0', 'fe80::2%eth0', 'fe80::3%eth0']);
    assert.equal(new Set(servers.map(({ responder }) => responder.name)).size, 3);
  });
}

test('a browser and a server on one machine find each other', async () => {
  const lan = quietLan();
  connectServer(lan, { address: 'fe80::1' });
  const { host } = connectBrowser(lan, 'fe80::1');
  await lan.clock.advance(seconds(5));
  assert.equal(serversOf(host).length, 1);
});

test('N6: where servers crowd each other out, all are asked again each second', async () => {
  const lan = quietLan();
  connectBrowser(lan);
  await lan.clock.advance(minutes(10));
  lan.seen.length = 0;
  for (let number = 0; number < 64; number++) {
    const instance = [labelOf(`false ${number}`), ...MANDOS_TYPE];
    lan.forge(response({ answers: [pointerTo(instance), serviceOn(instance, HOST)] }));
  }
  await lan.clock.advance(seconds(3));
  assert.equal(queries(lan).length, 3);
});
