#include "node/web_server/file_response.h"

#include <algorithm>
#include <array>

#include "node/web_server/problem.h"
#include "sync/files/chunk_tree.h"

namespace khuoi::http {

namespace {

constexpr std::uint32_t leaves_at_once = 4;
constexpr std::array<std::string_view, 14> shown_types = {
    "image/jpeg", "image/png", "image/webp", "image/gif", "image/heic", "application/pdf", "audio/mpeg",
    "audio/mp4",  "audio/amr", "audio/wav",  "audio/ogg", "video/mp4",  "video/3gpp",      "text/plain"};

Error unreadable() { return fail(Errc::damaged, "a file in the store does not open; restore from a backup"); }

}  // namespace

std::string harmless_type(std::string_view type) {
  const bool shown = std::ranges::find(shown_types, type) != shown_types.end();
  return std::string(shown ? type : "application/octet-stream");
}

void as_brought(Response& response, std::string_view name) {
  response.brought = true;
  response.with("Content-Disposition", "attachment; filename*=UTF-8''" + percent_encoded(name));
}

Response file_response(node::Engine& engine, const sync::FileFacts& facts) {
  const sync::FileId id = sync::file_id_of(facts.key);
  bool complete = false;
  KHUOI_ANSWER_VOID(engine.look([&](sync::ReplicaReader&, const sync::ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(const sync::FileStatus status, sync::Files::status(txn, id));
    complete = status.complete;
    return {};
  }));
  if (!complete) return problem(404, "not_found", "Tệp này chưa về đủ. Hãy chờ lần chuyển sau.");
  Response out;
  out.type = harmless_type(facts.type);
  out.octets = facts.octets;
  as_brought(out, facts.name);
  auto next = std::make_shared<std::uint32_t>(0);  // shared with nobody: std::function wants a copy
  out.pull = [&engine, id, key = facts.key, next]() -> Result<Bytes> {
    Bytes octets;
    KHUOI_TRY_VOID(engine.look([&](sync::ReplicaReader&, const sync::ReadTxn& txn) -> Result<void> {
      Bytes plain;
      for (std::uint32_t i = 0; i < leaves_at_once; ++i) {
        KHUOI_TRY(const auto sealed, sync::Files::chunk(txn, {id, 0, *next}));
        if (!sealed) break;
        if (!sync::open_leaf(key, *next, *sealed, plain)) return unreadable();
        append(octets, plain);
        ++*next;
      }
      return {};
    }));
    return octets;
  };
  return out;
}

}  // namespace khuoi::http
