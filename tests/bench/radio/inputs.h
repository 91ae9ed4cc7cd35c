#pragma once

#include <set>
#include <string>
#include <vector>

#include "tests/support/replica_pair.h"

namespace khuoi::bench {

/// Submissions as tests/support/gen_submissions.py makes them, run by $KHUOI_PYTHON (python3).
std::vector<std::string> submissions(int count, int seed);
/// The id of the form that a submission belongs to.
std::string form_of(const std::string& xml);

/// A commune and ten hamlets that have met by fiber; all hold the dictionary of 200 submissions of seed 1.
struct Homes {
  std::vector<std::unique_ptr<tests::TestNode>> nodes;
  std::set<DossierId> known;  ///< dossiers that the commune holds then
  Homes();
};

/// Octets of what is sealed for a submission, without its tag.
inline constexpr std::size_t tag_octets = 16;
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

}  // namespace khuoi::bench
