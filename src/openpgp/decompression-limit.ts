import * as openpgp from 'openpgp';

/** A password in a blob of at most 1 MiB has no honest reason to grow beyond this. */
const LARGEST_PLAINTEXT = 4 * 1024 * 1024;

/** gpg compresses once. Compressed data can also be made that unpacks to itself for ever. */
const DEEPEST = 2;

/**
 * Settings that hold a hostile blob's decompression within bounds (N6): each layer grows to
 * 4 MiB at most, and there are two at most. For one message; not to be used again.
 */
export function limitDecompression(config: openpgp.Config): openpgp.Config {
  let depth = 0;

  class BoundedCompressedData extends openpgp.CompressedDataPacket {
    override async read(bytes: Uint8Array, settings?: openpgp.Config): Promise<void> {
      if (++depth > DEEPEST) throw new Error('compressed data nested too deeply');
      // OpenPGP.js hands the settings on as a second argument, which its types leave out.
      const read: (bytes: Uint8Array, settings?: openpgp.Config) => Promise<void> = super.read;
      await read.call(this, bytes, settings);
    }
  }

  return {
    ...config,
    maxDecompressedMessageSize: LARGEST_PLAINTEXT,
    additionalAllowedPackets: [BoundedCompressedData],
  };
}
