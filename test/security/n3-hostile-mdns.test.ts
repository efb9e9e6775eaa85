/**
 * N3: compression loops, zero lengths, huge counts, names that are no text, forged answers
 * and floods of goodbyes are parsed or ignored: never a crash, never trust. The packets
 * that cannot be parsed stand in test/zeroconf/message.test.ts one by one.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { instant, milliseconds, minutes, seconds } from '../../src/core/time.ts';
import { safeLine } from '../../src/system/log-text.ts';
import { query, response } from '../../src/zeroconf/message.ts';
import { labelOf } from '../../src/zeroconf/name.ts';
import { RecordType } from '../../src/zeroconf/record.ts';
import { MOST_SERVERS } from '../../src/zeroconf/server-cache.ts';
import { writeMessage } from '../../src/zeroconf/write-message.ts';
import {
  ADDRESS,
  addressOf,
  announcement,
  ask,
  connectBrowser,
  connectServer,
  EVIL,
  HOST,
  INSTANCE,
  instanceNamed,
  MANDOS_TYPE,
  mandosResponder,
  pointerTo,
  question,
  quietLan,
  serversOf,
  serviceOn,
} from '../zeroconf/lan-fixtures.ts';
import { randomFrom } from '../zeroconf/simulated-lan.ts';

/** A network with a server and a browser that has found it. */
async function quietPair() {
  const lan = quietLan();
  const server = connectServer(lan);
  const { host, browser } = connectBrowser(lan);
  await lan.clock.advance(minutes(2));
  assert.equal(serversOf(host).length, 1);
  lan.seen.length = 0;
  return { lan, server, host, browser };
}

test('thousands of damaged packets do not take the server away', async () => {
  const { lan, server, host } = await quietPair();
  const random = randomFrom(3);
  const honest = [
    writeMessage(ask(question(MANDOS_TYPE, RecordType.ptr), question(INSTANCE, RecordType.any))),
    writeMessage(announcement(INSTANCE, HOST, ADDRESS)),
    writeMessage(announcement(instanceNamed('x'), EVIL, 'fe80::bad')),
  ];
  for (let i = 0; i < 3000; i++) {
    const packet = Uint8Array.from(honest[i % 3] ?? []);
    for (let damage = 0; damage < 3; damage++) {
      packet[Math.floor(random() * packet.length)] = Math.floor(random() * 256);
    }
    lan.forge(packet);
    if (i % 50 === 0) await lan.clock.advance(milliseconds(20));
  }
  await lan.clock.advance(minutes(1));
  const reachable = serversOf(host).filter(({ addresses }) => addresses.includes('fe80::a%eth0'));
  assert.ok(reachable.some(({ name }) => name === server.responder.name));
});

test('no packet whatever makes the responder or the browser fail', () => {
  const responder = mandosResponder();
  const lan = quietLan();
  const { browser } = connectBrowser(lan);
  const link = { interface: 'eth0', family: 'ipv6' } as const;
  responder.setLinks([{ ...link, addresses: [] }], instant(0));
  let now = 1;
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      for (const machine of [responder, browser]) {
        const source = { address: 'fe80::bad%eth0', port: 5353 };
        now += 10;
        machine.receive({ link, source, bytes }, instant(now));
      }
    }),
    { numRuns: 2000 },
  );
});

test('forged goodbyes, however many, never take a living server away', async () => {
  const { lan, host } = await quietPair();
  const found = host.effects.length;
  const lies = [pointerTo(INSTANCE, 0), serviceOn(INSTANCE, HOST, 4711, 0)];
  for (let i = 0; i < 600; i++) {
    lan.forge(response({ answers: [...lies, addressOf(HOST, ADDRESS, 0)] }));
    await lan.clock.advance(milliseconds(50));
  }
  await lan.clock.advance(minutes(5));
  assert.equal(host.effects.length, found);
  assert.equal(serversOf(host).length, 1);
});

test('a flood of goodbyes does not make a flood of questions or answers', async () => {
  const { lan } = await quietPair();
  for (let i = 0; i < 1000; i++) {
    lan.forge(response({ answers: [pointerTo(INSTANCE, 0)] }));
    await lan.clock.advance(milliseconds(1));
  }
  await lan.clock.advance(seconds(4));
  const honest = lan.seen.filter(({ from }) => from !== 'fe80::bad');
  assert.ok(honest.length <= 60, `${honest.length} packets in five seconds`);
});

test('forged answers with the cache-flush bit do not displace what the server said', async () => {
  const { lan, host } = await quietPair();
  lan.forge(
    response({ answers: [serviceOn(INSTANCE, EVIL, 666), addressOf(HOST, 'fe80::bad', 4500)] }),
  );
  await lan.clock.advance(seconds(60));
  const honest = serversOf(host).find(({ port }) => port === 4711);
  assert.ok(honest?.addresses.includes('fe80::a%eth0'));
});

test('a forged record with a short time to live does not shorten the life of a true one', async () => {
  const { lan, server, host } = await quietPair();
  server.host.attach([]);
  for (let i = 0; i < 10; i++) {
    const lies = [serviceOn(INSTANCE, HOST, 4711, 1), addressOf(HOST, ADDRESS, 1)];
    lan.forge(response({ answers: lies }));
    await lan.clock.advance(seconds(1));
  }
  assert.equal(serversOf(host).length, 1);
});

test('no record is believed for longer than 75 minutes', async () => {
  const lan = quietLan();
  const { host } = connectBrowser(lan);
  lan.forge(
    response({
      answers: [serviceOn(INSTANCE, EVIL, 666, 2 ** 31), addressOf(EVIL, ADDRESS, 2 ** 32 - 1)],
    }),
  );
  await lan.clock.advance(minutes(74));
  assert.equal(serversOf(host).length, 1);
  await lan.clock.advance(minutes(2));
  assert.equal(serversOf(host).length, 0);
});

