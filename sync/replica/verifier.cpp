#include "sync/replica/verifier.h"

#include <set>

#include "sync/log/quarantine.h"
#include "sync/replica/recount.h"

namespace khuoi::sync {

namespace {

constexpr std::size_t faults_named_max = 20;

/// The faults found so far, as one sentence each.
class Faults final {
 public:
  void add(std::string what) {
    if (++count_ <= faults_named_max) text_ += (text_.empty() ? "" : "; ") + what;
  }
  [[nodiscard]] Result<void> outcome() const {
    if (count_ == 0) return {};
    const std::string more =
        count_ > faults_named_max ? "; and " + std::to_string(count_ - faults_named_max) + " more" : std::string();
    return fail(Errc::damaged, text_ + more + ". All else can be read; restore from a backup for what is named");
  }

 private:
  std::string text_;
  std::size_t count_ = 0;
};

bool may_come_later(Errc code) { return code == Errc::locked || code == Errc::not_found || code == Errc::unsupported; }

std::string name_of_record(const Ref& ref) {
  return "record " + std::to_string(ref.number) + " of run " + ref.run.hex();
}

}  // namespace

Result<void> Verifier::verify(const ReadTxn& txn, const std::function<void(const std::string&)>& set_aside) {
  Faults faults;
  std::set<Ref> quarantined_refs;
  KHUOI_TRY(const auto apart, quarantined(txn));
  for (const Quarantined& one : apart) quarantined_refs.insert(one.ref);
  const auto note = [&](const Ref& ref, const std::string& why) {
    const std::string what = name_of_record(ref) + ": " + why;
    if (!quarantined_refs.contains(ref)) {
      faults.add(what);
    } else if (set_aside) {
      set_aside(what);
    }
  };
  std::vector<std::pair<RunKey, RunRow>> runs;
  KHUOI_TRY_VOID(core_.runs.each(txn, [&](const RunKey& key, const RunRow& row) { runs.emplace_back(key, row); }));
  for (const auto& [key, row] : runs) {
    RangeSet present;
    KHUOI_TRY_VOID(
        core_.runs.each_record(txn, key, 0, [&](const RecordView& record) { present.add(record.ref.number); }));
    if (!(present == row.held)) faults.add("run " + key.run.hex() + ": the records here are not those its row names");
    for (const auto& [first, last] : present.ranges()) {
      for (std::uint64_t number = std::max(first, 2U); number <= last; ++number) {
        const Ref ref{key.author, key.run, static_cast<std::uint32_t>(number)};
        const auto why = why_unreadable(txn, ref);
        if (!why.empty()) note(ref, why);
      }
    }
  }
  KHUOI_TRY_VOID(dossiers_.each_key(
      txn,
      [&](const DossierKey& key, const DossierRow& row) {
        for (const DossierRow::Item& item : row.items) {
          const auto stored = core_.runs.record(txn, item.ref);
          if (stored && !*stored)
            faults.add("dossier " + key.id.hex() + ": its " + name_of_record(item.ref) + " is gone");
        }
      },
      [&](const DossierKey& key, const Error& why) { faults.add("dossier " + key.id.hex() + ": " + why.what); }));
  KHUOI_TRY_VOID(Files::verify(txn, [&](const FileId& file, const std::string& why) {
    faults.add("attachment " + file.hex() + ": " + why);
  }));
  KHUOI_TRY(const auto miscounted, Recount::wrong(txn, core_, peers_, items_, dossiers_));
  for (const std::string& one : miscounted) faults.add(one);
  return faults.outcome();
}

std::string Verifier::why_unreadable(const ReadTxn& txn, const Ref& ref) {
  const auto opened = run_keys_.read(txn, ref);
  if (!opened) return may_come_later(opened.error().code) ? std::string() : opened.error().what;
  if (opened->kind != Kind::submission && opened->kind != Kind::edit) return {};
  const auto xml = dossiers_.reader().xml_of(txn, *opened);
  if (!xml && xml.error().code == Errc::not_found) {
    // It waits for its dictionary, and is counted as unopened; if not, the model was here and is gone.
    const auto waits = txn.get(Table::unopened, key_of(ref));
    return waits && *waits ? std::string() : xml.error().what;
  }
  if (!xml) return xml.error().what;
  const auto facts = dossiers_.reader().facts_of(txn, *opened, *xml);
  return facts ? std::string() : facts.error().what;
}

}  // namespace khuoi::sync
