// What strangers' hellos over TLS cost the honest; 10,000 of them in khuoi_bench, row hello.
#include <cstdio>
#include <ctime>

#include "tests/node/links_fixture.h"

using namespace khuoi;
using namespace khuoi::tests;

namespace {

double cpu_seconds(const std::function<void()>& act) {
  const std::clock_t began = std::clock();
  act();
  return static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC;
}

/// Submissions, each carried to the commune at once; before each, so many strangers say hello there.
struct Visited {
  DiskPair pair;
  double honest = 0, strangers = 0;  ///< seconds of processor time, of all threads
  std::size_t runs = 0;              ///< of both nodes
  sync::Counts idle;                 ///< of a contact with nothing new, after all

  Visited(int submissions, int hellos) {
    Serving serving(*pair.commune.engine);
    node::SystemRng rng;
    contact(pair.hamlet, serving.place());  // the form comes
    for (int round = 0; round < submissions; ++round) {
      strangers += cpu_seconds([&] {
        for (int n = 0; n < hellos; ++n) say_hello(sync::make_sign_key(rng), serving);
      });
      honest += cpu_seconds([&] {
        pair.hamlet.submit(static_cast<std::size_t>(round));
        contact(pair.hamlet, serving.place());
      });
    }
    REQUIRE(pair.hamlet.count_in_state("received") == static_cast<std::size_t>(submissions));
    idle = contact(pair.hamlet, serving.place());
    for (const DiskNode* node : {&pair.commune, &pair.hamlet}) runs += runs_of(*node);
  }

  void say_hello(const sync::SignKeyPair& key, Serving& serving) const {
    const auto context = node::TlsContext::client(key, pair.commune.sign_key().public_key);
    REQUIRE(context);
    sync::Hello hello;
    hello.commune = pair.commune.self().commune;
    hello.node = sync::node_id_of(key.public_key);
    Bytes framed;
    node::append_frame(framed, sync::encode_message(hello));
    RawPeer peer((*context)->native(), serving.port());
    REQUIRE(peer.handshake());
    REQUIRE(peer.send(framed));
    REQUIRE(peer.receive_all().empty());
    serving.wait_for(node::LinkEvent::What::refused);  // what it costs to end it is not counted with the honest
  }

  static std::size_t runs_of(const DiskNode& node) {
    std::size_t out = 0;
    node.work([&](sync::Replica& replica, sync::Batch& batch) {
      return replica.runs().each(batch.txn, [&](const sync::RunKey&, const sync::RunRow&) { return ++out > 0; });
    });
    return out;
  }
};

/// Packed messages leave out zero octets, which their random numbers now and then have: a few octets more or less.
constexpr std::uint64_t octets_by_chance = 16;

void check_no_trace(const Visited& visited, const Visited& alone) {
  CHECK(visited.runs == alone.runs);
  CHECK(visited.idle.bytes_out <= alone.idle.bytes_out + octets_by_chance);
  CHECK(visited.idle.bytes_in <= alone.idle.bytes_in + octets_by_chance);
}

}  // namespace

TEST_CASE("links: strangers' hellos between submissions end no run and make no contact longer", "[node][links]") {
  check_no_trace(Visited(5, 20), Visited(5, 0));
}

TEST_CASE("bench: 10,000 strangers' hellos between 100 submissions", "[.][bench][hello]") {
  const Visited alone(100, 0);
  const Visited visited(100, 100);
  std::printf("hellos: n=10000 runs=%zu runs_alone=%zu idle_octets=%llu idle_octets_alone=%llu honest_seconds=%.3f "
              "honest_seconds_alone=%.3f hello_us=%.0f\n",
              visited.runs, alone.runs, static_cast<unsigned long long>(visited.idle.bytes_in + visited.idle.bytes_out),
              static_cast<unsigned long long>(alone.idle.bytes_in + alone.idle.bytes_out), visited.honest, alone.honest,
              visited.strangers * 1e6 / 10000);
  check_no_trace(visited, alone);
}
