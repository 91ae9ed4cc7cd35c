#include "tests/node/links_fixture.h"

using namespace khuoi;
using namespace khuoi::tests;
using node::LinkEvent;

namespace {

std::uint64_t moved(const sync::Counts& counts) {
  return counts.records_in + counts.records_out + counts.records_duplicate + counts.records_rejected + counts.control_in +
         counts.control_out + counts.attachments_in + counts.attachments_out;
}

}  // namespace

TEST_CASE("links: an address is a host and a port", "[node][links]") {
  for (const char* good : {"localhost:1", "10.0.0.7:65535", "[::1]:443", "[fe80::1]:0", ":9000"}) {
    const auto parsed = node::parse_host_port(good);
    REQUIRE(parsed);
    CHECK(parsed->text() == good);
  }
  for (const char* bad : {"", "localhost", "localhost:", "localhost:x", "localhost:65536", "::1:443", "a:999999"}) {
    CAPTURE(bad);
    const auto parsed = node::parse_host_port(bad);
    REQUIRE(!parsed);
    CHECK(parsed.error().code == Errc::usage);
  }
}

TEST_CASE("links: frames come back from pieces of any size", "[node][links]") {
  const std::vector<Bytes> messages = {Bytes(1, 7), Bytes(300, 8), Bytes(70'000, 9)};
  Bytes stream;
  for (const Bytes& message : messages) node::append_frame(stream, message);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, std::size_t{1000}, stream.size()}) {
    node::FrameReader reader(100'000);
    std::vector<Bytes> back;
    for (std::size_t at = 0; at < stream.size(); at += piece) {
      ByteView left = ByteView(stream).subspan(at, std::min(piece, stream.size() - at));
      while (!left.empty()) {
        auto message = reader.take(left);
        if (!message) FAIL(message.error().what);
        if (*message) back.push_back(std::move(**message));
      }
    }
    CHECK(back == messages);
    CHECK(!reader.in_frame());
  }
}

TEST_CASE("links: a frame longer than the limit, and an empty one, are refused by their head alone", "[node][links]") {
  for (const Bytes& head : {Bytes{0xff, 0xff, 0xff, 0xff}, Bytes{0, 0, 0x10, 1}, Bytes{0, 0, 0, 0}}) {
    node::FrameReader reader(4096);
    ByteView left(head);
    CHECK(!reader.take(left));
  }
}

TEST_CASE("links: records go both ways over TLS, and nothing new costs one round trip of 256 octets", "[node][links]") {
  const DiskPair pair;
  Serving serving(*pair.commune.engine);
  CHECK(contact(pair.hamlet, serving.place()).records_in == 1);  // the form
  pair.hamlet.submit(1, 3);
  const sync::Counts counts = contact(pair.hamlet, serving.place());
  CHECK(counts.records_out == 3);
  CHECK(pair.commune.list().size() == 3);
  CHECK(pair.hamlet.count_in_state("received") == 3);

  serving.wait_for(LinkEvent::What::down);
  serving.wait_for(LinkEvent::What::down);
  const sync::Counts nothing = contact(pair.hamlet, serving.place());
  CHECK(moved(nothing) == 0);
  CHECK(nothing.bytes_in + nothing.bytes_out <= 256);
  const LinkEvent end = serving.wait_for(LinkEvent::What::down);
  CHECK(end.counts.bytes_in == nothing.bytes_out);
  CHECK(end.counts.bytes_out == nothing.bytes_in);
  CHECK(moved(end.counts) == 0);
}

TEST_CASE("links: two thousand records arrive, and are all received", "[node][links]") {
  const DiskPair pair;
  Serving serving(*pair.commune.engine);
  contact(pair.hamlet, serving.place());
  pair.hamlet.submit(1, 2000);
  const auto began = std::chrono::steady_clock::now();
  const sync::Counts counts = contact(pair.hamlet, serving.place());
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
  UNSCOPED_INFO("records=2000 ms=" << took.count() << " octets_out=" << counts.bytes_out << " octets_in=" << counts.bytes_in);
  CHECK(counts.records_out == 2000);
  CHECK(pair.commune.list().size() == 2000);
  CHECK(pair.hamlet.count_in_state("received") == 2000);
  CHECK(moved(contact(pair.hamlet, serving.place())) == 0);
}

TEST_CASE("links: a node without a commune, and a commune, do not dial", "[node][links]") {
  const DiskNode hamlet(sync::Role::hamlet, "Nà Lay");
  const auto alone = node::contact_once(*hamlet.engine, {"127.0.0.1", "1"});
  REQUIRE(!alone);
  CHECK(alone.error().code == Errc::denied);
  const DiskNode commune(sync::Role::commune, "Sảng Mộc");
  const auto asked = node::contact_once(*commune.engine, {"127.0.0.1", "1"});
  REQUIRE(!asked);
  CHECK(asked.error().code == Errc::denied);
}

TEST_CASE("links: where nobody listens, one sentence says so", "[node][links]") {
  const DiskPair pair;
  std::uint16_t port = 0;
  { port = Serving(*pair.commune.engine).port(); }
  const auto done = node::contact_once(*pair.hamlet.engine, {"127.0.0.1", std::to_string(port)});
  REQUIRE(!done);
  CHECK(done.error().code == Errc::closed);
  CHECK(done.error().what.find("nobody answered at 127.0.0.1") == 0);
}

TEST_CASE("links: another commune at the address is refused before a word", "[node][links]") {
  const DiskPair pair;
  const DiskNode other(sync::Role::commune, "Thần Sa");
  Serving serving(*other.engine);
  const auto done = node::contact_once(*pair.hamlet.engine, serving.place());
  REQUIRE(!done);
  CHECK(done.error().code == Errc::unauthenticated);
  CHECK(serving.wait_for(LinkEvent::What::refused).counts.bytes_in == 0);
}

TEST_CASE("links: a revoked node gets no word", "[node][links]") {
  const DiskPair pair;
  pair.commune.work([&](sync::Replica& replica, sync::Batch& batch) {
    return replica.enrolment().revoke(batch, pair.hamlet.self().node);
  });
  Serving serving(*pair.commune.engine);
  const auto done = node::contact_once(*pair.hamlet.engine, serving.place());
  REQUIRE(!done);
  CHECK(done.error().what.find("ended the connection before a word") != std::string::npos);
  for (int attempt = 0; attempt < 2; ++attempt) {  // the second offered its grant
    const LinkEvent end = serving.wait_for(LinkEvent::What::refused);
    CHECK(end.peer == pair.hamlet.self().node);
    CHECK(end.counts.bytes_out == 0);
  }
}

TEST_CASE("links: a commune that forgot a node learns it again from the node's own grant", "[node][links]") {
  DiskNode commune(sync::Role::commune, "Sảng Mộc");
  REQUIRE(commune.engine->close());
  commune.engine.reset();
  const TempFolder backup;
  std::filesystem::copy(commune.folder / "store", backup / "store", std::filesystem::copy_options::recursive);
  commune.open();
  commune.unlock();
  const DiskNode hamlet(sync::Role::hamlet, "Khuổi Mèo");
  join(commune, hamlet);
  commune.engine.reset();
  std::filesystem::remove_all(commune.folder / "store");
  std::filesystem::copy(backup / "store", commune.folder / "store", std::filesystem::copy_options::recursive);
  commune.open();
  Serving serving(*commune.engine);
  contact(hamlet, serving.place());
  CHECK(serving.wait_for(LinkEvent::What::refused).counts.bytes_out == 0);
  CHECK(serving.wait_for(LinkEvent::What::up).peer == hamlet.self().node);
}

namespace {

/// Written at one side, it is at the other without anybody dialling.
void wait_until(const std::function<bool()>& holds) {
  while (!holds()) std::this_thread::yield();
}

/// `serve --contact` on a thread of its own.
class Dialling final {
 public:
  Dialling(node::Engine& engine, const node::HostPort& to, const node::LinkLimits& limits)
      : dialer_(io_, engine, to, limits, [](const LinkEvent&) {}) {
    REQUIRE(dialer_.start());
    thread_ = std::thread([this] { io_.run(); });
  }
  ~Dialling() {
    boost::asio::post(io_, [this] { dialer_.stop(); });
    thread_.join();
  }
  Dialling(const Dialling&) = delete;
  Dialling& operator=(const Dialling&) = delete;
  node::FiberDialer& dialer() { return dialer_; }

 private:
  boost::asio::io_context io_{1};
  node::FiberDialer dialer_;
  std::thread thread_;
};

node::LinkLimits quick() {
  node::LinkLimits out;
  out.retry_min = std::chrono::milliseconds(5);
  out.retry_max = std::chrono::milliseconds(20);
  return out;
}

}  // namespace

TEST_CASE("links: what is written at either end of a standing link crosses it at once", "[node][links]") {
  const DiskPair pair;
  Serving serving(*pair.commune.engine);
  const Dialling dialling(*pair.hamlet.engine, serving.place(), quick());
  serving.wait_for(LinkEvent::What::up);
  wait_until([&] {
    bool known = false;
    REQUIRE(pair.hamlet.engine->look([&](sync::ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
      KHUOI_TRY(const auto forms, reader.library().forms(txn));
      known = std::ranges::any_of(forms, [](const auto& form) { return form.id == "test"; });
      return {};
    }));
    return known;
  });
  pair.hamlet.submit(1, 5);
  wait_until([&] { return pair.hamlet.count_in_state("received") == 5; });
  pair.hamlet.unlock();
  pair.commune.work([&](sync::Replica& replica, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(const auto list, replica.views().list(batch.txn));
    KHUOI_TRY(const auto key, replica.views().resolve(batch.txn, list.front().id.hex()));
    sync::StateChange change;
    change.state = sync::State::accepted;
    return replica.set_state(batch, key, change);
  });
  wait_until([&] { return pair.hamlet.count_in_state("accepted") == 1; });
  CHECK(serving.figure("links") == 1);
  CHECK(serving.figure("half_open") == 0);
}

TEST_CASE("links: a dialler comes back when the listener does", "[node][links]") {
  const DiskPair pair;
  auto serving = std::make_unique<Serving>(*pair.commune.engine);
  const std::string port = serving->place().port;
  const Dialling dialling(*pair.hamlet.engine, serving->place(), quick());
  serving->wait_for(LinkEvent::What::up);
  for (int again = 0; again < 3; ++again) {
    serving.reset();
    serving = std::make_unique<Serving>(*pair.commune.engine, node::LinkLimits{}, port);
    serving->wait_for(LinkEvent::What::up);
  }
}

TEST_CASE("links: a single contact while a dialler is held off the line is not cut by it", "[node][links]") {
  const DiskPair pair;
  Serving serving(*pair.commune.engine);
  Dialling dialling(*pair.hamlet.engine, serving.place(), quick());
  serving.wait_for(LinkEvent::What::up);
  {
    const auto hold = dialling.dialer().hold();
    serving.wait_for(LinkEvent::What::down);
    contact(pair.hamlet, serving.place());
    serving.wait_for(LinkEvent::What::up);
    serving.wait_for(LinkEvent::What::down);
  }
  serving.wait_for(LinkEvent::What::up);
}

TEST_CASE("links: a dialler's state follows its connection, and a listener's its own", "[node][links]") {
  using Word = node::LinkState::Word;
  const DiskPair pair;
  auto serving = std::make_unique<Serving>(*pair.commune.engine);
  Dialling dialling(*pair.hamlet.engine, serving->place(), quick());
  node::FiberDialer& dialer = dialling.dialer();
  wait_until([&] { return dialer.state().word == Word::up; });
  CHECK(dialer.state().since.value > 0);
  CHECK(dialer.state().why.empty());
  {
    const auto hold = dialer.hold();
    wait_until([&] { return dialer.state().word == Word::down; });
  }
  wait_until([&] { return dialer.state().word == Word::up; });
  CHECK(dialer.figures().front().name == "contacts");
  CHECK(dialer.figures().front().value == 2);
  serving.reset();
  wait_until([&] { return dialer.state().why.find("nobody answered") != std::string::npos; });
  CHECK(dialer.state().word == Word::down);

  boost::asio::io_context io(1);
  node::FiberServer server(io, *pair.commune.engine, node::HostPort{"127.0.0.1", "0"}, quick(), nullptr);
  CHECK(server.state().word == Word::down);
  REQUIRE(server.start());
  CHECK(server.state().word == Word::up);
  server.stop();
  CHECK(server.state().word == Word::down);
  io.run();
}

TEST_CASE("links: a peer's second connection replaces its first", "[node][links]") {
  const DiskPair pair;
  Serving serving(*pair.commune.engine);
  node::LinkLimits slow = quick();
  slow.retry_min = slow.retry_max = std::chrono::hours(1);
  const Dialling dialling(*pair.hamlet.engine, serving.place(), slow);
  serving.wait_for(LinkEvent::What::up);
  contact(pair.hamlet, serving.place());
  serving.wait_for(LinkEvent::What::up);
  CHECK(serving.wait_for(LinkEvent::What::down).why == "the peer connected anew");
  serving.wait_for(LinkEvent::What::down);
  CHECK(serving.figure("links") == 0);
}
