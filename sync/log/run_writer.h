#pragma once

#include <map>
#include <set>

#include "sync/log/run_keys.h"
#include "sync/log/starts.h"
#include "sync/store/rows.h"

namespace khuoi::sync {

/// Whom a record is for.
struct Recipient {
  AudienceId audience;
  KemPublic key{};
  Domain domain = Domain::general;
  bool is_public = false;
  bool local = false;
  auto operator<=>(const Recipient&) const = default;

  static Recipient everyone() { return {audience_everyone(), {}, Domain::general, true, false}; }
  static Recipient sealed_to(const KemPublic& key, Domain domain) {
    return {audience_id_of(key), key, domain, false, false};
  }
};

/// The only place that numbers and seals. One lives from a writer's start to its end; its runs open when something is
/// first written to a recipient, and end with it, or at once when a batch in which they sealed was not committed: so no
/// number is ever used twice under one key, and what was lost with a failed commit is lost with its key.
class RunWriter final {
 public:
  RunWriter(Core& core, RunKeys& run_keys, Starts& starts) : core_(core), run_keys_(run_keys), starts_(starts) {}

  /// Seals (or signs, for everyone) and stores the next record of the recipient's run.
  /// Errors: too_large; what the store says.
  Result<Ref> append(Batch& batch, const Recipient& to, Rank rank, Domain domain, const Body& body);
  /// Signs the checkpoint chain of every run with records not yet covered; `final` ends these runs.
  Result<void> cover(Batch& batch, bool final);
  /// After a changed key, or when this start was left behind: runs of one ordinal are of one start.
  void end_runs() { open_.clear(); }
  /// The batch was committed.
  void keep() { sealed_.clear(); }
  /// The batch was not committed: the runs in which something was sealed for it end.
  void take_back();
  /// Whether anything was sealed that no checkpoint covers.
  [[nodiscard]] bool uncovered() const;

 private:
  struct OpenRun {
    RunId run;
    std::optional<HpkeContext> context;
    std::uint32_t next = 0;
    Instant opened{};
    UnixSeconds opened_wall;
  };
  Result<OpenRun*> run_for(Batch& batch, const Recipient& to);
  Result<void> write_opener(Batch& batch, const Recipient& to, OpenRun& run, const Opener& opener);
  Result<void> write_author_copy(Batch& batch, const Recipient& to, OpenRun& run);
  Result<void> sign_tails(Batch& batch, const Recipient& to);
  Result<Ref> put(Batch& batch, const Recipient& to, OpenRun& run, Rank rank, Domain domain, const Body& body);
  [[nodiscard]] Checkpoint checkpoint(const RunId& run, const RunRow& row, bool final) const;

  Core& core_;
  RunKeys& run_keys_;
  Starts& starts_;
  std::map<Recipient, OpenRun> open_;
  std::set<Recipient> sealed_;  ///< those whose run was written since the last commit
};

/// Own runs whose last records no checkpoint signs yet, and for whom they are.
inline constexpr Rows<RunId, AudienceId> uncovered_runs{Note::uncovered, "an own run without its last checkpoint"};

/// One step of the checkpoint chain: BLAKE2b-256 of the last value, the number and the plaintext.
std::array<std::uint8_t, 32> chain_step(const std::array<std::uint8_t, 32>& last, std::uint32_t number, ByteView plain);
/// Where the chain of a run begins: a secret of its context, so that a chain value on a disk confirms no guess.
std::array<std::uint8_t, 32> chain_start(const HpkeContext& context);
Bytes checkpoint_octets(const Checkpoint& checkpoint);

}  // namespace khuoi::sync
