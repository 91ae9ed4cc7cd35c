// Whom else a new dossier names, of 100,000 that are there. Napkin: a name has some 30 bearers, a day of birth 4, each some
// 0.2 us to compare: 10 us. A dossier holds 1.4 people of 72 octets, 26 of text and 12 of chains, and 40 for its number: 190.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>

#include "node/acts/suspects.h"
#include "tests/support/planted_people.h"
#include "tests/support/print_result.h"

using namespace khuoi;
using namespace khuoi::tests;

namespace {

constexpr std::uint32_t suspect_dossiers = 100'000;

template <typename Work>
double micros_of(const Work& work) {
  const auto began = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - began).count();
}

double at_share(std::vector<double>& of, std::size_t percent) {
  std::ranges::sort(of);
  return of[std::min(of.size() - 1, of.size() * percent / 100)];
}

}  // namespace

TEST_CASE("bench: suspects of a new dossier among 100,000", "[.][bench][suspects]") {
  PeopleMaker make(20261121);
  std::vector<std::vector<node::Identity>> people;
  std::vector<double> reading;
  for (std::uint32_t i = 0; i < suspect_dossiers; ++i) {
    const bool birth = i % 5 == 0;
    const auto answers = birth ? make.answers_of_child(make.person(), make.person(), make.person()) : make.answers(make.person(), i % 2 == 0);
    reading.push_back(micros_of([&] { people.push_back(node::identities_of(answers)); }));
  }
  node::SuspectIndex index;
  std::vector<double> adding;
  for (std::uint32_t i = 0; i < suspect_dossiers; ++i) adding.push_back(micros_of([&] { index.add(i, made_hamlet(i % 10), people[i]); }));
  std::vector<double> asking;
  std::size_t found = 0;
  for (std::uint32_t i = 0; i < suspect_dossiers; i += 10) asking.push_back(micros_of([&] { found += index.of(i).size(); }));
  std::vector<double> erasing;
  const std::size_t octets = index.octets();
  for (std::uint32_t i = 0; i < suspect_dossiers; i += 10) erasing.push_back(micros_of([&] { index.erase(i); }));
  std::size_t kept = 0;
  for (const auto& all : people) {
    for (const node::Identity& one : all) kept += octets_of_part(one).size();
  }
  for (const auto& [what, of] : {std::pair("read", &reading), {"add", &adding}, {"of", &asking}, {"erase", &erasing}}) {
    std::printf("suspects: n=%u what=%s p50_us=%.1f p99_us=%.1f max_us=%.1f\n", suspect_dossiers, what, at_share(*of, 50),
                at_share(*of, 99), at_share(*of, 100));
  }
  std::printf("suspects: n=%u octets_a_dossier=%.0f kept_octets_a_dossier=%.0f found=%zu\n", suspect_dossiers,
              static_cast<double>(octets) / suspect_dossiers, static_cast<double>(kept) / suspect_dossiers, found);
  CHECK(at_share(asking, 99) < 1e6);
}
