#include "radio/loss.h"

#include <catch2/catch.hpp>

using khuoi::radio::Loss;

TEST_CASE("loss: nothing is told of a few frames, and then what did not arrive", "[radio]") {
  Loss loss;
  for (int i = 0; i < 7; ++i) loss.said();
  CHECK(loss.permille(0) == 0);
  for (int i = 0; i < 3; ++i) loss.said();
  CHECK(loss.permille(0) == 1000);
  loss.arrived(8);
  CHECK(loss.permille(0) == 200);
  CHECK(loss.permille(2) == 0);  // two have no answer yet
}

TEST_CASE("loss: what was long ago fades, and more arrivals than frames are no loss", "[radio]") {
  Loss loss;
  for (int i = 0; i < 100; ++i) loss.said();
  for (int i = 0; i < 2000; ++i) {
    loss.said();
    loss.arrived(1);
  }
  CHECK(loss.permille(0) < 10);
  loss.arrived(1000);
  CHECK(loss.permille(0) == 0);
}
