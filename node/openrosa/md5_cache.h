#pragma once

#include <map>
#include <mutex>

#include "node/engine/engine.h"
#include "node/openrosa/md5.h"

namespace khuoi::openrosa {

/// MD5 of forms and their media, each read once: a list is asked for every quarter of an hour by every phone.
/// Threads: any.
class Md5Cache final {
 public:
  Result<std::string> of_form(sync::ReplicaReader& reader, const sync::ReadTxn& txn, const sync::FormHash& form);
  /// A file that is here whole; read a piece at a time. Errors: not_found while it is not, damaged, io.
  Result<std::string> of_file(node::Engine& engine, const sync::FileFacts& file);

 private:
  static constexpr std::size_t kept_max = 4096;
  std::string known(const std::string& key);
  void keep(const std::string& key, const std::string& md5);
  std::mutex mutex_;
  std::map<std::string, std::string> kept_;
};

}  // namespace khuoi::openrosa
