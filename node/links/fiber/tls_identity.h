#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <optional>
#include <string_view>

#include "sync/seal/signature.h"

namespace khuoi::node {

/// Both sides must agree on it, so that a later version of the session cannot be talked down to this one.
inline constexpr std::string_view tls_protocol = "khuoi/1";

/// One side of TLS 1.3 between nodes (design section 6). The certificate is made in memory from the node's signing key
/// and signs itself; its dates and names mean nothing, only its key counts. No tickets, session cache, PSK or early
/// data, so that no old handshake can be taken up again.
/// Connections made from it need it alive: whoever holds one shares it.
class TlsContext final {
 public:
  /// Takes any client that proves an Ed25519 key; who that is, is judged at its hello.
  static Result<std::shared_ptr<TlsContext>> server(const sync::SignKeyPair& own);
  /// Speaks only with the holder of `pin`, and shows its own certificate to nobody else.
  static Result<std::shared_ptr<TlsContext>> client(const sync::SignKeyPair& own, const sync::SignPublic& pin);

  [[nodiscard]] SSL_CTX* native() const { return context_.get(); }

 private:
  struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };
  TlsContext() = default;
  static Result<std::shared_ptr<TlsContext>> make(const SSL_METHOD* method, const sync::SignKeyPair& own);
  static int check_leaf(X509_STORE_CTX* chain, void* self);

  std::unique_ptr<SSL_CTX, Free> context_;
  std::optional<sync::SignPublic> pin_;
};

/// The key that the other side proved, after a handshake. Errors: unauthenticated when it did not agree on
/// tls_protocol, or has no Ed25519 key.
Result<sync::SignPublic> peer_key(SSL* connection);

}  // namespace khuoi::node
