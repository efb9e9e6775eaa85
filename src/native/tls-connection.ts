import { toString as cString } from 'node:ffi';
import { type OpenSslError, takeError, withCleanErrors } from './openssl-error.ts';
import { openssl } from './openssl-functions.ts';
import { publicKeyDer } from './public-key-der.ts';

// <openssl/ssl.h>, <openssl/bio.h>
const SSL_ERROR_WANT_READ = 2;
const SSL_ERROR_WANT_WRITE = 3;
const SSL_ERROR_ZERO_RETURN = 6;
const BIO_C_SET_BUF_MEM_EOF_RETURN = 130;

/** The largest TLS record's content (RFC 8446, section 5.1). */
const RECORD_BYTES = 16_384;

/**
 * Bytes from OpenSSL land here first; wiped after each use. One is enough: no call yields. A
 * small array of its own for each call would have to be moved out of the engine's heap first.
 */
const scratch = new Uint8Array(RECORD_BYTES);

/**
 * open → (handshake done) → established; → failed: a fatal error, only the last output may
 * still be taken; → closed: freed. Never back.
 */
type State = 'open' | 'established' | 'failed' | 'closed';

/** What was negotiated, for people to read. */
export interface TlsDescription {
  readonly version: string;
  readonly cipher: string;
  readonly group: string;
}

/**
 * One TLS connection as a machine: encrypted bytes in by `receive`, encrypted bytes out by
 * `takeOutput`, no socket. Every method but `close` throws `TypeError` after `close`.
 */
export class TlsConnection implements Disposable {
  #ssl: bigint;
  #input: bigint;
  #output: bigint;
  #state: State = 'open';

  /** @param context a live SSL_CTX; only `TlsContext` can know one */
  constructor(context: bigint, role: 'tls-client' | 'tls-server') {
    [this.#ssl, this.#input, this.#output] = withCleanErrors(() => {
      const ssl = openssl.SSL_new(context);
      if (ssl === 0n) throw takeError('SSL_new');
      const input = openssl.BIO_new(openssl.BIO_s_mem());
      const output = openssl.BIO_new(openssl.BIO_s_mem());
      if (input === 0n || output === 0n) {
        if (input !== 0n) openssl.BIO_free(input);
        if (output !== 0n) openssl.BIO_free(output);
        openssl.SSL_free(ssl);
        throw takeError('BIO_new');
      }
      // An empty BIO means "later", not "end of file".
      openssl.BIO_ctrl(input, BIO_C_SET_BUF_MEM_EOF_RETURN, -1n, null);
      openssl.BIO_ctrl(output, BIO_C_SET_BUF_MEM_EOF_RETURN, -1n, null);
      openssl.SSL_set_bio(ssl, input, output); // the SSL owns both from here
      if (role === 'tls-client') openssl.SSL_set_connect_state(ssl);
      else openssl.SSL_set_accept_state(ssl);
      return [ssl, input, output];
    });
  }

  #live(): void {
    if (this.#state === 'closed') throw new TypeError('the TLS connection is closed');
  }

  #usable(): void {
    this.#live();
    if (this.#state === 'failed') throw new TypeError('the TLS connection has failed');
  }

  /** Takes encrypted bytes from the peer; they are looked at by the next call. */
  receive(bytes: Uint8Array): void {
    this.#usable();
    if (bytes.length === 0) return;
    withCleanErrors(() => {
      if (openssl.BIO_write(this.#input, bytes, bytes.length) !== bytes.length) {
        throw takeError('BIO_write');
      }
    });
  }

  /** Goes on with the handshake. `more`: it needs to hear from the peer. */
  handshake(): 'done' | 'more' {
    this.#usable();
    return withCleanErrors(() => {
      const result = openssl.SSL_do_handshake(this.#ssl);
      if (result === 1) {
        this.#state = 'established';
        return 'done';
      }
      if (this.#wantsMore(result)) return 'more';
      throw this.#fail('TLS handshake');
    });
  }

  /** Decrypted bytes in a buffer of their own; `more`: none yet; `end`: close_notify came. */
  read(): Uint8Array | 'more' | 'end' {
    this.#usable();
    return withCleanErrors(() => {
      const count = openssl.SSL_read(this.#ssl, scratch, scratch.length);
      if (count > 0) {
        // Not `slice`: small arrays lie on the engine's heap, where wiping misses old copies.
        const bytes = new Uint8Array(new ArrayBuffer(count));
        bytes.set(scratch.subarray(0, count));
        scratch.fill(0, 0, count);
        return bytes;
      }
      const code = openssl.SSL_get_error(this.#ssl, count);
      if (code === SSL_ERROR_ZERO_RETURN) return 'end';
      if (code === SSL_ERROR_WANT_READ || code === SSL_ERROR_WANT_WRITE) return 'more';
      throw this.#fail('TLS read');
    });
  }

  /** Encrypts all of the bytes. */
  write(bytes: Uint8Array): void {
    this.#usable();
    if (bytes.length === 0) return;
    withCleanErrors(() => {
      if (openssl.SSL_write(this.#ssl, bytes, bytes.length) !== bytes.length) {
        throw this.#fail('TLS write');
      }
    });
  }

  /** Puts a close_notify into the output, once, if the handshake got far enough for one. */
  shutdown(): void {
    this.#live();
    if (this.#state !== 'established') return;
    withCleanErrors(() => openssl.SSL_shutdown(this.#ssl));
  }

  /** The encrypted bytes that wait to be sent to the peer; empty when there are none. */
  takeOutput(): Uint8Array {
    this.#live();
    const pending = Number(openssl.BIO_ctrl_pending(this.#output));
    if (pending === 0) return new Uint8Array(0);
    return withCleanErrors(() => {
      const fits = pending <= scratch.length;
      const bytes = fits ? scratch : new Uint8Array(pending);
      if (openssl.BIO_read(this.#output, bytes, pending) !== pending) throw takeError('BIO_read');
      return fits ? scratch.slice(0, pending) : bytes;
    });
  }

  /**
   * The key that the peer proved to hold, as DER SubjectPublicKeyInfo; null before the end
   * of the handshake and when the peer showed none.
   */
  peerPublicKey(): Uint8Array | null {
    this.#live();
    if (this.#state !== 'established') return null;
    return withCleanErrors(() => {
      const key = openssl.SSL_get0_peer_rpk(this.#ssl); // borrowed
      return key === 0n ? null : publicKeyDer(key);
    });
  }

  /** What was negotiated; null before the end of the handshake. */
  describe(): TlsDescription | null {
    this.#live();
    if (this.#state !== 'established') return null;
    const text = (pointer: bigint): string => (pointer === 0n ? null : cString(pointer)) ?? '?';
    return {
      version: text(openssl.SSL_get_version(this.#ssl)),
      cipher: text(openssl.SSL_CIPHER_get_name(openssl.SSL_get_current_cipher(this.#ssl))),
      group: text(openssl.SSL_get0_group_name(this.#ssl)),
    };
  }

  #wantsMore(result: number): boolean {
    const code = openssl.SSL_get_error(this.#ssl, result);
    return code === SSL_ERROR_WANT_READ || code === SSL_ERROR_WANT_WRITE;
  }

  #fail(operation: string): OpenSslError {
    this.#state = 'failed';
    return takeError(operation);
  }

  /** Frees it, with its keys. Harmless when repeated. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    openssl.SSL_free(this.#ssl); // frees both BIOs
    this.#ssl = 0n;
    this.#input = 0n;
    this.#output = 0n;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
