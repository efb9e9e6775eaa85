/** N6: a hostile blob's decompression is capped. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { deflateRawSync } from 'node:zlib';
import * as openpgp from 'openpgp';
import { concat } from '../../src/core/bytes.ts';
import { asOwnKey, makeOwnKey } from '../support/own-key.ts';
import { succeed } from '../support/process.ts';
import { inRepository } from '../support/repository.ts';
import { TempDir } from '../support/temp-dir.ts';

const files = await makeOwnKey();
const [own] = (await asOwnKey(files)).keys;
assert.ok(own);
const publicKey = own.toPublic();

type Packets = openpgp.PacketList<openpgp.AnyPacket>;

async function literal(content: Uint8Array): Promise<Packets> {
  return (await openpgp.createMessage({ binary: content })).packets;
}

/** A packet of any kind and content; the library's types leave its constructor out. */
const RawPacket = openpgp.UnparseablePacket as new (
  tag: openpgp.enums.packet,
  content: Uint8Array,
) => openpgp.UnparseablePacket;

/** What is in `packets`, compressed once more. */
function compressed(packets: Packets): Packets {
  const { compressedData } = openpgp.enums.packet;
  const content = concat([
    Uint8Array.of(openpgp.enums.compression.zip),
    deflateRawSync(packets.write()),
  ]);
  const list: Packets = new openpgp.PacketList();
  list.push(new RawPacket(compressedData, content));
  return list;
}

/** Opens a blob with this content in a process of its own. */
async function open(packets: Packets): Promise<{ result: string; megabytes: number }> {
  await using dir = await TempDir.create();
  const message = await new openpgp.Message<Uint8Array>(packets).encrypt([publicKey]);
  const blob = await dir.write('blob', message.write() as Uint8Array);
  const key = await dir.write('key', files.secretKey);
  const program = inRepository('test/support/open-blob-program.ts');
  const output = await succeed(process.execPath, [program, key, blob]);
  return JSON.parse(output.toString());
}

test('an honest compressed password opens', async () => {
  const { result } = await open(compressed(await literal(new Uint8Array(100_000))));
  assert.equal(result, 'not 100000');
});

test('a blob that unpacks to 200 MB is refused in little memory', async () => {
  const bomb = compressed(await literal(new Uint8Array(200_000_000)));
  const { result, megabytes } = await open(bomb);
  assert.equal(result, 'blob-unusable');
  assert.ok(megabytes < 60, `${megabytes} MB`);
});

test('compressed data in compressed data is refused', async () => {
  let packets = await literal(new Uint8Array(10));
  for (let depth = 0; depth < 2; depth++) packets = compressed(packets);
  const { result } = await open(packets);
  assert.equal(result, 'blob-unusable');
});
