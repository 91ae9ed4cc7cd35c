#include "sync/contact/bundle_content.h"

#include "sync/seal/hash.h"

namespace khuoi::sync {

StatementHash hash_of_statement(ByteView octets) { return hash_id<Id<struct StatementTag, 16>>(octets).value; }

void BundleContent::add(const BundleContent& other) {
  Given::add(other);
  holdings.insert(holdings.end(), other.holdings.begin(), other.holdings.end());
  roster.insert(other.roster.begin(), other.roster.end());
  later.insert(other.later.begin(), other.later.end());
  request = request || other.request;
}

}  // namespace khuoi::sync
