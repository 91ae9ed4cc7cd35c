#pragma once

#include <algorithm>
#include <vector>

#include "tests/sync/hostile_support.h"

namespace khuoi::tests {

struct Said {
  std::vector<sync::Holdings> statements;
  std::vector<std::size_t> octets;
};

/// A whole contact, hearing every statement of holdings; `old`: neither side says that it reads version 2.
inline Said overhear(TestNode& dialler, TestNode& listener, bool old = false) {
  sync::Session a(*dialler.replica, {.dials = true}, listener.replica->keys().sign().public_key);
  sync::Session b(*listener.replica, {}, dialler.replica->keys().sign().public_key);
  Said out;
  std::vector<Bytes> to_a, to_b;
  const auto turn = [&](TestNode& node, sync::Session& session, std::vector<Bytes>& in, std::vector<Bytes>& to) {
    node.work([&](sync::Batch& batch) -> Result<void> {
      for (const Bytes& message : in) {
        auto decoded = sync::decode_message(message);
        REQUIRE(decoded);
        if (auto* hello = std::get_if<sync::Hello>(&*decoded); hello != nullptr && old) {
          hello->capabilities &= ~(sync::takes_later_statements | sync::takes_tallies);
        }
        if (const auto* one = std::get_if<sync::StatementMessage>(&*decoded)) {
          const auto said = sync::decode_holdings(ByteView(one->octets).subspan(1));
          if (sync::is_statement(sync::StatementType::holdings, one->octets) && said) {
            out.statements.push_back(*said);
            out.octets.push_back(one->octets.size());
          }
        }
        KHUOI_TRY_VOID(session.on_message(batch, sync::encode_message(*decoded)));
      }
      KHUOI_TRY(to, session.transmit(batch, 1U << 20U));
      return {};
    });
    in.clear();
  };
  for (int rounds = 0; rounds < 100 && !(rounds > 0 && a.finished() && to_a.empty()); ++rounds) {
    turn(dialler, a, to_a, to_b);
    turn(listener, b, to_b, to_a);
  }
  CHECK(a.finished());
  return out;
}

inline std::size_t wholes(const Said& said) {
  return static_cast<std::size_t>(std::ranges::count(said.statements, true, &sync::Holdings::whole));
}

inline void all_received(TestNode& hamlet) {
  for (const auto& entry : hamlet.list()) CHECK(entry.state == "received");
}

/// One dossier of the hamlet has its receipt.
struct ReceivedPair : ReplicaPair {
  ReceivedPair() {
    overhear(hamlet, commune);
    hamlet.submit(test_submission(uuid(1), "An"));
    overhear(hamlet, commune);
  }
};

/// A statement that the commune signs, as the hamlet takes it in.
inline sync::Receipts::Absorbed absorb(ReplicaPair& pair, const sync::Holdings& said) {
  sync::Receipts::Absorbed out{};
  pair.hamlet.work([&](sync::Batch& batch) -> Result<void> {
    const Bytes octets = sync::encode_holdings(said, pair.commune.replica->keys().sign().secret_key);
    KHUOI_TRY(out, pair.hamlet.replica->receipts().absorb(batch, octets, sync::Path::stick));
    return {};
  });
  return out;
}

/// What comes next needs no whole statement.
inline void goes_on_by_changes(ReplicaPair& pair, int next) {
  all_received(pair.hamlet);
  pair.hamlet.submit(test_submission(uuid(next), "Chi"));
  CHECK(wholes(overhear(pair.hamlet, pair.commune)) == 0);
  all_received(pair.hamlet);
}

}  // namespace khuoi::tests
