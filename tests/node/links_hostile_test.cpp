// What a peer of the TCP kind may do to a listener (the whole list is in README.md, "What bad input gets").
#include <openssl/evp.h>

#include "tests/node/links_fixture.h"

using namespace khuoi;
using namespace khuoi::tests;
using node::LinkEvent;

namespace {

struct Strangers {
  DiskPair pair;
  node::SystemRng rng;
  sync::SignKeyPair stranger = sync::make_sign_key(rng);

  [[nodiscard]] std::shared_ptr<node::TlsContext> context_of(const sync::SignKeyPair& key) const {
    auto made = node::TlsContext::client(key, pair.commune.sign_key().public_key);
    REQUIRE(made);
    return *made;
  }
  /// A hello, framed, that says it comes from this key's node.
  [[nodiscard]] Bytes hello_from(const sync::SignPublic& key) const {
    sync::Hello hello;
    hello.commune = pair.commune.self().commune;
    hello.node = sync::node_id_of(key);
    hello.nonce = 42;
    Bytes out;
    node::append_frame(out, sync::encode_message(hello));
    return out;
  }
};

/// A listener that waits at one place only for so short a time.
node::LinkLimits impatient(std::chrono::milliseconds node::LinkLimits::*where) {
  node::LinkLimits out;
  out.*where = std::chrono::milliseconds(30);
  return out;
}

void check_still_serves(const DiskPair& pair, const Serving& serving) {
  CHECK(node::contact_once(*pair.hamlet.engine, serving.place()));
}

}  // namespace

TEST_CASE("links: a stranger's hello is answered with silence", "[node][links]") {
  const Strangers world;
  Serving serving(*world.pair.commune.engine);
  const auto context = world.context_of(world.stranger);
  RawPeer peer(context->native(), serving.port());
  REQUIRE(peer.handshake());
  REQUIRE(peer.send(world.hello_from(world.stranger.public_key)));
  CHECK(peer.receive_all().empty());
  CHECK(serving.wait_for(LinkEvent::What::refused).counts.bytes_out == 0);
}

TEST_CASE("links: a stranger that gives a member's name is answered with silence", "[node][links]") {
  const Strangers world;
  Serving serving(*world.pair.commune.engine);
  const auto context = world.context_of(world.stranger);
  RawPeer peer(context->native(), serving.port());
  REQUIRE(peer.handshake());
  REQUIRE(peer.send(world.hello_from(world.pair.hamlet.sign_key().public_key)));
  CHECK(peer.receive_all().empty());
  check_still_serves(world.pair, serving);
}

TEST_CASE("links: a frame that claims 4 GiB ends the link, before the hello and after it", "[node][links]") {
  const Strangers world;
  Serving serving(*world.pair.commune.engine);
  for (const bool after_hello : {false, true}) {
    const auto key = world.pair.hamlet.sign_key();
    const auto context = world.context_of(key);
    RawPeer peer(context->native(), serving.port());
    REQUIRE(peer.handshake());
    if (after_hello) REQUIRE(peer.send(world.hello_from(key.public_key)));
    if (after_hello) serving.wait_for(LinkEvent::What::up);
    REQUIRE(peer.send(Bytes{0xff, 0xff, 0xff, 0xff, 1, 2, 3}));
    peer.receive_all();
    const LinkEvent end = serving.wait_for(after_hello ? LinkEvent::What::down : LinkEvent::What::refused);
    CHECK(end.why.find("announced a message of 4294967295 octets") != std::string::npos);
  }
  check_still_serves(world.pair, serving);
}

TEST_CASE("links: rubbish inside TLS and in its place ends the link only", "[node][links]") {
  const Strangers world;
  Serving serving(*world.pair.commune.engine);
  const std::uint64_t seed = 7;
  CAPTURE(seed);
  SeededRng rng(seed);
  const auto key = world.pair.hamlet.sign_key();
  for (int round = 0; round < 40; ++round) {
    Bytes junk(1 + rng.below(3000));
    rng.fill(junk);
    if (round % 4 == 0) {
      const RawSocket socket(serving.port());
      socket.send(junk);
      ::shutdown(socket.get(), SHUT_WR);
      (void)socket.receive_all();
      continue;
    }
    const auto context = world.context_of(key);
    RawPeer peer(context->native(), serving.port());
    REQUIRE(peer.handshake());
    Bytes framed;
    if (round % 4 == 1) framed = world.hello_from(key.public_key);
    if (round % 4 == 2) framed = junk;
    else node::append_frame(framed, junk);
    REQUIRE(peer.send(framed));
    if (round % 4 == 2) break;
    peer.receive_all();
  }
  check_still_serves(world.pair, serving);
}

TEST_CASE("links: every flipped octet of a hello ends the link or is a hello", "[node][links]") {
  const Strangers world;
  Serving serving(*world.pair.commune.engine);
  const auto key = world.pair.hamlet.sign_key();
  const auto context = world.context_of(key);
  const Bytes hello = world.hello_from(key.public_key);
  for (std::size_t at = node::frame_head_octets; at < hello.size(); ++at) {
    Bytes flipped = hello;
    flipped[at] ^= 0x41;
    flipped.resize(flipped.size() + 4, 0);  // an empty frame ends what was taken for a hello
    RawPeer peer(context->native(), serving.port());
    REQUIRE(peer.handshake());
    REQUIRE(peer.send(flipped));
    peer.receive_all();
  }
  check_still_serves(world.pair, serving);
}

