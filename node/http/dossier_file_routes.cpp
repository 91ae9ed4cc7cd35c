#include <algorithm>

#include "node/http/counter.h"
#include "node/http/file_response.h"
#include "node/http/problem.h"
#include "sync/record/nfc.h"

namespace khuoi::http {

using sync::Replica;

namespace {

/// A photo that was handed in, or a paper that came with an answer: the latest of that name.
std::optional<sync::FileFacts> file_named(const sync::DossierDetail& detail, const std::string& name) {
  const auto handed_in = std::ranges::find(detail.files, name, &sync::FileFacts::name);
  if (handed_in != detail.files.end()) return *handed_in;
  for (auto state = detail.history.rbegin(); state != detail.history.rend(); ++state) {
    const auto file = std::ranges::find(state->files, name, &sync::FileFacts::name);
    if (file != state->files.end()) return *file;
  }
  return std::nullopt;
}

Response file(Counter& counter, Request& request) {
  std::optional<sync::FileFacts> facts;
  bool health = false;
  const std::string name = sync::to_nfc(file_of_segment(request.values[1]));
  KHUOI_ANSWER_VOID(
      counter.desk().look(request.viewer, [&](Replica& replica, const sync::ReadTxn& txn) -> Result<void> {
        KHUOI_TRY(const Desk::Found found, Desk::find(replica, txn, request.viewer, request.values[0]));
        health = found.row.domain == sync::Domain::health;
        KHUOI_TRY(const sync::DossierDetail detail, replica.dossiers().detail(txn, found.key, sync::Dossiers::Keep::facts));
        facts = file_named(detail, name);
        return facts ? Result<void>() : Result<void>(fail(Errc::not_found, "the dossier has no such file"));
      }));
  if (health) KHUOI_ANSWER_VOID(counter.desk().note_access(request.viewer, "file", request.values[0]));
  return file_response(counter.engine(), *facts);
}

}  // namespace

void add_dossier_file_routes(Counter& counter) {
  counter.add(Method::get, "/api/dossiers/:id/files/:name", file);
}

}  // namespace khuoi::http
