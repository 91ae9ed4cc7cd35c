#include "node/acts/audit_log.h"

namespace khuoi::node {

using sync::ReadTxn;
using sync::Walk;

namespace {

std::string nth_entry(std::uint64_t number) { return "entry " + std::to_string(number); }

/// One walk over the log, from its first entry to its head. It ends at the first thing that is wrong; that the log went on
/// from a damaged head is kept in mind, and told when nothing else is wrong.
class AuditWalk final {
 public:
  AuditWalk(const AuditKey& key, const ReadTxn& txn, const std::optional<AuditLog::Known>& expected)
      : key_(key), txn_(txn), expected_(expected) {}

  Result<AuditLog::Verified> run() {
    compare_expected();
    KHUOI_TRY_VOID(audit_entries.each_from(
        txn_, std::tuple<>(), std::tuple<>(),
        [&](std::uint64_t number, const Bytes& value) -> Result<Walk> {
          if (wrong_.empty()) KHUOI_TRY_VOID(look_at(number, value));
          return wrong_.empty() ? Walk::on : Walk::stop;
        },
        [&](ByteView key, const Error&) {
          say("a row that is none of the log's stands behind " + nth_entry(count_) + ", under the key " + to_hex(key));
          return Walk::stop;
        }));
    if (wrong_.empty()) end_day(true);
    if (wrong_.empty()) KHUOI_TRY_VOID(look_for_days_between(std::nullopt));
    if (wrong_.empty()) KHUOI_TRY_VOID(look_at_head());
    if (expected_ && expected_->number > count_) {
      say("the log ends with " + nth_entry(count_) + ", before the expected " + nth_entry(expected_->number));
    }
    if (went_on_) {
      say(nth_entry(*went_on_) + " was written after the log's head had been damaged: entries before it may have been cut away");
    }
    return AuditLog::Verified{count_, hash_, wrong_};
  }

 private:
  /// Only the first thing is told.
  void say(std::string sentence) {
    if (wrong_.empty()) wrong_ = std::move(sentence);
  }

  Result<void> stop_with(std::string sentence) {
    say(std::move(sentence));
    return {};
  }

  void compare_expected() {
    if (expected_ && expected_->number == count_ && !starts_with(hash_, expected_->hash)) {
      say(nth_entry(count_) + " has the hash " + to_hex(hash_) + ", and not the expected one");
    }
  }

  Result<void> look_at(std::uint64_t number, const Bytes& value) {
    if (number == 0) return stop_with("a row was put in under the number 0");
    if (number != count_ + 1) return stop_with(nth_entry(count_ + 1) + " is missing");
    const auto row = audit_entry_of(value);
    if (!row) return stop_with(nth_entry(number) + " does not decode");
    const AuditHash hash = audit_hash(key_.commune, hash_, number, ByteView(value).subspan(sizeof(AuditHash)));
    if (hash != row->hash) return stop_with(nth_entry(number) + " was changed, or does not follow the one before it");
    if (row->day != std::max(audit_day_of(row->at), day_.value_or(0))) {
      return stop_with(nth_entry(number) + " names a day that is not its own");
    }
    if (row->head_damaged && !went_on_ && (!expected_ || number > expected_->number)) went_on_ = number;
    if (day_ != row->day) {
      end_day(row->head_damaged);
      if (wrong_.empty()) KHUOI_TRY_VOID(begin_day(row->day));
      if (!wrong_.empty()) return {};
    }
    count_ = number;
    hash_ = hash;
    if (signed_day_ && signed_day_->number == count_) look_at_signature();
    compare_expected();
    return {};
  }

  void look_at_signature() {
    signed_day_seen_ = true;
    if (key_.signed_by(*signed_day_, *day_, hash_)) return;
    say("the daily signature of " + text_of_audit_day(*day_) + " is not the commune's over " + nth_entry(count_));
  }

  /// `open`: the day's signature may still be to come, or never was made.
  void end_day(bool open) {
    if (!day_) return;
    const std::string of_day = "the daily signature of " + text_of_audit_day(*day_);
    if (!signed_day_) {
      if (!open) say(of_day + " is missing, over " + nth_entry(count_));
      return;
    }
    if (!signed_day_seen_ || (!open && signed_day_->number != count_)) {
      say(of_day + " names " + nth_entry(signed_day_->number) + ", which is not its last: that is " + nth_entry(count_));
    }
  }

  Result<void> begin_day(AuditDay day) {
    KHUOI_TRY_VOID(look_for_days_between(day));
    day_ = day;
    signed_day_.reset();
    signed_day_seen_ = false;
    KHUOI_TRY(const auto value, audit_days.get(txn_, day));
    if (!value) return {};
    signed_day_ = part_of<AuditDayRow>(*value);
    if (!signed_day_) say("the daily signature of " + text_of_audit_day(day) + " does not decode");
    return {};
  }

  /// Signatures behind the current day and before that one, or the end: there are none.
  Result<void> look_for_days_between(std::optional<AuditDay> end) {
    const auto none_between = [&](AuditDay found) {
      if (day_ && found == *day_) return Walk::on;
      if (!end || found < *end) say("there is a daily signature of " + text_of_audit_day(found) + ", a day without entries");
      return Walk::stop;
    };
    return audit_days.each_from(
        txn_, day_.value_or(0), std::tuple<>(), [&](AuditDay found, const Bytes&) { return none_between(found); },
        [&](ByteView key, const Error&) {
          say("a row that is none of the log's stands among the daily signatures, under the key " + to_hex(key));
          return Walk::stop;
        });
  }

  Result<void> look_at_head() {
    KHUOI_TRY_VOID(audit_heads.each(
        txn_, std::tuple<>(), [](const std::tuple<>&, const Bytes&) { return Walk::on; },
        [&](ByteView key, const Error&) {
          say("a row that is none of the log's stands beside its head, under the key " + to_hex(key));
          return Walk::stop;
        }));
    KHUOI_TRY(const auto value, audit_heads.get(txn_, {}));
    if (!value) {
      if (count_ > 0) say("the log's head is missing, behind " + nth_entry(count_));
      return {};
    }
    const auto head = part_of<AuditHeadRow>(*value);
    if (!head) return stop_with("the log's head does not decode");
    if (!key_.signed_by(*head)) return stop_with("the signature of the log's head is not the commune's");
    if (head->count > count_) {
      return stop_with(nth_entry(count_ + 1) + " is missing: the log's head names " + nth_entry(head->count));
    }
    if (head->count < count_) return stop_with(nth_entry(head->count + 1) + " stands behind the end that the log's head names");
    if (head->hash != hash_ || head->day != day_) say("the log's head is not that of " + nth_entry(count_));
    return {};
  }

  const AuditKey& key_;
  const ReadTxn& txn_;
  const std::optional<AuditLog::Known>& expected_;
  std::uint64_t count_ = 0;
  AuditHash hash_{};
  std::optional<AuditDay> day_;            ///< the greatest so far
  std::optional<AuditDayRow> signed_day_;  ///< of that day
  bool signed_day_seen_ = false;           ///< the entry that it names was met, on its day
  std::optional<std::uint64_t> went_on_;
  std::string wrong_;
};

}  // namespace

Result<AuditLog::Verified> AuditLog::verify(const AuditKey& key, const ReadTxn& txn, const std::optional<Known>& expected) {
  return AuditWalk(key, txn, expected).run();
}

}  // namespace khuoi::node
