import { takeError, withCleanErrors } from './openssl-error.ts';
import { openssl } from './openssl-functions.ts';
import { TlsConnection } from './tls-connection.ts';

/** What a connection may negotiate within TLS 1.3, in OpenSSL's names; left out: its defaults. */
export interface TlsRestrictions {
  readonly cipherSuites?: readonly string[];
  readonly groups?: readonly string[];
  readonly signatureAlgorithms?: readonly string[];
}

// <openssl/ssl.h>
const SSL_CTRL_MODE = 33;
const SSL_CTRL_SET_SESS_CACHE_MODE = 44;
const SSL_CTRL_SET_MAX_CERT_LIST = 51;
const SSL_CTRL_SET_GROUPS_LIST = 92;
const SSL_CTRL_SET_SIGALGS_LIST = 98;
const SSL_CTRL_SET_MIN_PROTO_VERSION = 123;
const SSL_CTRL_SET_MAX_PROTO_VERSION = 124;
const TLS1_3_VERSION = 0x0304n;
const SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER = 0x2n;
const SSL_MODE_RELEASE_BUFFERS = 0x10n;
const SSL_OP_NO_TICKET = 1n << 14n;
const SSL_OP_NO_COMPRESSION = 1n << 17n;
const SSL_OP_NO_RENEGOTIATION = 1n << 30n;
const SSL_SESS_CACHE_OFF = 0n;
const SSL_VERIFY_NONE = 0;
const CERTIFICATE_TYPE_RAW_PUBLIC_KEY = 2; // RFC 7250, section 7

/** More than any raw public key needs; a peer cannot make us buffer more. */
const MAX_CERTIFICATE_BYTES = 32_768n;

type State = { kind: 'open'; handle: bigint } | { kind: 'closed' };

/**
 * The settings all TLS connections of one program share: TLS 1.3 with raw public keys
 * (RFC 7250) and nothing else; no tickets, resumption, renegotiation or early data.
 */
export class TlsContext implements Disposable {
  readonly #role: 'tls-client' | 'tls-server';
  #state: State;

