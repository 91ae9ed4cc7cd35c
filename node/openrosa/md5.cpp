#include "node/openrosa/md5.h"

#include <openssl/evp.h>

#include "sync/base/check.h"

namespace khuoi::openrosa {

void Md5::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

Md5::Md5() : context_(EVP_MD_CTX_new()) {
  KHUOI_CHECK(context_ != nullptr);
  KHUOI_CHECK(EVP_DigestInit_ex(context_.get(), EVP_md5(), nullptr) == 1);
}

Md5& Md5::add(ByteView octets) {
  KHUOI_CHECK(EVP_DigestUpdate(context_.get(), octets.data(), octets.size()) == 1);
  return *this;
}

Md5Hash Md5::finish() {
  Md5Hash out{};
  unsigned octets = 0;
  KHUOI_CHECK(EVP_DigestFinal_ex(context_.get(), out.data(), &octets) == 1);
  KHUOI_CHECK(octets == out.size());
  return out;
}

std::string md5_hex(ByteView octets) { return to_hex(Md5().add(octets).finish()); }

}  // namespace khuoi::openrosa
