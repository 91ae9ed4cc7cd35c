#pragma once

#include <functional>

#include "sync/store/store.h"

namespace khuoi::tests {

/// How the contract gets at one kind of store.
struct StoreUnderTest {
  /// A new, empty store that holds at most about octets_max (0: plenty).
  std::function<std::unique_ptr<sync::Store>(std::uint64_t octets_max)> make;
  /// What a restart finds of a store that `make` gave last; it takes the old one.
  std::function<std::unique_ptr<sync::Store>(std::unique_ptr<sync::Store>)> reopen;
};

/// What every sync::Store must do. Call it inside a TEST_CASE; it opens SECTIONs.
void check_store_contract(const StoreUnderTest& under_test);
/// Random changes, aborts and reads against a plain std::map.
void check_store_against_model(const StoreUnderTest& under_test, std::uint64_t seed, int steps);

}  // namespace khuoi::tests
