// What commits changed, for whoever follows them.
#include "node/engine/change_log.h"

#include <catch2/catch.hpp>

using khuoi::node::ChangeLog;
using khuoi::sync::Changes;
using khuoi::sync::Table;

namespace {

Changes of(std::initializer_list<std::uint32_t> numbers, Table table = Table::dossier) {
  Changes out;
  out.tables.set(static_cast<std::size_t>(table));
  for (const std::uint32_t number : numbers) out.add(number);
  return out;
}

}  // namespace

TEST_CASE("change log: who follows is told what came since, once", "[node]") {
  ChangeLog log;
  CHECK(log.since(0).all);
  const auto begin = log.since(0).now;
  CHECK_FALSE(log.since(begin).all);
  log.add(of({3, 4}));
  log.add(of({4, 9}));
  log.add(of({}, Table::note));
  const auto since = log.since(begin);
  CHECK_FALSE(since.all);
  CHECK(since.dossiers == std::set<std::uint32_t>{3, 4, 9});
  CHECK(since.tables.count() == 2);
  CHECK(log.since(since.now).dossiers.empty());
  log.add(of({7}));
  CHECK(log.since(since.now).dossiers == std::set<std::uint32_t>{7});
}

TEST_CASE("change log: a commit that wrote nothing is none", "[node]") {
  ChangeLog log;
  const auto begin = log.since(0).now;
  log.add(Changes());
  CHECK(log.since(begin).now == begin);
}

TEST_CASE("change log: who comes later than it remembers is told that all may have changed", "[node]") {
  ChangeLog log;
  const auto begin = log.since(0).now;
  for (std::uint32_t i = 0; i < 300; ++i) log.add(of({i}));
  CHECK(log.since(begin).all);
  const auto late = log.since(begin + 200);
  CHECK_FALSE(late.all);
  CHECK(late.dossiers.size() == 100);
}

TEST_CASE("change log: commits of very many dossiers take bounded memory, and tell that all may have changed", "[node]") {
  ChangeLog log;
  const auto begin = log.since(0).now;
  Changes many;
  many.tables.set(static_cast<std::size_t>(Table::dossier));
  for (std::uint32_t i = 0; i < 2 * Changes::numbers_max; ++i) many.add(i);
  CHECK(many.dossiers.size() == Changes::numbers_max);
  CHECK(many.many);
  log.add(many);
  CHECK(log.since(begin).all);
  const auto later = log.since(0).now;
  for (std::uint32_t commit = 0; commit < 20; ++commit) {
    Changes some = of({});
    for (std::uint32_t i = 0; i < 2000; ++i) some.add(commit * 2000 + i);
    log.add(some);
  }
  CHECK(log.since(later).all);
  CHECK(log.since(log.since(0).now - 3).dossiers.size() == 6000);
}
