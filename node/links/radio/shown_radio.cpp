#include "node/links/radio/shown_radio.h"

#include <algorithm>
#include <chrono>

namespace khuoi::node {

std::vector<LinkFigure> figures_of(const ShownRadio& shown, Micros hour_max) {
  using enum LinkFigure::Shape;
  const radio::Station::Figures& of = shown.figures;
  std::int64_t waiting = 0;
  std::int64_t associated = 0, loss = 0, failures = 0;
  std::optional<double> snr;
  for (const auto& peer : of.peers) {
    waiting += static_cast<std::int64_t>(peer.octets_waiting);
    associated += peer.associated ? 1 : 0;
    loss = std::max<std::int64_t>(loss, peer.loss_permille);
    failures = std::max<std::int64_t>(failures, peer.failures);
    if (peer.signal) snr = std::min(snr.value_or(peer.signal->snr_db), peer.signal->snr_db);
  }
  const auto ms = [](Micros of_time) { return std::chrono::duration_cast<std::chrono::milliseconds>(of_time).count(); };
  return {{"peers", "Boxes with which frames are exchanged now.", gauge, associated},
          {"heard_seconds_ago", "Since a frame of one of them was heard; -1 before the first.", gauge,
           shown.heard_seconds_ago.value_or(-1)},
          {"snr_db", "Signal to noise of the worst of them, by its last frame.", gauge,
           static_cast<std::int64_t>(snr.value_or(0))},
          {"frames_out", "Frames handed to the modem.", counter, static_cast<std::int64_t>(of.frames_out)},
          {"frames_in", "Frames of peers that were heard.", counter, static_cast<std::int64_t>(of.frames_in)},
          {"frames_junk", "Frames heard that were damaged, repeated or of others.", counter,
           static_cast<std::int64_t>(of.frames_junk)},
          {"airtime_ms", "On the air within the last hour.", gauge, ms(shown.used)},
          {"airtime_ms_max", "Allowed within any hour.", gauge, ms(hour_max)},
          {"waiting_octets", "Read from the store, to be sent by radio.", gauge, waiting},
          {"behind_octets", "Behind these in the store, as soon as they can go.", gauge,
           std::max<std::int64_t>(shown.outlook.octets_waiting - waiting, 0)},
          {"held_octets", "Of what waits for the fiber, which is expected soon.", gauge, shown.outlook.octets_held},
          {"loss_permille", "Of the last frames said to a peer, lost on the way: the worst of them.", gauge, loss},
          {"unanswered", "Words in a row without an answer: the worst peer.", gauge, failures},
          {"minutes_to_send", "Until what waits is over there, as things stand; -1 while nobody can tell.", gauge,
           shown.outlook.minutes.value_or(-1)}};
}

}  // namespace khuoi::node
