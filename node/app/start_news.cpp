#include "node/app/start_news.h"

#include "node/engine/log.h"

namespace khuoi::node {

namespace {
sync::Starts::Figures start_figures_of(Engine& engine, const sync::Starts::Figures& otherwise) {
  sync::Starts::Figures out = otherwise;
  (void)engine.look([&](sync::ReplicaReader&, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(out, sync::Starts::figures(txn));
    return {};
  });
  return out;
}
}  // namespace

StartNews::StartNews(Engine& engine) : engine_(engine), told_(start_figures_of(engine, {})) {}

void StartNews::look() {
  const std::lock_guard held(mutex_);
  const sync::Starts::Figures now = start_figures_of(engine_, told_);
  const auto count = [](std::uint64_t number) { return std::to_string(number); };
  if (now.healed != told_.healed) {
    log_warning("starts_healed", {{"count", count(now.healed)},
                                  {"why", "this node's count of starts was past belief, driven up by a peer of an "
                                          "earlier version; it was put right, and every peer is told anew"}});
  }
  if (now.copies != told_.copies) {
    log_error("disk_copied", {{"count", count(now.copies)},
                              {"why", "a copy of this disk still writes: find the second box and switch it off"}});
  } else if (now.foreign != told_.foreign) {
    log_warning("start_forgotten", {{"count", count(now.foreign)},
                                    {"why", "this node was put back from a backup, or its disk was copied"}});
  }
  if (now.echoes != told_.echoes) {
    log_warning("echo_unknown", {{"count", count(now.echoes)},
                                 {"why", "a peer says that it had a statement that this node never made: this node was "
                                         "put back from a backup, or the peer lies"}});
  }
  if (now.voids != told_.voids) {
    log_warning("head_void", {{"count", count(now.voids)},
                              {"why", "a peer's statement has a count of starts past belief: upgrade khuoi there"}});
  }
  told_ = now;
}

}  // namespace khuoi::node