  private constructor(role: 'tls-client' | 'tls-server', restrictions: TlsRestrictions) {
    this.#role = role;
    this.#state = withCleanErrors(() => {
      const method =
        role === 'tls-client' ? openssl.TLS_client_method() : openssl.TLS_server_method();
      const handle = openssl.SSL_CTX_new(method);
      if (handle === 0n) throw takeError('SSL_CTX_new');
      return { kind: 'open', handle };
    });
    try {
      this.#configure(restrictions);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /**
   * For the side that starts the handshake and learns the peer's key. The peer's key is
   * not compared with anything here; that the peer holds its private half is enforced.
   */
  static tlsClient(restrictions: TlsRestrictions = {}): TlsContext {
    return new TlsContext('tls-client', restrictions);
  }

  /**
   * For the side that answers the handshake with its own key.
   * @param privateKeyPem the private key, an unencrypted PEM file's bytes; still the caller's to wipe
   * @throws OpenSslError when the bytes hold no key that can be used
   */
  static tlsServer(privateKeyPem: Uint8Array, restrictions: TlsRestrictions = {}): TlsContext {
    const context = new TlsContext('tls-server', restrictions);
    try {
      context.#useKey(privateKeyPem);
      return context;
    } catch (error) {
      context.close();
      throw error;
    }
  }

  #handle(): bigint {
    if (this.#state.kind === 'closed') throw new TypeError('the TLS context is closed');
    return this.#state.handle;
  }

  #configure(restrictions: TlsRestrictions): void {
    const handle = this.#handle();
    withCleanErrors(() => {
      const control = (what: number, value: bigint, text: string | null, name: string): void => {
        if (openssl.SSL_CTX_ctrl(handle, what, value, text) <= 0n) throw takeError(name);
      };
      control(SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_3_VERSION, null, 'minimum protocol version');
      control(SSL_CTRL_SET_MAX_PROTO_VERSION, TLS1_3_VERSION, null, 'maximum protocol version');
      openssl.SSL_CTX_set_options(
        handle,
        SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION,
      );
      openssl.SSL_CTX_ctrl(handle, SSL_CTRL_SET_SESS_CACHE_MODE, SSL_SESS_CACHE_OFF, null);
      openssl.SSL_CTX_ctrl(handle, SSL_CTRL_SET_MAX_CERT_LIST, MAX_CERTIFICATE_BYTES, null);
      // Not ENABLE_PARTIAL_WRITE: a secret of more than one record must go out whole.
      openssl.SSL_CTX_ctrl(
        handle,
        SSL_CTRL_MODE,
        SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS,
        null,
      );
      // Exactly this one type: with X.509 in the list, X.509 peers get through with no raw key.
      const types = Uint8Array.of(CERTIFICATE_TYPE_RAW_PUBLIC_KEY);
      if (openssl.SSL_CTX_set1_server_cert_type(handle, types, 1n) !== 1) {
        throw takeError('SSL_CTX_set1_server_cert_type');
      }
      // VERIFY_NONE takes any key, known or not, and still checks CertificateVerify (S6).
      openssl.SSL_CTX_set_verify(handle, SSL_VERIFY_NONE, null);
      const { cipherSuites, groups, signatureAlgorithms } = restrictions;
      if (
        cipherSuites !== undefined &&
        openssl.SSL_CTX_set_ciphersuites(handle, cipherSuites.join(':')) !== 1
      ) {
        throw takeError('cipher suites');
      }
      if (groups !== undefined) {
        control(SSL_CTRL_SET_GROUPS_LIST, 0n, groupList(groups), 'groups');
      }
      if (signatureAlgorithms !== undefined) {
        const list = signatureAlgorithms.join(':');
        control(SSL_CTRL_SET_SIGALGS_LIST, 0n, list, 'signature algorithms');
      }
    });
  }

  #useKey(pem: Uint8Array): void {
    const handle = this.#handle();
    withCleanErrors(() => {
      if (pem.length === 0) throw takeError('the private key is empty');
      const bio = openssl.BIO_new_mem_buf(pem, pem.length);
      if (bio === 0n) throw takeError('BIO_new_mem_buf');
      let key = 0n;
      try {
        // An empty passphrase, so that an encrypted key fails instead of asking on the terminal.
        key = openssl.PEM_read_bio_PrivateKey(bio, null, null, '');
        if (key === 0n) throw takeError('PEM_read_bio_PrivateKey');
        if (openssl.SSL_CTX_use_PrivateKey(handle, key) !== 1) {
          throw takeError('SSL_CTX_use_PrivateKey');
        }
        if (openssl.SSL_CTX_set_num_tickets(handle, 0n) !== 1) {
          throw takeError('SSL_CTX_set_num_tickets');
        }
      } finally {
        if (key !== 0n) openssl.EVP_PKEY_free(key);
        openssl.BIO_free(bio);
      }
    });
  }

  /** A new connection in this context's role. The context may be closed before it. */
  connection(): TlsConnection {
    return new TlsConnection(this.#handle(), this.#role);
  }

  /** Frees it. Harmless when repeated. */
  close(): void {
    if (this.#state.kind === 'closed') return;
    const { handle } = this.#state;
    this.#state = { kind: 'closed' };
    openssl.SSL_CTX_free(handle);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * The groups in OpenSSL's syntax, `*` marking those whose key shares go out at once: the
 * first and, beside a post-quantum hybrid, the first that every peer knows; otherwise such
 * a peer costs a round trip more (SSL_CTX_set1_groups_list(3)).
 */
function groupList(groups: readonly string[]): string {
  const classical = groups.findIndex((group) => !group.includes('MLKEM'));
  return groups.map((group, at) => (at === 0 || at === classical ? `*${group}` : group)).join(':');
}
