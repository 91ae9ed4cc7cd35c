#include "tests/sync/announcing_fixture.h"
#include "tests/sync/radio_world.h"

namespace khuoi::tests {

using namespace std::chrono_literals;

TEST_CASE("radio: over a neighbour records arrive, and an announcement comes back", "[sync][radio]") {
  RadioWorld world(2, 31);
  world.air.commune().deaf_to = {&world.air.hamlet(2)};
  world.air.hamlet(2).deaf_to = {&world.air.commune()};
  world.air.run(10min);
  for (std::uint64_t i = 1; i <= 3; ++i) world.submit(2, test_submission(uuid_of(i), "Hoàng Thị Sao"));
  CHECK(world.air.run(4h, [&] { return world.waiting(2) == 0; }));
  CHECK(world.commune().list().size() == 3);
  const sync::Ref words = announce(world.commune(), routine("Họp thôn tối thứ Bảy."));
  world.air.commune().station->on_local_change();
  CHECK(world.air.run(4h, [&] {
    for (std::size_t i = 1; i <= 2; ++i) {
      auto txn = world.hamlet(i).replica->read();
      const auto row = world.hamlet(i).replica->runs().find(**txn, sync::run_of(words));
      if (!row || *row == nullptr || !(*row)->held.contains(words.number)) return false;
    }
    return true;
  }));
}

}  // namespace khuoi::tests
