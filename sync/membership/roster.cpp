#include "sync/membership/roster.h"

#include <algorithm>
#include <limits>
#include <tuple>

#include "sync/membership/roster_codec.h"
#include "sync/seal/hash.h"

namespace khuoi::sync {

namespace {

Roster::Hash hash_of(ByteView statement) {
  Roster::Hash out{};
  std::ranges::copy(Blake2b(out.size()).add(statement).finish(), out.begin());
  return out;
}

template <typename Map>
auto* find_in(Map& map, const typename std::remove_const_t<Map>::key_type& key) {
  const auto at = map.find(key);
  return at == map.end() ? nullptr : &at->second;
}

template <typename Facts, typename IdMember>
std::vector<const Facts*> by_name(const std::map<NodeId, Facts>& from, IdMember id) {
  std::vector<const Facts*> out;
  for (const auto& entry : from) out.push_back(&entry.second);
  std::ranges::sort(
      out, [id](const Facts* a, const Facts* b) { return std::tie(a->name, a->*id) < std::tie(b->name, b->*id); });
  return out;
}

Result<Signed> split_statement(ByteView statement) {
  if (statement.size() > statement_octets_max) return fail(Errc::too_large, "a roster statement is over 60 KiB");
  const auto parts = split_signed(statement);
  if (!parts) return fail(Errc::malformed, "a roster statement is cut short");
  return *parts;
}

}  // namespace

NodeId node_id_of(const SignPublic& key) { return hash_id<NodeId>(key); }
CommuneId commune_id_of(const SignPublic& authority) { return hash_id<CommuneId>(authority); }
AudienceId audience_id_of(const KemPublic& key) { return hash_id<AudienceId>(key); }

/// Folds one authentic statement in. Each rule takes a maximum, a minimum or a union, so order and repetition do not
/// matter.
struct Roster::Fold {
  Roster& roster;
  const Hash& hash;

  void operator()(const NodeFacts& grant) {
    roster.aliases_.insert(grant.radio_alias);
    roster.last_granted_ = std::max(roster.last_granted_.value_or(grant.granted), grant.granted);
    const auto [at, is_first] = roster.nodes_.try_emplace(grant.node, grant);
    Hash& in_force = roster.grant_hashes_[grant.node];
    if (!is_first && std::tie(grant.granted, hash) < std::tie(at->second.granted, in_force)) return;
    at->second = grant;
    in_force = hash;
    apply_revocation(at->second);
  }

  void operator()(const RevocationFacts& revocation) {
    const auto [at, is_first] = roster.revoked_.try_emplace(revocation.node, Revoked{revocation.at, {}});
    Revoked& revoked = at->second;
    revoked.at = std::min(revoked.at, revocation.at);
    // What the authority counted once stays counted: the greatest number of each run.
    for (const auto& [run, number] : revocation.counted_up_to) {
      std::uint32_t& counted = revoked.counted_up_to[run];
      counted = std::max(counted, number);
    }
    if (NodeFacts* node = find_in(roster.nodes_, revocation.node)) apply_revocation(*node);
  }

  void operator()(const CommuneFacts& commune) {
    for (std::size_t place = 0; place < commune.kem.size(); ++place) {
      const FirstNamed named{commune.serial, hash, place};
      const auto [at, is_first] = roster.kem_.try_emplace(commune.kem[place], named);
      if (!is_first) at->second = std::min(at->second, named);
    }
    auto& in_force = roster.commune_;
    const KemPublic sealed_to = supersedes(commune) ? commune.kem.back() : in_force->kem.back();
    if (supersedes(commune)) {
      in_force = commune;
      roster.commune_hash_ = hash;
    }
    in_force->kem = kem_keys(sealed_to);
  }

  void operator()(const OfficerFacts& officer) {
    const auto [at, is_first] = roster.officers_.try_emplace(officer.officer, officer);
    const bool revoked = at->second.revoked || officer.revoked;
    Hash& in_force = roster.officer_hashes_[officer.officer];
    if (is_first || in_force < hash) {
      at->second = officer;
      in_force = hash;
    }
    at->second.revoked = revoked;
  }

  void operator()(const UnknownFacts&) {}

  void apply_revocation(NodeFacts& node) const {
    const Revoked* revoked = find_in(roster.revoked_, node.node);
    if (revoked == nullptr) return;
    node.revoked = true;
    node.revoked_at = revoked->at;
    node.counted_up_to = revoked->counted_up_to;
  }

