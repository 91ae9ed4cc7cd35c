#pragma once

#include <functional>
#include <map>
#include <span>

#include "sync/log/opened_record.h"
#include "sync/replica/replica_reader.h"

namespace khuoi::sync {

/// Opens what a commune's hamlets wrote before the batch that takes it in, with a reader of its own: the slow half of taking
/// a record in, which may run on another thread beside the one that writes. It keeps the contexts of the runs that it met,
/// whose openers may still be on their way into the store: one lives as long as what comes over one path. One owner.
class RecordOpener final {
 public:
  /// Makes what lists show of a dossier of this one record (DecodedVersion::words); empty where it cannot.
  using WordsMaker = std::function<Bytes(ReplicaReader& reader, const ReadTxn& txn, DossierRecord&& first)>;
  explicit RecordOpener(WordsMaker words = {}) : make_words_(std::move(words)) {}

  /// For each record what was made of it; nothing where it was not opened, for whatever reason: whoever takes it in finds
  /// that out. At most xml_octets_at_once of XML are unpacked in one call, so that no call takes long.
  std::vector<std::optional<OpenedRecord>> open(ReplicaReader& reader, const ReadTxn& txn, std::span<const Sealed> records);
  static constexpr std::size_t xml_octets_at_once = 16U << 20U;

 private:
  struct Run {
    RunRow row;  ///< its audience and opener
    std::optional<HpkeContext> context;
  };
  Run* run_of_record(ReplicaReader& reader, const ReadTxn& txn, const Header& header);
  void note_opener(ReplicaReader& reader, const Sealed& record);
  std::optional<OpenedRecord> open_one(ReplicaReader& reader, const ReadTxn& txn, const Sealed& record);
  void decode_version(ReplicaReader& reader, const ReadTxn& txn, const Ref& ref, OpenedRecord& out);

  WordsMaker make_words_;
  std::map<RunKey, Run> runs_;
  std::size_t roster_statements_ = 0;
  std::size_t xml_octets_ = 0;  ///< in this call
};

}  // namespace khuoi::sync
