#include "node/counter/drafts.h"

#include <algorithm>

#include "node/acts/staged_files.h"
#include "node/counter/draft_codec.h"

namespace khuoi::http {

using sync::Batch;
using sync::ReadTxn;
using sync::Replica;
using sync::ReplicaReader;
using sync::Table;

namespace {

constexpr std::size_t xml_octets_max = 4U << 20U;

Error unknown() { return fail(Errc::not_found, "there is no such draft"); }

/// What this viewer can do with a draft that is there.
struct Rights {
  bool may_open = false;
  bool may_write = false;
  bool mine = false;
};
Rights rights_of(const people::Viewer& viewer, const DraftHead& head) {
  Rights out;
  out.mine = !viewer.drafts.empty() && head.browser == browser_of(viewer.drafts);
  out.may_open = viewer.may.reads(head.domain) || (!viewer.logged_in() && out.mine && !head.for_browser.empty());
  out.may_write = out.may_open || out.mine;
  return out;
}

Result<std::optional<DraftHead>> head_at(const ReadTxn& txn, const DraftId& id) {
  KHUOI_TRY(const auto value, txn.get(Table::draft, draft_row('h', id)));
  if (!value) return std::optional<DraftHead>();
  KHUOI_TRY(auto head, decode_draft_head(*value));
  return std::optional(std::move(head));
}

Result<DraftHead> opened_head(const ReadTxn& txn, const people::Viewer& viewer, const DraftId& id) {
  KHUOI_TRY(auto head, head_at(txn, id));
  if (!head) return unknown();
  if (rights_of(viewer, *head).may_open) return std::move(*head);
  return viewer.logged_in() ? unknown() : fail(Errc::denied, "the draft is here, and opens once somebody has unlocked");
}

Result<Draft> open_draft(ReplicaReader& reader, const people::Viewer& viewer, const DraftId& id, const DraftHead& head,
                         sync::Secret& key) {
  KHUOI_TRY(key, open_draft_key(reader.keys(), viewer, id, head));
  KHUOI_TRY(const Bytes plain, open_under(key, draft_row('h', id), head.head));
  Draft out;
  KHUOI_TRY_VOID(decode_draft_words(plain, out));
  out.id = id;
  out.domain = head.domain;
  out.saved = head.saved;
  out.mine = rights_of(viewer, head).mine;
  return out;
}

Result<std::vector<DraftFileRow>> files_of(const ReadTxn& txn, const DraftId& id) {
  std::vector<DraftFileRow> out;
  KHUOI_TRY_VOID(
      sync::scan_prefix(txn, Table::draft, draft_row('f', id), [&](ByteView key, ByteView value) -> Result<void> {
        KHUOI_TRY(out.emplace_back(), decode_draft_file(key, value));
        return {};
      }));
  return out;
}

Result<void> erase_rows(Batch& batch, const DraftId& id) {
  KHUOI_TRY(const auto files, files_of(batch.txn, id));
  for (const DraftFileRow& file : files) {
    KHUOI_TRY_VOID(sync::Files::erase(batch, file.file));
    KHUOI_TRY_VOID(batch.txn.erase(Table::draft, file.row));
  }
  KHUOI_TRY_VOID(batch.txn.erase(Table::draft, draft_row('x', id)));
  return batch.txn.erase(Table::draft, draft_row('h', id));
}

/// Errors: not_found for somebody else's.
Result<std::optional<DraftHead>> writable_head(const ReadTxn& txn, const people::Viewer& viewer, const DraftId& id) {
  KHUOI_TRY(auto head, head_at(txn, id));
  if (head && !rights_of(viewer, *head).may_write) return unknown();
  return head;
}

Result<void> each_head(const ReadTxn& txn, const std::function<void(const DraftId&, DraftHead)>& visit) {
  const Bytes all{static_cast<std::uint8_t>('h')};
  return sync::scan_prefix(txn, Table::draft, all, [&](ByteView key, ByteView value) -> Result<void> {
    const auto id = DraftId::from(key.subspan(1));
    KHUOI_TRY(auto head, decode_draft_head(value));
    if (id) visit(*id, std::move(head));
    return {};
  });
}

Result<void> check_room(const ReadTxn& txn, std::uint64_t further_octets) {
  std::uint64_t octets = further_octets;
  const Bytes all{static_cast<std::uint8_t>('f')};
  KHUOI_TRY_VOID(sync::scan_prefix(txn, Table::draft, all, [&](ByteView key, ByteView value) {
    const auto row = decode_draft_file(key, value);
    octets += row ? row->octets : 0;
  }));
  if (octets > draft_files_octets_max)
    return fail(Errc::store_full,
                "the files of unfinished forms take too much room: send some of the forms, or erase them");
  return {};
}

}  // namespace

Result<std::vector<Draft>> Drafts::list(const people::Viewer& viewer) {
  std::vector<Draft> out;
  KHUOI_TRY_VOID(
      engine_.look_as(viewer.keys, [&](ReplicaReader& reader, const ReadTxn& txn) -> Result<void> {
        std::vector<std::pair<DraftId, DraftHead>> heads;
        KHUOI_TRY_VOID(each_head(txn, [&](const DraftId& id, DraftHead head) {
          if (rights_of(viewer, head).may_open) heads.emplace_back(id, std::move(head));
        }));
        for (const auto& [id, head] : heads) {
          sync::Secret key;
          auto draft = open_draft(reader, viewer, id, head, key);
          if (!draft) continue;  // sealed for another cookie, or changed on the disk: nobody's
          KHUOI_TRY(const auto files, files_of(txn, id));
          for (const DraftFileRow& file : files) {
            const auto facts = open_draft_file(reader.keys(), viewer, head.domain, file);
            if (facts) draft->files.push_back(facts->name);
          }
          out.push_back(std::move(*draft));
        }
        return {};
      }));
  std::ranges::sort(out, std::greater(), &Draft::saved);
  return out;
}

Result<std::uint64_t> Drafts::count(const people::Viewer& viewer) {
  std::uint64_t out = 0;
  KHUOI_TRY_VOID(engine_.look([&](ReplicaReader&, const ReadTxn& txn) {
    return each_head(txn, [&](const DraftId&, const DraftHead& head) {
      if (!viewer.logged_in() || viewer.may.reads(head.domain)) ++out;
    });
  }));
  return out;
}

Result<Draft> Drafts::one(const people::Viewer& viewer, const DraftId& id) {
  Draft out;
  KHUOI_TRY_VOID(
      engine_.look_as(viewer.keys, [&](ReplicaReader& reader, const ReadTxn& txn) -> Result<void> {
        KHUOI_TRY(const DraftHead head, opened_head(txn, viewer, id));
        sync::Secret key;
        KHUOI_TRY(out, open_draft(reader, viewer, id, head, key));
        KHUOI_TRY(const auto xml, txn.get(Table::draft, draft_row('x', id)));
        if (!xml) return fail(Errc::damaged, "store: a draft has no content; restore from a backup");
        KHUOI_TRY(out.xml, open_under(key, draft_row('x', id), *xml));
        KHUOI_TRY(const auto files, files_of(txn, id));
        for (const DraftFileRow& file : files) {
          KHUOI_TRY(const auto facts, open_draft_file(reader.keys(), viewer, head.domain, file));
          out.files.push_back(facts.name);
        }
        return {};
      }));
  return out;
}

Result<std::int64_t> Drafts::put(const people::Viewer& viewer, const Draft& draft) {
  if (draft.xml.size() > xml_octets_max) return fail(Errc::too_large, "a draft of more than 4 MiB is not kept");
  const auto usage = engine_.store().usage();
  std::int64_t saved = 0;
  KHUOI_TRY_VOID(engine_.work([&](Replica& replica, Batch& batch) -> Result<void> {
    const bool by_hash = draft.form.starts_with('@');  // of an edit whose form another one took the place of
    KHUOI_TRY(const auto form, by_hash ? replica.library().form_of_hash(batch.txn, std::string_view(draft.form).substr(1))
                                       : replica.library().form(batch.txn, draft.form, draft.version));
    if (!form) return fail(Errc::not_found, "the form '" + draft.form + "' is not known here");
    if (form->domain == sync::Domain::health && !replica.reader().health_open())
      return fail(Errc::not_ready, "a draft of a health form is sealed to the health worker, who has not begun");
    KHUOI_TRY(const auto before, writable_head(batch.txn, viewer, draft.id));
    if (!before) {
      std::size_t present = 0;
      KHUOI_TRY_VOID(each_head(batch.txn, [&](const DraftId&, const DraftHead&) { ++present; }));
      if (present >= drafts_max || usage.octets_used > usage.octets_max / 5 * 4)
        return fail(Errc::store_full, "there is no room for another unfinished form: send or erase some");
    }
    DraftHead head;
    head.domain = form->domain;
    head.saved = batch.now.wall.value;
    saved = head.saved;
    Draft words = draft;
    words.title = form->title;
    KHUOI_TRY(const sync::Secret key, seal_draft_key(replica.keys(), viewer, draft.id, head, engine_.rng()));
    head.head = seal_under(key, draft_row('h', draft.id), encode_draft_words(words), engine_.rng());
    const Bytes xml = seal_under(key, draft_row('x', draft.id), draft.xml, engine_.rng());
    KHUOI_TRY_VOID(batch.txn.put(Table::draft, draft_row('x', draft.id), xml));
    return batch.txn.put(Table::draft, draft_row('h', draft.id), encode_draft_head(head));
  }));
  return saved;
}

Result<void> Drafts::erase_with(Batch& batch, const people::Viewer& viewer, const DraftId& id) {
  KHUOI_TRY(const auto head, head_at(batch.txn, id));
  if (!head || !rights_of(viewer, *head).may_write) return {};
  return erase_rows(batch, id);
}

Result<void> Drafts::erase(const people::Viewer& viewer, const DraftId& id) {
  return engine_.work([&](Replica&, Batch& batch) -> Result<void> {
    KHUOI_TRY(const auto head, writable_head(batch.txn, viewer, id));
    return head ? erase_rows(batch, id) : Result<void>(unknown());
  });
}

Result<void> Drafts::put_file(const people::Viewer& viewer, const DraftId& id, const std::string& name,
                              const SealedFile& content) {
  if (!sync::is_file_name(name)) return fail(Errc::usage, "'" + name + "' is no name of a file");
  KHUOI_TRY_VOID(engine_.look([&](ReplicaReader&, const ReadTxn& txn) -> Result<void> {
    KHUOI_TRY(const auto head, writable_head(txn, viewer, id));
    if (!head) return unknown();
    KHUOI_TRY(const auto files, files_of(txn, id));
    if (files.size() >= draft_files_max) return fail(Errc::store_full, "an unfinished form has at most 40 files");
    return check_room(txn, content.octets());
  }));
  node::FileSource source = content.source();
  source.name = name;
  return node::work_with_files(engine_, {source}, [&](Replica& replica, Batch& batch, const auto& files) -> Result<void> {
    KHUOI_TRY(const auto head, writable_head(batch.txn, viewer, id));
    if (!head) return unknown();
    const Bytes row = draft_file_row(id, name);
    KHUOI_TRY(const auto before, batch.txn.get(Table::draft, row));
    if (before) {
      KHUOI_TRY(const DraftFileRow old, decode_draft_file(row, *before));
      KHUOI_TRY_VOID(sync::Files::erase(batch, old.file));
    }
    KHUOI_TRY(const Bytes value, seal_draft_file(replica.keys(), viewer, head->domain, row, files.front(), engine_.rng()));
    return batch.txn.put(Table::draft, row, value);
  });
}

Result<sync::FileFacts> Drafts::file(const people::Viewer& viewer, const DraftId& id, const std::string& name) {
  sync::FileFacts out;
  KHUOI_TRY_VOID(
      engine_.look_as(viewer.keys, [&](ReplicaReader& reader, const ReadTxn& txn) -> Result<void> {
        KHUOI_TRY(const DraftHead head, opened_head(txn, viewer, id));
        const Bytes row = draft_file_row(id, name);
        KHUOI_TRY(const auto value, txn.get(Table::draft, row));
        if (!value) return unknown();
        KHUOI_TRY(const DraftFileRow file, decode_draft_file(row, *value));
        KHUOI_TRY(out, open_draft_file(reader.keys(), viewer, head.domain, file));
        return {};
      }));
  return out;
}

Result<void> Drafts::erase_file(const people::Viewer& viewer, const DraftId& id, const std::string& name) {
  return engine_.work([&](Replica&, Batch& batch) -> Result<void> {
    KHUOI_TRY(const auto head, writable_head(batch.txn, viewer, id));
    const Bytes row = draft_file_row(id, name);
    KHUOI_TRY(const auto value, batch.txn.get(Table::draft, row));
    if (!head || !value) return unknown();
    KHUOI_TRY(const DraftFileRow file, decode_draft_file(row, *value));
    KHUOI_TRY_VOID(sync::Files::erase(batch, file.file));
    return batch.txn.erase(Table::draft, row);
  });
}

Result<void> Drafts::sweep() {
  return engine_.work([&](Replica&, Batch& batch) -> Result<void> {
    std::vector<DraftId> old;
    KHUOI_TRY_VOID(each_head(batch.txn, [&](const DraftId& id, const DraftHead& head) {
      if (batch.now.wall.value - head.saved > draft_seconds_max) old.push_back(id);
    }));
    for (const DraftId& id : old) {
      KHUOI_TRY_VOID(erase_rows(batch, id));
    }
    return {};
  });
}

}  // namespace khuoi::http
