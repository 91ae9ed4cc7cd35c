#include "node/openrosa/md5_cache.h"

#include "node/web_server/file_response.h"

namespace khuoi::openrosa {

std::string Md5Cache::known(const std::string& key) {
  const std::lock_guard held(mutex_);
  const auto found = kept_.find(key);
  return found == kept_.end() ? std::string() : found->second;
}

void Md5Cache::keep(const std::string& key, const std::string& md5) {
  const std::lock_guard held(mutex_);
  if (kept_.size() >= kept_max) kept_.clear();
  kept_[key] = md5;
}

Result<std::string> Md5Cache::of_form(sync::ReplicaReader& reader, const sync::ReadTxn& txn, const sync::FormHash& form) {
  const std::string key = "form/" + form.hex();
  std::string out = known(key);
  if (!out.empty()) return out;
  KHUOI_TRY(const Bytes xml, reader.library().xml(txn, form));
  out = md5_hex(xml);
  keep(key, out);
  return out;
}

Result<std::string> Md5Cache::of_file(node::Engine& engine, const sync::FileFacts& file) {
  const std::string key = "file/" + file.root.hex();
  std::string out = known(key);
  if (!out.empty()) return out;
  const http::Response whole = http::file_response(engine, file);
  if (whole.status != 200) return fail(Errc::not_found, "the file '" + file.name + "' is not all here yet");
  Md5 md5;
  for (std::uint64_t left = whole.octets; left > 0;) {
    KHUOI_TRY(const Bytes piece, whole.pull());
    if (piece.empty() || piece.size() > left)
      return fail(Errc::damaged, "a file in the store has another size than its record says; restore from a backup");
    md5.add(piece);
    left -= piece.size();
  }
  out = to_hex(md5.finish());
  keep(key, out);
  return out;
}

}  // namespace khuoi::openrosa
