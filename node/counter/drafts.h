#pragma once

#include <optional>
#include <string>
#include <vector>

#include "node/engine/engine.h"
#include "node/web_server/sealed_file.h"
#include "node/people/viewer.h"

namespace khuoi::http {

using DraftId = Id<struct DraftTag, 16>;

inline constexpr std::size_t drafts_max = 300;
inline constexpr std::size_t draft_files_max = 40;
inline constexpr std::uint64_t draft_files_octets_max = std::uint64_t{1} << 30U;  ///< of all drafts together
inline constexpr std::int64_t draft_seconds_max = std::int64_t{90} * 24 * 3600;

/// An unfinished form.
struct Draft {
  DraftId id;
  std::string form, version;
  std::string title;  ///< of the form
  std::string label;
  std::string edit_of;  ///< a dossier's id, when it is an edit
  std::string at;       ///< the reference of the question where it was left; empty for the first
  sync::Domain domain = sync::Domain::general;
  std::int64_t saved = 0;
  bool mine = false;  ///< begun in this browser
  std::vector<std::string> files;
  Bytes xml;  ///< of one(), not of list()
};

/// Unfinished forms, on the box after every field: table `draft`, drawn in DRAFTS.md. A draft is sealed under a key of
/// its own, and that key to the reader key of the form's domain; while whoever fills it may not read that domain (the
/// box is locked, nobody logged in), also under the secret in that browser's cookie khuoi_draft, so that a reload there
/// finds it again. Who is logged in sees the drafts of their domains only, whatever the browser's cookie says.
/// Durable when a call returns. Threads: any.
class Drafts final {
 public:
  explicit Drafts(node::Engine& engine) : engine_(engine) {}

  Result<std::vector<Draft>> list(const people::Viewer& viewer);
  /// How many there are, whoever may open them: of the viewer's domains, or of both while nobody is logged in.
  Result<std::uint64_t> count(const people::Viewer& viewer);
  /// Errors: not_found, also for one of another's domain; denied while nobody is logged in, for one that is here and
  /// does not open to this browser's cookie: its id is 128 drawn bits, so that it is kept may be told to who has it.
  Result<Draft> one(const people::Viewer& viewer, const DraftId& id);
  /// Makes or replaces it; gives when it was saved. `draft.form` and `version` say which form.
  /// Errors: not_found (no such form; somebody else's draft), locked (no cookie to seal it for), store_full, too_large,
  /// not_ready (a health form before a health worker has begun).
  Result<std::int64_t> put(const people::Viewer& viewer, const Draft& draft);
  Result<void> erase(const people::Viewer& viewer, const DraftId& id);

  /// A file of a draft, in its place of an earlier one of that name. Errors: as put; not_found before the draft itself.
  Result<void> put_file(const people::Viewer& viewer, const DraftId& id, const std::string& name, const SealedFile& content);
  Result<sync::FileFacts> file(const people::Viewer& viewer, const DraftId& id, const std::string& name);
  Result<void> erase_file(const people::Viewer& viewer, const DraftId& id, const std::string& name);

  /// In the commit that submits it. Whoever may write it may; anybody else's stays.
  Result<void> erase_with(sync::Batch& batch, const people::Viewer& viewer, const DraftId& id);
  /// Removes what nobody touched for 90 days.
  Result<void> sweep();

 private:
  node::Engine& engine_;
};

}  // namespace khuoi::http
