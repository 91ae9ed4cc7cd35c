#pragma once

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <csignal>
#include <future>
#include <thread>

#include "node/links/fiber/fiber.h"
#include "node/links/fiber/framing.h"
#include "node/links/fiber/tls_identity.h"
#include "sync/wire/messages.h"
#include "tests/storage/temp_folder.h"
#include "tests/support/replica_pair.h"

namespace khuoi::tests {

inline sync::Secret test_phrase_key() { return sync::Secret::copy_of(Bytes(32, 7)); }

/// A node in a folder of its own, with the engine that the program uses.
struct DiskNode {
  TempFolder folder;
  std::unique_ptr<node::Engine> engine;

  DiskNode(sync::Role role, const std::string& name) {
    node::SystemRng rng;
    auto store = storage::LmdbStore::open(folder / "store", {.create = true});
    INFO((store ? std::string() : store.error().what));
    REQUIRE(store);
    const sync::Secret phrase_key = test_phrase_key();
    sync::PassphraseParams params;
    params.operations = 1;
    params.memory_kib = 8;
    REQUIRE(sync::Replica::create(**store, role, name, {"head", params, phrase_key}, rng, node::system_now()));
    store->reset();
    open();
  }
  void open() {
    engine.reset();
    auto opened = node::Engine::open(folder.path());
    INFO((opened ? std::string() : opened.error().what));
    REQUIRE(opened);
    engine = std::move(*opened);
  }
  void work(const node::Engine::WorkFn& fn) const {
    const Result<void> done = engine->work(fn);
    INFO((done ? std::string() : done.error().what));
    REQUIRE(done);
  }
  void unlock() const {
    std::vector<sync::LockKey> keys;
    REQUIRE(engine->look([&](sync::ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
      KHUOI_TRY(keys, reader.open_slots(txn, "", [](const sync::PassphraseParams&) {
        return Result<sync::Secret>(test_phrase_key());
      }));
      return {};
    }));
    REQUIRE(engine->unlock(std::move(keys)));
  }
  /// `count` submissions in one commit, numbered from `first`.
  void submit(std::size_t first, std::size_t count = 1) const {
    work([&](sync::Replica& replica, sync::Batch& batch) -> Result<void> {
      for (std::size_t n = first; n < first + count; ++n) {
        const std::string digits = std::to_string(n);
        const std::string xml = test_submission("00000000-0000-4000-8000-" + std::string(12 - digits.size(), '0') + digits,
                                                "Nguyễn Thị " + digits);
        KHUOI_TRY(const auto prepared, replica.reader().submissions().prepare(batch.txn, view_of(xml)));
        KHUOI_TRY_VOID(replica.intake().submit(batch, prepared, {}));
      }
      return {};
    });
  }
  [[nodiscard]] std::vector<sync::DossierEntry> list() const {
    std::vector<sync::DossierEntry> out;
    REQUIRE(engine->look([&](sync::ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
      KHUOI_TRY(out, reader.views().list(txn));
      return {};
    }));
    return out;
  }
  [[nodiscard]] std::size_t count_in_state(std::string_view state) const {
    const auto all = list();
    return static_cast<std::size_t>(std::ranges::count_if(all, [&](const auto& one) { return one.state == state; }));
  }
  [[nodiscard]] sync::SignKeyPair sign_key() const {
    sync::SignKeyPair out;
    REQUIRE(engine->look([&](sync::ReplicaReader& reader, const sync::ReadTxn&) -> Result<void> {
      out.public_key = reader.keys().sign().public_key;
      out.secret_key = reader.keys().sign().secret_key.duplicate();
      return {};
    }));
    return out;
  }
  [[nodiscard]] sync::Self self() const {
    sync::Self out;
    REQUIRE(engine->look([&](sync::ReplicaReader& reader, const sync::ReadTxn&) -> Result<void> {
      out = reader.self();
      return {};
    }));
    return out;
  }
};

inline void join(const DiskNode& commune, const DiskNode& hamlet) {
  Bytes request;
  REQUIRE(hamlet.engine->look([&](sync::ReplicaReader& reader, const sync::ReadTxn&) -> Result<void> {
    request = reader.membership().enrol_request();
    return {};
  }));
  Bytes grant;
  commune.work([&](sync::Replica& replica, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(const auto wish, sync::decode_request(request));
    KHUOI_TRY(grant, replica.enrolment().grant(batch, {wish, std::nullopt, batch.now.wall}));
    return {};
  });
  hamlet.work([&](sync::Replica& replica, sync::Batch& batch) -> Result<void> {
    KHUOI_TRY(const auto statements, sync::decode_grant_file(grant));
    return replica.enrolment().accept_grant(batch, statements);
  });
}

/// Unlocks the commune, which then has a form and this hamlet.
inline void join_with_form(const DiskNode& commune, const DiskNode& hamlet) {
  commune.unlock();
  join(commune, hamlet);
  commune.work([](sync::Replica& replica, sync::Batch& batch) {
    sync::FormRecord form;
    form.xml = to_bytes(view_of(test_form));
    return replica.add_form(batch, form);
  });
}

/// One commune, and one hamlet that has joined it and knows its form.
struct DiskPair {
  DiskNode commune{sync::Role::commune, "Sảng Mộc"};
  DiskNode hamlet{sync::Role::hamlet, "Khuổi Mèo"};
  DiskPair() {
    join_with_form(commune, hamlet);
  }
};

/// A server on a thread of its own, as `khuoi serve --listen` has it.
class Serving final {
 public:
  explicit Serving(node::Engine& engine, const node::LinkLimits& limits = {}, const std::string& port = "0") {
    server_ = std::make_unique<node::FiberServer>(
        io_, engine, node::HostPort{"127.0.0.1", port}, limits,
        [this](const node::LinkEvent& event) {
          const std::lock_guard held(mutex_);
          events_.push_back(event);
          changed_.notify_all();
        },
        [this](const std::string& address) -> Result<void> {
          place_ = *node::parse_host_port(address);
          return {};
        });
    const Result<void> started = server_->start();
    INFO((started ? std::string() : started.error().what));
    REQUIRE(started);
    thread_ = std::thread([this] { io_.run(); });
  }
  ~Serving() {
    boost::asio::post(io_, [this] { server_->stop(); });
    thread_.join();
  }
  Serving(const Serving&) = delete;
  Serving& operator=(const Serving&) = delete;

