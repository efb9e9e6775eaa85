import assert from 'node:assert/strict';
import process from 'node:process';
import test from 'node:test';
import { readLinks } from '../../src/system/rtnetlink.ts';
import {
  attributesIn,
  encodeRequest,
  messagesIn,
  uint32,
} from '../../src/system/rtnetlink-message.ts';
import { NetworkNamespaces } from '../support/network-namespaces.ts';
import { succeed } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { requires } from '../support/requirements.ts';

const needs = requires('namespaces');

test('a message reads as it was written', () => {
  const fixed = Uint8Array.of(1, 2, 3, 4, 5);
  const attributes = [
    { type: 7, value: Uint8Array.of(9) },
    { type: 8, value: uint32(0x01020304) },
  ];
  const [message, ...others] = messagesIn(encodeRequest(18, 1, fixed, attributes));
  assert.ok(message !== undefined && others.length === 0);
  assert.equal(message.type, 18);
  assert.deepEqual(
    [...attributesIn(message.body, fixed.length)].map(({ type, value }) => [type, ...value]),
    [
      [7, 9],
      [8, 4, 3, 2, 1],
    ],
  );
});

test('what is cut short ends the reading', () => {
  const bytes = encodeRequest(18, 1, new Uint8Array(16), [{ type: 3, value: uint32(1) }]);
  assert.deepEqual([...messagesIn(bytes.subarray(0, bytes.length - 1))], []);
  assert.deepEqual([...messagesIn(new Uint8Array(64))], []);
  assert.deepEqual([...attributesIn(new Uint8Array(64), 16)], []);
});

test('the loopback is among the interfaces', () => {
  assert.ok(readLinks().some(({ name, index }) => name === 'lo' && index === 1));
});

/** Runs a piece of TypeScript on a machine of its own. */
async function runThere(network: NetworkNamespaces, code: string): Promise<unknown> {
  const from = JSON.stringify(inRepository('src/system/rtnetlink.ts'));
  const script = `
    import * as net from ${from};
    const link = () => net.readLinks().find(({ name }) => name === 'right0');
    const attempt = (act) => { try { act(); return 'done'; } catch (error) { return error.errno; } };
    console.log(JSON.stringify((() => { ${code} })()));`;
  const [program, args] = network.right.command(
    ...([process.execPath, '--disable-warning=ExperimentalWarning'] as const),
    ...['--input-type=module-typescript', '-e', script],
  );
  return JSON.parse((await succeed(program, args)).toString());
}

test('interfaces go up and down, and routes come and go', needs, async () => {
  await using network = await NetworkNamespaces.make(false);
  const outcome = await runThere(
    network,
    `const { index } = link();
     const up = () => (link().flags & net.LinkFlag.up) !== 0;
     const seen = [up()];
     net.setLinkUp(index, true);
     seen.push(up());
     for (const bytes of [[192, 0, 2, 1], [32, 1, 13, 184, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]]) {
       const route = { address: Uint8Array.from(bytes), index };
       seen.push(attempt(() => net.addHostRoute(route)), attempt(() => net.addHostRoute(route)));
       seen.push(attempt(() => net.deleteHostRoute(route)), attempt(() => net.deleteHostRoute(route)));
     }
     net.setLinkUp(index, false);
     return [...seen, up(), attempt(() => net.setLinkUp(999, true))];`,
  );
  const [EEXIST, ESRCH, ENODEV] = [17, 3, 19];
  const route = ['done', EEXIST, 'done', ESRCH];
  assert.deepEqual(outcome, [false, true, ...route, ...route, false, ENODEV]);
});