TEST_CASE("links: older TLS, no protocol, and another protocol are refused", "[node][links]") {
  const Strangers world;
  Serving serving(*world.pair.commune.engine);
  const auto key = world.pair.hamlet.sign_key();
  const auto refused = [&](const std::function<void(SSL_CTX*)>& change) {
    const auto context = world.context_of(key);
    change(context->native());
    RawPeer peer(context->native(), serving.port());
    if (!peer.handshake()) return true;
    (void)peer.send(world.hello_from(key.public_key));
    return peer.receive_some().empty();
  };
  CHECK(!refused([](SSL_CTX*) {}));
  CHECK(refused([](SSL_CTX* context) {
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
  }));
  CHECK(refused([](SSL_CTX* context) { SSL_CTX_set_alpn_protos(context, nullptr, 0); }));
  CHECK(refused([](SSL_CTX* context) {
    const Bytes other = {7, 'k', 'h', 'u', 'o', 'i', '/', '2'};
    SSL_CTX_set_alpn_protos(context, other.data(), static_cast<unsigned>(other.size()));
  }));
  CHECK(refused([](SSL_CTX* context) { SSL_CTX_set1_groups_list(context, "P-256"); }));
  check_still_serves(world.pair, serving);
}

TEST_CASE("links: a client without a key is refused", "[node][links]") {
  const Strangers world;
  Serving serving(*world.pair.commune.engine);
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  const Bytes protocol = {7, 'k', 'h', 'u', 'o', 'i', '/', '1'};
  SSL_CTX_set_alpn_protos(context, protocol.data(), static_cast<unsigned>(protocol.size()));
  SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
  {
    RawPeer peer(context, serving.port());
    // To a TLS 1.3 client the handshake is over before the server has looked at its key.
    if (peer.handshake()) (void)peer.send(world.hello_from(world.stranger.public_key));
    CHECK(peer.receive_all().empty());
  }
  SSL_CTX_free(context);
  check_still_serves(world.pair, serving);
}

TEST_CASE("links: no session is ever taken up again", "[node][links]") {
  const Strangers world;
  Serving serving(*world.pair.commune.engine);
  const auto context = world.context_of(world.pair.hamlet.sign_key());
  SSL_CTX_set_session_cache_mode(context->native(), SSL_SESS_CACHE_CLIENT);
  SSL_CTX_clear_options(context->native(), SSL_OP_NO_TICKET);
  static int tickets;
  tickets = 0;
  SSL_CTX_sess_set_new_cb(context->native(), [](SSL*, SSL_SESSION*) {
    ++tickets;
    return 0;
  });
  RawPeer peer(context->native(), serving.port());
  REQUIRE(peer.handshake());
  REQUIRE(peer.send(world.hello_from(world.stranger.public_key)));
  peer.receive_all();
  CHECK(tickets == 0);
}

TEST_CASE("links: who is too slow at TLS, at its hello or within a message is put out", "[node][links]") {
  const Strangers world;
  const auto key = world.pair.hamlet.sign_key();
  const auto context = world.context_of(key);
  {
    Serving serving(*world.pair.commune.engine, impatient(&node::LinkLimits::handshake));
    const RawSocket socket(serving.port());
    socket.send(Bytes{0x16});
    CHECK(socket.receive_all().empty());
    CHECK(serving.wait_for(LinkEvent::What::refused).why == "the TLS handshake took too long");
  }
  {
    Serving serving(*world.pair.commune.engine, impatient(&node::LinkLimits::hello));
    RawPeer peer(context->native(), serving.port());
    REQUIRE(peer.handshake());
    REQUIRE(peer.send(Bytes{0, 0}));
    CHECK(peer.receive_all().empty());
    CHECK(serving.wait_for(LinkEvent::What::refused).why == "the other side did not say hello in time");
  }
  {
    Serving serving(*world.pair.commune.engine, impatient(&node::LinkLimits::stall));
    RawPeer peer(context->native(), serving.port());
    REQUIRE(peer.handshake());
    Bytes hello = world.hello_from(key.public_key);
    append(hello, Bytes{0, 0, 1, 0, 5});
    REQUIRE(peer.send(hello));
    peer.receive_all();
    CHECK(serving.wait_for(LinkEvent::What::down).why == "the other side has stalled");
  }
}

TEST_CASE("links: ten thousand strangers hold four places, and members are served all the while", "[node][links]") {
  const Strangers world;
  Serving serving(*world.pair.commune.engine);
  check_still_serves(world.pair, serving);
  std::deque<std::unique_ptr<RawSocket>> open;
  for (int n = 0; n < 10'000; ++n) {
    open.push_back(std::make_unique<RawSocket>(serving.port(), "127.0.0.9"));
    if (open.size() > 100) open.pop_front();
    if (n % 1000 != 999) continue;
    CHECK(serving.figure("half_open") <= 4);
    check_still_serves(world.pair, serving);
  }
}
