#include "sync/seal/signature.h"

#include <sodium.h>

#include <algorithm>

#include "sync/base/check.h"
#include "sync/seal/sodium.h"

namespace khuoi::sync {

namespace {

constexpr std::size_t secret_key_octets = 64;

/// What is signed, in one piece: plain Ed25519 (RFC 8032, 5.1) takes the message twice, so it cannot be fed in parts.
Bytes message_of(Purpose purpose, const CommuneId& commune, std::initializer_list<ByteView> parts) {
  constexpr std::string_view scheme = "khuoi/1/";
  const std::string_view name = name_of(purpose);
  std::size_t octets = scheme.size() + name.size() + 1 + CommuneId::octets;
  for (const ByteView part : parts) octets += part.size();
  Bytes out;
  out.reserve(octets);
  Writer writer(out);
  writer.raw(view_of(scheme)).raw(view_of(name)).u8(0).raw(commune.view());
  for (const ByteView part : parts) writer.raw(part);
  return out;
}

}  // namespace

SignKeyPair make_sign_key(Rng& rng) {
  require_sodium();
  WipedArray<crypto_sign_SEEDBYTES> seed;
  rng.fill(seed.value);
  SignKeyPair out;
  out.secret_key = Secret(secret_key_octets);
  crypto_sign_seed_keypair(out.public_key.data(), out.secret_key.writable().data(), seed.data());
  return out;
}

SignPublic sign_public_of(const Secret& secret_key) {
  KHUOI_CHECK(secret_key.view().size() == secret_key_octets);
  SignPublic out{};
  std::ranges::copy(secret_key.view().last(out.size()), out.begin());
  return out;
}

std::string_view name_of(Purpose purpose) {
  switch (purpose) {
    case Purpose::opener:
      return "opener";
    case Purpose::public_record:
      return "public_record";
    case Purpose::segment:
      return "segment";
    case Purpose::statement:
      return "statement";
    case Purpose::checkpoint:
      return "checkpoint";
    case Purpose::roster:
      return "roster";
    case Purpose::request:
      return "request";
    case Purpose::officer:
      return "officer";
    case Purpose::start:
      return "start";
    case Purpose::audit:
      return "audit";
  }
  KHUOI_CHECK(false && "a purpose without a name");
  return {};
}

Signature sign(const Secret& secret_key, Purpose purpose, const CommuneId& commune,
               std::initializer_list<ByteView> parts) {
  KHUOI_CHECK(secret_key.view().size() == secret_key_octets);
  require_sodium();
  const Bytes message = message_of(purpose, commune, parts);
  Signature out{};
  crypto_sign_detached(out.data(), nullptr, message.data(), message.size(), secret_key.view().data());
  return out;
}

bool verify(const SignPublic& key, Purpose purpose, const CommuneId& commune, std::initializer_list<ByteView> parts,
            ByteView signature) {
  if (signature.size() != signature_octets) return false;
  require_sodium();
  const Bytes message = message_of(purpose, commune, parts);
  return crypto_sign_verify_detached(signature.data(), message.data(), message.size(), key.data()) == 0;
}

}  // namespace khuoi::sync
