#pragma once

#include <limits>
#include <string>
#include <vector>

#include "node/engine/engine.h"
#include "node/engine/node_rows.h"

namespace khuoi::people {

/// How long nobody may try again after so many failures in a row: 1, 2, 4 … 256 s, and 15 minutes from the tenth on.
std::uint64_t wait_seconds(std::uint64_t failures);

/// Wrong tries at a name.
struct Tries {
  struct Address {
    std::string from;
    std::uint64_t failures = 0;
    bool familiar = false;
    void write(Writer& to) const;
    void read(Reader& from);
  };
  std::uint64_t failures = 0;      ///< from everywhere
  std::vector<Address> addresses;  ///< the latest first
  static auto parts(auto& tries) { return parts_of(tries.failures, tries.addresses); }
};
/// By name: whoever removes what it guards removes it too.
inline constexpr node::NodeRows<std::string, Tries> tries_rows{node::NodeRow::tries, "the wrong tries at a name"};

/// Addresses counted apart for a name, the latest first; beyond these the oldest is forgotten.
inline constexpr std::size_t tried_from_max = 64;
/// Of these, addresses that somebody of that name came in from: strangers do not push them out.
inline constexpr std::size_t familiar_max = 8;

/// Counts failed tries in the store: an attempt is counted, synced, before it is checked, so that neither a power cut
/// nor a kill gives one away. After a start every counter waits its time anew, whatever the wall clock says.
///
/// Each address a try comes from waits for its own failures only, so that nobody in the Wi-Fi shuts a named person or
/// phone out; why that is enough for each secret stands in API.md. Threads: one at a time.
class Backoff final {
 public:
  static constexpr std::uint64_t no_end = std::numeric_limits<std::uint64_t>::max();
  struct Try {
    std::string name;  ///< of what is guarded: "phrase/Mỷ"
    std::string from;  ///< the client's address
    /// After so many failures in a row, whoever they came from, addresses that were never right wait together besides.
    std::uint64_t strangers_free = no_end;
  };
  explicit Backoff(node::Engine& engine) : engine_(engine), started_(engine.now().monotonic) {}

  /// Zero when a try is free now; else the seconds to wait.
  Result<std::uint64_t> wait(const Try& attempt);
  /// Before the check.
  Result<void> count(const Try& attempt);
  /// After it failed: the time begins now.
  void failed(const Try& attempt);
  /// After it was right: this address waits no longer. Where strangers are counted it is familiar from now on, and they
  /// begin anew.
  Result<void> succeeded(const Try& attempt);
  /// Failures of a name since it was last forgiven, from everywhere.
  Result<std::uint64_t> failures(const std::string& name);
  Result<void> forgive(const std::string& name);

 private:
  using Address = Tries::Address;
  static Result<void> put(sync::Batch& batch, const std::string& name, const Tries& row);
  static Address take(Tries& row, const std::string& from);
  void put_first(Tries& row, const std::string& name, Address one);
  [[nodiscard]] std::uint64_t left(const std::string& counter, std::uint64_t failures) const;

  node::Engine& engine_;
  Instant started_;
  std::map<std::string, Instant> last_;  ///< by name and address, and by name alone
};

}  // namespace khuoi::people
