#include <algorithm>

#include "node/counter/counter.h"
#include "node/web_server/file_response.h"
#include "node/web_server/problem.h"
#include "sync/base/nfc.h"

namespace khuoi::http {

using sync::ReplicaReader;

namespace {

/// The file of that id; without an id that of the version in force, else of any version, else a paper that came with an
/// answer, the latest first.
std::optional<sync::FileFacts> file_named(const sync::DossierDetail& detail, const std::string& name,
                                          std::string_view id) {
  const auto wanted = [&](const sync::FileFacts& file) {
    return file.name == name && (id.empty() || sync::file_id_of(file.key).hex() == id);
  };
  for (const sync::DossierVersion& version : detail.versions) {
    for (const sync::VersionFile& file : version.files) {
      if (version.current && file.facts && wanted(*file.facts)) return file.facts;
    }
  }
  const auto handed_in = std::ranges::find_if(detail.files, wanted);
  if (handed_in != detail.files.end()) return *handed_in;
  for (auto state = detail.history.rbegin(); state != detail.history.rend(); ++state) {
    const auto file = std::ranges::find_if(state->files, wanted);
    if (file != state->files.end()) return *file;
  }
  return std::nullopt;
}

Response file(Counter& counter, Request& request) {
  std::optional<sync::FileFacts> facts;
  bool health = false;
  const std::string name = sync::to_nfc(file_of_segment(request.values[1]));
  KHUOI_ANSWER_VOID(
      counter.read_guard().look(*request.viewer, [&](ReplicaReader& reader, const sync::ReadTxn& txn) -> Result<void> {
        KHUOI_TRY(const people::ReadGuard::Found found, people::ReadGuard::find(reader, txn, *request.viewer, request.values[0]));
        health = found.row.domain == sync::Domain::health;
        KHUOI_TRY(const sync::DossierDetail detail, reader.views().detail(txn, found.key, sync::DossierReader::Keep::facts));
        facts = file_named(detail, name, request.query("file"));
        return facts ? Result<void>() : Result<void>(fail(Errc::not_found, "the dossier has no such file"));
      }));
  if (health) KHUOI_ANSWER_VOID(counter.read_guard().note_access(*request.viewer, "file", request.values[0]));
  return file_response(counter.engine(), *facts);
}

}  // namespace

void add_dossier_file_routes(Counter& counter) {
  counter.add(Method::get, "/api/dossiers/:id/files/:name", Access::logged_in(), file);
}

}  // namespace khuoi::http
