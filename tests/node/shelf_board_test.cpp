#include "node/counter/shelf_board.h"

#include <catch2/catch.hpp>

using namespace khuoi;
using http::ShelfBoard;
using Moves = ShelfBoard::Moves;

namespace {

http::Summary summary(std::uint32_t number, const std::string& state, const std::string& follow_up = "") {
  http::Summary out;
  out.number = number;
  out.state = state;
  out.follow_up = follow_up;
  out.searched = "nong thi " + std::to_string(number);
  return out;
}

}  // namespace

TEST_CASE("shelf: visits are counted up to their day, and a changed or removed summary takes its own with it",
          "[node][counter]") {
  ShelfBoard board;
  CHECK(board.put(summary(1, "received", "2026-12-01")));
  CHECK(board.put(summary(2, "received", "2026-12-01")));
  CHECK(board.put(summary(3, "received", "2026-11-30")));
  CHECK(board.put(summary(4, "received")));
  CHECK(board.counts("2026-11-29").due == 0);
  CHECK(board.counts("2026-11-30").due == 1);
  CHECK(board.counts("2026-12-01").due == 3);
  CHECK(board.follow_ups().begin()->second == std::set<std::uint32_t>{3});

  CHECK(board.put(summary(1, "received", "2027-01-05")));
  CHECK(board.erase(2));
  CHECK_FALSE(board.erase(2));
  CHECK(board.counts("2026-12-01").due == 1);
  CHECK_FALSE(board.follow_ups().contains("2026-12-01"));
  CHECK(board.counts("2027-01-05").due == 2);
  CHECK(board.counts("2027-01-05").dossiers == 3);
}

TEST_CASE("shelf: the same summary again is no change, and one that moves on waits no more", "[node][counter]") {
  ShelfBoard board;
  CHECK(board.put(summary(7, "saved")));
  CHECK_FALSE(board.put(summary(7, "saved")));
  CHECK(board.moving(Moves::receipt) == std::set<std::uint32_t>{7});
  CHECK(board.put(summary(7, "received")));
  CHECK(board.moving(Moves::receipt).empty());
}

TEST_CASE("shelf: what is searched stays within its limit, and numbers are found all the same", "[node][counter]") {
  ShelfBoard board;
  for (std::uint32_t number = 1; number <= 1100; ++number) {
    auto one = summary(number, "received");
    one.searched = std::string(8U << 10U, 'x');
    board.put(std::move(one));
  }
  std::size_t octets = 0;
  for (const auto& [number, one] : board.rows()) octets += one.searched.size();
  CHECK(octets <= (8U << 20U) + 1100 * 8);
  CHECK(board.rows().at(1100).searched.starts_with("1100"));
}
