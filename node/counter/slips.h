#pragma once

#include <map>
#include <mutex>
#include <optional>

#include "node/engine/engine.h"
#include "node/people/viewer.h"

namespace khuoi::http {

/// What a person wrote on a villager's slip beside what the form's answers say.
struct SlipWords {
  std::string originals;  ///< which original papers are here
  std::string keeper;     ///< who holds them
  std::string come_back;  ///< when and where to come back
};
inline constexpr std::size_t slip_octets_max = 1000;  ///< each of the three

/// The words of slips: a row in table `node`, JSON sealed to the reader key of the dossier's domain (HPKE Base, info
/// `khuoi/1/slip`; `slip/`, hamlet and id in hexadecimal as associated data). Whoever may read the dossier writes them,
/// and, while the box is locked, the browser that handed it in. Threads: any.
class Slips final {
 public:
  explicit Slips(node::Engine& engine) : engine_(engine) {}

  /// This browser handed that dossier in: remembered for the latest hundred, until the box stops.
  void note_handed(const people::Viewer& viewer, const DossierId& id);
  /// Durable when it returns. Errors: locked, not_found for a dossier that this viewer may not read and did not hand in.
  Result<void> put(const people::Viewer& viewer, std::string_view id, const SlipWords& words);
  /// Nothing when nobody wrote any. With the domain's reader open.
  static Result<std::optional<SlipWords>> of(sync::ReplicaReader& reader, const sync::ReadTxn& txn,
                                             const sync::DossierKey& key, sync::Domain domain);
  /// Removes those of dossiers that were erased since it was last called: the first time all are looked at, then those
  /// that commits changed. One call at a time.
  Result<void> sweep();

 private:
  struct Handed {
    std::uint64_t order = 0;
    std::string browser;  ///< a hash of its cookie
  };
  bool handed_by(const people::Viewer& viewer, std::string_view id);

  node::Engine& engine_;
  std::mutex mutex_;
  std::uint64_t last_ = 0;
  std::uint64_t swept_ = 0;  ///< of the change log
  std::map<std::string, Handed, std::less<>> handed_;  ///< by the dossier's id
};

}  // namespace khuoi::http
