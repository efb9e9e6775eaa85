/** Opens the blob in a file with the key in another, and tells how much memory that took. */
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { MandosError } from '../../src/core/error.ts';
import { Blob } from '../../src/core/secret.ts';
import { openBlob } from '../../src/openpgp/open.ts';
import { asOwnKey } from './own-key.ts';

const [, , keyFile = '', blobFile = ''] = process.argv;
const key = await asOwnKey({ secretKey: readFileSync(keyFile) });
const before = process.resourceUsage().maxRSS;
let result: string;
try {
  const { password, signed } = await openBlob(new Blob(readFileSync(blobFile)), key);
  result = `${signed} ${password.bytes.length}`;
} catch (error) {
  if (!(error instanceof MandosError)) throw error;
  result = error.code;
}
const megabytes = (process.resourceUsage().maxRSS - before) / 1024;
process.stdout.write(JSON.stringify({ result, megabytes }));
