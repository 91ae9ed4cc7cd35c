#include "sync/peers/untold.h"

#include "sync/log/outgoing.h"

namespace khuoi::sync {

namespace {
constexpr Rows<std::pair<NodeId, FileId>, std::uint8_t> untold_rows{Note::untold, "a file to be told of"};
/// Of an author: all its files were looked at, or told of, when this was the sequence that it echoed.
constexpr Rows<NodeId, std::uint64_t> told_up_to{Note::told_up_to, "up to where files were told of"};
}  // namespace

Result<void> Untold::note(Batch& batch, const NodeId& author, const FileId& file) {
  KHUOI_TRY(const auto present, untold_rows.get(batch.txn, {author, file}));
  return present ? Result<void>() : untold_rows.put(batch, {author, file}, 1);
}

Result<std::optional<std::vector<FileId>>> Untold::of(const ReadTxn& txn, const NodeId& author, std::uint64_t echoed) {
  KHUOI_TRY(const auto up_to, told_up_to.get(txn, author));
  if (!up_to || echoed < *up_to) return std::optional<std::vector<FileId>>();
  KHUOI_TRY(const auto keys, untold_rows.keys(txn, author));
  std::vector<FileId> out;
  for (const auto& [of, file] : keys) out.push_back(file);
  return std::optional(std::move(out));
}

Result<void> Untold::on_statement(Batch& batch, const NodeId& author, std::uint64_t echoed,
                                  const std::vector<FileId>& listed, const std::vector<FileId>& done, bool all) {
  if (!all && done.empty()) return {};
  for (const FileId& file : done) KHUOI_TRY_VOID(untold_rows.erase(batch, {author, file}));
  for (const FileId& file : all ? listed : std::vector<FileId>()) KHUOI_TRY_VOID(note(batch, author, file));
  return told_up_to.put(batch, author, echoed);
}

Result<void> Untold::forget(Batch& batch) {
  KHUOI_TRY(const auto authors, told_up_to.keys(batch.txn));
  for (const NodeId& author : authors) KHUOI_TRY_VOID(told_up_to.erase(batch, author));
  return {};
}

Result<void> note_file(Batch& batch, const Membership& members, const FileFacts& facts, const AudienceId& audience,
                       const NodeId& author) {
  KHUOI_TRY_VOID(Files::note(batch, facts, audience, author));
  return note_chunk(batch, members, file_id_of(facts.key), author);
}

Result<void> note_chunk(Batch& batch, const Membership& members, const FileId& file, const NodeId& author) {
  const bool own = author == members.self.node;
  return own ? Outgoing::note(batch, Outgoing::of(Outgoing::What::file, file)) : Untold::note(batch, author, file);
}

}  // namespace khuoi::sync
