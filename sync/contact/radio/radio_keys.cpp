#include "sync/contact/radio/radio_keys.h"

#include <sodium.h>

#include <algorithm>

#include "sync/seal/hash.h"
#include "sync/seal/hkdf.h"
#include "sync/seal/sodium.h"

namespace khuoi::sync {

namespace {

constexpr std::size_t key_octets = 32;
/// Keys of associations are found again in microseconds; a page each is what they cost.
constexpr std::size_t associations_max = 64;

Secret derive(ByteView from, std::string_view label, std::initializer_list<ByteView> parts) {
  WipedArray<hkdf_prk_octets> prk;
  hkdf_extract(prk.value, {}, {from});
  Bytes info = to_bytes(view_of(label));
  for (const ByteView part : parts) append(info, part);
  Secret out(key_octets);
  hkdf_expand(out.writable(), prk.view(), {info});
  return out;
}

/// Empty for a key of small order, which no honest node has.
Secret pair_key(const Secret& mine, const KemPublic& other, const CommuneId& commune, const NodeId& hamlet) {
  require_sodium();
  WipedArray<key_octets> shared;
  if (crypto_scalarmult(shared.data(), mine.view().data(), other.data()) != 0) return {};
  return derive(shared.view(), "khuoi/1/radio/pair", {commune.view(), hamlet.view()});
}

}  // namespace

RadioKeys::RadioKeys(const Membership& members, const std::vector<GroupKey>& group) : commune_(members.self.commune) {
  for (const GroupKey& one : group) group_.push_back(Secret::copy_of(one.key));
  const CommuneFacts* commune = members.roster.commune();
  if (!members.self.granted() || commune == nullptr) return;
  for (const NodeFacts* node : members.roster.nodes()) {
    const bool mine = node->node == members.self.node;
    if (!node->revoked) turns_.push_back(node->radio_alias);
    if (node->revoked || (!members.self.is_commune() && !mine)) continue;
    Secret key = mine ? pair_key(members.keys.auth().secret_key, commune->radio, commune_, node->node)
                      : pair_key(members.keys.radio().secret_key, node->auth, commune_, node->node);
    if (!key.empty()) pairs_[node->radio_alias] = {mine ? commune->node : node->node, std::move(key)};
  }
  std::ranges::sort(turns_);
}

const Secret* RadioKeys::association(const Name& name) {
  const auto pair = pairs_.find(name.alias);
  if (pair == pairs_.end()) return nullptr;
  if (!name.tokens.commune) return &pair->second.key;
  const std::pair key(name.alias, name.tokens);
  if (const auto found = associations_.find(key); found != associations_.end()) return &found->second;
  if (associations_.size() >= associations_max) associations_.clear();
  Secret made =
      derive(pair->second.key.view(), "khuoi/1/radio/association", {name.tokens.hamlet, *name.tokens.commune});
  return &associations_.emplace(key, std::move(made)).first->second;
}

std::optional<FrameMac> RadioKeys::mac(const Name& name, const Input& input) {
  const Secret* key = association(name);
  return key == nullptr ? std::nullopt : std::optional(mac_of(*key, input, name.from_commune));
}

std::optional<FrameMac> RadioKeys::group_mac(unsigned which, const Input& input) {
  return which < group_.size() ? std::optional(mac_of(group_[which], input, true)) : std::nullopt;
}

FrameKeys::Turn RadioKeys::turn_of(RadioAlias alias) const {
  const auto place = std::ranges::lower_bound(turns_, alias);
  return {static_cast<std::size_t>(std::distance(turns_.begin(), place)), std::max<std::size_t>(turns_.size(), 1)};
}

FrameMac RadioKeys::mac_of(const Secret& key, const Input& input, bool from_commune) const {
  Bytes head = to_bytes(view_of("khuoi/1/radio"));
  Writer(head)
      .raw(commune_.view())
      .u8(input.implied ? 1 : 0)
      .u8(from_commune ? 1 : 0)
      .u32(input.counter)
      .raw(input.implied.value_or(StreamDigest{}));
  FrameMac out;
  std::ranges::copy(Blake2b(out.size(), key.view()).add(head).add(input.octets).finish(), out.begin());
  return out;
}

StreamDigest RadioKeys::chain(const StreamDigest& before, ByteView body) {
  StreamDigest out;
  std::ranges::copy(Blake2b(out.size()).add(before).add(body).finish(), out.begin());
  return out;
}

std::vector<RadioAlias> RadioKeys::aliases() const {
  std::vector<RadioAlias> out;
  for (const auto& [alias, pair] : pairs_) out.push_back(alias);
  return out;
}

std::optional<NodeId> RadioKeys::peer_of(RadioAlias alias) const {
  const auto found = pairs_.find(alias);
  return found == pairs_.end() ? std::nullopt : std::optional(found->second.peer);
}

bool RadioKeys::same_keys(const RadioKeys& other) const {
  if (commune_ != other.commune_) return false;
  return std::ranges::all_of(pairs_, [&](const auto& one) {
    const auto there = other.pairs_.find(one.first);
    return there == other.pairs_.end() || equal(there->second.key.view(), one.second.key.view());
  });
}

}  // namespace khuoi::sync
