import { asciiBytes } from '../../src/core/bytes.ts';
import { after, instant, milliseconds } from '../../src/core/time.ts';
import { MANDOS_TYPE } from '../../src/zeroconf/announcer.ts';
import { Browser } from '../../src/zeroconf/browser.ts';
import { parseAddress } from '../../src/zeroconf/ip-address.ts';
import { response } from '../../src/zeroconf/message.ts';
import { parseMessage } from '../../src/zeroconf/parse-message.ts';
import { Responder } from '../../src/zeroconf/responder.ts';
import { MOST_SERVERS } from '../../src/zeroconf/server-cache.ts';
import { writeMessage } from '../../src/zeroconf/write-message.ts';
import {
  addressOf,
  announcement,
  ask,
  HOST,
  INSTANCE,
  pointerTo,
  question,
} from '../zeroconf/lan-fixtures.ts';

const link = { interface: 'eth0', family: 'ipv6' } as const;
const source = { address: 'fe80::bad%eth0', port: 5353 };
const own = parseAddress('fe80::1') ?? new Uint8Array();

/** They live on from packet to packet, so that one may prepare what another one does. */
const responder = new Responder(
  { type: MANDOS_TYPE, name: 'Mandos', host: 'web', port: 4711 },
  () => 0.5,
);
const browser = new Browser(MANDOS_TYPE);
let now = instant(0);
for (const machine of [responder, browser]) machine.setLinks([{ ...link, addresses: [own] }], now);

export const target = {
  name: 'mdns',
  seeds: [
    writeMessage(ask(question(MANDOS_TYPE, 12, true), question(INSTANCE, 255))),
    writeMessage(announcement(INSTANCE, HOST, 'fe80::a')),
    writeMessage(response({ answers: [pointerTo(INSTANCE, 0), addressOf(HOST, '192.0.2.1', 0)] })),
    Uint8Array.of(0, 0, 0x84, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 12, 0, 1, 0, 1),
    asciiBytes('\0\0\0\0\0\x01\0\0\0\0\0\0\x07_mandos\x04_tcp\x05local\0\0\x0c\0\x01'),
  ],
  run(input: Uint8Array): void {
    const parsed = parseMessage(input);
    if (parsed.kind === 'message') {
      const again = parseMessage(writeMessage(parsed.message));
      // Compressed names may be longer than the limit once more than 16 kB lie before them.
      if (again.kind === 'problem' && again.problem !== 'a message is too large') {
        throw new Error(`what was read cannot be written: ${again.problem}`);
      }
    }
    now = after(now, milliseconds(37));
    for (const machine of [responder, browser]) {
      const effects = [
        ...machine.receive({ link, source, bytes: input }, now),
        ...machine.tick(now),
      ];
      if (effects.length > MOST_SERVERS * 12) throw new Error(`${effects.length} effects at once`);
      for (const effect of effects) {
        if (effect.kind === 'send' && parseMessage(effect.bytes).kind === 'problem') {
          throw new Error('a malformed packet was sent');
        }
      }
      if (machine.next !== null && machine.next <= now) throw new Error('it would never rest');
    }
  },
};
