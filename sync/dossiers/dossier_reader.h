#pragma once

#include <array>
#include <string>
#include <vector>

#include "sync/dossiers/dossier_row.h"
#include "sync/dossiers/library.h"
#include "sync/log/run_keys.h"
#include "sync/merge/dossier.h"
#include "sync/record/kinds.h"

namespace khuoi::sync {

/// One record of a dossier, opened; of a submission and an edit also what its XML names.
struct DossierRecord {
  Ref ref;
  Plain plain;                             ///< of a submission and an edit without the payload
  std::array<std::uint8_t, 16> content{};  ///< BLAKE2b-128 of the XML
  Bytes xml;                               ///< if it was asked for
  InstanceFacts facts;
  [[nodiscard]] bool is_version() const { return sync::is_version(plain.kind); }
};

/// A record that stands in a dossier and cannot be read here.
struct Unreadable {
  Ref ref;
  Kind kind = Kind::submission;
  Errc code = Errc::damaged;
  std::string why;
};

/// Reads the records of dossiers. One that cannot be read is told apart and never hides the others.
class DossierReader final {
 public:
  DossierReader(RunKeys& run_keys, Library& library) : run_keys_(run_keys), library_(library) {}

  /// Errors: not_found for a record that holds no submission, or whose model is unknown here; malformed, too_large.
  Result<Bytes> xml_of(const ReadTxn& txn, const Plain& plain, std::size_t octets_max = xml_octets_max);
  /// Errors: not_found as above; malformed when it is no submission at all.
  Result<InstanceFacts> facts_of(const ReadTxn& txn, const Plain& plain, ByteView xml);

  /// As Library::facts_by_model. Errors: as facts_of.
  Result<std::optional<InstanceFacts>> facts_by_model(const ReadTxn& txn, const Plain& plain, ByteView xml);

  /// What of versions is kept in memory beside each other: whoever edits a dossier a thousand times makes many.
  enum class Keep : std::uint8_t { xml, facts };
  struct Content {
    std::vector<DossierRecord> records;  ///< in the row's order
    std::vector<Unreadable> unreadable;
    [[nodiscard]] bool has_locked() const;
    /// Something may become readable when a form, a dictionary or a key comes.
    [[nodiscard]] bool may_be_read_later() const;
    /// Something is damaged: nothing that may come makes it readable.
    [[nodiscard]] bool has_damaged() const;
    /// One sentence of what cannot be read; empty when all can.
    [[nodiscard]] std::string problem() const;
  };
  Content read(const ReadTxn& txn, const DossierRow& row, Keep keep = Keep::facts);

 private:
  /// Gives what could not be read, or nothing and a further record.
  std::optional<Unreadable> read_one(const ReadTxn& txn, const DossierRow::Item& item, Keep keep, DossierRecord& out);

  RunKeys& run_keys_;
  Library& library_;
};

/// The fold of what can be read.
DossierView fold_of(const DossierReader::Content& content);

}  // namespace khuoi::sync
