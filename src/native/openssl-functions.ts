/** The OpenSSL functions this project calls, with their C signatures. OpenSSL lies inside Node. */
import { dlopen } from 'node:ffi';

export const { functions: openssl } = dlopen(null, {
  // SSL_CTX: what all connections of a program have in common
  TLS_client_method: { arguments: [], return: 'pointer' },
  TLS_server_method: { arguments: [], return: 'pointer' },
  SSL_CTX_new: { arguments: ['pointer'], return: 'pointer' },
  SSL_CTX_free: { arguments: ['pointer'], return: 'void' },
  SSL_CTX_ctrl: { arguments: ['pointer', 'int32', 'int64', 'pointer'], return: 'int64' },
  SSL_CTX_set_options: { arguments: ['pointer', 'uint64'], return: 'uint64' },
  SSL_CTX_set1_server_cert_type: { arguments: ['pointer', 'buffer', 'uint64'], return: 'int32' },
  SSL_CTX_set_verify: { arguments: ['pointer', 'int32', 'pointer'], return: 'void' },
  SSL_CTX_set_num_tickets: { arguments: ['pointer', 'uint64'], return: 'int32' },
  SSL_CTX_set_ciphersuites: { arguments: ['pointer', 'string'], return: 'int32' },
  SSL_CTX_use_PrivateKey: { arguments: ['pointer', 'pointer'], return: 'int32' },

  // SSL: one connection
  SSL_new: { arguments: ['pointer'], return: 'pointer' },
  SSL_free: { arguments: ['pointer'], return: 'void' },
  SSL_set_bio: { arguments: ['pointer', 'pointer', 'pointer'], return: 'void' },
  SSL_set_connect_state: { arguments: ['pointer'], return: 'void' },
  SSL_set_accept_state: { arguments: ['pointer'], return: 'void' },
  SSL_do_handshake: { arguments: ['pointer'], return: 'int32' },
  SSL_read: { arguments: ['pointer', 'buffer', 'int32'], return: 'int32' },
  SSL_write: { arguments: ['pointer', 'buffer', 'int32'], return: 'int32' },
  SSL_shutdown: { arguments: ['pointer'], return: 'int32' },
  SSL_get_error: { arguments: ['pointer', 'int32'], return: 'int32' },
  SSL_get0_peer_rpk: { arguments: ['pointer'], return: 'pointer' },
  SSL_get_version: { arguments: ['pointer'], return: 'pointer' },
  SSL_get_current_cipher: { arguments: ['pointer'], return: 'pointer' },
  SSL_CIPHER_get_name: { arguments: ['pointer'], return: 'pointer' },
  SSL_get0_group_name: { arguments: ['pointer'], return: 'pointer' },

  // BIO: the memory that stands where a socket would be
  BIO_s_mem: { arguments: [], return: 'pointer' },
  BIO_new: { arguments: ['pointer'], return: 'pointer' },
  BIO_new_mem_buf: { arguments: ['buffer', 'int32'], return: 'pointer' },
  BIO_free: { arguments: ['pointer'], return: 'int32' },
  BIO_ctrl: { arguments: ['pointer', 'int32', 'int64', 'pointer'], return: 'int64' },
  BIO_ctrl_pending: { arguments: ['pointer'], return: 'uint64' },
  BIO_read: { arguments: ['pointer', 'buffer', 'int32'], return: 'int32' },
  BIO_write: { arguments: ['pointer', 'buffer', 'int32'], return: 'int32' },

  // keys
  PEM_read_bio_PrivateKey: {
    arguments: ['pointer', 'pointer', 'pointer', 'string'],
    return: 'pointer',
  },
  EVP_PKEY_free: { arguments: ['pointer'], return: 'void' },
  EVP_PKEY_get_id: { arguments: ['pointer'], return: 'int32' },
  EVP_PKEY_get_raw_public_key: { arguments: ['pointer', 'buffer', 'buffer'], return: 'int32' },
  i2d_PUBKEY: { arguments: ['pointer', 'pointer'], return: 'int32' },
  CRYPTO_free: { arguments: ['pointer', 'string', 'int32'], return: 'void' },

  // the error queue of this thread
  ERR_clear_error: { arguments: [], return: 'void' },
  ERR_get_error: { arguments: [], return: 'uint64' },
  ERR_reason_error_string: { arguments: ['uint64'], return: 'pointer' },
});
