#pragma once

#include <functional>
#include <memory>
#include <span>

#include "node/acts/staged_files.h"

namespace khuoi::node {

/// A file that somebody hands in beside a submission.
struct OfferedFile {
  std::vector<std::string> names;          ///< what it may be called, the likeliest first
  FileSource source;                       ///< its name is the one by which the submission names it
  std::function<Result<Bytes>()> content;  ///< of the source (content_of): asked only where a file of this name is here
  bool comes_first = false;                ///< an empty one: a full one of its name is then a further file
  std::uint64_t octets = 0;  ///< where it is known before it is read
  /// Set by submit() once it is stored: handed in with several submissions, it is stored once.
  std::unique_ptr<StagedFile> staged = {};
};

/// What was handed in, by whatever way: one XForms instance and the files that came with it.
struct HandedIn {
  Bytes xml = {};
  std::vector<std::shared_ptr<OfferedFile>> files = {};  ///< shared with what else brings them
  /// The same instanceID with other XML: refused with `conflict`, or kept and marked.
  bool refuse_variant = true;
  /// Done in the same commit.
  std::function<Result<void>(sync::Replica&, sync::Batch&)> also = {};
};

struct TakenIn {
  DossierId id;
  std::uint32_t number = 0;
  std::string state;
  bool repeat = false;
  bool erased = false;  ///< its dossier was erased: it is kept apart, for a person
  sync::Domain domain = sync::Domain::general;
  std::vector<std::string> unnamed;  ///< files that came and that the submission does not name: they were not kept
};

/// Errors: denied at a commune.
Result<void> check_takes_submissions(Engine& engine);

/// Which of the offered files a submission names, and which of these it lacks.
struct Pairing {
  std::vector<OfferedFile*> named;   ///< in the order of its XML
  std::vector<OfferedFile*> wanted;  ///< in the order in which they are stored
  std::vector<std::string> unnamed;  ///< the first name of each of the others
  Result<void> prepared = {};        ///< else why the submission cannot be taken in; then it names nothing
};
/// Sets the source's name of those that are named. Errors: the sources'.
Result<Pairing> pair_files(Engine& engine, const HandedIn& handed);

/// Takes it in; durable when it returns. Needs no phrase. Files that it names and lacks go with the commit of the
/// record that names them (StagedFile); the others are passed over.
/// Errors: malformed, not_found (no such form here), conflict, too_large, store_full, disk_full, denied (a commune);
/// the sources'.
Result<TakenIn> submit(Engine& engine, const HandedIn& handed);

/// Reads ahead what a submission after these will want. What fails is told when it is handed in.
void begin_to_read(Engine& engine, OfferedFile& file);

/// Takes several in, in one commit. One that cannot be prepared is refused alone; a result each, without number and
/// state. Errors: what stops the commit, the sources'; then none was taken in.
Result<std::vector<Result<TakenIn>>> submit_together(Engine& engine, std::span<const HandedIn> submissions);

}  // namespace khuoi::node
