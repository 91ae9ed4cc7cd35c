#include "node/sticks/stick_mounter.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>

#include "node/engine/log.h"
#include "node/sticks/outcome.h"
#include "node/sticks/plain_text.h"

namespace khuoi::mounts {

using node::StickNews;

namespace {

/// A stick's partitions are told of one after the other: it is looked at once they have all come.
constexpr std::chrono::milliseconds settle_time{500};
/// Where the bus or the daemon answers with an error instead of going away.
constexpr std::chrono::seconds try_again_after{10};
/// What people write here goes onto a stick that stays plugged in, but each mount wears it, and asks them to wait.
constexpr std::chrono::seconds between_own_changes{15};

std::string name_of_user() {
  std::array<char, 4096> room{};
  struct passwd entry {};
  struct passwd* found = nullptr;
  const int failed = ::getpwuid_r(::geteuid(), &entry, room.data(), room.size(), &found);
  return failed == 0 && found != nullptr ? found->pw_name : "";
}

}  // namespace

StickMounter::StickMounter(node::Engine& engine, node::TellStickNews tell)
    : engine_(engine), tell_(std::move(tell)), user_(name_of_user()) {
  listener_ = engine_.on_commit([this] {
    ++commits_;
    wake_.ring();
  });
  thread_ = std::thread([this] { run(); });
}

StickMounter::~StickMounter() { stop(); }

void StickMounter::stop() {
  if (!thread_.joinable()) return;
  engine_.forget(listener_);
  wake_.stop();
  thread_.join();
}

void StickMounter::run() {
  while (!wake_.stopping()) {
    if (bus_ == nullptr) {
      reach_bus();
      continue;
    }
    // A burst of news is looked at once, and one without an end every now and then all the same.
    if (bus_->take_changed() && !look_at_) look_at_ = Clock::now() + settle_time;
    if (look_at_ && Clock::now() >= *look_at_) look_around();
    if (bus_ != nullptr && !wake_.stopping()) visit_sticks();
    if (bus_ == nullptr) continue;
    bus_->wait(next_look());
    if (bus_->lost()) {
      take_picture({});
      bus_.reset();
      say_why_not(fail(Errc::closed, "the system bus went away; it is tried again"));
    }
  }
}

void StickMounter::reach_bus() {
  auto bus = Udisks::connect(wake_);
  if (bus) {
    bus_ = std::move(*bus);
    look_at_ = Clock::now();
    return;
  }
  say_why_not(bus.error());
  const auto until = Clock::now() + try_again_after;
  while (!wake_.stopping() && Clock::now() < until) wake_.sleep_until(until);
}

/// Once for each reason; what is plugged in meanwhile is found as soon as udisks2 is there.
void StickMounter::say_why_not(const Error& why) {
  std::string sentence = "sticks are not mounted: " + why.what;
  if (why.code == Errc::not_found) sentence += "; udisks2 does that: apt-get install udisks2";
  if (said_ == sentence) return;
  node::log_warning("sticks_not_mounted", {{"why", sentence}});
  said_ = std::move(sentence);
}

void StickMounter::look_around() {
  look_at_.reset();
  (void)bus_->take_changed();
  const auto objects = bus_->objects();
  if (!objects) {
    if (wake_.stopping()) return;
    say_why_not(objects.error());
    take_picture({});  // without it nothing of a stick can be done, or said to be there
    bus_->forget_removed();
    if (objects.error().code != Errc::not_found) look_at_ = Clock::now() + try_again_after;
    return;
  }
  if (!said_.empty()) node::log_info("sticks_mounted_again", {{"by", "udisks2"}});
  said_.clear();
  take_picture(file_systems_of(*objects));
}

void StickMounter::drop_gone(const std::vector<FileSystem>& picture) {
  for (auto stick = sticks_.begin(); stick != sticks_.end();) {
    std::erase_if(stick->second.parts, [&](const auto& entry) {
      const Part& part = entry.second;
      const bool there = std::ranges::any_of(picture, [&](const FileSystem& one) { return one.same_medium(part.at); });
      return !there || bus_->was_removed(entry.first);
    });
    if (!stick->second.parts.empty()) {
      ++stick;
      continue;
    }
    node::log_info("stick_gone", {{"folder", stick->second.name}});
    tell_({.what = StickNews::What::none, .folder = stick->second.name});
    stick = sticks_.erase(stick);
  }
  bus_->forget_removed();
}

void StickMounter::take_picture(const std::vector<FileSystem>& picture) {
  drop_gone(picture);
  const auto mounts = read_mountinfo();
  for (const FileSystem& one : picture) {
    const Judgement judgement = judge(one, mounts);
    const auto stick = sticks_.find(one.drive);
    const auto known = stick == sticks_.end() ? nullptr : &stick->second;
    const auto part = known == nullptr ? std::map<std::string, Part>::iterator() : known->parts.find(one.object);
    if (known != nullptr && part != known->parts.end()) {
      // What was refused may have been put right since; a synced stick may be mounted by whoever wants to look into it.
      const bool put_right =
          part->second.judgement.what == Judgement::What::refuse && part->second.judgement != judgement;
      part->second.fresh = part->second.fresh || put_right;
      part->second.at = one;
      part->second.judgement = judgement;
      continue;
    }
    if (judgement.what == Judgement::What::leave) continue;
    Stick& to = sticks_[one.drive];
    if (to.name.empty()) to.name = one.device;
    to.parts[one.object] = {.at = one, .judgement = judgement, .memory = {}};
  }
}

void StickMounter::visit_sticks() {
  for (auto& [drive, stick] : sticks_) {
    if (wake_.stopping() || bus_->lost()) return;
    const auto is_fresh = [](const auto& entry) { return entry.second.fresh; };
    if (std::ranges::any_of(stick.parts, is_fresh)) {
      visit(stick, true);
      continue;
    }
    for (auto& [object, part] : stick.parts) part.fresh = lacks_something(part);
    if (std::ranges::any_of(stick.parts, is_fresh)) visit(stick, false);
  }
}

bool StickMounter::lacks_something(Part& part) {
  const bool usable = part.synced && part.judgement.what != Judgement::What::leave;
  if (!usable || part.commits == commits_ || Clock::now() < part.looked + between_own_changes) return false;
  const std::uint64_t before = commits_;
  const auto lacks = node::stick_lacks(engine_, part.memory);
  part.commits = before;
  part.looked = Clock::now();
  return lacks && *lacks;
}

std::optional<StickMounter::Clock::time_point> StickMounter::next_look() const {
  auto next = look_at_;
  for (const auto& [drive, stick] : sticks_) {
    for (const auto& [object, part] : stick.parts) {
      if (!part.synced || part.commits == commits_) continue;
      const auto due = part.looked + between_own_changes;
      next = next ? std::min(*next, due) : due;
    }
  }
  return next;
}

/// Whoever stands before the stick hears of it once, when all its parts are done.
void StickMounter::visit(Stick& stick, bool put_in) {
  std::optional<StickNews> outcome;
  for (auto& [object, part] : stick.parts) {
    if (!part.fresh) continue;
    part.fresh = false;
    StickNews news = visit_part(part, {.folder = stick.name, .put_in = put_in});
    if (wake_.stopping() || part.fresh) return;  // mounted by somebody else in the same moment: looked at anew
    outcome = outcome ? joined(std::move(*outcome), std::move(news)) : std::move(news);
  }
  if (outcome) tell_(*outcome);
}

StickNews StickMounter::visit_part(Part& part, StickNews news) {
  news.what = StickNews::What::failed;
  if (part.judgement.what == Judgement::What::refuse) {
    node::log_warning("stick_refused", {{"folder", part.at.device}, {"why", part.judgement.message}});
    news.reason = part.judgement.reason;
    news.message = part.judgement.message;
    return news;
  }
  const auto place = place_of(part);
  if (!place) {
    part.fresh = place.error().code == Errc::exists;
    news.reason = reason_of_mounting(place.error().code);
    news.message = place.error().what;
    if (!part.fresh) node::log_error("stick_not_mounted", {{"folder", part.at.device}, {"why", news.message}});
    return news;
  }
  const auto gone = [&] {
    bus_->drain();
    return wake_.stopping() || bus_->was_removed(part.at.object);
  };
  const std::uint64_t commits_before = commits_;
  news = node::visit_stick(engine_, place->point, std::move(news), tell_, gone, &part.memory);
  part.synced = news.what == StickNews::What::safe;
  // Its own commits are no reason to come back, and a question asked once too often costs little.
  part.commits = part.synced ? commits_before : commits_.load();
  part.looked = Clock::now();
  bus_->drain();
  if (bus_->was_removed(part.at.object)) {
    news.what = StickNews::What::failed;
    news.reason = "pulled";
    news.message = "the stick was pulled before it was done: plug it in again; nothing is lost";
    node::log_warning("stick_pulled", {{"folder", part.at.device}, {"why", news.message}});
  }
  leave(part, *place);
  return news;
}

Result<StickMounter::Place> StickMounter::place_of(Part& part) {
  const Judgement now = judge(part.at, read_mountinfo());
  if (now.what != Judgement::What::use) return mount(part);
  return Place{now.point, is_own_mount(now.point, user_)};
}

Result<StickMounter::Place> StickMounter::mount(Part& part) {
  auto point = bus_->mount(part.at.object, mount_options(part.at));
  if (!point && point.error().code == Errc::exists) {
    look_at_ = Clock::now() + settle_time;
    return point.error();
  }
  if (!point) return fail(point.error().code, why_not_mounted(part.at, user_, point.error()));
  const Place place{std::move(*point), true};
  if (const auto checked = check_mounted(part.at, place.point, read_mountinfo()); !checked) {
    leave(part, place);
    return fail(Errc::unsupported, checked.error().what +
                                       ", although nosuid, nodev and noexec were asked for: look into /etc/fstab and "
                                       "/etc/udisks2/mount_options.conf");
  }
  node::log_info("stick_mounted", {{"folder", part.at.device}, {"at", plain_text(place.point)}});
  return place;
}

/// All was synced and read back: what stays mounted because somebody looks into it may be pulled all the same.
void StickMounter::leave(const Part& part, const Place& place) {
  if (!place.ours) return;
  const auto done = bus_->unmount(part.at.object);
  if (done) return node::log_info("stick_unmounted", {{"folder", part.at.device}});
  if (bus_->was_removed(part.at.object) || done.error().code == Errc::not_found) return;
  node::log_warning("stick_stays_mounted", {{"folder", part.at.device}, {"why", done.error().what}});
}

}  // namespace khuoi::mounts
