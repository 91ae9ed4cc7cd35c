#include "node/links/fiber/tls_identity.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>
#include <mutex>

#include "sync/base/check.h"

namespace khuoi::node {

namespace {

template <auto free_it>
struct FreeWith {
  template <typename T>
  void operator()(T* it) const {
    free_it(it);
  }
};
using Key = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, FreeWith<X509_free>>;

constexpr std::size_t seed_octets = 32;
/// A certificate of ours has about 230; nobody unknown may make us keep more.
constexpr long certificate_octets_max = 4096;
constexpr std::size_t secure_heap_octets = 65536;
constexpr int secure_heap_least_octets = 32;

Error openssl_error(std::string_view doing) {
  std::array<char, 256> why{};
  ERR_error_string_n(ERR_get_error(), why.data(), why.size());
  ERR_clear_error();
  return fail(Errc::io, std::string(doing) + " failed in OpenSSL: " + why.data());
}

/// OpenSSL keeps private keys in its locked heap if there is one. Where the system refuses, it uses the ordinary one.
void ask_for_locked_heap() {
  static std::once_flag once;
  std::call_once(once, [] { CRYPTO_secure_malloc_init(secure_heap_octets, secure_heap_least_octets); });
}

Result<Key> private_key_of(const sync::SignKeyPair& own) {
  KHUOI_CHECK(own.secret_key.view().size() == 2 * seed_octets);
  Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, own.secret_key.view().data(), seed_octets));
  if (!key) return openssl_error("taking up the node's signing key");
  return key;
}

/// The least that X.509 allows: no names, no extensions. A clock is never asked, so the dates cover all of them.
Result<Certificate> certificate_of(EVP_PKEY* key) {
  Certificate made(X509_new());
  const bool good = made && X509_set_version(made.get(), X509_VERSION_3) == 1 &&
                    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1) == 1 &&
                    ASN1_TIME_set_string_X509(X509_getm_notBefore(made.get()), "19700101000000Z") == 1 &&
                    ASN1_TIME_set_string_X509(X509_getm_notAfter(made.get()), "99991231235959Z") == 1 &&
                    X509_set_pubkey(made.get(), key) == 1 && X509_sign(made.get(), key, nullptr) != 0;
  if (!good) return openssl_error("making the node's certificate");
  return made;
}

std::optional<sync::SignPublic> key_in(X509* certificate) {
  EVP_PKEY* key = certificate == nullptr ? nullptr : X509_get0_pubkey(certificate);
  if (key == nullptr || EVP_PKEY_get_id(key) != EVP_PKEY_ED25519) return std::nullopt;
  sync::SignPublic out{};
  std::size_t octets = out.size();
  if (EVP_PKEY_get_raw_public_key(key, out.data(), &octets) != 1 || octets != out.size()) return std::nullopt;
  return out;
}

/// A length octet, then the name: the wire form of a list of one.
std::array<std::uint8_t, 1 + tls_protocol.size()> protocol_list() {
  std::array<std::uint8_t, 1 + tls_protocol.size()> out{};
  out[0] = static_cast<std::uint8_t>(tls_protocol.size());
  std::copy(tls_protocol.begin(), tls_protocol.end(), out.begin() + 1);
  return out;
}

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_octets, const unsigned char* offered,
                    unsigned offered_octets, void*) {
  const ByteView all(offered, offered_octets);
  for (Reader list(all); list.ok() && !list.done();) {
    const ByteView one = list.raw(list.u8());
    if (!list.ok() || !equal(one, view_of(tls_protocol))) continue;
    *chosen = one.data();
    *chosen_octets = static_cast<unsigned char>(one.size());
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

bool set_limits(SSL_CTX* context) {
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_max_cert_list(context, certificate_octets_max);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 &&
         SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) == 1 && SSL_CTX_set_num_tickets(context, 0) == 1 &&
         SSL_CTX_set_max_early_data(context, 0) == 1 && SSL_CTX_set_recv_max_early_data(context, 0) == 1 &&
         SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256") == 1 &&
         SSL_CTX_set1_groups_list(context, "X25519") == 1 && SSL_CTX_set1_sigalgs_list(context, "ed25519") == 1 &&
         SSL_CTX_set1_client_sigalgs_list(context, "ed25519") == 1;
}

}  // namespace

int TlsContext::check_leaf(X509_STORE_CTX* chain, void* self) {
  const auto& pin = static_cast<const TlsContext*>(self)->pin_;
  const STACK_OF(X509)* sent = X509_STORE_CTX_get0_untrusted(chain);
  const auto key = key_in(X509_STORE_CTX_get0_cert(chain));
  const bool alone = sent == nullptr || sk_X509_num(sent) <= 1;
  if (alone && key && (!pin || *key == *pin)) {
    X509_STORE_CTX_set_error(chain, X509_V_OK);
    return 1;
  }
  X509_STORE_CTX_set_error(chain, X509_V_ERR_CERT_UNTRUSTED);
  return 0;
}

Result<std::shared_ptr<TlsContext>> TlsContext::make(const SSL_METHOD* method, const sync::SignKeyPair& own) {
  ask_for_locked_heap();
  KHUOI_TRY(const Key key, private_key_of(own));
  KHUOI_TRY(const Certificate certificate, certificate_of(key.get()));
  std::shared_ptr<TlsContext> out(new TlsContext);
  out->context_.reset(SSL_CTX_new(method));
  SSL_CTX* context = out->context_.get();
  const bool good = context != nullptr && set_limits(context) &&
                    SSL_CTX_use_certificate(context, certificate.get()) == 1 &&
                    SSL_CTX_use_PrivateKey(context, key.get()) == 1;
  if (!good) return openssl_error("setting up TLS");
  SSL_CTX_set_cert_verify_callback(context, &TlsContext::check_leaf, out.get());
  return out;
}

Result<std::shared_ptr<TlsContext>> TlsContext::server(const sync::SignKeyPair& own) {
  KHUOI_TRY(auto out, make(TLS_server_method(), own));
  SSL_CTX_set_verify(out->native(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_alpn_select_cb(out->native(), choose_protocol, nullptr);
  return out;
}

Result<std::shared_ptr<TlsContext>> TlsContext::client(const sync::SignKeyPair& own, const sync::SignPublic& pin) {
  KHUOI_TRY(auto out, make(TLS_client_method(), own));
  out->pin_ = pin;
  SSL_CTX_set_verify(out->native(), SSL_VERIFY_PEER, nullptr);
  const auto protocols = protocol_list();
  if (SSL_CTX_set_alpn_protos(out->native(), protocols.data(), static_cast<unsigned>(protocols.size())) != 0) {
    return openssl_error("offering the protocol " + std::string(tls_protocol));
  }
  return out;
}

Result<sync::SignPublic> peer_key(SSL* connection) {
  const unsigned char* protocol = nullptr;
  unsigned octets = 0;
  SSL_get0_alpn_selected(connection, &protocol, &octets);
  if (SSL_version(connection) != TLS1_3_VERSION || !equal({protocol, octets}, view_of(tls_protocol))) {
    return fail(Errc::unauthenticated, "the other side speaks TLS, but not " + std::string(tls_protocol));
  }
  const auto key = key_in(SSL_get0_peer_certificate(connection));
  if (!key) return fail(Errc::unauthenticated, "the other side has no Ed25519 key");
  return *key;
}

}  // namespace khuoi::node
