#pragma once

#include <compare>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "sync/record/record.h"
#include "sync/seal/hpke.h"
#include "sync/seal/signature.h"

namespace khuoi::sync {

NodeId node_id_of(const SignPublic& key);
CommuneId commune_id_of(const SignPublic& authority);
AudienceId audience_id_of(const KemPublic& key);

/// The name of a box, commune or officer: 1 to 128 octets of UTF-8 without control characters, line ends, or marks that
/// turn the direction of writing (they could make one name look like another). Errors: malformed, too_large.
Result<void> check_name(std::string_view name);

/// What a grant says of a box.
struct NodeFacts {
  NodeId node;       ///< node_id_of(sign); make_grant does not look at it
  HamletId hamlet;   ///< the hamlet it is, which may have had boxes before
  std::string name;  ///< ≤ 128 octets
  SignPublic sign{};
  KemPublic auth{};
  KemPublic reader_general{};
  KemPublic reader_health{};
  std::uint16_t radio_alias = 0;
  UnixSeconds granted;
  bool revoked = false;
  /// In force when revoked: the last number the commune had of each run; later ones are quarantined.
  std::map<RunId, std::uint32_t> counted_up_to;
  UnixSeconds revoked_at;
  [[nodiscard]] const KemPublic& reader(Domain domain) const {
    return domain == Domain::health ? reader_health : reader_general;
  }
};

/// What the authority says of the commune itself; the greatest serial is in force, and all KEM keys ever named are
/// known.
struct CommuneFacts {
  CommuneId commune;  ///< commune_id_of(authority)
  std::string name;
  SignPublic authority{};
  SignPublic sign{};
  NodeId node;  ///< node_id_of(sign): the author of what the commune writes
  KemPublic radio{};
  std::uint32_t serial = 0;
  std::vector<KemPublic> kem;  ///< oldest first, 1..kem_keys_max in a statement; the last one is sealed to
  [[nodiscard]] AudienceId kem_id() const { return audience_id_of(kem.back()); }
};

struct OfficerFacts {
  NodeId officer;  ///< BLAKE2b-64 of the key
  SignPublic key{};
  std::string name;
  bool revoked = false;
};

/// Limits of what comes from outside. A statement fits a segment of its own.
inline constexpr std::size_t statement_octets_max = 60U << 10U;
inline constexpr std::size_t revocation_runs_max = 4096;
inline constexpr std::size_t kem_keys_max = 256;
inline constexpr std::size_t request_octets_max = 1024;
inline constexpr std::size_t grant_file_octets_max = 8U << 20U;

/// A box's wish to join, which signs itself.
struct EnrolRequest {
  std::string name;
  SignPublic sign{};
  KemPublic auth{};
  KemPublic reader_general{};
  KemPublic reader_health{};
};
/// Cap'n Proto, packed, ‖ signature of purpose request under the zero commune. The secret belongs to request.sign.
Bytes encode_request(const EnrolRequest& request, const Secret& sign_secret);
/// Errors: malformed, too_large, unauthenticated.
Result<EnrolRequest> decode_request(ByteView octets);
/// For files, QR codes and mail: `khuoi-<what>-1:` and base64url without padding, one line. `what` is request or grant.
std::string armour(std::string_view what, ByteView octets);
/// White space that mail or an editor put in is passed over. Errors: malformed, too_large, unsupported (a later
/// version).
Result<Bytes> unarmour(std::string_view what, std::string_view text);

/// Signed by the authority, one statement each; octets ready to store and to send. Equal facts give equal octets. They
/// write what they are given: Roster::add says what is wrong with it, so add a statement here before sending it.
Bytes make_grant(const NodeFacts& facts, const CommuneId& commune, const Secret& authority);
/// At most revocation_runs_max runs; the runs of several revocations of one node add up.
Bytes make_revocation(const NodeId& node, const std::map<RunId, std::uint32_t>& counted_up_to, UnixSeconds at,
                      const CommuneId& commune, const Secret& authority);
/// The same for any number of runs, in as many statements as it takes; at least one.
std::vector<Bytes> make_revocations(const NodeId& node, const std::map<RunId, std::uint32_t>& counted_up_to,
                                    UnixSeconds at, const CommuneId& commune, const Secret& authority);
Bytes make_commune_statement(const CommuneFacts& facts, const Secret& authority);
Bytes make_officer_statement(const OfficerFacts& facts, const CommuneId& commune, const Secret& authority);

/// What a box needs to join: the statements of the roster, commune's own first. Armoured as `grant`.
Bytes encode_grant_file(std::span<const Bytes> statements);
/// The statements as they stand, not yet verified. Errors: malformed, too_large, unsupported (a later version).
Result<std::vector<Bytes>> decode_grant_file(ByteView octets);

/// The set of statements, merged by union; any order gives the same picture (ROSTER.md has the rules). A revocation is
/// never undone. Pointers handed out live until the next add. Memory: the statements, which only the authority can
/// make.
class Roster final {
 public:
  /// Takes nothing: it knows no authority.
  Roster() = default;
  /// Only statements of this authority are taken from now on.
  explicit Roster(const SignPublic& authority);
  /// True if it is new. An authentic statement of a kind that this build does not know is kept and passed on.
  /// Errors, which change nothing: malformed, too_large, unauthenticated (another authority, a wrong signature).
  Result<bool> add(ByteView statement);
  [[nodiscard]] const CommuneFacts* commune() const;
  [[nodiscard]] const NodeFacts* node(const NodeId& node) const;
  [[nodiscard]] const OfficerFacts* officer(const NodeId& officer) const;
  [[nodiscard]] std::vector<const NodeFacts*> nodes() const;  ///< by name, then id; revoked ones too
  [[nodiscard]] std::vector<const OfficerFacts*> officers() const;
  /// The box in force of a hamlet: the newest grant that is not revoked.
  [[nodiscard]] const NodeFacts* box_of(const HamletId& hamlet) const;
  /// The grant of a box that is in force, as a hello carries it; nullptr for an unknown box.
  [[nodiscard]] const Bytes* grant_statement(const NodeId& node) const;
  /// The commune's own statement that is in force; nullptr before one came.
  [[nodiscard]] const Bytes* commune_statement() const;
  /// Whether any grant ever gave this alias, so that none is given twice.
  [[nodiscard]] bool radio_alias_used(std::uint16_t alias) const { return aliases_.contains(alias); }
  /// What to write as `granted`: now, but after every grant there is, so that a clock that once ran ahead cannot keep a
  /// later grant out of force.
  [[nodiscard]] UnixSeconds next_granted(UnixSeconds now) const;
  using Hash = std::array<std::uint8_t, 16>;
  [[nodiscard]] const std::map<Hash, Bytes>& statements() const { return statements_; }  ///< by BLAKE2b-128
  [[nodiscard]] bool knows_authority() const { return authority_.has_value(); }
  /// BLAKE2b-64 over the sorted statement hashes: equal rosters, equal digests.
  [[nodiscard]] std::uint64_t digest() const;
  /// The authority a commune statement names, before it is trusted: to make a Roster from a grant file. The statement's
  /// signature is verified with it. Errors: malformed (also for other statements), too_large, unauthenticated.
  static Result<SignPublic> authority_named_in(ByteView statement);

 private:
  struct Revoked {
    UnixSeconds at;
    std::map<RunId, std::uint32_t> counted_up_to;
  };
  /// Where a KEM key was first named: serial, statement, place in it.
  struct FirstNamed {
    std::uint32_t serial = 0;
    Hash hash{};
    std::size_t place = 0;
    auto operator<=>(const FirstNamed&) const = default;
  };
  struct Fold;

  std::optional<SignPublic> authority_;
  CommuneId commune_id_;
  std::map<Hash, Bytes> statements_;
  std::optional<CommuneFacts> commune_;
  Hash commune_hash_{};
  std::map<KemPublic, FirstNamed> kem_;
  std::map<NodeId, NodeFacts> nodes_;
  std::map<NodeId, Hash> grant_hashes_;
  std::map<NodeId, Revoked> revoked_;
  std::map<NodeId, OfficerFacts> officers_;
  std::map<NodeId, Hash> officer_hashes_;
  std::set<std::uint16_t> aliases_;
  std::optional<UnixSeconds> last_granted_;
};

}  // namespace khuoi::sync
