#include "sync/seal/chacha.h"

#include <openssl/evp.h>

#include <limits>
#include <memory>

#include "sync/base/check.h"

namespace khuoi::sync {
namespace {

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }  // wipes the key
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

/// Looked up once: that takes longer than sealing a piece. Kept until the process ends.
const EVP_CIPHER* cipher() {
  static const EVP_CIPHER* const found = EVP_CIPHER_fetch(nullptr, "ChaCha20-Poly1305", nullptr);
  KHUOI_CHECK(found != nullptr);
  return found;
}

int length_of(std::size_t octets) {
  KHUOI_CHECK(octets <= static_cast<std::size_t>(std::numeric_limits<int>::max()));
  return static_cast<int>(octets);
}

}  // namespace

void chacha_seal(const ChachaKey& key, const ChachaNonce& nonce, ByteView plaintext, std::span<std::uint8_t> out) {
  KHUOI_CHECK(out.size() == plaintext.size() + chacha_tag_octets);
  const Context context(EVP_CIPHER_CTX_new());
  int wrote = 0;
  KHUOI_CHECK(context != nullptr);
  KHUOI_CHECK(EVP_EncryptInit_ex2(context.get(), cipher(), key.data(), nonce.data(), nullptr) == 1);
  // OpenSSL takes no octets for the end of what was said before.
  if (!plaintext.empty()) {
    KHUOI_CHECK(EVP_EncryptUpdate(context.get(), out.data(), &wrote, plaintext.data(), length_of(plaintext.size())) == 1);
    KHUOI_CHECK(static_cast<std::size_t>(wrote) == plaintext.size());
  }
  const auto tag = out.last(chacha_tag_octets);
  KHUOI_CHECK(EVP_EncryptFinal_ex(context.get(), tag.data(), &wrote) == 1);
  KHUOI_CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(tag.size()), tag.data()) == 1);
}

bool chacha_open(const ChachaKey& key, const ChachaNonce& nonce, ByteView sealed, std::span<std::uint8_t> out) {
  KHUOI_CHECK(out.size() + chacha_tag_octets == sealed.size());
  const Context context(EVP_CIPHER_CTX_new());
  int wrote = 0;
  KHUOI_CHECK(context != nullptr);
  KHUOI_CHECK(EVP_DecryptInit_ex2(context.get(), cipher(), key.data(), nonce.data(), nullptr) == 1);
  std::array<std::uint8_t, chacha_tag_octets> tag{};
  std::copy(sealed.end() - chacha_tag_octets, sealed.end(), tag.begin());
  KHUOI_CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(tag.size()), tag.data()) == 1);
  if (!out.empty()) {
    KHUOI_CHECK(EVP_DecryptUpdate(context.get(), out.data(), &wrote, sealed.data(), length_of(out.size())) == 1);
    KHUOI_CHECK(static_cast<std::size_t>(wrote) == out.size());
  }
  std::array<std::uint8_t, chacha_tag_octets> nothing{};
  return EVP_DecryptFinal_ex(context.get(), nothing.data(), &wrote) == 1;
}

}  // namespace khuoi::sync
