#pragma once

// What a node that starts for every input does again and again with the same keys, done once: with it a target tries
// several times as many inputs. Only for programs that include it, in the one source that they have; the dynamic linker
// finds these before libsodium's. Each gives what libsodium gave for the same octets, but for signatures made here, for
// which hashes stand; keys lie in plain memory, which
// the sanitizer watches as libsodium's guard pages would.

#include <dlfcn.h>
#include <sodium.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <string>
#include <unordered_map>

namespace khuoi::tests {

/// What a function gave, by all that it was given.
class Remembered final {
 public:
  struct Answer {
    int code = 0;
    std::string octets;
  };
  template <typename Ask>
  const Answer& of(const std::string& given, const Ask& ask) {
    constexpr std::size_t answers_max = 20'000;
    const auto found = answers_.find(given);
    if (found != answers_.end()) return found->second;
    if (answers_.size() >= answers_max) answers_.clear();
    return answers_.emplace(given, ask()).first->second;
  }

 private:
  std::unordered_map<std::string, Answer> answers_;
};

template <typename Function>
Function* libsodiums(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

inline std::string joined(std::initializer_list<std::pair<const unsigned char*, std::size_t>> parts) {
  std::string out;
  for (const auto& [octets, size] : parts) out.append(reinterpret_cast<const char*>(octets), size);
  return out;
}

/// Asks for an answer of N octets.
template <std::size_t N, typename Ask>
int answer(Remembered& remembered, const std::string& given, unsigned char* out, const Ask& ask) {
  const Remembered::Answer& got = remembered.of(given, [&] {
    Remembered::Answer made{0, std::string(N, '\0')};
    made.code = ask(reinterpret_cast<unsigned char*>(made.octets.data()));
    return made;
  });
  std::memcpy(out, got.octets.data(), N);
  return got.code;
}

inline Remembered& remembered_signatures() {
  static Remembered out;
  return out;
}

/// Secret keys that have signed something here, by their public keys.
inline std::unordered_map<std::string, std::string>& keys_at_hand() {
  static std::unordered_map<std::string, std::string> out;
  return out;
}

/// What stands for a signature by a key at hand: who changes an octet of it or of what it signs still has none that
/// holds. Signing and verifying what each input makes took half of the time.
inline std::array<unsigned char, crypto_sign_BYTES> stand_in(const std::string& secret_key, const unsigned char* octets,
                                                             unsigned long long size) {
  std::array<unsigned char, crypto_sign_BYTES> out{};
  crypto_generichash_blake2b(out.data(), out.size(), octets, size,
                             reinterpret_cast<const unsigned char*>(secret_key.data()), secret_key.size());
  return out;
}

}  // namespace khuoi::tests

extern "C" {

int crypto_sign_verify_detached(const unsigned char* signature, const unsigned char* octets, unsigned long long size,
                                const unsigned char* key) {
  using namespace khuoi::tests;
  static auto* const real =
      libsodiums<int(const unsigned char*, const unsigned char*, unsigned long long, const unsigned char*)>(
          "crypto_sign_verify_detached");
  const auto own = keys_at_hand().find(joined({{key, crypto_sign_PUBLICKEYBYTES}}));
  if (own != keys_at_hand().end()) {
    const auto right = stand_in(own->second, octets, size);
    if (std::memcmp(right.data(), signature, right.size()) == 0) return 0;
  }
  const std::string given = joined({{signature, crypto_sign_BYTES}, {key, crypto_sign_PUBLICKEYBYTES}, {octets, size}});
  return remembered_signatures()
      .of(given,
          [&] {
            return Remembered::Answer{real(signature, octets, size, key), {}};
          })
      .code;
}

int crypto_sign_detached(unsigned char* signature, unsigned long long* signature_octets, const unsigned char* octets,
                         unsigned long long size, const unsigned char* key) {
  using namespace khuoi::tests;
  constexpr std::size_t public_at = crypto_sign_SECRETKEYBYTES - crypto_sign_PUBLICKEYBYTES;
  const std::string secret = joined({{key, crypto_sign_SECRETKEYBYTES}});
  keys_at_hand().emplace(secret.substr(public_at), secret);
  if (signature_octets != nullptr) *signature_octets = crypto_sign_BYTES;
  const auto made = stand_in(secret, octets, size);
  std::memcpy(signature, made.data(), made.size());
  return 0;
}

int crypto_scalarmult_base(unsigned char* out, const unsigned char* scalar) {
  using namespace khuoi::tests;
  static Remembered remembered;
  static auto* const real = libsodiums<int(unsigned char*, const unsigned char*)>("crypto_scalarmult_base");
  return answer<crypto_scalarmult_BYTES>(remembered, joined({{scalar, crypto_scalarmult_SCALARBYTES}}), out,
                                         [&](unsigned char* to) { return real(to, scalar); });
}

int crypto_scalarmult(unsigned char* out, const unsigned char* scalar, const unsigned char* point) {
  using namespace khuoi::tests;
  static Remembered remembered;
  static auto* const real =
      libsodiums<int(unsigned char*, const unsigned char*, const unsigned char*)>("crypto_scalarmult");
  return answer<crypto_scalarmult_BYTES>(
      remembered, joined({{scalar, crypto_scalarmult_SCALARBYTES}, {point, crypto_scalarmult_BYTES}}), out,
      [&](unsigned char* to) { return real(to, scalar, point); });
}

void* sodium_malloc(std::size_t octets) { return std::malloc(octets); }
void sodium_free(void* octets) { std::free(octets); }

/// Of advice only that to keep keys out of children, and there are none.
int madvise(void* at, std::size_t octets, int advice) noexcept {
  return advice == MADV_DONTFORK ? 0 : static_cast<int>(::syscall(SYS_madvise, at, octets, advice));
}

}  // extern "C"
