#include "tests/sync/announcing_fixture.h"
#include "tests/sync/radio_world.h"

namespace khuoi::tests {

namespace {

void tell_station(RadioWorld& world) { world.air.commune().station->on_local_change(); }

bool holds(TestNode& node, const sync::Ref& ref) {
  auto txn = node.replica->read();
  REQUIRE(txn);
  const auto row = node.replica->runs().find(**txn, sync::run_of(ref));
  REQUIRE(row);
  return *row != nullptr && (*row)->held.contains(ref.number);
}

bool known_to_be_there(RadioWorld& world, std::size_t i, const sync::Ref& ref) {
  auto txn = world.commune().replica->read();
  REQUIRE(txn);
  const auto has = sync::received_by(**txn, world.commune().replica->peers(), world.hamlet(i).replica->self().node);
  REQUIRE(has);
  const auto run = has->find(sync::run_of(ref));
  return run != has->end() && run->second.contains(ref.number);
}

bool all_hold(RadioWorld& world, const sync::Ref& ref) {
  for (std::size_t i = 1; i < world.boxes.size(); ++i) {
    if (!holds(world.hamlet(i), ref) || !known_to_be_there(world, i, ref)) return false;
  }
  return true;
}

void let_join(RadioWorld& world) { world.air.run(std::chrono::minutes(10)); }

}  // namespace

TEST_CASE("radio: an announcement and a form reach all hamlets, and the commune knows it", "[sync][radio]") {
  RadioWorld world(4, 21);
  let_join(world);
  world.air.loss_percent = 20;
  const sync::Ref words = announce(world.commune(), routine("Họp thôn tối thứ Bảy."));
  tell_station(world);
  CHECK(world.air.run(std::chrono::hours(1), [&] { return all_hold(world, words); }));
  std::string second = test_form;
  second.replace(second.find("id=\"test\""), 9, "id=\"next\"");
  publish_form(world.commune(), second);
  tell_station(world);
  CHECK(world.air.run(std::chrono::hours(2), [&] {
    for (std::size_t i = 1; i <= 4; ++i) {
      auto txn = world.hamlet(i).replica->read();
      auto forms = world.hamlet(i).replica->library().forms(**txn);
      if (!forms || forms->size() != 2) return false;
    }
    return true;
  }));
}

TEST_CASE("radio: a hamlet believes the time by its pair's key alone, and then it speaks", "[sync][radio]") {
  RadioWorld world(2, 22);
  set_clock(world.commune(), morning);
  world.start(0);
  world.start(1);  // it has not been told the time since this start
  let_join(world);
  sync::Announcer announcer({});
  CHECK(world.hamlet(1).replica->since_start().told_time().is_live());
  add_officer(world.commune(), "An");
  add_officer(world.commune(), "Bình");
  world.meet(1);
  announce(world.commune(), emergency("Lũ quét, lên đồi ngay."), {"An", "Bình"});
  tell_station(world);
  CHECK(world.air.run(std::chrono::hours(1), [&] { return !plan(world.hamlet(1), announcer).due.empty(); }));
}

TEST_CASE("radio: what goes to all goes to a hamlet alone that speaks and lacks the key of the group", "[sync][radio]") {
  RadioWorld world(2, 25);
  let_join(world);
  world.hamlet(1).work([&](sync::Batch& batch) { return sync::GroupKeys::forget(batch); });  // its disk was set back
  world.start(1);
  let_join(world);
  const sync::Ref words = announce(world.commune(), routine("Họp thôn tối thứ Bảy."));
  tell_station(world);
  world.air.run(std::chrono::minutes(30));
  CHECK_FALSE(holds(world.hamlet(1), words));
  for (int n = 0; n < 2; ++n) {
    world.submit(1, test_submission(uuid_of(n), "Nông Văn A"));
    world.air.run(std::chrono::hours(7));
  }
  CHECK(all_hold(world, words));
}

TEST_CASE("radio: what went to all is not written to the next stick", "[sync][radio]") {
  RadioWorld world(2, 23);
  let_join(world);
  const sync::Ref words = announce(world.commune(), routine("Họp thôn tối thứ Bảy."));
  tell_station(world);
  REQUIRE(world.air.run(std::chrono::hours(1), [&] { return all_hold(world, words); }));
  auto txn = world.commune().replica->read();
  const sync::Planner planner(*world.commune().replica);
  const auto left = planner.records(**txn, world.hamlet(1).replica->self().node, {});
  REQUIRE(left);
  CHECK(std::ranges::none_of(*left, [&](const sync::Candidate& one) { return one.ref == words; }));
}

TEST_CASE("radio: an object moves neither time nor what counts as received", "[sync][radio]") {
  RadioWorld world(1, 24);
  let_join(world);
  auto& hamlet = world.hamlet(1);
  world.submit(1, test_submission(uuid_of(1), "Nông Văn A"));
  world.air.hamlet(1).station.reset();  // nothing leaves
  const std::size_t waiting = world.waiting(1);
  REQUIRE(waiting > 0);
  sync::RadioHave have;
  {
    auto txn = hamlet.replica->read();
    REQUIRE(hamlet.replica->runs().each(**txn, [&](const sync::RunKey& key, const sync::RunRow& row) {
      if (key.author == hamlet.replica->self().node) have.runs.emplace_back(key.run, row.held);
    }));
  }
  RadioWork work;
  work.objects_arrived.push_back({{1, 2, 3}, encode_element(have)});
  sync::RadioGreeting greeting;
  greeting.wants_time = true;
  work.objects_arrived.push_back({{1, 2, 4}, encode_element(greeting)});
  auto done = world.air.hamlet(1).records(work);
  REQUIRE(done);
  REQUIRE(done->objects_taken.size() == 2);
  CHECK_FALSE(done->objects_taken[0].whole);
  CHECK_FALSE(done->objects_taken[1].whole);
  CHECK(world.waiting(1) == waiting);
}

TEST_CASE("radio: an announcement that the commune did not sign is not taken", "[sync][radio]") {
  RadioWorld world(1, 25);
  let_join(world);
  const sync::Ref words = announce(world.commune(), routine("Họp thôn tối thứ Bảy."));
  Bytes object;
  {
    auto txn = world.commune().replica->read();
    auto record = world.commune().replica->sealed(**txn, words);
    REQUIRE(record);
    auto opener = world.commune().replica->sealed(**txn, {words.author, words.run, 0});
    REQUIRE(opener);
    auto element = sync::radio_opener(*opener, 0);
    REQUIRE(element);
    object = encode_element(*element);
    record->body[5] ^= 1U;
    append(object, encode_element(sync::RadioRecord{0, words.number, record->header.rank, record->body}));
  }
  RadioWork work;
  work.objects_arrived.push_back({{9, 9, 9}, object});
  auto done = world.air.hamlet(1).records(work);
  REQUIRE(done);
  CHECK_FALSE(done->objects_taken[0].whole);
  CHECK_FALSE(holds(world.hamlet(1), words));
}

TEST_CASE("radio: one that goes wrong for a hamlet goes to it alone", "[sync][radio]") {
  RadioWorld world(2, 26);
  let_join(world);
  world.air.on_frame = [&](AirNode& from, Bytes& frame) {
    if (!from.commune || frame.front() >> 4U != static_cast<unsigned>(radio::FrameType::symbol)) return;
    frame[radio::frame_cost + 6] ^= 1U;
    frame.resize(frame.size() - 4);
    append(frame, *world.boxes[0].keys->group_mac(0, {frame[3], std::nullopt, frame}));
  };
  const sync::Ref words = announce(world.commune(), routine("Họp thôn tối thứ Bảy."));
  tell_station(world);
  CHECK(world.air.run(std::chrono::hours(2), [&] { return all_hold(world, words); }));
}

namespace {

/// A hamlet that heard one announcement after so many starts; then its disk is set back to before, and it hears
/// another. It says nothing else in between.
struct HeardAndSetBack {
  RadioWorld world{1, 31};
  sync::Ref first, second;
  explicit HeardAndSetBack(int starts) {
    const auto backup = world.hamlet(1).disk->clone();
    for (; starts > 0; --starts) world.start(1);
    let_join(world);
    first = heard("Họp thôn tối thứ Bảy.");
    world.hamlet(1).restore(*backup);
    world.start(1);
    REQUIRE_FALSE(holds(world.hamlet(1), first));
    let_join(world);
    second = heard("Ngày mai cắt điện.");
  }
  sync::Ref heard(const std::string& words) {
    const sync::Ref out = announce(world.commune(), routine(words));
    tell_station(world);
    REQUIRE(world.air.run(std::chrono::hours(1), [&] { return all_hold(world, out); }));
    return out;
  }
};

}  // namespace

TEST_CASE("radio: a report on what went to all shows, too, that a hamlet was put back by some starts",
          "[sync][radio]") {
  HeardAndSetBack it(3);
  CHECK(it.world.air.run(std::chrono::hours(1), [&] { return holds(it.world.hamlet(1), it.first); }));
}

TEST_CASE("radio: a hamlet that was put back by some starts and hears nothing new is told again what went to all",
          "[sync][radio]") {
  RadioWorld world(1, 32);
  const auto backup = world.hamlet(1).disk->clone();
  for (int starts = 0; starts < 3; ++starts) world.start(1);
  let_join(world);
  const sync::Ref words = announce(world.commune(), routine("Họp thôn tối thứ Bảy."));
  tell_station(world);
  REQUIRE(world.air.run(std::chrono::hours(1), [&] { return all_hold(world, words); }));
  world.hamlet(1).restore(*backup);
  world.start(1);
  CHECK(world.air.run(std::chrono::hours(14), [&] { return holds(world.hamlet(1), words); }));
}

TEST_CASE("radio: what went to all and was lost between two starts comes once its hamlet's statement does",
          "[sync][radio]") {
  HeardAndSetBack it(0);
  it.world.air.run(std::chrono::minutes(30));
  it.world.meet(1);
  CHECK(holds(it.world.hamlet(1), it.first));
}

}  // namespace khuoi::tests