test('a thousand false servers do not push out the true one when they come from one sender', async () => {
  const { lan, host } = await quietPair();
  const honest = serversOf(host)[0]?.id;
  for (let i = 0; i < 1000; i++) {
    lan.forge(announcement(instanceNamed(`false ${i}`), EVIL, 'fe80::bad'));
    await lan.clock.advance(milliseconds(1));
  }
  const servers = serversOf(host);
  assert.equal(servers.length, MOST_SERVERS);
  assert.ok(servers.some(({ id }) => id === honest));
});

test('under a flood from ever new senders the true server is still found at its answer', async () => {
  const lan = quietLan();
  const { host } = connectBrowser(lan);
  connectServer(lan);
  for (let i = 0; i < 2000; i++) {
    lan.forge(announcement(instanceNamed(`false ${i}`), EVIL, 'fe80::bad'), `fe80::bad:${i}`);
    await lan.clock.advance(milliseconds(1));
  }
  assert.ok(serversOf(host).length <= MOST_SERVERS);
  const found = host.effects.some(
    (effect) => effect.kind === 'found' && effect.server.addresses.includes('fe80::a%eth0'),
  );
  assert.ok(found);
});

test('a server that was tried in vain gives way before one that was not', async () => {
  const lan = quietLan();
  const { host, browser } = connectBrowser(lan);
  for (let i = 0; i < MOST_SERVERS; i++) {
    lan.forge(announcement(instanceNamed(`${i}`), EVIL, 'fe80::bad'), `fe80::${i}`);
    await lan.clock.advance(milliseconds(1));
  }
  const tried = serversOf(host)[40];
  assert.ok(tried !== undefined);
  browser.setAside(tried.id);
  lan.forge(announcement(instanceNamed('new'), EVIL, 'fe80::bad'), 'fe80::77');
  await lan.clock.advance(milliseconds(1));
  assert.deepEqual(host.effects.slice(-2)[0], { kind: 'gone', id: tried.id, why: 'displaced' });
});

test('names without hosts do not make a flood of questions', async () => {
  const lan = quietLan();
  connectBrowser(lan);
  await lan.clock.advance(minutes(60));
  lan.seen.length = 0;
  for (let i = 0; i < 5000; i++) {
    lan.forge(response({ answers: [pointerTo(instanceNamed(`false ${i}`))] }), `fe80::bad:${i}`);
    await lan.clock.advance(milliseconds(1));
  }
  const asked = lan.seen.filter(({ message }) => !message.response);
  // Ten a second, and the question for all once a second.
  assert.ok(asked.length <= 57, `${asked.length} packets in five seconds`);
});

test('a name that is no text or would move the cursor is found, and harmless in a log', async () => {
  const lan = quietLan();
  const { host } = connectBrowser(lan);
  const names = ['\xff\xc0\x80', '\x1b]0;\x07\n\u0085', `a${labelOf('\u202e')}b`];
  for (const label of names) lan.forge(announcement([label, ...MANDOS_TYPE], EVIL, 'fe80::bad'));
  await lan.clock.advance(milliseconds(1));
  assert.equal(serversOf(host).length, names.length);
  for (const server of serversOf(host)) {
    assert.doesNotMatch(safeLine(server.name), /[\p{Cc}\u202e]/u);
  }
});

test('an address that is this machine itself, or nobody, is never connected to', async () => {
  const lan = quietLan();
  const { host } = connectBrowser(lan);
  for (const address of ['::1', '127.0.0.1', '::ffff:127.0.0.1', 'ff02::1', '::', '0.0.0.0']) {
    lan.forge(announcement(INSTANCE, EVIL, address));
  }
  await lan.clock.advance(seconds(1));
  assert.deepEqual(serversOf(host), []);
});

test('a flood of questions gets few answers', async () => {
  const { lan } = await quietPair();
  for (let i = 0; i < 2000; i++) {
    const direct = i % 2 === 0;
    lan.forge(ask(question(INSTANCE, RecordType.any, direct)), `fe80::bad:${i}`);
    await lan.clock.advance(milliseconds(1));
  }
  const honest = lan.seen.filter(({ message }) => message.response);
  // In two seconds: a hundred direct answers each, and one to all.
  assert.ok(honest.length <= 3 * 100 + 6, `${honest.length} answers in two seconds`);
});

test('packets full of questions or records are answered with few packets, and survived', async () => {
  const { lan, server, host } = await quietPair();
  const hostile = [
    query({ questions: Array.from({ length: 500 }, () => question(INSTANCE, 255)) }),
    query({
      questions: Array.from({ length: 200 }, (_, i) => question(instanceNamed(`${i}`), 255)),
    }),
    response({ answers: Array.from({ length: 300 }, (_, i) => pointerTo(instanceNamed(`${i}`))) }),
    response({
      answers: Array.from({ length: 200 }, (_, i) => serviceOn(instanceNamed(`${i}`), EVIL)),
    }),
    response({ answers: Array.from({ length: 250 }, (_, i) => addressOf(EVIL, `fe80::${i}`)) }),
  ];
  for (const message of hostile) {
    lan.seen.length = 0;
    for (let i = 0; i < 20; i++) {
      lan.forge(message);
      await lan.clock.advance(milliseconds(1));
    }
    const answers = lan.seen.filter(({ from }) => from !== 'fe80::bad');
    assert.ok(answers.length <= 20, `${answers.length} packets for 20 forged ones`);
  }
  assert.ok(serversOf(host).length <= MOST_SERVERS);
  assert.ok(serversOf(host).some(({ name }) => name === server.responder.name));
});
