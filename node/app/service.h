#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "node/sticks/sticks.h"
#include "sync/base/result.h"
#include "sync/membership/keyring.h"
#include "sync/seal/secret.h"

namespace khuoi::node {

struct ServiceOptions {
  std::filesystem::path data;
  std::string http = "127.0.0.1:8080";
  std::optional<std::string> listen;
  std::optional<std::string> contact;
  std::vector<std::string> radios;  ///< `rnode:DEVICE` or another kind, at most one
  StickSources sticks;
  std::vector<std::string> http_hosts;  ///< further names the local page answers to
  std::optional<sync::Secret> phrase;  ///< opens the node for everybody at this machine
  std::string person;
  sync::Role first_role = sync::Role::hamlet;  ///< what an empty data folder becomes
};

/// `khuoi serve`: runs until SIGTERM or SIGINT, then ends cleanly. One thread has the sockets, timers and signals, one
/// the engine's jobs, one watches folders for sticks, one mounts sticks, three answer the local page, and each command that comes over the control
/// socket has its own; the engine lets one at a time at the replica. In a data folder without a node only the local page
/// answers, with the first start of the role that was named; the rest begins once that made the node. Errors: what keeps it from starting.
Result<void> serve(const ServiceOptions& options);

}  // namespace khuoi::node
