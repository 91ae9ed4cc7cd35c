#pragma once

#include <catch2/catch.hpp>
#include <string>

#include "sim/memory_store.h"
#include "sync/contact/courier.h"
#include "sync/contact/session.h"
#include "tests/support/print_result.h"

namespace khuoi::tests {

/// A node over memory, with a clock that only moves when told.
struct TestNode {
  std::unique_ptr<sim::MemoryStore> disk = std::make_unique<sim::MemoryStore>();
  SeededRng rng;
  Now now{Instant(Micros(1'000'000)), UnixSeconds{1'790'000'000}};
  std::unique_ptr<sync::Replica> replica;

  TestNode(sync::Role role, const std::string& name, std::uint64_t seed) : rng(seed) {
    const sync::Secret phrase_key = sync::Secret::copy_of(Bytes(32, 7));
    sync::PassphraseParams params;
    params.operations = 1;
    params.memory_kib = 8;
    REQUIRE(sync::Replica::create(*disk, role, name, {"head", params, phrase_key}, rng, now));
    start();
  }
  /// Starts on a copied disk.
  TestNode(std::unique_ptr<sim::MemoryStore> image, std::uint64_t seed) : disk(std::move(image)), rng(seed) { start(); }
  /// Puts an older state of the disk back.
  void restore(const sim::MemoryStore& image) {
    replica.reset();
    disk = image.clone();
    start();
  }
  void start() {
    replica.reset();
    auto opened = sync::Replica::open(*disk, rng);
    REQUIRE(opened);
    replica = std::move(*opened);
  }
  void unlock() {
    auto txn = replica->read();
    REQUIRE(txn);
    auto keys = replica->reader().open_slots(**txn, "", [](const sync::PassphraseParams&) {
      return Result<sync::Secret>(sync::Secret::copy_of(Bytes(32, 7)));
    });
    REQUIRE(keys);
    work([&](sync::Batch& batch) { return replica->unlock(batch, *keys); });
  }
  template <typename Fn>
  void work(const Fn& fn) {
    now.monotonic += Micros(1000);
    auto work = replica->begin(now);
    REQUIRE(work);
    const Result<void> done = fn(work->batch());
    INFO((done ? std::string() : done.error().what));
    REQUIRE(done);
    REQUIRE(work->commit());
  }
  /// Gives the id; checks that it was taken.
  sync::Prepared submit(const std::string& xml) {
    std::optional<sync::Prepared> out;
    work([&](sync::Batch& batch) -> Result<void> {
      KHUOI_TRY(out, replica->reader().submissions().prepare(batch.txn, view_of(xml)));
      KHUOI_TRY_VOID(replica->intake().submit(batch, *out, {}));
      return {};
    });
    return *out;
  }
  std::vector<sync::DossierEntry> list() {
    auto txn = replica->read();
    auto out = replica->views().list(**txn);
    INFO((out ? std::string() : out.error().what));
    REQUIRE(out);
    return *out;
  }
};

inline const std::string test_form =
    R"(<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>Test</h:title>)"
    R"(<model><instance><data id="test" version="1"><name/><photo/><meta><instanceID/><deprecatedID/></meta></data></instance>)"
    R"(<bind nodeset="/data/name" type="string"/><bind nodeset="/data/photo" type="binary"/></model></h:head>)"
    R"(<h:body><input ref="/data/name"><label>Name</label></input><upload ref="/data/photo" mediatype="image/*"/></h:body></h:html>)";

inline std::string test_submission(const std::string& id, const std::string& name, const std::string& photo = "",
                                   const std::string& deprecated = "") {
  std::string out = "<data id=\"test\" version=\"1\"><name>" + name + "</name><photo>" + photo + "</photo><meta><instanceID>uuid:" +
                    id + "</instanceID>";
  if (!deprecated.empty()) out += "<deprecatedID>uuid:" + deprecated + "</deprecatedID>";
  return out + "</meta></data>";
}

inline void publish_form(TestNode& commune, const std::string& xml, sync::Domain domain = sync::Domain::general) {
  commune.work([&](sync::Batch& batch) {
    sync::FormRecord form;
    form.xml = to_bytes(view_of(xml));
    form.domain = domain;
    return commune.replica->add_form(batch, form);
  });
}

/// The box joins the commune, whose authority is open.
inline void join(TestNode& commune, TestNode& box) {
  const auto request = sync::decode_request(box.replica->enrolment().enrol_request());
  REQUIRE(request);
  Bytes grant;
  commune.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(grant, commune.replica->enrolment().grant(batch, {*request, std::nullopt, batch.now.wall}));
    return {};
  });
  const auto statements = sync::decode_grant_file(grant);
  REQUIRE(statements);
  box.work([&](sync::Batch& batch) { return box.replica->enrolment().accept_grant(batch, *statements); });
}

/// One commune and one hamlet that has joined it, with one form published.
struct ReplicaPair {
  TestNode commune{sync::Role::commune, "Sảng Mộc", 1};
  TestNode hamlet{sync::Role::hamlet, "Khuổi Mèo", 2};

  ReplicaPair() {
    commune.unlock();
    join(hamlet);
    publish_form(commune, test_form);
  }
  void join(TestNode& box) { tests::join(commune, box); }
};

/// Runs a session between two nodes until both are finished; gives what each counted.
struct Talk {
  sync::Counts dialler;
  sync::Counts listener;
  std::size_t rounds = 0;
  bool finished = false;
};
inline Talk talk(TestNode& dialler, TestNode& listener) {
  sync::Session a(*dialler.replica, {.dials = true}, listener.replica->keys().sign().public_key);
  sync::Session b(*listener.replica, {}, dialler.replica->keys().sign().public_key);
  Talk out;
  std::vector<Bytes> to_b;
  std::vector<Bytes> to_a;
  const auto turn = [](TestNode& node, sync::Session& session, std::vector<Bytes>& in, std::vector<Bytes>& to) {
    node.work([&](sync::Batch& batch) -> Result<void> {
      for (const Bytes& message : in) {
        KHUOI_TRY_VOID(session.on_message(batch, message));
      }
      KHUOI_TRY(to, session.transmit(batch, 1U << 20U));
      return {};
    });
    in.clear();
  };
  do {
    turn(dialler, a, to_a, to_b);
    turn(listener, b, to_b, to_a);
    ++out.rounds;
  } while ((!to_a.empty() || !a.finished()) && out.rounds < 100);
  out.dialler = a.counts();
  out.listener = b.counts();
  out.finished = a.finished();
  return out;
}

/// A stick in memory: names and octets, without parity.
using Stick = std::map<std::string, Bytes>;
inline sync::Counts sync_stick(TestNode& node, Stick& stick) {
  sync::Courier courier(*node.replica);
  const auto begin = [&] { return node.replica->begin(node.now); };
  std::vector<sync::BundleContent> mine;
  std::vector<std::pair<std::string, sync::BundleContent>> own;
  for (auto& [name, octets] : stick) {
    const auto source = [&octets = octets](std::uint64_t at, std::size_t count) -> Result<Bytes> {
      const std::size_t end = std::min<std::size_t>(octets.size(), at + count);
      return Bytes(octets.begin() + static_cast<std::ptrdiff_t>(at), octets.begin() + static_cast<std::ptrdiff_t>(end));
    };
    auto reader = sync::BundleReader::open(source, octets.size());
    if (!reader) continue;
    auto txn = node.replica->read();
    const sync::BundleFile file{name, octets.size(), sync::hash_id<sync::BundleHash>(octets)};
    const auto known = courier.knows(**txn, file);
    REQUIRE(known);
    txn->reset();
    if (*known) continue;
    auto content = courier.take_in(*reader, file, begin);
    INFO((content ? std::string() : content.error().what));
    REQUIRE(content);
    if (courier.is_mine(content->header)) own.emplace_back(name, std::move(*content));
  }
  for (auto& [name, content] : own) {
    auto txn = node.replica->read();
    const auto drop = courier.may_drop(**txn, content);
    REQUIRE(drop);
    const auto passed_over = courier.passed_over(**txn, content);
    REQUIRE(passed_over);
    if (*drop || *passed_over) stick.erase(name);
    else mine.push_back(std::move(content));
  }
  std::optional<sync::Parcel> parcel;
  node.work([&](sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(parcel, courier.pack(batch, mine));
    return {};
  });
  if (!parcel->empty()) {
    Bytes octets;
    auto txn = node.replica->read();
    const auto written = courier.write(**txn, *parcel, 1U << 30U, [&](ByteView part) -> Result<void> {
      append(octets, part);
      return {};
    });
    REQUIRE(written);
    txn->reset();
    stick.emplace(node.rng.id<RunId>().hex(), octets);
    node.work([&](sync::Batch& batch) { return courier.mark_sent(batch, *written); });
  }
  return courier.counts();
}

/// Three times there and back, by a stick or by sessions; a stick ends where it is read by the hamlet.
inline void exchange(ReplicaPair& pair, bool by_stick, Stick& stick) {
  for (int round = 0; round < 3; ++round) {
    if (by_stick) {
      sync_stick(pair.hamlet, stick);
      sync_stick(pair.commune, stick);
    } else {
      talk(pair.hamlet, pair.commune);
    }
  }
  if (by_stick) sync_stick(pair.hamlet, stick);
}

}  // namespace khuoi::tests
