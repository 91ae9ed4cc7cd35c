#include "sync/peers/hastened.h"

#include "tests/sync/radio_world.h"

namespace khuoi::tests {

using namespace std::chrono_literals;

namespace {
/// A form that its commune calls urgent.
void publish_fire(RadioWorld& world) {
  std::string form = test_form;
  form.replace(form.find("<h:html "), 8, R"(<h:html xmlns:khuoi="urn:khuoi:form" khuoi:urgency="urgent" )");
  form.replace(form.find("id=\"test\""), 9, "id=\"fire\"");
  publish_form(world.commune(), form);
  world.meet(1);
}
std::string fire(std::uint64_t n) {
  std::string out = test_submission(uuid_of(n), "Cháy");
  return out.replace(out.find("id=\"test\""), 9, "id=\"fire\"");
}

sync::Ref newest_submission(RadioWorld& world) {
  auto& replica = *world.hamlet(1).replica;
  const auto txn = replica.read();
  const auto key = replica.views().resolve(**txn, world.hamlet(1).list().back().id.hex());
  REQUIRE(key);
  const auto row = replica.dossiers().row(**txn, *key);
  REQUIRE(row);
  return (*row)->items.front().ref;
}
void hasten(RadioWorld& world, const sync::Ref& ref) {
  world.hamlet(1).work([&](sync::Batch& batch) { return sync::Hastened::add(batch, ref); });
  world.air.hamlet(1).station->on_local_change();
}
std::size_t asked(RadioWorld& world) {
  const auto txn = world.hamlet(1).replica->read();
  const auto all = sync::Hastened::all(**txn);
  REQUIRE(all);
  return all->size();
}
}  // namespace

TEST_CASE("radio: while the fiber is near ordinary dossiers wait, urgent ones do not, and all goes once it stays away",
          "[sync][radio]") {
  RadioWorld world(1, 21);
  publish_fire(world);
  world.boxes[1].goes = RadioGoes::urgent;
  world.submit(1, test_submission(uuid_of(1), "Một"));
  world.submit(1, fire(2));
  REQUIRE(world.air.run(5min, [&] { return world.waiting(1) == 1; }));
  CHECK(world.commune().list().size() == 1);
  const unsigned frames = world.air.frames();
  world.air.run(1h);
  CHECK(world.air.frames() == frames);
  CHECK(world.waiting(1) == 1);
  world.boxes[1].goes = RadioGoes::all;
  world.air.hamlet(1).station->on_local_change();
  REQUIRE(world.air.run(5min, [&] { return world.waiting(1) == 0; }));
  CHECK(world.commune().list().size() == 2);
}

TEST_CASE("radio: a dossier that a person asked for goes alone, over a restart, and the wish ends with its receipt",
          "[sync][radio]") {
  for (const bool restart : {false, true}) {
    CAPTURE(restart);
    RadioWorld world(1, 22);
    world.boxes[1].goes = RadioGoes::urgent;
    world.submit(1, test_submission(uuid_of(1), "Một"));
    world.submit(1, test_submission(uuid_of(2), "Hai"));
    world.air.run(10min);
    REQUIRE(world.waiting(1) == 2);
    hasten(world, newest_submission(world));
    CHECK(asked(world) == 1);
    if (restart) world.start(1);
    REQUIRE(world.air.run(10min, [&] { return world.waiting(1) == 1; }));
    REQUIRE(world.commune().list().size() == 1);
    CHECK(world.commune().list()[0].id == world.hamlet(1).list().back().id);
    world.air.hamlet(1).station->on_local_change();
    world.air.run(1min);
    CHECK(asked(world) == 0);
    world.air.run(1h);
    CHECK(world.waiting(1) == 1);
  }
}

TEST_CASE("radio: what a person asked for is forgotten when it came by another path", "[sync][radio]") {
  RadioWorld world(1, 23);
  world.boxes[1].goes = RadioGoes::nothing;
  world.submit(1, test_submission(uuid_of(1), "Một"));
  hasten(world, newest_submission(world));
  world.air.run(5min);
  REQUIRE(asked(world) == 1);
  REQUIRE(world.waiting(1) == 1);
  world.meet(1);
  world.air.hamlet(1).station->on_local_change();
  world.air.run(5min);
  CHECK(asked(world) == 0);
}

TEST_CASE("radio: a load says how much waits behind it, and how much for the fiber", "[sync][radio]") {
  RadioWorld world(1, 24);
  world.air.nodes[1]->station.reset();
  for (std::uint64_t i = 1; i <= 5; ++i) world.hamlet(1).submit(test_submission(uuid_of(i), "Nông Văn A"));
  const auto load = [&](AssociationId id, RadioGoes goes) {
    RadioWork work;
    work.wanted.push_back({world.air.hamlet(1).alias, id, 100});
    work.goes = goes;
    auto writing = world.hamlet(1).replica->begin(world.hamlet(1).now);
    REQUIRE(writing);
    auto done = world.boxes[1].contact->run(writing->batch(), work);
    REQUIRE(done);
    REQUIRE(done->loaded.size() == 1);
    return done->loaded[0];
  };
  const auto some = load(1000, RadioGoes::all);
  CHECK(some.octets_behind > 100);
  CHECK(some.octets_held == 0);
  const auto none = load(1001, RadioGoes::urgent);
  CHECK(none.octets_behind == 0);
  CHECK(none.octets_held > some.octets_behind);
  CHECK(none.pieces.size() == 1);  // the greeting
}

}  // namespace khuoi::tests