  [[nodiscard]] const node::HostPort& place() const { return place_; }
  [[nodiscard]] std::uint16_t port() const { return static_cast<std::uint16_t>(std::stoul(place_.port)); }
  /// One figure of the server, once its thread has done what it was told before.
  std::int64_t figure(std::string_view name) {
    std::promise<std::int64_t> answer;
    boost::asio::post(io_, [&] {
      const auto all = server_->figures();
      answer.set_value(std::ranges::find(all, name, &node::LinkFigure::name)->value);
    });
    return answer.get_future().get();
  }
  /// Waits until there was an event of this kind since the last call for it.
  node::LinkEvent wait_for(node::LinkEvent::What what) {
    std::unique_lock held(mutex_);
    std::size_t& seen = seen_[what];
    while (true) {
      for (; seen < events_.size(); ++seen) {
        if (events_[seen].what == what) return events_[seen++];
      }
      changed_.wait(held);
    }
  }

 private:
  boost::asio::io_context io_{1};
  std::unique_ptr<node::FiberServer> server_;
  node::HostPort place_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<node::LinkEvent> events_;
  std::map<node::LinkEvent::What, std::size_t> seen_;
  std::thread thread_;
};

/// Exchanges once, and says why when it cannot.
inline sync::Counts contact(const DiskNode& hamlet, const node::HostPort& to) {
  const auto done = node::contact_once(*hamlet.engine, to);
  INFO((done ? std::string() : done.error().what));
  REQUIRE(done);
  return *done;
}

/// A connected TCP socket that a test moves octets through by hand.
class RawSocket final {
 public:
  explicit RawSocket(std::uint16_t port, const char* from = "127.0.0.1") : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    REQUIRE(socket_ >= 0);
    sockaddr_in here{};
    here.sin_family = AF_INET;
    REQUIRE(::inet_pton(AF_INET, from, &here.sin_addr) == 1);
    REQUIRE(::bind(socket_, reinterpret_cast<sockaddr*>(&here), sizeof(here)) == 0);
    sockaddr_in there{};
    there.sin_family = AF_INET;
    there.sin_port = htons(port);
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(socket_, reinterpret_cast<sockaddr*>(&there), sizeof(there)) == 0);
    const int now = 1;  // else a hello waits 40 ms for the handshake to be acknowledged
    REQUIRE(::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &now, sizeof(now)) == 0);
  }
  ~RawSocket() { ::close(socket_); }
  RawSocket(const RawSocket&) = delete;
  RawSocket& operator=(const RawSocket&) = delete;
  [[nodiscard]] int get() const { return socket_; }
  void send(ByteView octets) const { (void)::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL); }
  /// All that comes until the other side ends it.
  [[nodiscard]] Bytes receive_all() const {
    Bytes out;
    Bytes some(4096);
    for (ssize_t got = 0; (got = ::recv(socket_, some.data(), some.size(), 0)) > 0;) {
      append(out, ByteView(some).first(static_cast<std::size_t>(got)));
    }
    return out;
  }

 private:
  int socket_;
};

/// A TLS client that says what a test wants.
class RawPeer final {
 public:
  RawPeer(SSL_CTX* context, std::uint16_t port) : socket_(port), tls_(SSL_new(context)) {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to a socket that the other side closed
    SSL_set_fd(tls_, socket_.get());
  }
  ~RawPeer() { SSL_free(tls_); }
  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;
  bool handshake() { return SSL_connect(tls_) == 1; }
  bool send(ByteView octets) { return SSL_write(tls_, octets.data(), static_cast<int>(octets.size())) > 0; }
  /// What comes next inside TLS; nothing once the other side ended it.
  Bytes receive_some() {
    Bytes out(4096);
    out.resize(static_cast<std::size_t>(std::max(0, SSL_read(tls_, out.data(), static_cast<int>(out.size())))));
    return out;
  }
  Bytes receive_all() {
    Bytes out;
    for (Bytes some = receive_some(); !some.empty(); some = receive_some()) append(out, some);
    return out;
  }

 private:
  RawSocket socket_;
  SSL* tls_;
};

}  // namespace khuoi::tests