  [[nodiscard]] bool supersedes(const CommuneFacts& commune) const {
    return !roster.commune_ || std::tie(roster.commune_->serial, roster.commune_hash_) < std::tie(commune.serial, hash);
  }

  /// All keys ever named, by where they were first named; but the one that the statement in force seals to stands last,
  /// also where a statement of a commune that was restored has named others since.
  [[nodiscard]] std::vector<KemPublic> kem_keys(const KemPublic& sealed_to) const {
    std::vector<std::pair<FirstNamed, KemPublic>> order;
    for (const auto& [key, named] : roster.kem_) {
      if (key != sealed_to) order.emplace_back(named, key);
    }
    std::ranges::sort(order);
    std::vector<KemPublic> out;
    for (const auto& entry : order) out.push_back(entry.second);
    out.push_back(sealed_to);
    return out;
  }
};

Roster::Roster(const SignPublic& authority) : authority_(authority), commune_id_(commune_id_of(authority)) {}

Result<bool> Roster::add(ByteView statement) {
  if (!authority_) return fail(Errc::unauthenticated, "no commune is known here yet; accept its grant first");
  KHUOI_TRY(const Signed parts, split_statement(statement));
  const Hash hash = hash_of(statement);
  if (statements_.contains(hash)) return false;
  if (!verify(*authority_, Purpose::roster, commune_id_, {parts.octets}, parts.signature)) {
    return fail(Errc::unauthenticated, "a roster statement is not signed by this commune's authority");
  }
  KHUOI_TRY(const StatementFacts facts, unpack_statement(parts.octets));
  const auto* commune = std::get_if<CommuneFacts>(&facts);
  if (commune != nullptr && commune->authority != *authority_) {
    return fail(Errc::malformed, "a roster statement of this commune names another authority");
  }
  statements_.emplace(hash, to_bytes(statement));
  std::visit(Fold{*this, hash}, facts);
  return true;
}

const CommuneFacts* Roster::commune() const { return commune_ ? &*commune_ : nullptr; }
const NodeFacts* Roster::node(const NodeId& node) const { return find_in(nodes_, node); }
const OfficerFacts* Roster::officer(const NodeId& officer) const { return find_in(officers_, officer); }
std::vector<const NodeFacts*> Roster::nodes() const { return by_name(nodes_, &NodeFacts::node); }
std::vector<const OfficerFacts*> Roster::officers() const { return by_name(officers_, &OfficerFacts::officer); }

const NodeFacts* Roster::box_of(const HamletId& hamlet) const {
  const NodeFacts* newest = nullptr;
  for (const auto& [id, node] : nodes_) {
    if (node.hamlet != hamlet || node.revoked) continue;
    const auto rank = [this](const NodeFacts& of) { return std::tie(of.granted, grant_hashes_.at(of.node)); };
    if (newest == nullptr || rank(*newest) < rank(node)) newest = &node;
  }
  return newest;
}

const Bytes* Roster::commune_statement() const {
  const auto found = commune_ ? statements_.find(commune_hash_) : statements_.end();
  return found != statements_.end() ? &found->second : nullptr;
}

const Bytes* Roster::grant_statement(const NodeId& node) const {
  const Hash* hash = find_in(grant_hashes_, node);
  return hash == nullptr ? nullptr : &statements_.at(*hash);
}

UnixSeconds Roster::next_granted(UnixSeconds now) const {
  const bool is_after = !last_granted_ || now > *last_granted_;
  if (is_after || last_granted_->value == std::numeric_limits<std::int64_t>::max()) return now;
  return {last_granted_->value + 1};
}

std::uint64_t Roster::digest() const {
  Blake2b hash(8);
  for (const auto& entry : statements_) hash.add(entry.first);
  return Reader(hash.finish()).u64();
}

Result<SignPublic> Roster::authority_named_in(ByteView statement) {
  KHUOI_TRY(const Signed parts, split_statement(statement));
  KHUOI_TRY(const StatementFacts facts, unpack_statement(parts.octets));
  const auto* commune = std::get_if<CommuneFacts>(&facts);
  if (commune == nullptr) return fail(Errc::malformed, "the first statement of a grant is not the commune's own");
  if (!verify(commune->authority, Purpose::roster, commune->commune, {parts.octets}, parts.signature)) {
    return fail(Errc::unauthenticated, "the commune's statement is not signed by the authority it names");
  }
  return commune->authority;
}

}  // namespace khuoi::sync
