#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "tests/support/replica_pair.h"

namespace khuoi::bench {

/// What the clocks of all nodes show when monotonic time is 0, in seconds since 1970.
inline constexpr std::int64_t wall_begins = 1'790'000'000;

/// made_submissions() as text.
std::vector<std::string> submissions(int count, int seed);
/// The id of the form that a submission belongs to.
std::string form_of(const std::string& xml);

/// A commune and ten hamlets that have met by fiber; all hold the dictionary of 200 submissions of seed 1.
struct Homes {
  std::vector<std::unique_ptr<tests::TestNode>> nodes;
  std::set<DossierId> known;  ///< dossiers that the commune holds then
  Homes();
};

/// At the end of a sealed record's body, and of a public one's.
inline constexpr std::size_t tag_octets = 16, signature_octets = 64;
/// Random text in a submission of the test form, of such a length that what is sealed has so many octets: each of its
/// letters carries six bits of chance, so nothing shortens it.
class Incompressible final {
 public:
  /// Seals on a copy of the first hamlet of these.
  explicit Incompressible(const Homes& homes);
  /// Another text for each seed.
  std::string of(std::size_t octets, std::uint64_t seed);

 private:
  [[nodiscard]] std::size_t octets_sealed(const std::string& xml);
  tests::TestNode node_;
};

/// Writes an announcement for all at a commune. Gives its record.
sync::Ref announce(tests::TestNode& commune, const std::string& text);
/// An announcement as a commune writes them: some 2,000 octets of Vietnamese, no sentence twice.
const std::string& announcement_text();
/// Random letters whose announcement has so many octets, without its signature.
std::string incompressible_announcement(const Homes& homes, std::size_t octets, std::uint64_t seed);

}  // namespace khuoi::bench
