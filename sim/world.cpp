#include "sim/world.h"

#include <algorithm>
#include <array>

namespace khuoi::sim {

namespace {

constexpr std::int64_t wall_start = 1'790'000'000;
const std::array<const char*, 10> hamlet_names{"Khuổi Mèo", "Nà Lay",    "Khuổi Chạo", "Tân Lập",  "Nà Ca",
                                               "Phú Cốc",   "Lũng Pèng", "Bản Chấu",   "Nà Đoỏng", "Khuổi Bốc"};

sync::Secret phrase_key() { return sync::Secret::copy_of(Bytes(32, 7)); }

}  // namespace

World::World(const Scenario& scenario, Trace& trace) : scenario_(scenario), trace_(trace), rng_(scenario.seed) {
  Node& first = add("Sảng Mộc", sync::Role::commune);
  unlock(first);
  for (std::size_t i = 0; i < scenario_.hamlets; ++i) {
    Node& box = add(hamlet_names.at(i), sync::Role::hamlet);
    box.hamlet = i;
  }
}

Node& World::add(const std::string& name, sync::Role role) {
  nodes_.push_back(std::make_unique<Node>(ledger_, name, role, rng_.next()));
  Node& node = *nodes_.back();
  node.store = std::make_unique<WatchedStore>(std::make_unique<MemoryStore>(), node.watch);
  sync::PassphraseParams params;
  params.operations = 1;
  params.memory_kib = 8;
  const sync::Secret key = phrase_key();
  sure(sync::Replica::create(*node.store, role, name, {"head", params, key}, node.rng, now(node)), "create");
  open(node);
  return node;
}

Node& World::add_clone(Node& of) {
  nodes_.push_back(std::make_unique<Node>(ledger_, of.name + " (copy)", of.role, rng_.next()));
  Node& node = *nodes_.back();
  node.store = std::make_unique<WatchedStore>(of.store->inner().clone(), node.watch);
  node.hamlet = of.hamlet;
  node.is_clone = true;
  node.set_back = of.set_back = true;
  open(node);
  return node;
}

void World::open(Node& node) {
  node.replica = sure(sync::Replica::open(*node.store, node.rng), "open");
  node.watch.set_self(node.replica->self().node);
  node.unlocked = false;
  node.touched = true;
  if (!scenario_.built_in_forms) return;
  auto work = sure(node.replica->begin(now(node)), "begin");
  for (const auto domain : {sync::Domain::general, sync::Domain::health}) {
    sure(node.replica->library().put_built_in(work.batch(), view_of(form_xml(domain)), domain), "put_built_in");
  }
  sure(work.commit(), "commit");
}

std::vector<Node*> World::boxes() {
  std::vector<Node*> out;
  for (const auto& node : nodes_) {
    if (!node->is_commune() && node->on && !node->revoked) out.push_back(node.get());
  }
  return out;
}

void World::pass(std::int64_t micros) {
  micros_ += micros;
  trace_.at(micros_);
}

void World::wait(std::int64_t micros) {
  const Instant until = time() + Micros(micros);
  if (on_wait) on_wait(until);
  reach(until);
}

void World::reach(Instant when) {
  micros_ = std::max<std::int64_t>(micros_, when.time_since_epoch().count());
  trace_.at(micros_);
}

Now World::now(const Node& node) const {
  return {Instant(Micros(micros_)), UnixSeconds{wall_start + micros_ / 1'000'000 + node.clock_error_seconds}};
}

void World::plan_commit_failure(Node& node) {
  if (!strikes(scenario_.commit_fails)) return;
  const std::size_t after = rng_.below(3);
  trace_.note("fault: " + node.name + ": commit " + std::to_string(after) + " from now will fail");
  node.store->inner().fail_commit(after, fail(Errc::io, "the simulated disk failed"));
}

void World::cancel_commit_failure(Node& node) { node.store->inner().fail_commit(1U << 30U, fail(Errc::io, "never")); }

Outcome World::work(Node& node, const std::string& what, const Fn& fn) {
  pass(1000);
  node.touched = true;
  node.watch.take_written();
  bool crash = strikes(scenario_.crash_before_commit);
  if (!crash && strikes(scenario_.commit_fails)) {
    node.store->inner().fail_commit(0, fail(Errc::io, "the simulated disk failed"));
  }
  {
    auto work = sure(node.replica->begin(now(node)), "begin");
    const Result<void> done = fn(work.batch());
    if (!done) {
      cancel_commit_failure(node);
      trace_.note(node.name + ": " + what + " refused: " + done.error().what);
      return Outcome::refused;
    }
    if (!crash) {
      const Result<void> committed = work.commit();
      if (!committed && committed.error().code != Errc::io) violated(what + ": commit: " + committed.error().what);
      if (!committed) {
        trace_.note(node.name + ": " + what + ": the commit failed");
        return Outcome::failed;
      }
      crash = strikes(scenario_.crash_after_commit);
    }
  }
  if (crash) {
    restart(node, "a crash during " + what);
    return Outcome::crashed;
  }
  return Outcome::committed;
}

void World::restart(Node& node, const std::string& why) {
  trace_.note(node.name + ": starts again after " + why);
  if (on_restart) on_restart(node);
  node.replica.reset();
  open(node);
  if (node.is_commune()) unlock(node);
}

void World::unlock(Node& node) {
  auto keys = [&] {
    const auto txn = sure(node.replica->read(), "read");
    return sure(node.replica->reader().open_slots(
                    *txn, "", [](const sync::PassphraseParams&) { return Result<sync::Secret>(phrase_key()); }),
                "open_slots");
  }();
  auto work = sure(node.replica->begin(now(node)), "begin");
  sure(node.replica->unlock(work.batch(), keys), "unlock");
  sure(work.commit(), "commit of unlock");
  node.unlocked = true;
}

void World::lock(Node& node) {
  node.replica->lock();
  node.unlocked = false;
}

void World::join(Node& box) {
  const auto request = sure(sync::decode_request(box.replica->enrolment().enrol_request()), "decode_request");
  Bytes grant;
  auto granting = sure(commune().replica->begin(now(commune())), "begin");
  grant = sure(commune().replica->enrolment().grant(granting.batch(), {request, std::nullopt, now(commune()).wall}), "grant");
  sure(granting.commit(), "commit of grant");
  const auto statements = sure(sync::decode_grant_file(grant), "decode_grant_file");
  auto accepting = sure(box.replica->begin(now(box)), "begin");
  sure(box.replica->enrolment().accept_grant(accepting.batch(), statements), "accept_grant");
  sure(accepting.commit(), "commit of accept_grant");
}

void World::make_backup(Node& node) {
  trace_.note(node.name + ": a backup is made");
  node.backups.push_back({node.store->inner().clone(), trace_.events()});
  if (node.backups.size() > 3) node.backups.erase(node.backups.begin());
}

std::string describe(const sync::Counts& counts) {
  const auto pair = [](std::uint64_t peoples, std::uint64_t control) {
    return std::to_string(peoples) + "+" + std::to_string(control);
  };
  return "in " + pair(counts.records_in, counts.control_in) + " out " + pair(counts.records_out, counts.control_out) +
         " duplicate " + std::to_string(counts.records_duplicate) + " rejected " +
         std::to_string(counts.records_rejected) + " files " + pair(counts.attachments_in, counts.attachments_out) +
         " carried " + pair(counts.carried_in, counts.carried_out);
}

std::string form_xml(sync::Domain domain) {
  const std::string id = domain == sync::Domain::health ? "suc-khoe" : "khai-sinh";
  return R"(<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>)" +
         id + R"(</h:title><model><instance><data id=")" + id +
         R"(" version="1"><name/><text/><photo/><paper/><meta><instanceID/><deprecatedID/></meta></data></instance>)"
         R"(<bind nodeset="/data/name" type="string"/><bind nodeset="/data/text" type="string"/>)"
         R"(<bind nodeset="/data/photo" type="binary"/><bind nodeset="/data/paper" type="binary"/></model></h:head>)"
         R"(<h:body><input ref="/data/name"><label>Tên</label></input><input ref="/data/text"><label>Ghi</label></input>)"
         R"(<upload ref="/data/photo" mediatype="image/*"/><upload ref="/data/paper" mediatype="image/*"/></h:body></h:html>)";
}

std::string submission_xml(sync::Domain domain, const std::string& instance, const std::string& name,
                           const std::string& text, const std::vector<std::string>& files,
                           const std::string& deprecated) {
  const auto file = [&](std::size_t i) { return i < files.size() ? files[i] : std::string(); };
  std::string out = std::string("<data id=\"") + (domain == sync::Domain::health ? "suc-khoe" : "khai-sinh") +
                    "\" version=\"1\"><name>" + name + "</name><text>" + text + "</text><photo>" + file(0) +
                    "</photo><paper>" + file(1) + "</paper><meta><instanceID>" + instance + "</instanceID>";
  if (!deprecated.empty()) out += "<deprecatedID>" + deprecated + "</deprecatedID>";
  return out + "</meta></data>";
}

}  // namespace khuoi::sim
